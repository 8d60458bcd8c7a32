//! What the status line shows of the ledger: today, and the sessions that are active.

use rusqlite::{Connection, params};
use shared::status_line::{Figures, Spent};

use super::calendar::{day_of, next, start_of};
use super::{Clock, DAY, spending};
use crate::config::Budget;

/// Newest requests whose sessions are taken for active.
const REQUESTS: i64 = 1_000;
/// Sessions that are told of.
const SESSIONS: i64 = 32;

/// Answers the figures as of now. What the database does not know, how the local model is, stays unknown.
pub fn figures(conn: &Connection, clock: &Clock, budget: &Budget) -> rusqlite::Result<Figures> {
    let today = day_of(clock.now_at, &clock.timezone);
    let mut ask = conn.prepare_cached(include_str!("../../queries/cost_of_day.sql"))?;
    let spent_today = ask.query_row([today.to_string()], |row| spent(row, 0))?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/cost_of_active_sessions.sql"))?;
    let sessions =
        ask.query_map(params![clock.now_at - DAY, REQUESTS, SESSIONS], |row| Ok((row.get(0)?, spent(row, 1)?)))?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/saving_since.sql"))?;
    let saved_nano_usd = ask.query_row([start_of(today, &clock.timezone)], |row| row.get(0))?;
    Ok(Figures {
        written_at: clock.now_at,
        saved_nano_usd,
        today: spent_today,
        day_ends_at: start_of(next(today), &clock.timezone),
        sessions: sessions.collect::<rusqlite::Result<_>>()?,
        warning: spending::warning(conn, clock, budget)?,
        ..Figures::default()
    })
}

fn spent(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Spent> {
    Ok(Spent { cost_nano_usd: row.get(at)?, unknown_cost_requests: row.get(at + 1)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed::{NOW, clock};
    use crate::analytics::{HOUR, SECOND};
    use jiff::tz::TimeZone;

    /// A database with one request and one row of a rollup per session: id, day, age of the request, cost, unknown.
    fn database(rows: &[(&str, &str, i64, i64, i64)]) -> Connection {
        let conn = Connection::open_in_memory().expect("opens");
        conn.execute_batch(include_str!("../../schema.sql")).expect("valid");
        conn.execute_batch("INSERT INTO projects VALUES (1, '/home/dev/shop', 'shop', 0)").expect("stored");
        for (id, day, age, cost, unknown) in rows {
            let at = NOW - age;
            conn.execute(
                "INSERT INTO api_requests (session_id, project_id, model, requested_at, input_tokens, output_tokens,
                   cache_read_input_tokens, cache_creation_input_tokens, cache_creation_1h_input_tokens, web_searches, flags, source)
                 VALUES (?1, 1, 'm', ?2, 0, 0, 0, 0, 0, 0, 0, 'transcript')",
                params![id, at],
            )
            .expect("stored");
            conn.execute(
                "INSERT INTO cost_session VALUES (?1, 'm', 1, '', ?2, ?2, 1, 0, 0, 0, 0, ?3, ?4)",
                params![id, at, cost, unknown],
            )
            .expect("stored");
            conn.execute(
                "INSERT INTO cost_day_total VALUES (?1, 1, 0, 0, 0, 0, ?2, ?3)
                 ON CONFLICT DO UPDATE SET cost_nano_usd = cost_nano_usd + ?2, unknown_cost_requests = unknown_cost_requests + ?3",
                params![day, cost, unknown],
            )
            .expect("stored");
        }
        conn
    }

    fn usd(cost_nano_usd: i64, unknown_cost_requests: i64) -> Spent {
        Spent { cost_nano_usd, unknown_cost_requests }
    }

    #[test]
    fn today_and_active_sessions_are_answered_newest_first() {
        let conn = database(&[
            ("old", "2026-11-20", 2 * DAY, 100, 0),
            ("before", "2026-11-21", 10 * HOUR, 20, 1),
            ("now", "2026-11-22", SECOND, 3, 2),
            ("earlier", "2026-11-22", HOUR, 4, 0),
        ]);
        // The same session with another model.
        conn.execute_batch("INSERT INTO cost_session VALUES ('now', 'n', 1, '', 0, 0, 1, 0, 0, 0, 0, 5, 1)")
            .expect("stored");
        let figures = figures(&conn, &clock(), &Budget::default()).expect("answers");
        assert_eq!(figures.today, usd(7, 2));
        let sessions = [("now", usd(8, 3)), ("earlier", usd(4, 0)), ("before", usd(20, 1))];
        assert_eq!(figures.sessions, sessions.map(|(id, spent)| (id.to_owned(), spent)));
        // 9:10 in the morning: the day ends in 14 hours and 50 minutes.
        assert_eq!((figures.written_at, figures.day_ends_at), (NOW, NOW + 14 * HOUR + 50 * 60 * SECOND));
        assert_eq!((figures.saved_nano_usd, figures.local_model, figures.warning), (None, None, None));
    }

    #[test]
    fn the_day_is_that_of_the_configured_zone() {
        let conn = database(&[("a", "2026-11-22", HOUR, 1, 0), ("b", "2026-11-23", HOUR, 2, 0)]);
        let clock = Clock { timezone: TimeZone::posix("EAST-15").expect("a rule"), ..clock() };
        assert_eq!(figures(&conn, &clock, &Budget::default()).expect("answers").today, usd(2, 0));
    }

    #[test]
    fn an_empty_ledger_has_cost_nothing() {
        let figures = figures(&database(&[]), &clock(), &Budget::default()).expect("answers");
        assert_eq!((figures.today, figures.sessions.len()), (usd(0, 0), 0));
    }

    #[test]
    fn no_question_reads_a_whole_table() {
        let conn = database(&[]);
        for ask in
            [include_str!("../../queries/cost_of_day.sql"), include_str!("../../queries/cost_of_active_sessions.sql")]
        {
            let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {ask}")).expect("valid");
            let values = (0..explain.parameter_count()).map(|_| 1);
            let steps = explain.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3));
            let steps = steps.expect("explained").collect::<Result<Vec<_>, _>>().expect("text");
            assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?} of {ask}");
        }
    }
}
