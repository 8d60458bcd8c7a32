//! What the handlers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::tz::TimeZone;
use shared::event::Micros;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::answers::Answers;
use super::auth::Auth;
use crate::analytics::Clock;
use crate::analytics::memory::Memory;
use crate::calibration::Calibration;
use crate::config::Budget;
use crate::delegation_recorder::Recorder;
use crate::local_model::LocalModel;
use crate::metrics::Metrics;
use crate::store::{Reader, Writer};
use crate::telemetry::Intake;
use crate::updates::Updates;
use crate::view::ImportStatus;

/// Streams open at once.
const MOST_STREAMS: usize = 64;
/// Exports that run at once: half of the reader's connections.
const MOST_EXPORTS: usize = 2;

/// What the daemon hands to the HTTP side.
#[derive(Debug, Clone)]
pub struct ApiContext {
    /// Asks the database.
    pub reader: Reader,
    /// Edits sessions; knows the books and the queue.
    pub writer: Writer,
    /// What was committed.
    pub updates: Updates,
    /// Where answers are timed.
    pub metrics: Metrics,
    /// Who may come in.
    pub auth: Auth,
    /// What decisions go by, and new fits.
    pub calibration: Calibration,
    /// Takes delegations.
    pub delegations: Recorder,
    /// Takes telemetry.
    pub intake: Intake,
    /// Tells how far the transcripts are read.
    pub import: ImportWatch,
    /// The zone that days are cut in.
    pub timezone: TimeZone,
    /// What was meant to be spent.
    pub budget: Budget,
    /// How the local model is.
    pub local_model: LocalModel,
    /// Where the user's own subagents are defined.
    pub agent_folders: Vec<PathBuf>,
    /// What only the daemon knows of itself.
    pub facts: Arc<SystemFacts>,
    /// Serve the dashboard from this folder instead of from the program.
    pub assets_dir: Option<PathBuf>,
}

/// Tells how far the transcripts are read: who reads them is none of the API's business.
#[derive(Clone)]
pub struct ImportWatch(Arc<dyn Fn() -> ImportStatus + Send + Sync>);

impl ImportWatch {
    /// Returns what asks `status` whenever it is asked.
    pub fn new(status: impl Fn() -> ImportStatus + Send + Sync + 'static) -> Self {
        Self(Arc::new(status))
    }

    pub(super) fn status(&self) -> ImportStatus {
        (self.0)()
    }
}

impl std::fmt::Debug for ImportWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ImportWatch").field(&self.status()).finish()
    }
}

/// What only the daemon knows of itself.
#[derive(Debug, Clone)]
pub struct SystemFacts {
    /// When it started.
    pub started_at: Micros,
    /// The same, for the time since.
    pub started: Instant,
    /// The local socket.
    pub socket: PathBuf,
    /// The dashboard's address.
    pub http: String,
    /// The database file.
    pub database: PathBuf,
    /// Where hooks leave what they could not deliver.
    pub spool_dir: PathBuf,
    /// `commit` or `power`.
    pub durability: &'static str,
}

/// What the handlers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) context: ApiContext,
    pub(super) answers: Answers,
    /// Finished days, for questions over weeks.
    pub(super) memory: Arc<Memory>,
    pub(super) streams: Arc<Semaphore>,
    pub(super) exports: Arc<Semaphore>,
    pub(super) shutdown: CancellationToken,
    pub(super) port: u16,
    now: fn() -> Micros,
}

impl Shared {
    pub(super) fn new(context: ApiContext, port: u16, shutdown: CancellationToken, now: fn() -> Micros) -> Arc<Self> {
        let answers = Answers::new(&context.updates);
        let streams = Arc::new(Semaphore::new(MOST_STREAMS));
        let exports = Arc::new(Semaphore::new(MOST_EXPORTS));
        Arc::new(Self { context, answers, memory: Arc::default(), streams, exports, shutdown, port, now })
    }

    /// Returns the moment and the zone of a question asked now.
    pub(super) fn clock(&self) -> Clock {
        Clock { now_at: (self.now)(), timezone: self.context.timezone.clone() }
    }

    /// Returns the open streams.
    pub(super) fn open_streams(&self) -> u64 {
        u64::try_from(MOST_STREAMS - self.streams.available_permits()).unwrap_or(0)
    }
}
