//! The local socket: bound private, accepted from behind a semaphore, never stolen from a live daemon.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::paths::{MAX_SOCKET_PATH_BYTES, Paths};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Ingest;
use super::platform::Listener;

/// Connections at a time. Each silent one is closed within [`super::connection::FRAME_DEADLINE`].
const MAX_CONNECTIONS: usize = 1024;

/// Pause after a failed accept, so that running out of descriptors never spins.
const ACCEPT_RETRY: Duration = Duration::from_millis(20);

/// Time that connections get to finish once the daemon stops.
const FINISH_DEADLINE: Duration = Duration::from_millis(1500);

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The path does not fit into a socket address.
    #[error("socket path `{path}` is longer than {MAX_SOCKET_PATH_BYTES} bytes; set ORCH_HOME to a shorter folder")]
    TooLong {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("failed to listen on `{path}`")]
    Bind {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Opens the socket. The caller holds the instance lock, so a socket file that lies there is stale.
pub fn bind(paths: &Paths) -> Result<Listener, ListenError> {
    let path = paths.socket();
    if !paths.socket_fits() {
        return Err(ListenError::TooLong { path });
    }
    let failed = |source| ListenError::Bind { path: path.clone(), source };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    Listener::bind(&path).map_err(failed)
}

/// Accepts until `shutdown`, then waits for open connections, but not for long.
pub async fn serve(listener: Listener, ingest: Arc<Ingest>, shutdown: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        // The permit comes before accept: the kernel's backlog is the queue, not our memory.
        let permit = tokio::select! {
            () = shutdown.cancelled() => break,
            permit = Arc::clone(&permits).acquire_owned() => permit,
        };
        // Nobody closes the semaphore.
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(connection) if listener.is_own_user(&connection) => {
                let (ingest, shutdown) = (Arc::clone(&ingest), shutdown.clone());
                if let Some(waiting) = ingest.take_at_once(connection, permit) {
                    connections.spawn(async move { ingest.serve_connection(waiting, shutdown).await });
                }
            }
            Ok(_) => tracing::warn!("a connection of another user was refused"),
            Err(error) => {
                tracing::warn!(error = %error, "accept failed; trying again");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    connections.close();
    if tokio::time::timeout(FINISH_DEADLINE, connections.wait()).await.is_err() {
        tracing::warn!("connections were cut; their hooks spool");
    }
}
