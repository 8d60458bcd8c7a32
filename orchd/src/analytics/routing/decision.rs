//! One decision as the database has it, and how it came out.

use rusqlite::{Connection, Row, params};
use shared::classify::exact::sigmoid;
use shared::decision::Fit;
use shared::event::Micros;

use super::super::Scope;

/// Decisions that are looked at at most: the newest.
const MOST_DECISIONS: usize = 20_000;

/// A decision.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    /// What was said: the probability that the local model is as good; None where none was.
    pub(super) as_good: Option<f64>,
    /// Its log odds before any fit.
    logit: Option<f64>,
    /// The weights, or they and a fit.
    version: Option<String>,
    /// What was recommended.
    route: String,
    /// Where it ran; None where nobody finished it yet.
    pub(super) ran: Option<String>,
    /// The project's folder.
    project: String,
    /// What came out; None where nobody knows.
    pub(super) judged: Option<bool>,
    /// The local model that it is about.
    pub(super) model: Option<String>,
    /// What handing it over was expected to save, less what it was expected to lose, nano-dollars.
    pub(super) worth_nano_usd: Option<i64>,
}

impl Decision {
    pub(super) fn is_local(&self) -> bool {
        self.route == "local"
    }

    pub(super) fn is_disagreement(&self) -> bool {
        self.ran.as_ref().is_some_and(|ran| *ran != self.route)
    }

    /// Returns what would be said now; what was said then where that was by other weights.
    pub(super) fn said_now(&self, fit: Option<&Fit>, weights: &str) -> Option<f64> {
        let is_same = self.version.as_deref().is_some_and(|version| version.starts_with(weights));
        match (self.logit, fit) {
            (Some(logit), Some(fit)) if is_same => Some(sigmoid(fit.apply(logit, &self.project))),
            (Some(logit), None) if is_same => Some(sigmoid(logit)),
            _ => self.as_good,
        }
    }
}

/// Returns the newest decisions in a range of time, and how many that is where older ones are left out.
pub(super) fn newest(
    conn: &Connection,
    (from_at, before_at): (Micros, Micros),
    scope: Scope,
) -> rusqlite::Result<(Vec<Decision>, Option<usize>)> {
    let mut ask = conn.prepare_cached(include_str!("../../../queries/routing_decisions.sql"))?;
    // One more than is looked at: whether something is left out has to be known.
    let most = i64::try_from(MOST_DECISIONS + 1).unwrap_or(i64::MAX);
    let rows = ask.query_map(params![from_at, before_at, scope.0, most], decision)?;
    let mut decisions = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let is_newest_only = decisions.len() > MOST_DECISIONS;
    decisions.truncate(MOST_DECISIONS);
    Ok((decisions, is_newest_only.then_some(MOST_DECISIONS)))
}

fn decision(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        as_good: row.get("as_good")?,
        logit: row.get("as_good_logit")?,
        version: row.get("router_version")?,
        route: row.get("recommended_route")?,
        ran: row.get("ran")?,
        project: row.get("dir")?,
        judged: row.get("judged")?,
        model: row.get("model")?,
        worth_nano_usd: row.get("worth_nano_usd")?,
    })
}
