//! Where the question goes: to the server of the command line, else to the one of the settings that is available. How they are, the
//! daemon knows; without it each is looked at once. A server that is known to be of no use is not asked.

use std::time::Duration;

use shared::event::Micros;
use shared::paths::Paths;

use crate::clock::now;
use crate::command::settings::load_config;
use crate::command::{Code, Failure};
use crate::config::Local;
use crate::daemon_client::status;
use crate::local_model::chat::ChatError;
use crate::local_model::{Endpoint, Health, State, Token, client, look_once_at};
use crate::view::LocalModelHealth;

/// Longest the daemon may take to say how the local model is. It knows it without asking; later than this a look is sooner.
const STATUS_WITHIN: Duration = Duration::from_millis(500);

/// A server and what is known of the model on it.
#[derive(Debug)]
pub(crate) struct Place {
    /// With the model that the request is to name.
    pub(crate) endpoint: Endpoint,
    /// Tokens that the model takes as it is loaded; None where nobody told.
    pub(crate) context_tokens: Option<u64>,
    /// How the local model is there; None where nobody looked.
    pub(crate) state: Option<State>,
    /// Why it is of no use to ask.
    pub(crate) refused: Option<ChatError>,
}

/// What the command line and the environment say, which holds whatever the settings are.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Only the address counts.
    server: Option<Endpoint>,
    token: Option<Token>,
    pub(crate) model: Option<String>,
    pub(crate) context_tokens: Option<u64>,
}

impl Said {
    /// Returns what the environment says, and over it the address of a command line.
    pub(crate) fn of(endpoint: Option<&str>) -> Result<Self, Failure> {
        let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
        let given = endpoint.map(|url| ("--endpoint", url.to_owned()));
        let given = given.or_else(|| variable("ORCH_LOCAL_URL").map(|url| ("ORCH_LOCAL_URL", url)));
        let read = |(name, url): (&str, String)| {
            Endpoint::new(&url).map_err(|error| {
                Failure::new(Code::Config, format!("{name} must be an address over http, not {error}"))
            })
        };
        let server = given.map(read).transpose()?;
        // LM Studio's own name for it is taken too. A token is never an argument: every process can read those.
        let token = variable("ORCH_LOCAL_TOKEN").or_else(|| variable("LM_API_TOKEN")).map(|token| {
            Token::new(&token).ok_or_else(|| {
                Failure::new(Code::Config, "the token in ORCH_LOCAL_TOKEN or LM_API_TOKEN could not stand in a header")
            })
        });
        Ok(Self { server, token: token.transpose()?, model: None, context_tokens: None })
    }

    /// Returns the model where it is one of several that fit.
    fn pattern(&self) -> Option<&str> {
        self.model.as_deref().filter(|model| is_pattern(model))
    }
}

/// Which servers come into question.
#[derive(Debug, PartialEq, Eq)]
enum Servers {
    /// This one, of which the settings know nothing: it is asked as it is, but for a pattern of models, which is no name to ask by.
    Stranger(Endpoint),
    /// Those of the settings, in order of preference.
    Known(Vec<Endpoint>),
}

/// Returns where a question goes of which only the environment and the settings say where.
pub(crate) async fn usual_place(paths: &Paths) -> Result<Place, Failure> {
    place(paths, Said::of(None)?).await
}

/// Returns how the server is that [`usual_place`] would name.
pub(crate) async fn usual_health(paths: &Paths) -> Result<LocalModelHealth, Failure> {
    let (now_at, (said, servers)) = (now(), settled(paths, Said::of(None)?).await?);
    match servers {
        Servers::Stranger(endpoint) => Ok(LocalModelHealth::from(&looked(&[endpoint], now_at).await?)),
        Servers::Known(servers) => health_of(paths, &servers, &said, now_at).await,
    }
}

/// Returns where a question goes.
pub(crate) async fn place(paths: &Paths, said: Said) -> Result<Place, Failure> {
    let (now_at, (said, servers)) = (now(), settled(paths, said).await?);
    match servers {
        Servers::Stranger(endpoint) if said.pattern().is_none() => {
            Ok(Place { endpoint, context_tokens: said.context_tokens, state: None, refused: None })
        }
        Servers::Stranger(endpoint) => {
            let health = LocalModelHealth::from(&looked(std::slice::from_ref(&endpoint), now_at).await?);
            Ok(judge(&health, &[endpoint], &said, now_at))
        }
        Servers::Known(servers) => {
            let health = health_of(paths, &servers, &said, now_at).await?;
            Ok(judge(&health, &servers, &said, now_at))
        }
    }
}

/// Reads the settings and the token files, aside of the thread that serves others meanwhile.
async fn settled(paths: &Paths, said: Said) -> Result<(Said, Servers), Failure> {
    let paths = paths.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let servers = servers(&said, &load_config(&paths)?.local);
        Ok((said, servers))
    });
    reading.await.map_err(|source| Failure::new(Code::Internal, "the settings could not be read").because(source))?
}

async fn health_of(
    paths: &Paths,
    servers: &[Endpoint],
    said: &Said,
    now_at: Micros,
) -> Result<LocalModelHealth, Failure> {
    match told(paths).await.filter(|health| is_enough(health, servers, said)) {
        Some(health) => Ok(health),
        None => Ok(LocalModelHealth::from(&looked(servers, now_at).await?)),
    }
}

/// Reads the token files of the servers that come into question.
fn servers(said: &Said, settings: &Local) -> Servers {
    // A token of the environment is for one server; of several it might reach one that it is not for.
    let is_one = said.server.is_some() || settings.endpoints.len() == 1;
    let meant = |endpoint: Endpoint| Endpoint {
        token: said.token.clone().filter(|_| is_one).or(endpoint.token),
        model: said.model.clone().or(endpoint.model),
        ..endpoint
    };
    let same = |url: &str| said.server.as_ref().is_none_or(|server| server.base_url == url);
    let entries = settings.endpoints.iter().filter(|entry| same(&entry.endpoint.base_url));
    // One that is named is meant, also where none is to be looked for.
    let entries = entries.filter(|_| settings.enabled || said.server.is_some());
    let known: Vec<_> = entries.map(|entry| meant(entry.resolved())).collect();
    match &said.server {
        Some(server) if known.is_empty() => Servers::Stranger(meant(server.clone())),
        _ => Servers::Known(known),
    }
}

/// Returns what the daemon says, where one runs. Asking it blocks.
async fn told(paths: &Paths) -> Option<LocalModelHealth> {
    let paths = paths.clone();
    let asking = tokio::task::spawn_blocking(move || status(&paths, STATUS_WITHIN).ok());
    let mut status = asking.await.ok()??;
    serde_json::from_value(status.get_mut("local_model")?.take()).ok()
}

/// Whether what the daemon knows answers the question. It knows neither a model nor a token of the command line; and a server that
/// answers, but not with a model, may have one by now and says so at once. One that is down is not waited for.
fn is_enough(health: &LocalModelHealth, servers: &[Endpoint], said: &Said) -> bool {
    let is_known = servers.iter().any(|server| health.url.as_ref() == Some(&server.base_url));
    let is_that_model = said.model.is_none() || health.model.is_none() || said.model == health.model;
    match health.state {
        State::Ready | State::Loadable | State::Loading | State::Busy | State::Down | State::WrongServer => {
            is_known && is_that_model
        }
        State::Off | State::Unknown | State::NeedsToken | State::NoModel => false,
    }
}

async fn looked(servers: &[Endpoint], now_at: Micros) -> Result<Health, Failure> {
    let client = client::builder().build();
    let client = client.map_err(|source| Failure::new(Code::Internal, "no HTTP client can be made").because(source))?;
    let health = look_once_at(&client, servers, now_at).await;
    Ok(health.unwrap_or_else(|| Health::unknown(State::Off, "", now_at)))
}

/// Returns the place of the server that counts, as its health allows it.
fn judge(health: &LocalModelHealth, servers: &[Endpoint], said: &Said, now_at: Micros) -> Place {
    let server = servers.iter().find(|server| health.url.as_ref() == Some(&server.base_url));
    let nowhere = Endpoint { base_url: String::new(), token: None, model: None };
    let server = server.cloned().unwrap_or(nowhere);
    // Where its models are not told, a name may be one of them; a pattern is no name.
    let named = server.model.clone().filter(|model| !is_pattern(model));
    let unfit = || said.pattern().filter(|_| health.model.is_none()).map(none_fits);
    Place {
        refused: refusal(health, said, now_at).or_else(unfit),
        state: Some(health.state),
        context_tokens: said.context_tokens.or(health.context_tokens),
        endpoint: Endpoint { model: health.model.clone().or(named), ..server },
    }
}

fn refusal(health: &LocalModelHealth, said: &Said, now_at: Micros) -> Option<ChatError> {
    let is_of_no_use = match health.state {
        State::Off | State::Down | State::WrongServer | State::NeedsToken => true,
        // A server may take a name that it does not list.
        State::NoModel => said.model.is_none(),
        State::Unknown | State::Loadable | State::Loading | State::Ready | State::Busy => false,
    };
    let age_s = health.checked_at.map_or(0, |at| (now_at - at) / 1_000_000);
    let age = if age_s > 0 { format!(" (looked at {age_s} s ago)") } else { String::new() };
    is_of_no_use.then(|| ChatError::Unavailable {
        state: health.state,
        found: format!("{}{age}", health.message),
        advice: health.advice.clone().unwrap_or_default(),
    })
}

fn none_fits(pattern: &str) -> ChatError {
    ChatError::Unavailable {
        state: State::NoModel,
        found: format!("no model of the server fits {pattern}"),
        advice: "--model with the whole name of one; orchd status and the Local model page name them".to_owned(),
    }
}

fn is_pattern(model: &str) -> bool {
    model.contains('*')
}

#[cfg(test)]
mod tests;
