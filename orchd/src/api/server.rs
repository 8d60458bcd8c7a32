//! The accept loop: a bounded number of connections, each with limits of time and size, all gone soon after the end is asked.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::event::Micros;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::{ApiContext, Shared};
use super::front::Front;
use super::strict::Strict;

/// Open connections. More wait in the system's queue: far above what one dashboard needs, so that idle ones harm nobody.
const MOST_CONNECTIONS: usize = 1_024;
/// Time for the head of a request, also the next one of a connection kept alive.
const HEAD: Duration = Duration::from_secs(5);
/// Bytes of a head, and of what is read or written ahead.
const BUFFER_BYTES: usize = 64 << 10;
/// Header lines of a request.
const MOST_HEADERS: usize = 100;
/// Rest after a failed accept; out of descriptors is the usual reason, and passes.
const REST: Duration = Duration::from_millis(50);
/// Time that answers in progress have at the end.
const STOP: Duration = Duration::from_secs(2);

/// Answers requests until `shutdown`; streams end at once, other answers within 2 seconds.
pub async fn serve(listener: std::net::TcpListener, context: ApiContext, shutdown: CancellationToken) {
    let now = || jiff::Timestamp::now().as_microsecond();
    if let Err(error) = listen(listener, context, &shutdown, now).await {
        tracing::error!(error = %crate::error::chain(&error), "the dashboard's port cannot be listened to");
        // Without a page the daemon still records.
        shutdown.cancelled().await;
    }
}

pub(super) async fn listen(
    listener: std::net::TcpListener,
    context: ApiContext,
    shutdown: &CancellationToken,
    now: fn() -> Micros,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let port = listener.local_addr()?.port();
    let shared = Shared::new(context, port, shutdown.clone(), now);
    let front = Arc::new(Front::new(&shared));
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let cut = CancellationToken::new();
    loop {
        let (stream, slot) = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = shutdown.cancelled() => break,
        };
        connections.spawn(connection(stream, slot, Arc::clone(&front), shutdown.clone(), cut.clone()));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(STOP, connections.wait()).await.is_err() {
        cut.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// Returns the next connection; failures are told once and never end the loop.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let mut failed = false;
    loop {
        let Ok(slot) = Arc::clone(slots).acquire_owned().await else { return std::future::pending().await };
        match listener.accept().await {
            Ok((stream, _)) => return (stream, slot),
            Err(error) => {
                if !failed {
                    tracing::warn!(error = %crate::error::chain(&error), "a connection could not be accepted");
                }
                failed = true;
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    _slot: OwnedSemaphorePermit,
    front: Arc<Front>,
    shutdown: CancellationToken,
    cut: CancellationToken,
) {
    // Without it small answers may wait for the other side's delayed ack; where it fails they only are slower.
    let _ = stream.set_nodelay(true);
    let (stream, blemish) = Strict::new(stream);
    let service = service_fn(|request: Request<Incoming>| {
        let (front, blemish) = (Arc::clone(&front), blemish.clone());
        async move { Ok::<_, Infallible>(front.answer(request, blemish.seen()).await) }
    });
    // HTTP/1 alone: telling it from HTTP/2 would wait for the first bytes without a limit of time.
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = cut.cancelled() => return,
        () = shutdown.cancelled() => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                ended = served => ended,
                () = cut.cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %crate::error::chain(&error), "a connection broke");
    }
}
