//! How the local model is, in words people understand, and what to do next. The only place where these words stand.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kind::Kind;

/// How the local model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not looked for, as the settings say.
    Off,
    /// Not looked at yet.
    Unknown,
    /// No server answers.
    Down,
    /// A server without a model that could be used.
    NoModel,
    /// A model that loads when it is used first: counts as available.
    Loadable,
    /// The model is being loaded.
    Loading,
    /// The model answers at once.
    Ready,
    /// The server wants a token that it did not get.
    NeedsToken,
    /// The server has too much to do.
    Busy,
    /// What answers is no server of models.
    WrongServer,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Off,
        Self::Unknown,
        Self::Down,
        Self::NoModel,
        Self::Loadable,
        Self::Loading,
        Self::Ready,
        Self::NeedsToken,
        Self::Busy,
        Self::WrongServer,
    ];

    /// Returns the word in the database and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Unknown => "unknown",
            Self::Down => "down",
            Self::NoModel => "no_model",
            Self::Loadable => "loadable",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::NeedsToken => "needs_token",
            Self::Busy => "busy",
            Self::WrongServer => "wrong_server",
        }
    }

    /// Returns the words for people, to stand after the model's name or alone.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Unknown => "not looked at yet",
            Self::Down => "down",
            Self::NoModel => "up without a model",
            Self::Loadable => "loadable",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::NeedsToken => "needs a token",
            Self::Busy => "busy",
            Self::WrongServer => "wrong server",
        }
    }

    /// Whether work may go there now. A model that loads on first use counts: it costs a wait and no failure.
    #[must_use]
    pub fn is_available(self) -> bool {
        matches!(self, Self::Ready | Self::Loadable)
    }

    /// Returns how much there is to hope for, the least first: of several servers without a model at hand the first is told of.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Ready | Self::Loadable => 0,
            Self::Loading => 1,
            Self::Busy => 2,
            Self::NeedsToken => 3,
            Self::NoModel => 4,
            // It may be any of the others.
            Self::Unknown => 5,
            Self::WrongServer => 6,
            Self::Down => 7,
            Self::Off => 8,
        }
    }

    /// Returns what to do next; None when nothing is to be done. `kind` is what the server is, or was when it last answered.
    #[must_use]
    pub fn advice(self, kind: Option<Kind>) -> Option<&'static str> {
        match self {
            Self::Ready | Self::Unknown => None,
            Self::Off => Some(
                "set `enabled = true` in [local] of config.toml, with a server in `endpoints`; then: orchd restart",
            ),
            Self::Down => Some(match kind {
                Some(Kind::Ollama) => "start Ollama, or run: ollama serve",
                Some(Kind::LlamaCpp) => "start llama-server with its model again",
                Some(Kind::OpenAi) => "start the server again",
                Some(Kind::LmStudio | Kind::LmStudioV0) | None => {
                    "open LM Studio, Developer tab, Start server; or run: lms server start"
                }
            }),
            Self::NoModel => Some(match kind {
                Some(Kind::Ollama) => "run: ollama pull deepseek-r1",
                Some(Kind::LmStudio | Kind::LmStudioV0) => {
                    "download a model in LM Studio, Discover tab, or load one with: lms load; or switch on Just-in-Time loading \
                     (Developer tab, Server Settings)"
                }
                _ => "start the server with a model",
            }),
            Self::Loadable => Some(match kind {
                Some(Kind::LmStudio | Kind::LmStudioV0) => {
                    "nothing: it loads when it is used first; to have it ready now, run: lms load"
                }
                _ => "nothing: it loads when it is used first",
            }),
            Self::Loading => Some("wait until it is loaded"),
            Self::NeedsToken => Some(match kind {
                Some(Kind::LlamaCpp) => {
                    "write the server's --api-key into a file, and name that as token_file in [local] of config.toml"
                }
                _ => {
                    "make a token in LM Studio, Developer tab, Server Settings; write it into a file of yours alone, and name that as \
                     token_file in [local] of config.toml"
                }
            }),
            Self::Busy => Some("wait: it is asked again by itself"),
            Self::WrongServer => Some(
                "another program has this address: give LM Studio's own in [local] endpoints of config.toml (Developer tab shows it), \
                 then: orchd restart",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_json() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).expect("JSON"), state.word());
        }
    }

    #[test]
    fn whatever_is_not_ready_has_a_way_out() {
        for state in State::ALL {
            for kind in Kind::ALL.map(Some).into_iter().chain([None]) {
                let told = state.advice(kind);
                assert_eq!(told.is_none(), matches!(state, State::Ready | State::Unknown), "{state:?} {kind:?}");
            }
        }
        let down = State::Down.advice(None).expect("a way out");
        assert!(down.contains("Developer tab, Start server") && down.contains("lms server start"), "{down}");
        assert!(State::ALL.into_iter().filter(|state| state.is_available()).eq([State::Loadable, State::Ready]));
    }
}
