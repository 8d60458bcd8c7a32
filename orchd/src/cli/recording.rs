//! Records a delegation: the daemon that runs does it, else this process, as the one that owns the database.
//!
//! It comes after the answer and never takes it away: bounded in time, and a failure is one line for people.

use std::time::Duration;

use serde::Deserialize;
use shared::event::{DelegationId, PARENT_TASK_VARIABLE, SessionId};
use shared::paths::Paths;

use super::endpoint::Endpoint;
use super::output::say;
use super::stop::is_locked;
use crate::config::Config;
use crate::daemon::{store_options, time_zone};
use crate::delegation::{Record, Recorded, Recorder};
use crate::error::chain;
use crate::instance::{Instance, InstanceError};
use crate::logging::line::printable;
use crate::metrics::Metrics;
use crate::store::{Store, StoreOptions};
use crate::updates::Updates;

/// Longest that recording may take.
const WITHIN: Duration = Duration::from_secs(2);
/// Pause before it is tried again, where a daemon is about to come or to go, or another command has the database.
const AGAIN: Duration = Duration::from_millis(40);

/// On whose behalf this process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The Claude Code session.
    pub(crate) session_id: Option<String>,
    /// The task that a session was started for.
    pub(crate) parent_task: Option<String>,
    /// The project's folder.
    pub(crate) project_dir: Option<String>,
}

impl Caller {
    /// Returns what the environment says.
    pub(crate) fn of_environment() -> Self {
        let here = std::env::current_dir().ok().and_then(|dir| dir.into_os_string().into_string().ok());
        Self::of(|name| std::env::var(name).ok(), here)
    }

    fn of(variable: impl Fn(&str) -> Option<String>, here: Option<String>) -> Self {
        let id = |name: &str| variable(name).filter(|id| SessionId::parse(id).is_some());
        Self {
            session_id: id("CLAUDE_CODE_SESSION_ID"),
            parent_task: variable(PARENT_TASK_VARIABLE).filter(|task| task.parse::<DelegationId>().is_ok()),
            project_dir: variable("CLAUDE_PROJECT_DIR").filter(|dir| !dir.is_empty()).or(here),
        }
    }

    /// Returns the record with the caller in it.
    pub(crate) fn sign(&self, record: Record) -> Record {
        let Self { session_id, parent_task, project_dir } = self.clone();
        Record { parent_task, session_id, project_dir, ..record }
    }
}

/// Why a delegation is not recorded, in a line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotRecorded(String);

impl NotRecorded {
    fn because(problem: &str, error: &dyn std::error::Error) -> Self {
        Self(format!("{problem}: {}", chain(error)))
    }
}

/// Records it, or says in one line that it is not.
pub(crate) async fn record_or_say(paths: &Paths, record: &Record) {
    if let Err(error) = self::record(paths, record).await {
        say(&printable(&format!("orchd: this delegation is not recorded: {error}")));
    }
}

/// Records it. Takes two seconds at most.
pub(crate) async fn record(paths: &Paths, record: &Record) -> Result<Recorded, NotRecorded> {
    let late = || NotRecorded("neither the daemon nor the database was free in time".to_owned());
    tokio::time::timeout(WITHIN, patiently(paths, record)).await.unwrap_or_else(|_elapsed| Err(late()))
}

/// Why it is not recorded yet.
enum NotYet {
    /// Whoever holds the lock does not answer, or took it just now.
    Again,
    Failed(NotRecorded),
}

fn failed(problem: &str, error: &dyn std::error::Error) -> NotYet {
    NotYet::Failed(NotRecorded::because(problem, error))
}

async fn patiently(paths: &Paths, record: &Record) -> Result<Recorded, NotRecorded> {
    loop {
        let told = if is_locked(paths) { there(paths, record).await } else { here(paths, record).await };
        match told {
            Ok(recorded) => return Ok(recorded),
            Err(NotYet::Failed(error)) => return Err(error),
            Err(NotYet::Again) => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// What the daemon answers: what became of the record, or what is wrong with it.
#[derive(Deserialize)]
struct Answer {
    recorded: Option<Recorded>,
    detail: Option<String>,
}

/// Tells the daemon.
async fn there(paths: &Paths, record: &Record) -> Result<Recorded, NotYet> {
    // Another command that has the database writes neither.
    let (Some(endpoint), Ok(token)) = (Endpoint::read(paths), std::fs::read_to_string(paths.token_file())) else {
        return Err(NotYet::Again);
    };
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    let client = client.map_err(|error| failed("no HTTP client can be made", &error))?;
    let address = format!("{}/api/v1/delegations", endpoint.http);
    let answer = match client.post(address).bearer_auth(token.trim()).json(record).send().await {
        Ok(answer) if answer.status() != reqwest::StatusCode::SERVICE_UNAVAILABLE => answer,
        // Told twice it is recorded once.
        _ => return Err(NotYet::Again),
    };
    let status = answer.status();
    let answer: Answer = answer.json().await.map_err(|error| failed("the daemon answers", &error.without_url()))?;
    answer.recorded.ok_or_else(|| {
        let detail = answer.detail.unwrap_or_else(|| status.to_string());
        NotYet::Failed(NotRecorded(format!("the daemon refused: {detail}")))
    })
}

/// Writes it in this process.
async fn here(paths: &Paths, record: &Record) -> Result<Recorded, NotYet> {
    let (paths, record) = (paths.clone(), record.clone());
    let written = tokio::task::spawn_blocking(move || write(&paths, record)).await;
    written.map_err(|panic| failed("it broke", &panic))?
}

fn write(paths: &Paths, record: Record) -> Result<Recorded, NotYet> {
    let wrong = |wrong| NotYet::Failed(NotRecorded(format!("the record {wrong}")));
    let record = record.checked(chrono::Utc::now().timestamp_micros()).map_err(wrong)?;
    let config = Config::load(paths).map_err(|error| failed("the settings cannot be used", &error))?;
    let timezone =
        time_zone(&config.display.timezone).map_err(|error| failed("the settings cannot be used", &error))?;
    let _instance = Instance::acquire(paths).map_err(|error| match error {
        InstanceError::Running { .. } => NotYet::Again,
        error => failed("the database cannot be locked", &error),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| failed("the runtime does not start", &error))?;
    let options = StoreOptions { patient: true, ..store_options(&config, &timezone) };
    let store = Store::open(&paths.database(), options, Metrics::default(), Updates::default())
        .map_err(|error| failed("the database cannot be opened", &error))?;
    let recorder = Recorder::new((store.reader(), store.writer()), paths.prices_file(), &config, None);
    let done = runtime.block_on(recorder.record(record));
    store.close();
    done.map_err(|error| failed("the database did not take it", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "delegation:0199aaaa-0000-7000-8000-000000000001";

    #[test]
    fn the_caller_is_who_the_environment_names() {
        let of = |pairs: &[(&str, &str)]| {
            let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            Caller::of(value, Some("/here".to_owned()))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(of(&[]), Caller { project_dir: text("/here"), ..Caller::default() });
        let claude =
            [("CLAUDE_CODE_SESSION_ID", "s1"), ("CLAUDE_PROJECT_DIR", "/home/dev/shop"), ("ORCH_PARENT_TASK", PARENT)];
        let expected =
            Caller { session_id: text("s1"), parent_task: text(PARENT), project_dir: text("/home/dev/shop") };
        assert_eq!(of(&claude), expected);
        let empty = of(&[("CLAUDE_CODE_SESSION_ID", ""), ("CLAUDE_PROJECT_DIR", ""), ("ORCH_PARENT_TASK", "sk-ant-1")]);
        assert_eq!(empty, Caller { project_dir: text("/here"), ..Caller::default() });
    }
}
