//! What to do with a task: the heads' word, the state of the local model, prices and the user's own rules -> local or claude, and why.
//!
//! Pure. The hook, `orch-hook route` and the daemon decide by the same function; what they decide by is a [`Settings`] that the daemon
//! keeps in its snapshot.

mod decide;
mod estimate;
mod pattern;
mod reason;
mod rules;
mod settings;
mod task;

pub use decide::{Decision, NOT_KNOWN, decide, router_version};
pub use estimate::{Money, Tokens};
pub use reason::Reason;
pub use rules::{Rule, SensitivePath, is_in};
pub use settings::{Algorithm, Fit, Policy, ProjectPolicy, Settings, USUAL_MIN_CONFIDENCE, USUAL_THRESHOLD};
pub use task::{Task, asks_for_something};

use serde::{Deserialize, Serialize};

/// Where a task may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// On the local model.
    Local,
    /// On Claude.
    Claude,
}

impl Route {
    /// Returns the word of answers and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Claude => "claude",
        }
    }

    /// Returns the route of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Local, Self::Claude].into_iter().find(|route| route.as_str() == word)
    }
}

#[cfg(test)]
mod tests;
