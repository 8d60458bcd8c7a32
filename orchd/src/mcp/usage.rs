//! The tool `usage_summary`: read from the database as it lies, with or without a daemon.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};
use shared::paths::Paths;

use crate::analytics::Clock;
use crate::analytics::spending::spending;
use crate::cli::Failure;
use crate::cli::failure::Code;
use crate::cli::output::grouped;
use crate::cli::run::load_config;
use crate::cli::selection::connect;
use crate::daemon::time_zone;
use crate::view::{ImportStatus, PeriodSpending, Spending};

/// Serves one call.
pub(super) async fn call(paths: &Paths) -> CallToolResult {
    let paths = paths.clone();
    let read = tokio::task::spawn_blocking(move || read(&paths)).await;
    match read {
        Ok(Ok(spending)) => told(&spending),
        Ok(Err(failure)) => {
            CallToolResult::error(vec![ContentBlock::text(format!("No usage is known: {}.", failure.line()))])
        }
        Err(_) => CallToolResult::error(vec![ContentBlock::text("The usage could not be read.")]),
    }
}

fn read(paths: &Paths) -> Result<Spending, Failure> {
    let config = load_config(paths)?;
    let wrong = |error| Failure::new(Code::Config, "the settings cannot be used").because(error);
    let timezone = time_zone(&config.display.timezone).map_err(wrong)?;
    let clock = Clock { now_at: chrono::Utc::now().timestamp_micros(), timezone };
    let failed = |error| Failure::new(Code::Internal, "the ledger cannot be read").because(error);
    spending(&connect(paths)?, &clock, None, &config.budget, ImportStatus::default()).map_err(failed)
}

fn told(spending: &Spending) -> CallToolResult {
    let lines: Vec<_> = spending.periods.iter().map(line).collect();
    let mut result = CallToolResult::success(vec![ContentBlock::text(lines.join("\n"))]);
    // Without the forecast's many figures: each costs the cloud model a read.
    result.structured_content = Some(json!({
        "timezone": spending.timezone,
        "costs": "API-equivalent list prices in US dollars",
        "periods": spending.periods.iter().map(view).collect::<Vec<_>>(),
    }));
    result
}

fn view(period: &PeriodSpending) -> Value {
    let mut view = json!(period.sums);
    view["period"] = json!(period.period);
    view["since"] = json!(period.since);
    view["budget"] = json!(period.budget);
    view
}

fn line(period: &PeriodSpending) -> String {
    let sums = &period.sums;
    let cost = sums.cost_usd.map_or_else(|| "unknown cost".to_owned(), |usd| format!("${usd:.2}"));
    let unknown = match sums.unknown_cost_requests {
        0 => String::new(),
        count => format!(" and {} of unknown cost", grouped(count)),
    };
    let read = sums.input_tokens + sums.cache_creation_input_tokens + sums.cache_read_input_tokens;
    let budget = period.budget.as_ref();
    let budget = budget.map(|used| format!(", {:.0} % of the budget of ${:.2}", used.ratio * 100.0, used.limit_usd));
    format!(
        "This {} (since {}): {cost}{}; {} requests{unknown}, {} tokens read, {} written",
        period.period,
        period.since,
        budget.unwrap_or_default(),
        grouped(sums.requests),
        grouped(read),
        grouped(sums.output_tokens)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;
    use crate::config::Budget;

    #[test]
    fn three_periods_in_a_line_each() {
        let budget = Budget { month_nano_usd: 1_000_000_000, ..Budget::default() };
        let read =
            spending(&seed::database(), &seed::clock(), None, &budget, ImportStatus::default()).expect("answers");
        let result = told(&read);
        let text = result.content[0].as_text().expect("text").text.clone();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.starts_with("This day (since ") && text.contains("% of the budget of $1.00"), "{text}");
        let structured = result.structured_content.expect("a structured part");
        assert_eq!(structured["periods"][2]["period"], "month");
        assert_eq!(structured["periods"][2]["requests"], read.periods[2].sums.requests);
    }
}
