//! Records a delegation: the daemon that runs does it, else this process, as the one that owns the database.
//!
//! It comes after the answer and never takes it away: bounded in time, and a failure is one line for people. What nobody can take
//! now waits in the outbox.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use shared::paths::Paths;

use crate::clock::now;
use crate::command::output::say;
use crate::config::{Config, time_zone};
use crate::daemon_client::Endpoint;
use crate::delegation::Record;
use crate::delegation_recorder::{Recorded, Recorder, allowed};
use crate::error::chain;
use crate::instance::{Instance, InstanceError, is_locked};
use crate::logging::line::printable;
use crate::metrics::Metrics;
use crate::outbox;
use crate::store::{Store, StoreError, StoreOptions};
use crate::updates::Updates;

/// Longest that recording may take.
const WITHIN: Duration = Duration::from_secs(2);
/// Pause before it is tried again, where a daemon is about to come or to go, or another command has the database.
const AGAIN: Duration = Duration::from_millis(40);

/// Why a delegation is not recorded, in a line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRecorded {
    /// Something is wrong with the record.
    #[error("{0}")]
    Refused(String),
    /// Nobody could take it now.
    #[error("{0}")]
    NotNow(String),
}

/// Records it. Where that cannot be done now it is kept for later; what becomes of it then is said in one line.
pub(crate) async fn record_or_keep(paths: &Paths, record: &Record) {
    let text = match self::record(paths, record).await {
        Ok(_) => return,
        Err(NotRecorded::Refused(why)) => format!("this delegation is not recorded: {why}"),
        Err(NotRecorded::NotNow(why)) => match keep(paths, record) {
            Ok(true) => format!("this delegation will be recorded later: {why}"),
            Ok(false) => return,
            Err(error) => format!("this delegation is not recorded: {why}, and it cannot be kept: {error}"),
        },
    };
    say(&printable(&format!("orchd: {text}")));
}

/// Keeps what may be kept of it; false where its project is not recorded.
fn keep(paths: &Paths, record: &Record) -> std::io::Result<bool> {
    let record = record.clone().checked(now()).map_err(|wrong| std::io::Error::other(format!("the record {wrong}")))?;
    let capture = Config::load(paths).map_err(std::io::Error::other)?.capture;
    let Some(record) = allowed(record, &capture.projects, capture.bodies) else { return Ok(false) };
    outbox::keep(&paths.outbox_dir(), &record).map(|()| true)
}

/// Records it. Takes two seconds at most.
pub(crate) async fn record(paths: &Paths, record: &Record) -> Result<Recorded, NotRecorded> {
    let late = || NotRecorded::NotNow("neither the daemon nor the database was free in time".to_owned());
    tokio::time::timeout(WITHIN, patiently(paths, record)).await.unwrap_or_else(|_elapsed| Err(late()))
}

/// Why it is not recorded yet.
enum NotYet {
    /// Whoever holds the lock does not answer, or took it just now.
    Again,
    Failed(NotRecorded),
}

fn failed(problem: &str, error: &dyn std::error::Error) -> NotYet {
    NotYet::Failed(NotRecorded::NotNow(format!("{problem}: {}", chain(error))))
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
        Ok(answer) if answer.status() != StatusCode::SERVICE_UNAVAILABLE => answer,
        // Told twice it is recorded once.
        _ => return Err(NotYet::Again),
    };
    let status = answer.status();
    let answer: Answer = answer.json().await.map_err(|error| failed("the daemon answers", &error.without_url()))?;
    answer.recorded.ok_or_else(|| {
        let detail = answer.detail.unwrap_or_else(|| status.to_string());
        let text = format!("the daemon refused: {detail}");
        // Other errors are not about the record.
        let is_ours = matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE);
        NotYet::Failed(if is_ours { NotRecorded::Refused(text) } else { NotRecorded::NotNow(text) })
    })
}

/// Writes it in this process.
async fn here(paths: &Paths, record: &Record) -> Result<Recorded, NotYet> {
    let (paths, record) = (paths.clone(), record.clone());
    let written = tokio::task::spawn_blocking(move || write(&paths, record)).await;
    written.map_err(|panic| failed("it broke", &panic))?
}

fn write(paths: &Paths, record: Record) -> Result<Recorded, NotYet> {
    let wrong = |wrong| NotYet::Failed(NotRecorded::Refused(format!("the record {wrong}")));
    let record = record.checked(now()).map_err(wrong)?;
    let config = Config::load(paths).map_err(|error| failed("the settings cannot be used", &error))?;
    let timezone =
        time_zone(&config.display.timezone).map_err(|error| failed("the settings cannot be used", &error))?;
    let _instance = Instance::acquire(paths).map_err(|error| match error {
        InstanceError::Running { .. } => NotYet::Again,
        error => failed("the database cannot be locked", &error),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| failed("the runtime does not start", &error))?;
    let options = StoreOptions { patient: true, ..StoreOptions::new(&config, &timezone) };
    let store = Store::open(&paths.database(), options, Metrics::default(), Updates::default())
        .map_err(|error| failed("the database cannot be opened", &error))?;
    let recorder = Recorder::new((store.reader(), store.writer()), paths.prices_file(), &config, None);
    let done = runtime.block_on(async {
        let done = recorder.record(record).await?;
        // What others left is no reason to say anything: whoever has the database next tries again.
        drop(outbox::empty(&paths.outbox_dir(), &recorder).await);
        Ok::<_, StoreError>(done)
    });
    store.close();
    done.map_err(|error| failed("the database did not take it", &error))
}
