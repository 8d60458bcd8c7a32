//! What the hook knows of an event besides its payload: the time, and four variables of the environment.
//!
//! No other variable is read: the environment of a hook also holds API keys.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::event::Micros;
use shared::protocol::EventHeader;
use shared::redact::redact;

/// Longest value that is taken from the environment, in bytes: a path fits.
const MAX_VALUE_BYTES: usize = 4096;

/// Returns the wall clock.
pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}

/// Returns the header of the event that occurred at the given time; what its payload adds is filled in later.
pub(super) fn event(occurred_at: Micros, lossy: bool) -> EventHeader {
    EventHeader {
        lossy,
        client_pid: variable("CLAUDE_PID").and_then(|pid| pid.parse().ok()),
        project_dir: variable("CLAUDE_PROJECT_DIR"),
        entrypoint: variable("CLAUDE_CODE_ENTRYPOINT"),
        effort: variable("CLAUDE_EFFORT"),
        last: true,
        hook_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..EventHeader::new(occurred_at)
    }
}

fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy();
    let kept = !value.is_empty() && value.len() <= MAX_VALUE_BYTES;
    // A folder may be named after anything.
    kept.then(|| String::from_utf8_lossy(&redact(value.as_bytes()).payload).into_owned())
}
