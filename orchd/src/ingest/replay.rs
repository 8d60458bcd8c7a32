//! The spool's way into the store: at start and on a tick, each frame through the same writer as a live one.
//!
//! A spool file is deleted only after every event in it was settled, so a crash at any point replays it and the store
//! drops what it has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use shared::protocol::{self, FrameError, Request};
use shared::spool::{self, Appended, Drain, SpoolError};
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::error::chain;
use crate::store::{Arrival, StoreError, Writer};

/// How often the spool is looked at.
const TICK: Duration = Duration::from_secs(1);

/// Frames that go to the writer at once.
const BATCH: usize = 512;

/// Bytes of frames that are held at a time, give or take one frame.
const BATCH_BYTES: usize = 8 << 20;

/// Why a drain stopped; what was not settled stays in the spool.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error("failed to read the spool")]
    Spool(#[source] SpoolError),
    #[error("failed to store spooled events")]
    Store(#[source] StoreError),
    #[error("reading the spool was cut short")]
    Join(#[source] tokio::task::JoinError),
}

/// Drains the spool now and on every tick until `shutdown`.
pub async fn drain_spool(dir: PathBuf, writer: Writer, shutdown: CancellationToken) {
    // What an older daemon could not read is tried once: this one may be newer.
    let mut begin: fn(&Path) -> Result<Option<Drain>, SpoolError> = Drain::begin_with_kept;
    let mut failing = false;
    let path = dir.clone();
    let prepared = blocking(move || spool::prepare_dropped(&path)).await;
    if let Err(error) = prepared {
        tracing::warn!(error = %chain(&error), "drops of a full disk cannot be counted");
    }
    loop {
        match drain_once(&dir, begin, &writer, &shutdown).await {
            Ok(events) => {
                failing = false;
                begin = Drain::begin;
                if events > 0 {
                    tracing::info!(spool.events = events, "spooled events were taken");
                }
            }
            // The first failure is logged, not each try.
            Err(error) if !failing => {
                failing = true;
                tracing::error!(error = %chain(&error), "the spool could not be drained; trying again");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Takes everything the spool holds; returns how many events that were.
async fn drain_once(
    dir: &Path,
    begin: fn(&Path) -> Result<Option<Drain>, SpoolError>,
    writer: &Writer,
    shutdown: &CancellationToken,
) -> Result<u64, ReplayError> {
    let path = dir.to_path_buf();
    // A counter that is locked now is read on the next tick.
    let (dropped, drain) = blocking(move || Ok((spool::dropped(&path).unwrap_or(0), begin(&path)?))).await?;
    if dropped > 0 {
        writer.count_dropped(dropped).await.map_err(ReplayError::Store)?;
        let path = dir.to_path_buf();
        blocking(move || spool::settle_dropped(&path, dropped)).await?;
        tracing::warn!(spool.dropped = dropped, "events could not be kept by their hooks");
    }
    let Some(mut drain) = drain else {
        return Ok(0);
    };
    let mut taken = 0;
    loop {
        let mut current = drain;
        let (frames, back) = blocking(move || {
            let (mut frames, mut bytes) = (Vec::new(), 0);
            while frames.len() < BATCH
                && bytes < BATCH_BYTES
                && let Some(frame) = current.next_frame()
            {
                bytes += frame.len();
                frames.push(frame);
            }
            Ok((frames, current))
        })
        .await?;
        drain = back;
        if frames.is_empty() {
            if drain.torn() > 0 {
                tracing::warn!(
                    spool.torn = drain.torn(),
                    "torn records were passed; their file is kept beside the spool"
                );
            }
            blocking(move || drain.finish()).await?;
            return Ok(taken);
        }
        let (arrivals, newer) = sort(frames);
        taken += arrivals.len() as u64;
        if !arrivals.is_empty() {
            writer.append_all(arrivals).await.map_err(ReplayError::Store)?;
        }
        for frame in newer {
            if drain.keep(&frame).map_err(ReplayError::Spool)? == Appended::DroppedFull {
                writer.count_dropped(1).await.map_err(ReplayError::Store)?;
            }
        }
        if shutdown.is_cancelled() {
            // Not finished: the files stay and are read again at the next start.
            return Ok(taken);
        }
    }
}

/// Splits frames into events and frames of a newer hook, which a newer daemon will read. Others hold nothing to keep.
fn sort(frames: Vec<Vec<u8>>) -> (Vec<Arrival>, Vec<Vec<u8>>) {
    let (mut arrivals, mut unknown) = (Vec::with_capacity(frames.len()), Vec::new());
    for frame in frames {
        match protocol::decode_request(&frame) {
            Ok((Request::Event(header), payload)) => {
                arrivals.push(Arrival { header, payload: payload.to_vec(), received_at: now(), spooled: true });
            }
            Err(FrameError::Version(_)) => unknown.push(frame),
            Ok(_) | Err(_) => tracing::warn!(frame.bytes = frame.len(), "a spooled frame holds no event"),
        }
    }
    (arrivals, unknown)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SpoolError> + Send + 'static,
) -> Result<T, ReplayError> {
    tokio::task::spawn_blocking(work).await.map_err(ReplayError::Join)?.map_err(ReplayError::Spool)
}
