//! The way out when the daemon does not answer: the frame goes to the spool, and a watchdog bounds what the disk may cost.

use std::path::Path;

use shared::spool::{self, Limits};

use super::deadline::Deadlines;
use super::watchdog;

/// Below this limit on file sizes not even a drop could be counted.
const MIN_FILE_BYTES: u64 = 64;

/// Appends the frame. What happens then is nobody's to hear: a drop is counted by the spool itself.
pub(super) fn spool(dir: &Path, frame: &[u8], deadlines: &Deadlines) {
    let file_limit = file_limit();
    if file_limit < MIN_FILE_BYTES {
        return;
    }
    watchdog::start(deadlines);
    let limits = Limits::within(deadlines.spool_wait());
    let _ = spool::append(dir, frame, &Limits { max_bytes: limits.max_bytes.min(file_limit), ..limits });
}

/// Returns how large a file may grow. Writing past that would end the process by a signal, which the user would see.
#[cfg(unix)]
fn file_limit() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn file_limit() -> u64 {
    u64::MAX
}
