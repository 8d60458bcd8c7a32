//! The user's word on a task: what they said, and how the task came out by it.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

use crate::task_outcome::{Settlement, Verdict};

/// What a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// How the task came out.
    Result,
    /// Whether the recommended route was right.
    Route,
}

/// The user's word on a task.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// How the task came out by it. Of it only how it is judged is written.
    pub task: Settlement,
    /// What is said.
    pub verdict: Verdict,
    /// What it is about.
    pub about: About,
    /// What that says of the local model: that it is, or would have been, as good; None where it says nothing of it.
    pub as_good: Option<bool>,
    /// When it was said.
    pub given_at: Micros,
}

/// Writes it; false where there is no such task.
pub(super) fn give(connection: &Connection, feedback: &Feedback) -> Result<bool, rusqlite::Error> {
    let Some(judged) = &feedback.task.judged else { return Ok(false) };
    let said = (feedback.about == About::Result).then(|| feedback.verdict.as_str());
    let written = connection.prepare_cached(include_str!("sql/give_feedback.sql"))?.execute(params![
        feedback.task.task_id,
        judged.outcome,
        judged.reason,
        judged.ended_at,
        judged.duration_ms,
        judged.label,
        judged.evidence,
        judged.quality_score,
        judged.quality_parts,
        said,
        feedback.given_at,
        feedback.as_good,
    ])?;
    Ok(written > 0)
}

/// Answers of which session a task is; None where it is of none.
pub(super) fn session(connection: &Connection, task_id: &str) -> Result<Option<String>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("sql/session_of_task.sql"))?;
    Ok(ask.query_row([task_id], |row| row.get::<_, Option<String>>(0)).optional()?.flatten())
}
