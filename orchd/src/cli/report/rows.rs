//! `--explain`: the rows of the ledger behind a report, one by one.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::Answer;
use super::table::dollars;
use crate::analytics::costs::MAIN;
use crate::analytics::requests::{RequestQuery, requests};
use crate::cli::args::Report as Args;
use crate::command::database::failed;
use crate::command::output::{print, print_part};
use crate::command::{Code, Failure};
use crate::csv::{Table, text};
use crate::logging::line::printable;
use crate::store::at_one_moment;
use crate::view::RequestRow;

/// Rows read at once.
const PAGE: usize = 1_000;
/// Decimals of a request's cost.
const DECIMALS: usize = 6;
const HEAD: [&str; 17] = [
    "requested_at",
    "session_id",
    "project_dir",
    "agent_type",
    "agent_id",
    "prompt_id",
    "message_id",
    "request_id",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "source",
    "price",
    "cost_usd",
    "marks",
];

/// Prints every row that the report sums, the newest first, a page at a time.
pub(super) fn explain(
    conn: &Connection,
    answer: &Answer,
    timezone: &TimeZone,
    args: &Args,
) -> Result<ExitCode, Failure> {
    if args.json {
        let mut list = JsonList::new(&answer.json())?;
        print_part(&list.head)?;
        each_page(conn, answer, timezone, |rows| print_part(&list.part(rows)?))?;
        print_part(&list.tail())?;
    } else if args.csv {
        print(&HEAD.join(","))?;
        each_page(conn, answer, timezone, |rows| print(csv(rows, timezone).trim_end()))?;
    } else {
        print(&heading())?;
        each_page(conn, answer, timezone, |rows| print(&lines(rows, timezone)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn each_page(
    conn: &Connection,
    answer: &Answer,
    timezone: &TimeZone,
    mut each: impl FnMut(&[RequestRow]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut query = RequestQuery { of: answer.query.clone(), limit: PAGE, ..RequestQuery::default() };
    loop {
        let page = at_one_moment(conn, |conn| requests(conn, &query, timezone)).map_err(failed)?;
        if !page.items.is_empty() {
            each(&page.items)?;
        }
        match page.next_cursor.and_then(|cursor| cursor.parse().ok()) {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// The report as indented JSON whose `requests` come in parts.
struct JsonList {
    /// What stands before the rows.
    head: String,
    after: String,
    is_empty: bool,
}

impl JsonList {
    fn new(report: &serde_json::Value) -> Result<Self, Failure> {
        let mut report = report.clone();
        report["requests"] = serde_json::json!([]);
        let text = pretty(&report)?;
        // A line's end inside of a text would be escaped, so this is the field itself.
        let (before, after) = text.split_once("\n  \"requests\": []").expect("the field was just set");
        Ok(Self { head: format!("{before}\n  \"requests\": ["), after: after.to_owned(), is_empty: true })
    }

    fn part(&mut self, rows: &[RequestRow]) -> Result<String, Failure> {
        let mut text = String::new();
        for row in rows {
            text.push_str(if self.is_empty { "\n    " } else { ",\n    " });
            text.push_str(&pretty(&serde_json::json!(row))?.replace('\n', "\n    "));
            self.is_empty = false;
        }
        Ok(text)
    }

    fn tail(self) -> String {
        format!("{}]{}\n", if self.is_empty { "" } else { "\n  " }, self.after)
    }
}

fn pretty(value: &serde_json::Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|source| Failure::new(Code::Internal, "failed to write JSON").because(source))
}

fn csv(rows: &[RequestRow], timezone: &TimeZone) -> String {
    let mut table = Table::default();
    let or_empty = |text_of: &Option<String>| text(text_of.as_deref().unwrap_or_default());
    for row in rows {
        table.row([
            time(row, timezone, "%Y-%m-%dT%H:%M:%S%.3f%:z"),
            text(&row.session_id),
            text(&row.project_dir),
            or_empty(&row.agent_type),
            or_empty(&row.agent_id),
            or_empty(&row.prompt_id),
            or_empty(&row.message_id),
            or_empty(&row.request_id),
            text(&row.model),
            row.input_tokens.to_string(),
            row.output_tokens.to_string(),
            row.cache_creation_input_tokens.to_string(),
            row.cache_read_input_tokens.to_string(),
            row.source.clone(),
            or_empty(&row.price),
            row.cost_usd.map(|usd| usd.to_string()).unwrap_or_default(),
            row.marks.join(" "),
        ]);
    }
    table.finish()
}

fn heading() -> String {
    format!(
        "{:<19} {:<9} {:<13} {:<25} {:>10} {:>9} {:>11} {:>12} {:>11}  {}",
        "time", "session", "agent", "model", "input", "output", "cache write", "cache read", "cost USD", "priced by"
    )
}

fn lines(rows: &[RequestRow], timezone: &TimeZone) -> String {
    let short = |text: &str, most: usize| -> String { printable(text).chars().take(most).collect() };
    let line = |row: &RequestRow| {
        let unnamed = if row.agent_id.is_some() { "unknown agent" } else { MAIN };
        let agent = row.agent_type.as_deref().unwrap_or(unnamed);
        let marks = if row.marks.is_empty() { String::new() } else { format!("  ({})", row.marks.join(", ")) };
        format!(
            "{:<19} {:<9} {:<13} {:<25} {:>10} {:>9} {:>11} {:>12} {:>11}  {}{marks}",
            time(row, timezone, "%Y-%m-%d %H:%M:%S"),
            short(&row.session_id, 8),
            short(agent, 13),
            short(&row.model, 25),
            row.input_tokens,
            row.output_tokens,
            row.cache_creation_input_tokens,
            row.cache_read_input_tokens,
            row.cost_usd.map_or_else(|| "?".to_owned(), |usd| dollars(usd, DECIMALS)),
            printable(row.price.as_deref().unwrap_or("no price known")),
        )
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn time(row: &RequestRow, timezone: &TimeZone, form: &str) -> String {
    let at = Timestamp::from_microsecond(row.requested_at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(timezone.clone()).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::costs::{self, CostQuery, Group};
    use crate::analytics::seed;
    use crate::cli::args::ReportBy;

    #[test]
    fn json_in_parts_is_the_json_at_once() {
        let conn = seed::database();
        for until in [None, Some(jiff::civil::date(1970, 1, 2))] {
            let query = CostQuery { until, ..CostQuery::default() };
            let rows = costs::rows(&conn, &query, Group::Day, &TimeZone::UTC).expect("answers");
            let answer = Answer { timezone: "UTC".to_owned(), query, by: ReportBy::Daily, rows };
            let (mut all, mut list) = (Vec::new(), JsonList::new(&answer.json()).expect("JSON"));
            let mut text = list.head.clone();
            each_page(&conn, &answer, &TimeZone::UTC, |page| {
                for few in page.chunks(7) {
                    text.push_str(&list.part(few)?);
                    all.extend(few.iter().map(|row| serde_json::json!(row)));
                }
                Ok(())
            })
            .expect("answers");
            text.push_str(&list.tail());
            assert_eq!(all.is_empty(), until.is_some());
            let mut at_once = answer.json();
            at_once["requests"] = serde_json::json!(all);
            assert_eq!(text, format!("{}\n", pretty(&at_once).expect("JSON")));
        }
    }
}
