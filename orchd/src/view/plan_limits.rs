//! How much of the user's plan is used.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// The limits of the plan, as a client last told them. Without a plan, or before its first answer, both are null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct PlanLimitsView {
    /// Of five hours.
    pub five_hour: Option<PlanWindow>,
    /// Of seven days.
    pub seven_day: Option<PlanWindow>,
    /// When the newer of both was told.
    pub seen_at: Option<Micros>,
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct PlanWindow {
    /// Percent of it that is used; above 100 where the plan allows that.
    pub used_percentage: f64,
    /// When it starts anew; null where the client did not say.
    pub resets_at: Option<Micros>,
}
