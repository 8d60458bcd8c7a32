//! The local socket: bound private, accepted from behind a semaphore, never stolen from a live daemon.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName as _};
use shared::paths::{MAX_SOCKET_PATH_BYTES, Paths};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Ingest;

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
    let name = path.as_path().to_fs_name::<GenericFilePath>().map_err(failed)?;
    // The name is given back by the daemon while it still holds the lock, not by a drop at any time.
    let options = ListenerOptions::new().name(name).reclaim_name(false);
    #[cfg(all(unix, not(target_os = "macos")))]
    let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
    options.create_tokio().map_err(failed)
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
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(stream) if is_own_user(&stream) => {
                let (ingest, shutdown) = (Arc::clone(&ingest), shutdown.clone());
                connections.spawn(async move {
                    ingest.serve_connection(stream, shutdown).await;
                    drop(permit);
                });
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

/// Whether the peer runs as the daemon's own user. A peer that cannot be told is refused.
#[cfg(unix)]
fn is_own_user(stream: &Stream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream.peer_creds().is_ok_and(|peer| peer.euid() == Some(own))
}

/// On Windows the pipe's security descriptor does this; unproven, see ARCHITECTURE.
#[cfg(not(unix))]
fn is_own_user(_: &Stream) -> bool {
    true
}
