//! Waits for a condition with a deadline; the only place of the tests that sleeps.

use std::time::{Duration, Instant};

/// Time between two looks at a condition.
const STEP: Duration = Duration::from_millis(5);

/// Returns the first value `look` gives, asking again until `limit` has passed.
///
/// # Panics
///
/// When the limit passes; `what` says what was waited for.
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = look() {
            return value;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        std::thread::sleep(STEP);
    }
}

/// Waits until `holds` is true.
///
/// # Panics
///
/// As [`wait_for`].
pub fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    wait_for(what, limit, || holds().then_some(()));
}

/// Lets `time` pass where the passing itself is the fault under test (a slow daemon, a held connection).
pub fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
