//! How long each step may take. All count from the start of the process, so two slow steps do not add up.

use std::time::{Duration, Instant};

/// Until when stdin is read. The client writes the payload right after starting us.
const STDIN: Duration = Duration::from_millis(160);

/// How long the daemon gets, from the moment the payload is there.
const DELIVERY: Duration = Duration::from_millis(100);

/// Until when the daemon is waited for in any case.
const DELIVERY_LATEST: Duration = Duration::from_millis(200);

/// How long the spool's lock is waited for, from the moment it is needed.
const SPOOL: Duration = Duration::from_millis(40);

/// When the watchdog ends the process, whatever the disk does.
const END: Duration = Duration::from_millis(260);

/// The deadlines of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    start: Instant,
    /// Until when stdin is read.
    pub(super) stdin: Instant,
    /// When the process must be gone.
    pub(super) end: Instant,
}

impl Deadlines {
    /// Starts the clock.
    pub(super) fn from_now() -> Self {
        let start = Instant::now();
        Self { start, stdin: start + STDIN, end: start + END }
    }

    /// Returns until when the daemon may take, counted from now.
    pub(super) fn delivery(&self) -> Instant {
        (Instant::now() + DELIVERY).min(self.start + DELIVERY_LATEST)
    }

    /// Returns how long the spool may be waited for, counted from now.
    pub(super) fn spool_wait(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now()).min(SPOOL)
    }
}
