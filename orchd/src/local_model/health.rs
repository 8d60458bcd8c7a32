//! From what a look found to how the model is. Pure.

use shared::event::Micros;

use super::Endpoint;
use super::kind::Kind;
use super::look::Finding;
use super::models::{self, Loaded, Model};
use super::state::State;
use crate::logging::line::printable;

/// Bytes of a model that are read from a disk in a second, roughly.
const LOAD_BYTES_PER_S: u64 = 700_000_000;
/// Seconds a load takes at least and at most; LM Studio's users tell of 15 to 60 and more.
const LOAD_S: std::ops::RangeInclusive<u64> = 15..=300;
/// Seconds, where the size is not known.
const USUAL_LOAD_S: u64 = 60;

/// Models that are named where the one that is wanted is not there.
const NAMED: usize = 3;

/// How one server and its model are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In a word.
    pub state: State,
    /// The server's address.
    pub url: String,
    /// What serves there; of a server that is down, what did when it last answered.
    pub kind: Option<Kind>,
    /// The model that would be used.
    pub model: Option<Model>,
    /// All its models.
    pub models: Vec<Model>,
    /// What was found, where the state alone does not say it.
    pub reason: Option<String>,
    /// Since when it has been so.
    pub since_at: Micros,
    /// When it was last looked at; None before the first time.
    pub checked_at: Option<Micros>,
}

impl Health {
    /// Returns a health that nothing is known of.
    #[must_use]
    pub fn unknown(state: State, url: &str, now_at: Micros) -> Self {
        let url = url.to_owned();
        Self {
            state,
            url,
            kind: None,
            model: None,
            models: Vec::new(),
            reason: None,
            since_at: now_at,
            checked_at: None,
        }
    }

    /// Returns the health after a look; `self` is the one before.
    pub(super) fn after(&self, finding: Finding, endpoint: &Endpoint, now_at: Micros) -> Self {
        let wanted = endpoint.model.as_deref();
        let mut next =
            Self { checked_at: Some(now_at), kind: self.kind, ..Self::unknown(State::Down, &self.url, now_at) };
        match finding {
            Finding::Models(kind, models) => {
                next.kind = Some(kind);
                next.model = models::best(&models, wanted).cloned();
                next.state = match next.model.as_ref().map(|model| model.loaded) {
                    None => State::NoModel,
                    Some(Loaded::Yes) => State::Ready,
                    Some(Loaded::Loading) => State::Loading,
                    Some(Loaded::No | Loaded::Unknown) => State::Loadable,
                };
                if let (State::NoModel, Some(wanted), false) = (next.state, wanted, models.is_empty()) {
                    let names: Vec<_> = models.iter().take(NAMED).map(|model| model.id.as_str()).collect();
                    let more = if models.len() > NAMED { " and others" } else { "" };
                    next.reason = Some(format!("`{wanted}` is not there, but {}{more}", names.join(", ")));
                }
                next.models = models;
            }
            Finding::Forbidden => {
                next.state = State::NeedsToken;
                let refused = "its token was refused";
                next.reason = endpoint.token.is_some().then(|| refused.to_owned());
            }
            Finding::Busy => next.state = State::Busy,
            Finding::Loading => {
                next.state = State::Loading;
                next.kind = next.kind.or(Some(Kind::LlamaCpp));
            }
            Finding::Foreign(what) => {
                (next.state, next.kind, next.reason) = (State::WrongServer, None, Some(what));
            }
            Finding::Failed(why) => next.reason = Some(why),
        }
        if next.is_same(self) {
            next.since_at = self.since_at;
        }
        next
    }

    /// Whether nothing changed that people would call a change.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let seen = |health: &Self| {
            let model = health.model.as_ref();
            let model = model.map(|model| (model.id.clone(), model.context_tokens, model.quantization.clone()));
            (health.state, health.url.clone(), model)
        };
        seen(self) == seen(other)
    }

    /// Seconds that the first answer waits for the model to load, roughly: by its size, where that is known.
    #[must_use]
    pub fn expected_wait_s(&self) -> Option<u64> {
        if !matches!(self.state, State::Loadable | State::Loading) {
            return None;
        }
        let by_size = |bytes: u64| (bytes / LOAD_BYTES_PER_S).clamp(*LOAD_S.start(), *LOAD_S.end());
        Some(self.model.as_ref().and_then(|model| model.size_bytes).map_or(USUAL_LOAD_S, by_size))
    }

    /// Returns one line for people, without what to do. A model has the name that its server gives it: it steers no terminal and no log.
    #[must_use]
    pub fn line(&self) -> String {
        printable(&self.words())
    }

    fn words(&self) -> String {
        let name = self.kind.map_or("no server of models", Kind::name);
        let told = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let model = self.model.as_ref().map_or("the model", |model| model.id.as_str());
        let place = format!("{name} at {}", self.url);
        match self.state {
            State::Off => "off, as config.toml says".to_owned(),
            State::Unknown => format!("{} is not looked at yet", self.url),
            State::Ready => format!("{model} is ready{} in {place}", self.loaded_as()),
            State::Loadable => {
                format!(
                    "{model} loads when it is used first, in about {} s, in {place}",
                    self.expected_wait_s().unwrap_or_default()
                )
            }
            State::Loading => format!("{model} is being loaded in {place}"),
            State::Down => format!("{} is down{told}", self.url),
            State::NoModel => format!("{place} is up without a model{told}"),
            State::NeedsToken => format!("{} needs a token{told}", self.url),
            State::Busy => format!("{} is busy", self.url),
            State::WrongServer => format!("{} is a wrong server{told}", self.url),
        }
    }

    fn loaded_as(&self) -> String {
        let Some(model) = &self.model else { return String::new() };
        let context = model.context_tokens.map(|tokens| format!("context {tokens}"));
        let parts: Vec<_> = context.into_iter().chain(model.quantization.clone()).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }
}

/// Returns the health that counts: of the first server in order of preference that is available, else of the one with most to
/// hope for. None of no servers.
pub(super) fn first(healths: &[Health]) -> Option<&Health> {
    healths.iter().min_by_key(|health| health.state.rank())
}

#[cfg(test)]
mod tests {
    use super::super::models;
    use super::*;
    use serde_json::json;

    const NOW: Micros = 1_795_338_600_000_000;

    fn found(json: &serde_json::Value) -> Finding {
        Finding::Models(Kind::LmStudio, models::lm_studio_v1(json).expect("a list"))
    }

    fn loaded() -> Finding {
        found(
            &json!({"models": [{"key": "deepseek-r1", "quantization": {"name": "Q4_K_M"}, "size_bytes": 40_000_000_000_u64,
            "loaded_instances": [{"id": "deepseek-r1", "config": {"context_length": 8192}}]}]}),
        )
    }

    fn on_disk() -> Finding {
        let model = json!({"key": "deepseek-r1", "size_bytes": 40_000_000_000_u64, "loaded_instances": []});
        found(&json!({ "models": [model] }))
    }

    #[test]
    fn every_finding_has_a_state_and_a_line() {
        let endpoint = Endpoint::new("http://127.0.0.1:1234").expect("valid");
        let wanting = Endpoint { model: Some("phi*".into()), ..endpoint.clone() };
        let with_token = Endpoint { token: super::super::Token::new("fake"), ..endpoint.clone() };
        let lines = [
            (loaded(), &endpoint),
            (on_disk(), &endpoint),
            (on_disk(), &wanting),
            (found(&json!({"models": []})), &endpoint),
            (Finding::Loading, &endpoint),
            (Finding::Forbidden, &endpoint),
            (Finding::Forbidden, &with_token),
            (Finding::Busy, &endpoint),
            (Finding::Foreign("it answers with a web page".into()), &endpoint),
            (Finding::Failed("nothing listens there".into()), &endpoint),
        ]
        .map(|(finding, endpoint)| {
            let before = Health::unknown(State::Unknown, &endpoint.base_url, NOW - 1);
            let health = before.after(finding, endpoint, NOW);
            assert_eq!((health.since_at, health.checked_at), (NOW, Some(NOW)));
            format!("{:?}: {}", health.state, health.line())
        });
        insta::assert_snapshot!(lines.join("\n"), @r"
        Ready: deepseek-r1 is ready (context 8192, Q4_K_M) in LM Studio at http://127.0.0.1:1234
        Loadable: deepseek-r1 loads when it is used first, in about 57 s, in LM Studio at http://127.0.0.1:1234
        NoModel: LM Studio at http://127.0.0.1:1234 is up without a model: `phi*` is not there, but deepseek-r1
        NoModel: LM Studio at http://127.0.0.1:1234 is up without a model
        Loading: the model is being loaded in llama.cpp at http://127.0.0.1:1234
        NeedsToken: http://127.0.0.1:1234 needs a token
        NeedsToken: http://127.0.0.1:1234 needs a token: its token was refused
        Busy: http://127.0.0.1:1234 is busy
        WrongServer: http://127.0.0.1:1234 is a wrong server: it answers with a web page
        Down: http://127.0.0.1:1234 is down: nothing listens there
        ");
    }

    #[test]
    fn a_name_steers_no_terminal_and_no_log() {
        let endpoint = Endpoint::new("http://127.0.0.1:1234").expect("valid");
        let model = |name: &str| json!({"models": [{"key": name, "loaded_instances": []}]});
        let wanting = Endpoint { model: Some("phi\u{1b}[2J".into()), ..endpoint.clone() };
        for endpoint in [endpoint, wanting] {
            let before = Health::unknown(State::Unknown, &endpoint.base_url, NOW);
            let line = before.after(found(&model("r1\u{202e}\u{61c}\u{1b}[31m")), &endpoint, NOW).line();
            assert!(line.contains("r1\\u{202e}\\u{61c}"), "{line}");
            assert!(!line.contains(['\u{202e}', '\u{61c}', '\u{1b}']), "{line}");
        }
    }

    #[test]
    fn since_is_when_it_became_so() {
        let endpoint = Endpoint::new("http://127.0.0.1:1234").expect("valid");
        let mut health = Health::unknown(State::Unknown, &endpoint.base_url, NOW);
        let steps = [
            (loaded(), NOW + 1),
            (loaded(), NOW + 1),
            (Finding::Failed("one".into()), NOW + 3),
            (Finding::Failed("another".into()), NOW + 3),
            (loaded(), NOW + 5),
        ];
        for (at, (finding, since_at)) in (NOW + 1..).zip(steps) {
            health = health.after(finding, &endpoint, at);
            assert_eq!((health.since_at, health.checked_at), (since_at, Some(at)));
        }
        let down = health.after(Finding::Failed("gone".into()), &endpoint, NOW + 9);
        assert_eq!(down.kind, Some(Kind::LmStudio), "what to start again is known");
    }

    #[test]
    fn the_first_available_counts() {
        let health = |(at, state): (usize, State)| Health::unknown(state, &at.to_string(), NOW);
        for (states, expected) in [
            ([State::Ready, State::Ready], "0"),
            ([State::Loadable, State::Ready], "0"),
            ([State::Down, State::Loadable], "1"),
            ([State::Loading, State::Ready], "1"),
            ([State::Down, State::NeedsToken], "1"),
            ([State::Down, State::Down], "0"),
            ([State::Down, State::Unknown], "1"),
        ] {
            let healths: Vec<_> = states.into_iter().enumerate().map(health).collect();
            assert_eq!(first(&healths).expect("one").url, expected, "{states:?}");
        }
        assert_eq!(first(&[]), None);
    }
}
