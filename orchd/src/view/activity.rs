//! Activity over a range, from the rollups.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// Activity over a range.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Activity {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// Start of the first bucket.
    pub from_at: Micros,
    /// End of the range.
    pub to_at: Micros,
    /// Width of a bucket, seconds: 900, 3,600 or 86,400 (days of the configured zone, which may be an hour longer or shorter).
    pub bucket_s: i64,
    /// Every bucket of the range, empty ones too.
    pub buckets: Vec<ActivityBucket>,
    /// By tool, most calls first; at most 50.
    pub tools: Vec<ToolActivity>,
    /// By project, most events first; at most 50.
    pub projects: Vec<ProjectActivity>,
}

/// One bucket.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ActivityBucket {
    /// Its start.
    pub at: Micros,
    /// All events.
    pub events: i64,
    /// UserPromptSubmit events (task notifications included).
    pub prompts: i64,
    /// PostToolUse and PostToolUseFailure events.
    pub tool_calls: i64,
    /// PostToolUseFailure events.
    pub tool_failures: i64,
    /// SubagentStart events.
    pub agents: i64,
    /// SessionStart events.
    pub sessions: i64,
}

impl ActivityBucket {
    /// Adds the counts of another bucket; the start stays.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.prompts += other.prompts;
        self.tool_calls += other.tool_calls;
        self.tool_failures += other.tool_failures;
        self.agents += other.agents;
        self.sessions += other.sessions;
    }
}

/// One tool over the range.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToolActivity {
    /// The tool.
    pub tool_name: String,
    /// Finished calls.
    pub calls: i64,
    /// Of these, failed.
    pub failures: i64,
    /// Median duration, milliseconds, within 12.5 %; null when the client gave none.
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
}

/// One project over the range.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectActivity {
    /// Last part of the directory.
    pub project: String,
    /// The directory.
    pub project_dir: String,
    /// Events.
    pub events: i64,
    /// Prompts.
    pub prompts: i64,
    /// Finished tool calls.
    pub tool_calls: i64,
    /// Of these, failed.
    pub tool_failures: i64,
}
