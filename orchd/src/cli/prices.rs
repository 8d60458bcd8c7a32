//! `orchd prices`: what is known of prices, and where the tables disagree.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::event::Micros;
use shared::paths::Paths;

use super::args::PricesCommand;
use crate::command::output::{print, print_json};
use crate::command::{Code, Failure};
use crate::pricing::{self, Conflict, Price, PriceTable, Rates, Tier};

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

pub(crate) fn run(paths: &Paths, command: &PricesCommand) -> Result<ExitCode, Failure> {
    let table = price_table(paths)?;
    match command {
        PricesCommand::List { model, json } => list(&table, model.as_deref(), *json)?,
        PricesCommand::Check { json } => check(&table, *json)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the embedded prices under the user's own.
pub(super) fn price_table(paths: &Paths) -> Result<PriceTable, Failure> {
    let own = pricing::read(&paths.prices_file()).map_err(|error| {
        Failure::new(Code::Config, "the prices cannot be read")
            .because(error)
            .hint("orchd prices list --help shows the form of the file")
    })?;
    Ok(PriceTable::new(own))
}

fn list(table: &PriceTable, model: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let named = |row: &&Price| model.is_none_or(|part| row.model.contains(part));
    let mut rows: Vec<&Price> = table.rows().iter().filter(named).collect();
    rows.sort_by_key(|row| (&row.model, row.source, row.from_at));
    if as_json {
        return print_json(
            &json!({ "schema": SCHEMA, "unit": "USD per million tokens", "prices": rows.iter().map(|row| row_json(row)).collect::<Vec<_>>() }),
        );
    }
    if rows.is_empty() {
        let hint = "orchd prices list, or give the model a price in prices.toml (orchd prices list --help)";
        return Err(Failure::new(Code::Usage, "no model of that name has a price").hint(hint));
    }
    let mut lines = vec![format!(
        "{:<40}{:>10}{:>10}{:>10}{:>10}{:>10}  {}",
        "USD per million tokens", "input", "output", "read", "write 5m", "write 1h", "source"
    )];
    lines.extend(rows.iter().flat_map(|row| row_lines(row)));
    print(&lines.join("\n"))
}

fn check(table: &PriceTable, as_json: bool) -> Result<(), Failure> {
    let conflicts = table.conflicts(Timestamp::now().as_microsecond());
    if as_json {
        let shown = |conflict: &Conflict<'_>| json!({ "model": conflict.model, "used": row_json(conflict.used), "other": row_json(conflict.other) });
        return print_json(&json!({ "schema": SCHEMA, "conflicts": conflicts.iter().map(shown).collect::<Vec<_>>() }));
    }
    if conflicts.is_empty() {
        return print("The tables agree.");
    }
    let lines = conflicts.iter().flat_map(|conflict| {
        let mut lines = vec![format!(
            "{}: {} is used, {} says otherwise",
            conflict.model,
            conflict.used.source.as_str(),
            conflict.other.source.as_str()
        )];
        lines.extend(row_lines(conflict.used));
        lines.extend(row_lines(conflict.other));
        lines
    });
    print(&lines.collect::<Vec<_>>().join("\n"))
}

/// A line for each band, and one for each in fast mode.
fn row_lines(row: &Price) -> Vec<String> {
    let mut lines = Vec::new();
    for tier in &row.tiers {
        let over = (tier.prompt_over > 0).then(|| format!(" prompt > {}", tier.prompt_over));
        let name = format!("{}{}", row.model, over.unwrap_or_default());
        let held =
            [row.from_at.map(|at| format!(" from {}", day(at))), row.until_at.map(|at| format!(" until {}", day(at)))];
        let source = format!("{}{}", row.source.as_str(), held.into_iter().flatten().collect::<String>());
        lines.push(line(&name, &tier.rates, &source));
        if let Some(fast) = &tier.fast {
            lines.push(line(&format!("{name} fast"), fast, &source));
        }
    }
    lines
}

fn line(name: &str, rates: &Rates, source: &str) -> String {
    let usd = |rate: Option<u64>| rate.map_or_else(|| "-".to_owned(), usd_text);
    format!(
        "{name:<40}{:>10}{:>10}{:>10}{:>10}{:>10}  {source}",
        usd_text(rates.input),
        usd_text(rates.output),
        usd(rates.cache_read),
        usd(rates.cache_write_5m),
        usd(rates.cache_write_1h)
    )
}

/// Writes US dollars per million tokens: at least two digits behind the point, and more where there are more.
fn usd_text(pico: u64) -> String {
    let digits = format!("{:06}", pico % 1_000_000);
    let digits = digits.trim_end_matches('0');
    format!("{}.{digits:0<2}", pico / 1_000_000)
}

fn usd(pico: u64) -> Value {
    usd_text(pico).parse::<f64>().map_or(Value::Null, Value::from)
}

fn rates_json(rates: &Rates) -> Value {
    json!({
        "input": usd(rates.input), "output": usd(rates.output), "cache_read": rates.cache_read.map(usd),
        "cache_write_5m": rates.cache_write_5m.map(usd), "cache_write_1h": rates.cache_write_1h.map(usd),
    })
}

fn row_json(row: &Price) -> Value {
    let tier = |tier: &Tier| json!({ "prompt_over": tier.prompt_over, "standard": rates_json(&tier.rates), "fast": tier.fast.as_ref().map(rates_json) });
    json!({
        "model": row.model, "source": row.source.as_str(), "effective_from": row.from_at.map(day), "effective_until": row.until_at.map(day),
        "tiers": row.tiers.iter().map(tier).collect::<Vec<_>>(),
        "us_factor": f64::from(row.us_factor.0) / f64::from(row.us_factor.1), "batch_factor": 0.5,
        "web_search_per_1000": usd(row.web_search_pico / 1000),
    })
}

fn day(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| "-".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_exactly() {
        for (pico, text) in [
            (0, "0.00"),
            (100_000, "0.10"),
            (125_000, "0.125"),
            (5_000, "0.005"),
            (25_000_000, "25.00"),
            (1, "0.000001"),
        ] {
            assert_eq!(usd_text(pico), text);
        }
    }

    #[test]
    fn bands_dates_and_fast_mode_are_shown() {
        let table = PriceTable::new(Vec::new());
        let lines: Vec<_> = table
            .rows()
            .iter()
            .filter(|row| ["claude-haiku-5-5", "claude-opus-5-5"].contains(&&*row.model))
            .flat_map(row_lines)
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        claude-haiku-5-5                              0.10      0.50      0.01     0.125      0.20  litellm 1.109.1 from 2026-10-07
        claude-haiku-5-5 prompt > 100000              0.50      2.50      0.05     0.625      1.00  litellm 1.109.1 from 2026-10-07
        claude-opus-5-5                               4.00     20.00      0.20      5.00      8.00  litellm 1.109.1
        claude-opus-5-5 fast                          8.00     40.00      0.40     10.00     16.00  litellm 1.109.1
        claude-haiku-5-5                              0.10      0.50      0.01     0.125      0.20  client 2.1.330
        claude-haiku-5-5 prompt > 100000              0.50      2.50      0.05     0.625      1.00  client 2.1.330
        claude-opus-5-5                               4.00     20.00      0.20      5.00      8.00  client 2.1.330
        claude-opus-5-5 fast                          8.00     40.00      0.40     10.00     16.00  client 2.1.330
        ");
    }

    #[test]
    fn disagreements_are_found() {
        let table = PriceTable::new(Vec::new());
        let named: Vec<_> = table.conflicts(1_795_338_600_000_000).iter().map(|conflict| conflict.model).collect();
        assert_eq!(named, ["claude-sonnet-4-20250514"]);
    }
}
