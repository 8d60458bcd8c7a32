//! The user's requests on the local socket: status, login, pause, resume, import, stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use shared::event::Micros;
use shared::plan_limits::PlanLimits;
use shared::protocol::{ErrorCode, Reply, Request};
use shared::spool;
use tokio_util::sync::CancellationToken;

use crate::api::Auth;
use crate::clock::now;
use crate::error::chain;
use crate::ingest::transcripts::{Importer, Root};
use crate::local_model::LocalModel;
use crate::store::Writer;
use crate::view::LocalModelHealth;

/// The number in the `schema` of `orchd status --json`.
pub(crate) const STATUS_SCHEMA: u32 = 1;

/// What does not change while the daemon runs.
#[derive(Debug, Clone)]
pub struct Identity {
    /// When the daemon started, wall clock.
    pub started_at: Micros,
    /// When the daemon started, for the uptime.
    pub started: Instant,
    /// The local socket.
    pub socket: PathBuf,
    /// The database.
    pub database: PathBuf,
    /// The spool.
    pub spool_dir: PathBuf,
    /// The dashboard's address, `http://127.0.0.1:6724`.
    pub http: String,
}

/// A cheap handle that carries out requests.
#[derive(Debug, Clone)]
pub struct Control {
    /// Of this daemon.
    pub identity: Arc<Identity>,
    /// Holds the counters and the pause switch.
    pub writer: Writer,
    /// Makes login codes.
    pub auth: Auth,
    /// Reads transcripts.
    pub importer: Importer,
    /// How the local model is.
    pub local_model: LocalModel,
    /// Ends the daemon.
    pub shutdown: CancellationToken,
}

impl Control {
    /// Carries out everything but events.
    pub async fn carry_out(&self, request: Request) -> Reply {
        match request {
            Request::Status => Reply::Status(self.status().await),
            Request::Login => {
                let code = self.auth.new_login_code();
                Reply::Login { url: format!("{}/login?code={code}", self.identity.http) }
            }
            Request::Pause => self.set_paused(true).await,
            Request::Resume => self.set_paused(false).await,
            Request::Import { roots } => {
                self.of_roots(roots, Importer::ask).await.map_or_else(|error| error, |()| Reply::Done)
            }
            Request::ImportProgress { roots } => {
                let progress = self.of_roots(roots, Importer::progress);
                progress.await.map_or_else(|error| error, Reply::Progress)
            }
            Request::PlanLimits(limits) => self.set_plan_limits(limits).await,
            Request::Stop => {
                tracing::info!("asked to stop");
                self.shutdown.cancel();
                Reply::Done
            }
            Request::Event(_) => {
                Reply::Error { code: ErrorCode::BadFrame, message: "an event is not a request to control".into() }
            }
        }
    }

    /// Asks the importer on a thread that may block: it looks at the user's folders, which may lie on a network.
    async fn of_roots<T: Send + 'static>(
        &self,
        roots: Vec<String>,
        ask: impl FnOnce(&Importer, &[Root]) -> T + Send + 'static,
    ) -> Result<T, Reply> {
        let importer = self.importer.clone();
        let roots: Vec<_> = roots.into_iter().map(|root| Root(root.into())).collect();
        let asked = tokio::task::spawn_blocking(move || ask(&importer, &roots)).await;
        asked.map_err(|error| Reply::Error { code: ErrorCode::Unavailable, message: error.to_string() })
    }

    async fn set_paused(&self, paused: bool) -> Reply {
        match self.writer.set_paused(paused).await {
            Ok(()) => Reply::Done,
            Err(error) => {
                tracing::error!(error = %chain(&error), "pausing or resuming failed");
                Reply::Error { code: ErrorCode::Unavailable, message: "the store is not available".into() }
            }
        }
    }

    /// Nobody waits for the answer, and the next line tells the same again: a failure is worth no more than a word.
    async fn set_plan_limits(&self, limits: PlanLimits) -> Reply {
        match self.writer.set_plan_limits(limits, now()).await {
            Ok(()) => Reply::Done,
            Err(error) => {
                tracing::debug!(error = %chain(&error), "the plan's limits were not recorded");
                Reply::Error { code: ErrorCode::Unavailable, message: "the store is not available".into() }
            }
        }
    }

    /// Returns what `orchd status --json` prints. Other programs rely on its names.
    async fn status(&self) -> serde_json::Value {
        let identity = &self.identity;
        let dir = identity.spool_dir.clone();
        let pending = tokio::task::spawn_blocking(move || spool::pending(&dir)).await;
        let pending = pending.unwrap_or_default();
        json!({
            "schema": STATUS_SCHEMA,
            "pid": std::process::id(),
            "version": env!("CARGO_PKG_VERSION"),
            "schema_version": crate::store::schema_version(),
            "started_at": identity.started_at,
            "uptime_s": identity.started.elapsed().as_secs(),
            "socket": identity.socket,
            "http": identity.http,
            "db": identity.database,
            "paused": self.writer.paused(),
            "spool": { "pending": pending.events, "kept": pending.kept_events, "size_bytes": pending.size_bytes },
            "counters": self.writer.counters(),
            "import": self.importer.status(),
            "local_model": LocalModelHealth::from(&self.local_model.snapshot().health),
        })
    }
}
