//! Answers: one file per question, pure functions over a read-only connection that return the types of [`crate::view`].
//!
//! Long ranges are answered from the rollups; only lists read events, and never more than a bounded number of rows.
//! Nothing here writes, sleeps or reads a clock: `now` is a parameter.

pub mod activity;
pub mod attention;
pub mod calendar;
pub mod client_costs;
mod cost_tile;
pub mod costs;
pub mod delegations;
pub mod events;
pub mod latency;
pub mod local_model;
pub mod local_speed;
pub mod memory;
pub mod overview;
pub mod plan_limits;
pub mod projects;
pub mod requests;
pub mod routing;
pub mod rows;
pub mod savings;
pub mod session_detail;
pub mod sessions;
pub mod spending;
pub mod status_line;
pub mod subagents;
pub mod system;
pub mod task_facts;
mod task_savings;
pub mod tasks;
pub mod tiles;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension};
use shared::event::Micros;

/// Microseconds in a second.
pub const SECOND: Micros = 1_000_000;
/// Width of a bucket of the rollups, microseconds.
pub const QUARTER: Micros = 900 * SECOND;
/// An hour, microseconds.
pub const HOUR: Micros = 3_600 * SECOND;
/// A day of 24 hours, microseconds.
pub const DAY: Micros = 24 * HOUR;

/// The moment and the zone of a question.
#[derive(Debug, Clone)]
pub struct Clock {
    /// When the question is asked.
    pub now_at: Micros,
    /// The zone that days are cut in; the one of `activity_day`.
    pub timezone: TimeZone,
}

/// The project a question is about: a number of `projects`, None for all. A directory that was never seen matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(pub Option<i64>);

impl Scope {
    /// Every project.
    pub const ALL: Self = Self(None);
    /// No project at all: SQLite never gives a row this number.
    const NONE: Self = Self(Some(-1));

    /// Returns the scope of a project directory; all projects without one.
    pub fn of(conn: &Connection, project_dir: Option<&str>) -> rusqlite::Result<Self> {
        let Some(dir) = project_dir else { return Ok(Self::ALL) };
        let mut find = conn.prepare_cached(include_str!("../../queries/project_id.sql"))?;
        let found: Option<i64> = find.query_row([dir], |row| row.get(0)).optional()?;
        Ok(found.map_or(Self::NONE, |id| Self(Some(id))))
    }
}

/// Returns a LIKE pattern that finds `text` anywhere, its wildcards meant as they are. Use with `ESCAPE '\'`.
#[must_use]
pub fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Returns names as `,a,b,`, the form in which a query looks for one of them; None when there is none.
#[must_use]
pub fn name_list(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!(",{},", names.join(",")))
}

#[cfg(test)]
pub(crate) mod seed;
#[cfg(test)]
pub(crate) mod seed_ledger;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_wildcards_as_they_are() {
        for (text, pattern) in [("", "%%"), ("a b", "%a b%"), ("50%_\\", "%50\\%\\_\\\\%")] {
            assert_eq!(like_pattern(text), pattern);
        }
    }

    #[test]
    fn an_unknown_project_is_not_all_projects() {
        let conn = seed::database();
        assert_eq!(Scope::of(&conn, None).expect("answers"), Scope::ALL);
        assert_eq!(Scope::of(&conn, Some("/nowhere")).expect("answers"), Scope::NONE);
        assert_eq!(Scope::of(&conn, Some("/home/dev/shop")).expect("answers"), Scope(Some(1)));
    }
}
