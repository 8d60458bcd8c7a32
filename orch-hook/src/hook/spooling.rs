//! The way out when the daemon does not answer: the frame goes to the spool, and a watchdog bounds what the disk may cost.

use std::path::Path;

use shared::spool::{self, Limits};

use super::deadline::Deadlines;

/// Appends the frame. What happens then is nobody's to hear: a drop is counted by the spool itself.
pub(super) fn spool(dir: &Path, frame: &[u8], deadlines: &Deadlines) {
    if !fits_file_limit(frame.len()) {
        return;
    }
    watch(deadlines);
    let _ = spool::append(dir, frame, &Limits::within(deadlines.spool_wait()));
}

/// Starts the thread that ends the process at the deadline: a file operation cannot be polled.
fn watch(deadlines: &Deadlines) {
    let end = deadlines.end;
    let watchdog = std::thread::Builder::new().stack_size(16 << 10).spawn(move || {
        std::thread::sleep(end.saturating_duration_since(std::time::Instant::now()));
        std::process::exit(0);
    });
    // Without a thread the client's own time-out is the bound.
    drop(watchdog);
}

/// Whether a limit on file sizes leaves room. Writing past it would end the process by a signal, which the user would see.
#[cfg(unix)]
fn fits_file_limit(frame_bytes: usize) -> bool {
    use rustix::process::{Resource, getrlimit};
    /// The spool's own cap and a little more: below it a limit may be hit at any append.
    const SPOOL_BYTES: u64 = (256 << 20) + (2 << 20);
    let needed = SPOOL_BYTES + u64::try_from(frame_bytes).unwrap_or(u64::MAX);
    getrlimit(Resource::Fsize).current.is_none_or(|limit| limit >= needed)
}

#[cfg(not(unix))]
fn fits_file_limit(_: usize) -> bool {
    true
}
