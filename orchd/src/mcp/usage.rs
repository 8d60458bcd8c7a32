//! The tool `usage_summary`: read from the database as it lies, with or without a daemon.

use rmcp::model::{CallToolResult, ContentBlock};
use rusqlite::Connection;
use serde_json::{Value, json};
use shared::paths::Paths;

use crate::analytics::Clock;
use crate::analytics::delegations::DelegationQuery;
use crate::analytics::savings::savings;
use crate::analytics::spending::spending;
use crate::clock::now;
use crate::command::Failure;
use crate::command::database::{connect, failed};
use crate::command::number::{counted, grouped};
use crate::command::settings::{load_config, wrong_settings};
use crate::config::{Budget, time_zone};
use crate::view::{DelegationSums, ImportStatus, PeriodSpending};

/// Serves one call.
pub(super) async fn call(paths: &Paths) -> CallToolResult {
    let paths = paths.clone();
    let read = tokio::task::spawn_blocking(move || read(&paths)).await;
    match read {
        Ok(Ok(periods)) => told(&periods),
        Ok(Err(failure)) => {
            CallToolResult::error(vec![ContentBlock::text(format!("No usage is known: {}.", failure.line()))])
        }
        Err(_) => CallToolResult::error(vec![ContentBlock::text("The usage could not be read.")]),
    }
}

/// What one stretch of time cost, and what the local model did in it.
#[derive(Debug)]
struct Period {
    spent: PeriodSpending,
    local: DelegationSums,
}

/// Returns the zone that days are cut in, and today, this week and this month.
fn read(paths: &Paths) -> Result<(String, Vec<Period>), Failure> {
    let config = load_config(paths)?;
    let timezone = time_zone(&config.display.timezone).map_err(|error| wrong_settings(paths, error))?;
    let clock = Clock { now_at: now(), timezone };
    periods(&connect(paths)?, &clock, &config.budget).map_err(failed)
}

fn periods(conn: &Connection, clock: &Clock, budget: &Budget) -> rusqlite::Result<(String, Vec<Period>)> {
    let spending = spending(conn, clock, None, budget, ImportStatus::default())?;
    let with_savings = |spent: PeriodSpending| {
        let query = DelegationQuery { since: spent.since.parse().ok(), ..DelegationQuery::default() };
        Ok(Period { local: savings(conn, &query, &clock.timezone)?.total, spent })
    };
    let periods = spending.periods.into_iter().map(with_savings).collect::<rusqlite::Result<_>>()?;
    Ok((spending.timezone, periods))
}

fn told((timezone, periods): &(String, Vec<Period>)) -> CallToolResult {
    let lines: Vec<_> = periods.iter().map(line).collect();
    let mut result = CallToolResult::success(vec![ContentBlock::text(lines.join("\n"))]);
    // Without all that the page shows: each figure costs the cloud model a read.
    result.structured_content = Some(json!({
        "timezone": timezone,
        "costs": "API-equivalent list prices in US dollars",
        "periods": periods.iter().map(view).collect::<Vec<_>>(),
    }));
    result
}

fn view(Period { spent, local }: &Period) -> Value {
    let mut view = json!(spent.sums);
    view["period"] = json!(spent.period);
    view["since"] = json!(spent.since);
    view["budget"] = json!(spent.budget);
    view["local_model"] = json!({
        "tasks": local.local,
        "input_tokens": local.input_tokens,
        "output_tokens": local.output_tokens,
        "realised_saving_usd": local.saving_usd,
        "unknown_saving_tasks": local.unknown_saving_tasks,
    });
    view
}

fn line(Period { spent, local }: &Period) -> String {
    let sums = &spent.sums;
    let cost = sums.cost_usd.map_or_else(|| "unknown cost".to_owned(), |usd| format!("${usd:.2}"));
    let unknown = match sums.unknown_cost_requests {
        0 => String::new(),
        count => format!(" and {} of unknown cost", grouped(count)),
    };
    let read = sums.input_tokens + sums.cache_creation_input_tokens + sums.cache_read_input_tokens;
    let budget = spent.budget.as_ref();
    let budget = budget.map(|used| format!(", {:.0} % of the budget of ${:.2}", used.ratio * 100.0, used.limit_usd));
    let saved = match local.saving_usd {
        Some(usd) => format!(" and saved ${usd:.4}"),
        None => String::new(),
    };
    format!(
        "This {} (since {}): {cost}{}; {}{unknown}, {} read, {} written; the local model did {}{saved}",
        spent.period,
        spent.since,
        budget.unwrap_or_default(),
        counted(sums.requests, "request"),
        counted(read, "token"),
        grouped(sums.output_tokens),
        counted(local.local, "task")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;

    #[test]
    fn three_periods_in_a_line_each() {
        let budget = Budget { month_nano_usd: 1_000_000_000, ..Budget::default() };
        let read = periods(&seed::database(), &seed::clock(), &budget).expect("answers");
        let result = told(&read);
        let text = result.content[0].as_text().expect("text").text.clone();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.starts_with("This day (since ") && text.contains("% of the budget of $1.00"), "{text}");
        let structured = result.structured_content.expect("a structured part");
        assert_eq!(structured["periods"][2]["period"], "month");
        assert_eq!(structured["periods"][2]["requests"], read.1[2].spent.sums.requests);
    }
}
