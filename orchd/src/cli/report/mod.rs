//! `orchd report`: what was spent, as a table, JSON or CSV, straight from the database: no daemon is needed, none is disturbed.

mod csv;
mod rows;
mod table;

use std::process::ExitCode;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use serde_json::json;
use shared::paths::Paths;

use super::args::{Report as Args, ReportBy};
use super::failure::{Code, Failure};
use super::output::{print, print_json};
use super::run::load_config;
use crate::analytics::costs::{self, CostQuery, Group};
use crate::daemon::time_zone;
use crate::ledger::Sums;
use crate::store::open_reading;
use crate::view::{CostRow, CostSums};

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

/// What is reported.
struct Answer {
    timezone: String,
    query: CostQuery,
    by: ReportBy,
    rows: Vec<(String, Sums)>,
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode, Failure> {
    let timezone = chosen_zone(paths, args)?;
    let query = CostQuery {
        since: day(args.since.as_deref(), "--since")?,
        until: day(args.until.as_deref(), "--until")?,
        project_dir: args.project.clone(),
        model: args.model.clone(),
        ..CostQuery::default()
    };
    if query.since.zip(query.until).is_some_and(|(since, until)| since > until) {
        return Err(Failure::new(Code::Usage, "--since is after --until").hint("exchange the two days"));
    }
    let conn = connect(paths)?;
    let failed = |error| Failure::new(Code::Internal, "the ledger cannot be read").because(error);
    let rows = costs::rows(&conn, &query, group_of(args.by), &timezone).map_err(failed)?;
    let answer = Answer { timezone: costs::name_of(&timezone), query, by: args.by, rows };
    if args.explain {
        return rows::explain(&conn, &answer, &timezone, args);
    }
    if args.json {
        print_json(&answer.json())?;
    } else if args.csv {
        print(csv::lines(&answer.rows).trim_end())?;
    } else {
        print(&table::lines(&answer, table::width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn group_of(by: ReportBy) -> Group {
    match by {
        ReportBy::Daily => Group::Day,
        ReportBy::Weekly => Group::Week,
        ReportBy::Monthly => Group::Month,
        ReportBy::Session => Group::Session,
        ReportBy::Project => Group::Project,
        ReportBy::Model => Group::Model,
        ReportBy::Agent => Group::Agent,
    }
}

fn chosen_zone(paths: &Paths, args: &Args) -> Result<TimeZone, Failure> {
    let named = match &args.timezone {
        Some(name) => name.clone(),
        None => load_config(paths)?.display.timezone,
    };
    time_zone(&named).map_err(|error| {
        Failure::new(Code::Usage, "no such time zone").because(error).hint("name it such as Europe/Berlin or UTC")
    })
}

/// Reads a day, with or without its dashes.
fn day(text: Option<&str>, name: &str) -> Result<Option<Date>, Failure> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Failure::new(Code::Usage, format!("{name} `{text}` is not a day")).hint("write it such as 2026-11-22")
    })
}

fn connect(paths: &Paths) -> Result<Connection, Failure> {
    let path = paths.database();
    if !path.is_file() {
        return Err(Failure::new(Code::Unavailable, "nothing was recorded yet").hint("orchd import, or orchd up"));
    }
    open_reading(&path).map_err(|error| {
        Failure::new(Code::Unavailable, "the database cannot be read")
            .because(error)
            .hint("orchd start, or orchd doctor")
    })
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        let name = |day: Option<Date>| day.map(|day| day.to_string());
        json!({
            "schema": SCHEMA,
            "timezone": self.timezone,
            "since": name(self.query.since),
            "until": name(self.query.until),
            "rows": self.views(),
            "total": self.total(),
        })
    }

    fn views(&self) -> Vec<CostRow> {
        self.rows.iter().map(|(key, sums)| CostRow { key: key.clone(), sums: costs::view(sums) }).collect()
    }

    fn total(&self) -> CostSums {
        costs::view(&costs::total(&self.rows))
    }
}
