//! The JSON the dashboard reads: one type per boundary, made by `analytics`, served by `api`.
//!
//! Kept out of `shared` so that utoipa never reaches the hook. Every `_at` is microseconds since the epoch, UTC; every
//! top-level answer carries `schema`, raised when a field changes its meaning (added fields do not raise it).

mod activity;
mod cost;
mod delegation;
mod event;
mod import;
mod local_model;
mod overview;
mod plan_limits;
mod project;
mod routing;
mod session;
mod spending;
mod subagent;
mod system;
mod task;

pub use activity::{Activity, ActivityBucket, ProjectActivity, ToolActivity};
pub use cost::{CostBucket, CostRow, CostSums, Costs, RequestList, RequestRow};
pub use delegation::{
    DelegationList, DelegationRow, DelegationSums, FallbackReason, LocalModelSpeed, OutcomeCounts, OwnCost,
    Percentiles, SavingAssumption, SavingFigure, Savings, SpeedRow, TasksRan,
};
pub use event::{EventBody, EventDetail, EventList, EventRow};
pub use import::{Following, ImportState, ImportStatus};
pub use local_model::{LocalModelChange, LocalModelHealth, LocalModelView};
pub use overview::{Attention, AttentionKind, CaptureState, Overview, Tile, Unit, Usual};
pub use plan_limits::{PlanLimitsView, PlanWindow};
pub use project::{ProjectItem, ProjectList};
pub use routing::{FitView, HistogramBin, RefitAnswer, ReliabilityBin, Routing, ThresholdRow};
pub use session::{
    AgentRun, LiveSession, Mark, MarkKind, OpenCall, SessionDetail, SessionList, SessionPatch, SessionRow,
    SessionState, Span, SpanStatus,
};
pub use spending::{BudgetState, BudgetUse, Forecast, PeriodSpending, Spending};
pub use subagent::{SubagentChain, SubagentRun, SubagentType, Subagents};
pub use system::{Counters, DatabaseView, LatencyView, ProcessView, SpoolView, SystemView};
pub use task::{QualityPart, TaskList, TaskRow};

/// The number in every answer's `schema`.
pub const SCHEMA: u32 = 1;
