//! What the hook knows of an event besides its payload: the time, and five variables of the environment.
//!
//! No other variable is read: the environment of a hook also holds API keys.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::event::{DelegationId, Micros, PARENT_TASK_VARIABLE};
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
    let entrypoint = variable("CLAUDE_CODE_ENTRYPOINT");
    EventHeader {
        lossy,
        client_pid: variable("CLAUDE_PID").and_then(|pid| pid.parse().ok()),
        project_dir: variable("CLAUDE_PROJECT_DIR"),
        effort: variable("CLAUDE_EFFORT"),
        // A delegation is never done in a terminal: those sessions are spared the search of the whole environment.
        parent_task: if entrypoint.as_deref() == Some("cli") { None } else { parent_task() },
        entrypoint,
        last: true,
        hook_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..EventHeader::new(occurred_at)
    }
}

/// Returns the delegation that the session does on behalf of. What is no id of one is not taken, whatever it holds.
fn parent_task() -> Option<String> {
    let value = std::env::var_os(PARENT_TASK_VARIABLE)?;
    Some(value.to_str()?.parse::<DelegationId>().ok()?.to_string())
}

fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy();
    let kept = !value.is_empty() && value.len() <= MAX_VALUE_BYTES;
    // A folder may be named after anything.
    kept.then(|| String::from_utf8_lossy(&redact(value.as_bytes()).payload).into_owned())
}
