//! The names of an event: newtypes for the ids Claude Code gives and the one we make.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Microseconds since the Unix epoch, UTC. Every field that ends in `_at` holds this unit.
pub type Micros = i64;

/// Longest id that is taken from a payload, in bytes. Claude Code's own are at most 40.
pub const MAX_ID_BYTES: usize = 256;

/// The id of one event, made by the hook: a UUID v7, so that ids sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub Uuid);

impl EventId {
    /// Returns a new id whose time part is `occurred_at`.
    #[must_use]
    pub fn new(occurred_at: Micros) -> Self {
        let micros = u64::try_from(occurred_at).unwrap_or(0);
        let nanos = u32::try_from(micros % 1_000_000 * 1_000).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanos);
        Self(Uuid::new_v7(time))
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl std::str::FromStr for EventId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Names, in the environment of a Claude Code that does a delegation in the local model's place, the delegation: its hooks inherit it.
pub const PARENT_TASK_VARIABLE: &str = "ORCH_PARENT_TASK";

/// The id of a delegation, as a task: `delegation:<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DelegationId(pub Uuid);

const DELEGATION_START: &str = "delegation:";

impl std::fmt::Display for DelegationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{DELEGATION_START}{}", self.0.hyphenated())
    }
}

impl std::str::FromStr for DelegationId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What has another start is no id either.
        Uuid::parse_str(text.strip_prefix(DELEGATION_START).unwrap_or_default()).map(Self)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the id if it is 1 to [`MAX_ID_BYTES`] bytes long and holds no control character.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let fits = !text.is_empty() && text.len() <= MAX_ID_BYTES;
                (fits && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
            }

            /// Returns the id as Claude Code wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Claude Code's `session_id`. It is data, never a path.
    SessionId
);
text_id!(
    /// Claude Code's `tool_use_id`: joins PreToolUse to PostToolUse.
    ToolUseId
);
text_id!(
    /// Claude Code's `agent_id`: set on every event of a subagent.
    AgentId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_ids_sort_by_time_and_round_trip() {
        let (early, late) = (EventId::new(1_700_000_000_000_000), EventId::new(1_700_000_000_002_000));
        assert!(early < late);
        assert_eq!(early.to_string().parse::<EventId>().expect("own text parses"), early);
    }

    #[test]
    fn delegations_round_trip_and_nothing_else_is_one() {
        let id = DelegationId(Uuid::now_v7());
        assert_eq!(id.to_string().parse(), Ok(id));
        let plain = id.0.to_string();
        for text in ["", "delegation:", "delegation:sk-ant-1", &plain, &format!("prompt:{plain}"), &format!("{id} ")] {
            assert!(text.parse::<DelegationId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn ids_from_payloads_are_bounded() {
        let long = "x".repeat(MAX_ID_BYTES + 1);
        for (text, fits) in [("a", true), ("", false), (&*long, false), ("a\0b", false), ("../../etc", true)] {
            assert_eq!(SessionId::parse(text).is_some(), fits, "{text:?}");
        }
    }
}
