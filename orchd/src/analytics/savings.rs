//! What the local model saved: the four figures, each with its assumption in words. They are never added to each other.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::Scope;
use super::costs::{name_of, usd};
use super::delegations::{DelegationQuery, Sums, sums};
use super::task_savings::task_savings;
use crate::delegation::saving::{optimization_rate, seed_estimate};
use crate::local_model::chat::LENGTH;
use crate::view::{FallbackReason, OwnCost, SCHEMA, SavingAssumption, SavingFigure, Savings};

/// Answers what was saved in days of a project; of the query nothing else counts.
pub fn savings(conn: &Connection, query: &DelegationQuery, timezone: &TimeZone) -> rusqlite::Result<Savings> {
    let DelegationQuery { since, until, project_dir, .. } = query.clone();
    let query = DelegationQuery { since, until, project_dir, ..DelegationQuery::default() };
    let sums = sums(conn, &query, timezone)?;
    let tasks = task_savings(conn, query.range(timezone), Scope::of(conn, query.project_dir.as_deref())?)?;
    let assumptions = assumptions(conn, &query, timezone)?;
    let name = |day: Option<Date>| day.map(|day| day.to_string());
    Ok(Savings {
        schema: SCHEMA,
        timezone: name_of(timezone),
        since: name(since),
        until: name(until),
        realised: realised(&sums, &assumptions),
        downshift: tasks.downshift(),
        could_have_saved: tasks.could_have_saved(),
        seed_estimate: SavingFigure::known(
            usd(seed_estimate(sums.displaced_tokens)),
            "An estimate: 0.015 USD for each thousand tokens of prompt and answer that Claude did not have to process, \
             whatever model that would have been."
                .to_owned(),
        ),
        assumptions,
        own_costs: own_costs(conn, &query, timezone)?,
        total: sums.view(),
        outcomes: sums.outcomes(),
        displaced_tokens: sums.displaced_tokens,
        tasks_ran: tasks.ran,
        optimization_rate: optimization_rate(tasks.ran.local, tasks.ran.local + tasks.ran.claude),
        fallback_reasons: fallback_reasons(conn, &query, timezone)?,
    })
}

/// Why an answer that is not whole saves nothing that is known, in words.
const PARTIAL: &str = "The answer ends at its token limit, and what is left to do is not known: no saving is counted.";

/// Returns what a saving rests on, in words.
pub(super) fn assumption((model, is_partial): (Option<&str>, bool), by: Option<&str>, price: Option<&str>) -> String {
    if is_partial {
        return PARTIAL.to_owned();
    }
    let Some(model) = model else {
        return "Which model would have done it is not known: no saving is counted.".to_owned();
    };
    let why = match by {
        Some("setting") => "as the settings say",
        _ => "which the main thread used most in the 30 days before",
    };
    match price {
        Some(price) => {
            format!("{model} would have done it, {why}: prompt and answer, without the reasoning, at {price}.")
        }
        None => format!("{model} would have done it, {why}, and has no list price: no saving is counted."),
    }
}

/// Returns what its own cost rests on, in words that go on.
pub(super) fn own_cost(price: Option<&str>) -> String {
    let price = price.map(|price| price.strip_prefix("local: ").unwrap_or(price));
    price.map(|price| format!(" Less its own cost: {price}.")).unwrap_or_default()
}

fn realised(sums: &Sums, assumptions: &[SavingAssumption]) -> SavingFigure {
    let saving = sums.saving_usd();
    let reason = if assumptions.iter().any(|assumption| assumption.model.is_some()) {
        "unknown_price"
    } else if !assumptions.is_empty() && assumptions.iter().all(|assumption| assumption.is_partial) {
        LENGTH
    } else {
        "unknown_model"
    };
    let left_out = match (saving, sums.unknown_savings) {
        (_, 0) => String::new(),
        (None, _) => " It is known of none of these tasks.".to_owned(),
        (_, 1) => " One task is left out, whose saving is not known.".to_owned(),
        (_, tasks) => format!(" {tasks} tasks are left out, whose saving is not known."),
    };
    SavingFigure {
        usd: saving,
        low_usd: None,
        high_usd: None,
        reason: saving.is_none().then_some(reason),
        text: format!(
            "Work that the local model did: its prompts and answers at the list price of the model that would have done it, \
             less its own cost. What work cost that led to nothing is told apart, and taken off nothing.{left_out}"
        ),
    }
}

fn assumptions(
    conn: &Connection,
    query: &DelegationQuery,
    timezone: &TimeZone,
) -> rusqlite::Result<Vec<SavingAssumption>> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/saving_assumptions.sql"))?;
    let rows = ask.query_map(params![from_at, before_at, scope.0, LENGTH], |row| {
        let (model, by, price): (Option<String>, Option<String>, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_partial = row.get("is_partial")?;
        Ok(SavingAssumption {
            text: assumption((model.as_deref(), is_partial), by.as_deref(), price.as_deref()),
            is_partial,
            model,
            by,
            price,
            tasks: row.get(3)?,
            own_cost_usd: row.get::<_, Option<i64>>("own_cost")?.map(usd),
            displaced_cost_usd: row.get::<_, Option<i64>>(4)?.map(usd),
            saving_usd: row.get::<_, Option<i64>>(5)?.map(usd),
        })
    })?;
    rows.collect()
}

fn own_costs(conn: &Connection, query: &DelegationQuery, timezone: &TimeZone) -> rusqlite::Result<Vec<OwnCost>> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/saving_own_costs.sql"))?;
    let rows = ask.query_map(params![from_at, before_at, scope.0], |row| {
        Ok(OwnCost { price: row.get(0)?, led_to: row.get(1)?, tasks: row.get(2)?, cost_usd: usd(row.get(3)?) })
    })?;
    rows.collect()
}

fn fallback_reasons(
    conn: &Connection,
    query: &DelegationQuery,
    timezone: &TimeZone,
) -> rusqlite::Result<Vec<FallbackReason>> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/fallback_reasons.sql"))?;
    let rows = ask.query_map(params![from_at, before_at, scope.0], |row| {
        Ok(FallbackReason { outcome: row.get(0)?, reason: row.get(1)?, tasks: row.get(2)? })
    })?;
    rows.collect()
}
