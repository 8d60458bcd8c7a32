//! What the database says: judged decisions, the newest log odds, the fit in force.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::decision::Fit;
use shared::event::Micros;

use crate::routing::floor::MOST_DECISIONS;
use crate::routing::guard::Guard;
use crate::routing::refit::Judged;

/// The newest outcomes that are fitted to: tasks and models change.
const MOST_OUTCOMES: usize = 5_000;

/// A fit that is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptFit {
    /// What decisions go by, where its weights are those of this build.
    pub fit: Fit,
    /// The local model.
    pub model: String,
    /// When it was made.
    pub fitted_at: Micros,
    /// How it did on held-back outcomes; None where that is not told.
    pub guard: Option<Guard>,
}

/// Returns the judged decisions about a local model by these weights, the oldest first.
pub fn judged(conn: &Connection, model: &str, weights: &str) -> rusqlite::Result<Vec<Judged>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/judged_decisions.sql"))?;
    let most = i64::try_from(MOST_OUTCOMES).unwrap_or(i64::MAX);
    let rows = ask.query_map(params![model, weights, most], |row| {
        Ok(Judged { logit: row.get(0)?, as_good: row.get(1)?, project: row.get(2)? })
    })?;
    let mut judged = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    judged.reverse();
    Ok(judged)
}

/// Returns log odds and project's folder of the newest decisions by these weights.
pub(super) fn newest_log_odds(conn: &Connection, weights: &str) -> rusqlite::Result<Vec<(f64, String)>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/newest_log_odds.sql"))?;
    let most = i64::try_from(MOST_DECISIONS).unwrap_or(i64::MAX);
    let rows = ask.query_map(params![weights, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Returns the fit in force of a local model, whatever weights it was fitted on top of.
pub fn fit_in_force(conn: &Connection, model: &str) -> rusqlite::Result<Option<KeptFit>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/fit_in_force.sql"))?;
    ask.query_row([model], kept).optional()
}

/// Returns the local model of the newest judged decision, else of the newest one; None where none names any.
pub fn newest_model(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/newest_judged_model.sql"))?;
    ask.query_row([], |row| row.get(0)).optional()
}

fn kept(row: &Row<'_>) -> rusqlite::Result<KeptFit> {
    let (projects, guard): (String, String) = (row.get("projects")?, row.get("guard")?);
    let outcomes: i64 = row.get("outcomes")?;
    Ok(KeptFit {
        fit: Fit {
            id: row.get("fit_id")?,
            weights: row.get("weights")?,
            slope: row.get("slope")?,
            intercept: row.get("intercept")?,
            projects: serde_json::from_str(&projects).unwrap_or_default(),
            outcomes: u64::try_from(outcomes).unwrap_or(0),
        },
        model: row.get("model")?,
        fitted_at: row.get("fitted_at")?,
        guard: serde_json::from_str(&guard).ok(),
    })
}
