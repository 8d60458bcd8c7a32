//! The clock on the wall. Decisions take the time as a parameter; who acts reads it here.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::event::Micros;

/// Returns the time now.
pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
