//! The queue on disk: the hook appends frames that it could not deliver, the daemon drains them.
//!
//! One file takes appends (`current.spool`), under an OS lock held for one write. The daemon renames it (`taken.spool`),
//! closes it to late writers and reads it; every record carries its length and a checksum, so a writer that was killed
//! costs its own record only. A writer that cannot use the current file (a stopped process holds its lock, the file is
//! damaged) puts its frame into a file of its own (`aside-*.spool`). Nothing is synced: the spool survives the death of
//! any process, not a power cut. A frame may be delivered twice; its event id makes that harmless.

mod drain;
mod dropped;
mod file;
mod reader;
mod record;
mod writer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use drain::Drain;
pub use dropped::{count as dropped, prepare as prepare_dropped, settle as settle_dropped};
pub use writer::append;

const CURRENT: &str = "current.spool";
const TAKEN: &str = "taken.spool";
/// Frames of a version that this build does not know, kept for a newer daemon.
const NEWER: &str = "newer.spool";
const ASIDE: &str = "aside-";
const DAMAGED: &str = "damaged-";
const EXTENSION: &str = ".spool";

/// How much the spool may hold, and how long an append may wait for its turn.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes in all files that wait for the daemon.
    pub max_bytes: u64,
    /// Events in them.
    pub max_events: u64,
    /// Until when to wait for the lock.
    pub deadline: Instant,
}

impl Limits {
    /// Returns the product's limits, 256 MiB and 100,000 events, with `wait` from now as the deadline.
    #[must_use]
    pub fn within(wait: Duration) -> Self {
        Self { max_bytes: 256 << 20, max_events: 100_000, deadline: Instant::now() + wait }
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It lies in the spool.
    Spooled,
    /// The spool is full; the frame was counted (see [`dropped`]) and not kept.
    DroppedFull,
}

/// Why the spool could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file or the folder could not be opened, made, read or written.
    #[error("failed to {action} `{path}`")]
    File {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Another process held the file's lock until the deadline.
    #[error("`{path}` is locked by another process")]
    Locked {
        /// The locked file.
        path: PathBuf,
    },
    /// The file is not a spool file.
    #[error("`{path}` is not a spool file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

impl SpoolError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }
}

/// What waits in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pending {
    /// Events that wait for the daemon, as the files' headers count them.
    pub events: u64,
    /// Bytes of their files.
    pub size_bytes: u64,
    /// Events kept for a newer daemon.
    pub kept_events: u64,
}

/// Returns what waits in the spool; zeros when there is no spool.
#[must_use]
pub fn pending(dir: &Path) -> Pending {
    let mut pending = Pending::default();
    for path in drain::waiting(dir) {
        let (events, size_bytes) = file::glance(&path);
        pending.events += events;
        pending.size_bytes += size_bytes;
    }
    pending.kept_events = file::glance(&dir.join(NEWER)).0;
    pending
}

#[cfg(test)]
mod tests;
