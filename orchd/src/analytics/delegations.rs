//! What was handed to the local model, a page at a time, and what all of it sums to.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params};
use shared::event::Micros;

use super::costs::{CostQuery, usd};
use super::{Scope, savings};
use crate::local_model::chat::LENGTH;
use crate::view::{DelegationList, DelegationRow, DelegationSums, OutcomeCounts, SCHEMA};

/// The word for where a task ran that nobody finished.
pub const NOBODY: &str = "nobody";

/// Where a page begins: below this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(super) decided_at: Micros,
    pub(super) handoff_seq: i64,
}

impl Cursor {
    /// Above every row.
    pub(super) const NEWEST: Self = Self { decided_at: Micros::MAX, handoff_seq: i64::MAX };
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.decided_at, self.handoff_seq)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, seq) = text.split_once('.').ok_or(())?;
        Ok(Self { decided_at: at.parse().map_err(drop)?, handoff_seq: seq.parse().map_err(drop)? })
    }
}

/// Which delegations are meant; None for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DelegationQuery {
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Project directory.
    pub project_dir: Option<String>,
    /// The session that asked.
    pub session_id: Option<String>,
    /// Where it ran: local, claude or [`NOBODY`].
    pub ran: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Why it was not completed; of those that were, `length` for an answer at its token limit.
    pub reason: Option<String>,
}

impl DelegationQuery {
    /// Returns the range in time: from the first, before the second.
    pub(super) fn range(&self, timezone: &TimeZone) -> (Micros, Micros) {
        CostQuery { since: self.since, until: self.until, ..CostQuery::default() }.range(timezone)
    }
}

/// What delegations sum to, in whole units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Delegations.
    pub tasks: i64,
    /// Those that ran here.
    pub local: i64,
    /// Those that Claude did.
    pub claude: i64,
    /// Those that nobody could.
    pub failed: i64,
    /// Those that somebody ended.
    pub cancelled: i64,
    /// Tokens of prompts.
    pub input_tokens: i64,
    /// Tokens of reasoning and answers.
    pub output_tokens: i64,
    /// Tokens of reasoning.
    pub reasoning_tokens: i64,
    /// Tokens that Claude did not have to process.
    pub displaced_tokens: i64,
    /// What they cost themselves.
    pub cost_nano_usd: i64,
    /// What was saved, of those where that is known.
    pub saving_nano_usd: i64,
    /// Those that ran here and whose saving is not known.
    pub unknown_savings: i64,
    /// Time that went into the local model.
    pub local_ms: i64,
    /// The same of those that did not run here.
    pub overhead_ms: i64,
}

impl Sums {
    /// Returns what was saved; None where that is known of none that ran here.
    #[must_use]
    pub fn saving_usd(&self) -> Option<f64> {
        (self.unknown_savings < self.local || self.local == 0).then(|| usd(self.saving_nano_usd))
    }

    /// Returns the sums as they are shown.
    #[must_use]
    pub fn view(&self) -> DelegationSums {
        DelegationSums {
            tasks: self.tasks,
            local: self.local,
            claude: self.claude,
            nobody: self.tasks - self.local - self.claude,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            reasoning_tokens: self.reasoning_tokens,
            cost_usd: usd(self.cost_nano_usd),
            saving_usd: self.saving_usd(),
            unknown_saving_tasks: self.unknown_savings,
            local_ms: self.local_ms,
            overhead_ms: self.overhead_ms,
        }
    }

    /// Returns how they ended.
    #[must_use]
    pub fn outcomes(&self) -> OutcomeCounts {
        let Self { local, claude, failed, cancelled, .. } = *self;
        OutcomeCounts { completed: local, fell_back: claude, failed, cancelled }
    }
}

/// Answers one page, the newest first.
pub fn delegations(
    conn: &Connection,
    query: &DelegationQuery,
    (cursor, limit): (Option<Cursor>, usize),
    timezone: &TimeZone,
) -> rusqlite::Result<DelegationList> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let start = cursor.unwrap_or(Cursor::NEWEST);
    // The index is entered at one bound alone: without this a page would walk through all pages before it.
    let before_at = before_at.min(start.decided_at.saturating_add(1));
    // One more than is shown: whether there is a next page has to be known.
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let DelegationQuery { session_id, ran, outcome, reason, .. } = query;
    let mut ask = conn.prepare_cached(include_str!("../../queries/delegations.sql"))?;
    let values = params![
        from_at,
        before_at,
        scope.0,
        session_id,
        ran,
        outcome,
        reason,
        start.decided_at,
        start.handoff_seq,
        most
    ];
    let mut items = ask.query_map(values, row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let total = match cursor {
        None => Some(sums(conn, query, timezone)?.view()),
        Some(_) => None,
    };
    Ok(DelegationList {
        schema: SCHEMA,
        next_cursor: last.map(|row| Cursor { decided_at: row.decided_at, handoff_seq: row.handoff_seq }.to_string()),
        items,
        total,
    })
}

/// Answers what all that match sum to.
pub fn sums(conn: &Connection, query: &DelegationQuery, timezone: &TimeZone) -> rusqlite::Result<Sums> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let DelegationQuery { session_id, ran, outcome, reason, .. } = query;
    let mut ask = conn.prepare_cached(include_str!("../../queries/delegation_sums.sql"))?;
    ask.query_row(params![from_at, before_at, scope.0, session_id, ran, outcome, reason, LENGTH], |row| {
        Ok(Sums {
            tasks: row.get("tasks")?,
            local: row.get("local")?,
            claude: row.get("claude")?,
            failed: row.get("failed")?,
            cancelled: row.get("cancelled")?,
            input_tokens: row.get("input_tokens")?,
            output_tokens: row.get("output_tokens")?,
            reasoning_tokens: row.get("reasoning_tokens")?,
            displaced_tokens: row.get("displaced_tokens")?,
            cost_nano_usd: row.get("cost_nano_usd")?,
            saving_nano_usd: row.get("saving_nano_usd")?,
            unknown_savings: row.get("unknown_savings")?,
            local_ms: row.get("local_ms")?,
            overhead_ms: row.get("overhead_ms")?,
        })
    })
}

fn row(row: &Row<'_>) -> rusqlite::Result<DelegationRow> {
    let money = |name: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(usd));
    let ran: Option<String> = row.get("ran")?;
    let displaced_model: Option<String> = row.get("displaced_model")?;
    let displaced_by: Option<String> = row.get("displaced_by")?;
    let displaced_price: Option<String> = row.get("displaced_price")?;
    let cost_price: Option<String> = row.get("cost_price")?;
    let reason: Option<String> = row.get("reason")?;
    let is_partial = reason.as_deref() == Some(LENGTH);
    let saving_nano_usd: Option<i64> = row.get("saving_nano_usd")?;
    let assumption = (ran.as_deref() == Some("local")).then(|| {
        let (model, by, price) = (displaced_model.as_deref(), displaced_by.as_deref(), displaced_price.as_deref());
        // Of nothing nothing is taken off.
        let own = cost_price.as_deref().filter(|_| saving_nano_usd.is_some());
        savings::assumption((model, is_partial), by, price) + &savings::own_cost(own)
    });
    let reasons: String = row.get("reasons")?;
    Ok(DelegationRow {
        handoff_seq: row.get("handoff_seq")?,
        task_id: row.get("task_id")?,
        parent_task: row.get("parent_task")?,
        session_id: row.get("session_id")?,
        tool_use_id: row.get("tool_use_id")?,
        project_dir: Some(row.get("dir")?).filter(|dir: &String| !dir.is_empty()),
        decided_at: row.get("decided_at")?,
        ended_at: row.get("ended_at")?,
        duration_ms: row.get("duration_ms")?,
        policy: row.get("policy")?,
        recommended_route: row.get("recommended_route")?,
        confidence: row.get("confidence")?,
        router_version: row.get("router_version")?,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        local_model_state: row.get("local_model_state")?,
        ran,
        outcome: row.get("outcome")?,
        reason,
        fallback_reason: row.get("fallback_reason")?,
        endpoint: row.get("endpoint")?,
        model: row.get("model")?,
        tries: row.get("tries")?,
        local_ms: row.get("local_ms")?,
        first_token_ms: row.get("first_token_ms")?,
        tokens_per_second: row.get("tokens_per_second")?,
        input_tokens: row.get("input_tokens")?,
        output_tokens: row.get("output_tokens")?,
        reasoning_tokens: row.get("reasoning_tokens")?,
        tokens_source: row.get("tokens_source")?,
        request_seq: row.get("request_seq")?,
        cost_usd: money("cost_nano_usd")?,
        cost_price,
        displaced_model,
        displaced_by,
        displaced_price,
        displaced_cost_usd: money("displaced_cost_nano_usd")?,
        saving_usd: saving_nano_usd.map(usd),
        assumption,
        task_preview: row.get("task_preview")?,
        answer_preview: row.get("answer_preview")?,
    })
}
