//! How much of the user's plan is used, as the client tells its status line.

use serde::{Deserialize, Serialize};

use crate::event::Micros;

/// The limits of a plan; those that the client did not send are None.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLimits {
    /// Of five hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub five_hour: Option<LimitWindow>,
    /// Of seven days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seven_day: Option<LimitWindow>,
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitWindow {
    /// Hundredths of a percent; more than 10,000 where the plan allows that.
    pub used_basis_points: u32,
    /// When it starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Micros>,
}

impl PlanLimits {
    /// Whether the client sent none, as it does without a plan.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.five_hour.is_none() && self.seven_day.is_none()
    }
}
