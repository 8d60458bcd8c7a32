//! Builds the parts, joins them, and owns the end. The only file that knows them all.

mod limits;
mod notify;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::decision::Settings;
use shared::paths::Paths;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::agent_files::user_folders;
use crate::api::{self, ApiContext, Auth, ImportWatch, SystemFacts};
use crate::calibration::Calibration;
use crate::clock::now;
use crate::config::{Config, UnknownTimeZone, time_zone};
use crate::control::{Control, Identity};
use crate::delegation_recorder::Recorder;
use crate::hook_snapshot::SnapshotKeeper;
use crate::ingest::transcripts::{Importer, roots_of_environment};
use crate::ingest::{self, CarryOut, Ingest, ListenError};
use crate::instance::Instance;
use crate::local_model::LocalModel;
use crate::metrics::Metrics;
use crate::outbox;
use crate::port;
use crate::prober::Prober;
use crate::routing::floor::USUAL_QUALITY_FLOOR;
use crate::settler::Settler;
use crate::status_line::StatusLineKeeper;
use crate::store::{Store, StoreError, StoreOptions, Writer};
use crate::telemetry::Intake;
use crate::updates::Updates;

/// Time all parts get to let go; then the store is closed without them.
const STOP_DEADLINE: Duration = Duration::from_millis(2200);

/// Time the store gets to write what is queued and to empty its log.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// How often the store's threads are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What `orchd run` was asked.
#[derive(Debug)]
pub struct RunOptions {
    /// Where everything lies.
    pub paths: Paths,
    /// The settings.
    pub config: Config,
    /// Instead of `http.port`.
    pub port: Option<u16>,
    /// Serve the dashboard from this folder, while working on it.
    pub assets_dir: Option<PathBuf>,
    /// The right to be the daemon, taken before its log is touched.
    pub instance: Instance,
    /// Told where the dashboard is once all parts run.
    pub ready: fn(&str),
}

/// Why the daemon did not run.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// `display.timezone` names no zone.
    #[error(transparent)]
    TimeZone(#[from] UnknownTimeZone),
    /// The database did not open.
    #[error("failed to open the store")]
    Store(#[source] StoreError),
    /// The token file could not be read or made.
    #[error("failed to prepare the token")]
    Auth(#[source] std::io::Error),
    /// The port of the dashboard is taken.
    #[error(
        "port {port} is taken by {owner}; stop it, or choose another: `http.port` in config.toml (`orchd paths` says where)"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// Name and id of the process, where they can be told.
        owner: String,
    },
    /// The port could not be opened for another reason.
    #[error("failed to listen on 127.0.0.1:{port}")]
    Http {
        /// The port.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The local socket could not be opened.
    #[error(transparent)]
    Socket(#[from] ListenError),
    /// The client for local models could not be made.
    #[error("failed to make the client for local models")]
    LocalModel(#[source] reqwest::Error),
    /// Where the daemon listens could not be written down.
    #[error("failed to write `{path}`")]
    Endpoint {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Signals could not be listened to.
    #[error("failed to listen to signals")]
    Signals(#[source] std::io::Error),
    /// A part ended that must not; the log says which.
    #[error("a part of the daemon died; the log says more")]
    PartDied,
}

/// Runs until SIGTERM, SIGINT or a stop request; returns when everything is stored and closed.
pub async fn run(options: RunOptions) -> Result<(), DaemonError> {
    let RunOptions { paths, config, port, assets_dir, instance, ready } = options;
    limits::apply();
    let started_at = now();
    let shutdown = CancellationToken::new();
    stop_on_signals(shutdown.clone())?;

    let timezone = time_zone(&config.display.timezone)?;
    let (metrics, updates) = (Metrics::default(), Updates::default());
    let options = StoreOptions::new(&config, &timezone);
    let store = open_store(paths.database(), options, (metrics.clone(), updates.clone())).await?;
    let (writer, reader) = (store.writer(), store.reader());
    let auth = Auth::load_or_create(&paths.token_file())
        .and_then(|auth| auth.with_telemetry(&paths.telemetry_token_file()))
        .map_err(DaemonError::Auth)?;
    let http = listen_http(port.unwrap_or(config.http.port))?;
    let address = http.local_addr().map_err(|source| DaemonError::Http { port: config.http.port, source })?;
    // A hook waits for COMMIT: its connection is served by the thread that commits.
    let committing = store.thread();
    let socket = {
        let _registers_there = committing.enter();
        ingest::bind(&paths)?
    };

    let identity = Arc::new(Identity {
        started_at,
        started: Instant::now(),
        socket: paths.socket(),
        database: paths.database(),
        spool_dir: paths.spool_dir(),
        http: format!("http://{address}"),
    });
    write_endpoint(&paths, &identity.http)?;
    let rules = config.capture.projects.clone();
    let importer = Importer::new(reader.clone(), writer.clone(), paths.prices_file(), rules.clone());
    let (prober, local_model) = local_model(&config, &metrics, &writer)?;
    let control = Control {
        identity: Arc::clone(&identity),
        writer: writer.clone(),
        auth: auth.clone(),
        importer: importer.clone(),
        local_model: local_model.clone(),
        shutdown: shutdown.clone(),
    };
    let line = StatusLineKeeper {
        path: paths.status_line_file(),
        reader: reader.clone(),
        writer: writer.clone(),
        timezone: timezone.clone(),
        budget: config.budget,
        local_model: local_model.clone(),
    };
    let calibration = calibration((&paths, &config), &store, &local_model);
    let snapshot = SnapshotKeeper::new(paths.snapshot_file(), local_model.clone(), calibration.clone());
    let settler = Settler::new(reader.clone(), writer.clone(), updates.clone(), paths.prices_file());
    let delegations = Recorder::new((reader.clone(), writer.clone()), paths.prices_file(), &config, Some(started_at));
    let context = ApiContext {
        reader: reader.clone(),
        writer: writer.clone(),
        updates,
        metrics: metrics.clone(),
        auth,
        delegations: delegations.clone(),
        calibration: calibration.clone(),
        intake: Intake::new(reader.clone(), writer.clone(), paths.prices_file(), rules),
        import: watch_of(importer.clone()),
        timezone,
        budget: config.budget,
        local_model,
        facts: Arc::new(facts_of(&identity, &config)),
        agent_folders: user_folders(),
        assets_dir,
    };
    let carry_out = CarryOut::new(move |request| {
        let control = control.clone();
        async move { control.carry_out(request).await }
    });
    let takes_events = Arc::new(Ingest::new(writer.clone(), carry_out));

    let mut parts = JoinSet::new();
    parts.spawn_on(ingest::serve(socket, takes_events, shutdown.clone()), &committing);
    parts.spawn(ingest::drain_spool(paths.spool_dir(), writer.clone(), shutdown.clone()));
    parts.spawn(outbox::empty_regularly(paths.outbox_dir(), delegations, shutdown.clone()));
    parts.spawn(ingest::watch_clients(reader, writer, shutdown.clone()));
    parts.spawn(settler.keep(shutdown.clone()));
    parts.spawn(line.keep(shutdown.clone()));
    parts.spawn(calibration.keep(now, shutdown.clone()));
    parts.spawn(snapshot.keep(shutdown.clone()));
    parts.spawn(importer.work(config.ledger.transcripts.then(roots_of_environment), shutdown.clone()));
    parts.spawn(prober.keep(shutdown.clone()));
    parts.spawn(api::serve(http, context, shutdown.clone()));
    parts.spawn(notify::keep_alive(shutdown.clone()));
    tracing::info!(http = identity.http, socket = %identity.socket.display(), "ready");
    ready(&identity.http);

    let ended = supervise(&mut parts, &store, &shutdown).await;
    shutdown.cancel();
    stop(parts, store, &paths).await;
    drop(instance);
    ended
}

/// Returns what decisions go by.
fn calibration((paths, config): (&Paths, &Config), store: &Store, local_model: &LocalModel) -> Calibration {
    Calibration::new(
        (store.reader(), store.writer()),
        local_model.clone(),
        (Settings::default(), USUAL_QUALITY_FLOOR),
        (config.local.money.clone(), paths.prices_file()),
    )
}

/// Returns what only the daemon knows of itself.
fn facts_of(identity: &Identity, config: &Config) -> SystemFacts {
    SystemFacts {
        started_at: identity.started_at,
        started: identity.started,
        socket: identity.socket.clone(),
        http: identity.http.clone(),
        database: identity.database.clone(),
        spool_dir: identity.spool_dir.clone(),
        durability: config.ingest.durability.as_str(),
    }
}

/// Returns what the API may see of the importer.
fn watch_of(importer: Importer) -> ImportWatch {
    ImportWatch::new(move || importer.status())
}

/// Waits for the end: asked for, or because a part died. A daemon that only seems to live helps nobody; a dead one is
/// started again by the service manager, and hooks spool in between.
async fn supervise(parts: &mut JoinSet<()>, store: &Store, shutdown: &CancellationToken) -> Result<(), DaemonError> {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            Some(ended) = parts.join_next() => {
                // `keep_alive` ends at once where nobody is to be told.
                if let Err(panic) = ended {
                    tracing::error!(error = %panic, "a part of the daemon died");
                    return Err(DaemonError::PartDied);
                }
            }
            _ = look.tick() => {
                if !store.is_alive() {
                    tracing::error!("a thread of the store died");
                    return Err(DaemonError::PartDied);
                }
            }
        }
    }
}

/// Ends every part, then the store, then gives the names back while the lock is still held.
async fn stop(mut parts: JoinSet<()>, store: Store, paths: &Paths) {
    notify::stopping();
    let all = async { while parts.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_DEADLINE, all).await.is_err() {
        tracing::warn!("some parts did not let go in time");
        parts.abort_all();
    }
    // A failure to close leaves a write-ahead log, which the next start reads.
    let closed = tokio::time::timeout(CLOSE_DEADLINE, tokio::task::spawn_blocking(move || store.close())).await;
    if !matches!(closed, Ok(Ok(()))) {
        tracing::error!("the store did not close cleanly");
    }
    for name in [paths.socket(), paths.endpoint_file(), paths.status_line_file(), paths.snapshot_file()] {
        // They may be gone already; a stale one is replaced at the next start.
        let _ = std::fs::remove_file(name);
    }
    tracing::info!("stopped");
}

async fn open_store(database: PathBuf, options: StoreOptions, parts: (Metrics, Updates)) -> Result<Store, DaemonError> {
    let opened = tokio::task::spawn_blocking(move || Store::open(&database, options, parts.0, parts.1)).await;
    opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())).map_err(DaemonError::Store)
}

/// Returns what looks for local models, and the handle that others read.
fn local_model(config: &Config, metrics: &Metrics, writer: &Writer) -> Result<(Prober, LocalModel), DaemonError> {
    Prober::new(&config.local, metrics.clone(), writer.clone(), now).map_err(DaemonError::LocalModel)
}

/// Opens the dashboard's port, on 127.0.0.1 only.
fn listen_http(port: u16) -> Result<TcpListener, DaemonError> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(listener) => Ok(listener),
        Err(source) if source.kind() == std::io::ErrorKind::AddrInUse => {
            let owner = port::owner(port).map_or_else(|| "another process".to_owned(), |owner| owner.to_string());
            Err(DaemonError::PortTaken { port, owner })
        }
        Err(source) => Err(DaemonError::Http { port, source }),
    }
}

/// Writes where the daemon listens, for commands that do not speak to the socket.
fn write_endpoint(paths: &Paths, http: &str) -> Result<(), DaemonError> {
    let path = paths.endpoint_file();
    let text = serde_json::json!({ "http": http, "pid": std::process::id() }).to_string();
    let temporary = path.with_extension("json.tmp");
    let written = std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, &path));
    written.map_err(|source| DaemonError::Endpoint { path, source })
}

#[cfg(unix)]
fn stop_on_signals(shutdown: CancellationToken) -> Result<(), DaemonError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(DaemonError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(DaemonError::Signals)?;
    // The terminal of a foreground daemon was closed; a detached one has a session of its own.
    let mut hangup = signal(SignalKind::hangup()).map_err(DaemonError::Signals)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
        tracing::info!("stopping on a signal");
        shutdown.cancel();
    });
    Ok(())
}

#[cfg(not(unix))]
fn stop_on_signals(shutdown: CancellationToken) -> Result<(), DaemonError> {
    tokio::spawn(async move {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(error = %crate::error::chain(&error), "ctrl-c cannot be listened to");
            return;
        }
        shutdown.cancel();
    });
    Ok(())
}
