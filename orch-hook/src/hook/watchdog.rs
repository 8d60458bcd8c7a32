//! Bounds what cannot be polled: steps that wait for a disk.

use std::time::Instant;

use super::deadline::Deadlines;

/// Starts the thread that ends the process at the deadline: a file operation cannot be polled.
pub(super) fn start(deadlines: &Deadlines) {
    let end = deadlines.end;
    let watchdog = std::thread::Builder::new().stack_size(16 << 10).spawn(move || {
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        std::process::exit(0);
    });
    // Without a thread the client's own time-out is the bound.
    drop(watchdog);
}
