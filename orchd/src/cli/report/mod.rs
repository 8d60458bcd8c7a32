//! `orchd report`: what was spent, as a table, JSON or CSV, straight from the database: no daemon is needed, none is disturbed.

mod csv;
mod rows;
mod table;

use std::process::ExitCode;

use jiff::civil::Date;
use serde_json::json;
use shared::paths::Paths;

use super::args::{Report as Args, ReportBy};
use super::selection;
use crate::analytics::costs::{self, CostQuery, Group};
use crate::command::Failure;
use crate::command::database::{connect, failed};
use crate::command::output::{print, print_json};
use crate::ledger::Sums;
use crate::store::at_one_moment;
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
    let timezone = selection::zone(paths, &args.of)?;
    let query = selection::query(&args.of)?;
    let conn = connect(paths)?;
    let rows = at_one_moment(&conn, |conn| costs::rows(conn, &query, group_of(args.by), &timezone)).map_err(failed)?;
    let answer = Answer { timezone: costs::name_of(&timezone), query, by: args.by, rows };
    if args.explain {
        return rows::explain(&conn, &answer, &timezone, args);
    }
    if args.json {
        print_json(&answer.json())?;
    } else if args.csv {
        print(csv::lines(&answer.rows).trim_end())?;
    } else if answer.rows.is_empty()
        && let Some(unknown) = selection::unknown(&conn, &answer.query).map_err(failed)?
    {
        print(&unknown)?;
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
