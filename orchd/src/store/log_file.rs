//! The file of the write-ahead log, which is given its room before the writer needs it: whoever waits for an ack would wait for the
//! file system too, most of all while the file is being synced.

use std::path::{Path, PathBuf};

/// Returns the log of a database.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Lengthens a log to so many bytes, if it is shorter, by blocks that read as zeros and that nobody has to read before they are
/// written. For SQLite a log ends where the checksum of the next page is not right.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn reserve(log: &Path, bytes: u64) {
    let reserved = std::fs::File::options().write(true).open(log).and_then(|file| {
        if file.metadata()?.len() >= bytes {
            return Ok(());
        }
        Ok(rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes)?)
    });
    if let Err(error) = reserved {
        tracing::debug!(%error, "the log grows as it is written");
    }
}

// Elsewhere it grows as it is written.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn reserve(_: &Path, _: u64) {}
