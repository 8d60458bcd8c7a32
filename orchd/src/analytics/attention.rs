//! What needs the user, most urgent first.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

use super::plan_limits::plan_limits;
use super::{Clock, DAY, Scope};
use crate::config::Budget;
use crate::view::{Attention, AttentionKind, CaptureState, LiveSession, SessionRow, SessionState};

/// Things named at once.
const MOST: usize = 20;
/// Failed calls among the last 5 that are worth a look.
const MANY_FAILURES: usize = 3;
/// Percent of a plan's limit that is worth a word.
const NEARLY_USED: f64 = 90.0;
/// The name in `settings` of the moment at which events were last dropped for a full spool.
pub const DROPPED_AT: &str = "dropped_at";

/// Answers what needs the user; `live` are the sessions shown on the page.
pub fn attention(
    conn: &Connection,
    clock: &Clock,
    scope: Scope,
    live: &[LiveSession],
    (capture, budget): (&CaptureState, &Budget),
) -> rusqlite::Result<Vec<Attention>> {
    let mut found: Vec<_> = live.iter().filter_map(|live| waiting(&live.session)).collect();
    found.extend(recording(capture));
    found.extend(dropped(conn, clock)?);
    found.extend(spending(conn, clock, budget)?);
    for LiveSession { session, .. } in live {
        found.extend(failing(conn, session)?);
    }
    found.extend(lost(conn, clock, scope)?);
    found.truncate(MOST);
    Ok(found)
}

/// Returns what a session is called: label or title in quotes, so that it stands well in a sentence, else the start of its id.
fn name(label: Option<&str>, id: &str) -> String {
    match label {
        Some(label) => format!("“{}”", label.trim_end_matches(['.', '…', ' '])),
        None => format!("Session {}", id.chars().take(8).collect::<String>()),
    }
}

fn session_name(session: &SessionRow) -> String {
    name(session.label.as_deref().or(session.title.as_deref()), &session.session_id)
}

/// The id is data: everything that could end a path segment is escaped.
fn href(session_id: &str) -> String {
    let safe = percent_encoding::utf8_percent_encode(session_id, percent_encoding::NON_ALPHANUMERIC);
    format!("/sessions/{}", safe.to_string().replace("%2D", "-"))
}

fn waiting(session: &SessionRow) -> Option<Attention> {
    (session.state == SessionState::Waiting).then(|| Attention {
        kind: AttentionKind::Waiting,
        text: match &session.waiting_for {
            Some(what) => format!("{} waits for you: {what}", session_name(session)),
            None => format!("{} waits for you", session_name(session)),
        },
        action: Some("Answer in its terminal.".to_owned()),
        since_at: Some(session.state_since_at),
        href: Some(href(&session.session_id)),
        session_id: Some(session.session_id.clone()),
    })
}

fn recording(capture: &CaptureState) -> Vec<Attention> {
    let of_tool = |kind, text, action: &str| Attention {
        kind,
        text,
        action: Some(action.to_owned()),
        since_at: None,
        href: Some("/system".to_owned()),
        session_id: None,
    };
    let mut found = Vec::new();
    if capture.paused {
        found.push(of_tool(AttentionKind::Paused, "Recording is paused.".to_owned(), "orchd resume"));
    }
    if capture.spool_pending > 0 {
        let text = format!("{} events wait in the spool.", capture.spool_pending);
        found.push(of_tool(AttentionKind::Spool, text, "They are taken within seconds; if not, run orchd doctor."));
    }
    found
}

fn dropped(conn: &Connection, clock: &Clock) -> rusqlite::Result<Option<Attention>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/setting.sql"))?;
    let at: Option<String> = ask.query_row([DROPPED_AT], |row| row.get(0)).optional()?;
    let recent = at.and_then(|at| at.parse::<Micros>().ok()).filter(|at| *at >= clock.now_at - DAY);
    Ok(recent.map(|at| Attention {
        kind: AttentionKind::Dropped,
        text: "Events were dropped because the spool was full.".to_owned(),
        action: Some("Run orchd doctor: the daemon was away for long.".to_owned()),
        since_at: Some(at),
        href: Some("/system".to_owned()),
        session_id: None,
    }))
}

/// A budget that warns, and limits of the plan that are nearly used.
fn spending(conn: &Connection, clock: &Clock, budget: &Budget) -> rusqlite::Result<Vec<Attention>> {
    let of_costs = |kind, text, action: &str| Attention {
        kind,
        text,
        action: Some(action.to_owned()),
        since_at: None,
        href: Some("/costs".to_owned()),
        session_id: None,
    };
    let mut found = Vec::new();
    if let Some(warning) = super::spending::warning(conn, clock, budget)? {
        let text = format!("{warning} is spent, at list prices.");
        found.push(of_costs(AttentionKind::Budget, text, "A budget only warns; nothing is stopped."));
    }
    let limits = plan_limits(conn, clock.now_at)?;
    for (name, window) in [("five-hour", limits.five_hour), ("seven-day", limits.seven_day)] {
        let Some(window) = window.filter(|window| window.used_percentage >= NEARLY_USED) else { continue };
        let text = format!("{:.0}% of your plan's {name} limit is used.", window.used_percentage);
        found.push(of_costs(AttentionKind::PlanLimit, text, "See when it starts anew."));
    }
    Ok(found)
}

fn failing(conn: &Connection, session: &SessionRow) -> rusqlite::Result<Option<Attention>> {
    if session.tool_failures < 3 {
        return Ok(None);
    }
    let mut ask = conn.prepare_cached(include_str!("../../queries/last_calls.sql"))?;
    let calls = ask.query_map([&session.session_id], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, Micros>(1)?)))?;
    let calls = calls.collect::<rusqlite::Result<Vec<_>>>()?;
    let failed: Vec<_> = calls.iter().filter(|(failed, _)| *failed).collect();
    Ok((failed.len() >= MANY_FAILURES).then(|| Attention {
        kind: AttentionKind::Failing,
        text: format!("{}: {} of the last {} tool calls failed.", session_name(session), failed.len(), calls.len()),
        action: Some("Look at what fails; it may be going in circles.".to_owned()),
        since_at: failed.last().map(|(_, at)| *at),
        href: Some(href(&session.session_id)),
        session_id: Some(session.session_id.clone()),
    }))
}

fn lost(conn: &Connection, clock: &Clock, scope: Scope) -> rusqlite::Result<Vec<Attention>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/lost_sessions.sql"))?;
    let rows = ask.query_map(params![clock.now_at - DAY, scope.0, clock.now_at - 3 * DAY], |row| {
        let (id, label): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok(Attention {
            kind: AttentionKind::Lost,
            text: format!("{} ended without saying so.", name(label.as_deref(), &id)),
            action: Some(format!("Go on with it: claude --resume {id}")),
            since_at: row.get(3)?,
            href: Some(href(&id)),
            session_id: Some(id),
        })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn a_session_id_is_never_a_path() {
        assert_eq!(href("../../etc/passwd"), "/sessions/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd");
        assert_eq!(href("0191-ab"), "/sessions/0191-ab");
    }

    #[test]
    fn drops_are_told_for_a_day() {
        let (conn, clock) = (seed::empty(), seed::clock());
        for (ago, told) in [(DAY / 2, true), (2 * DAY, false)] {
            conn.execute(
                "INSERT OR REPLACE INTO settings VALUES (?1, ?2)",
                [DROPPED_AT, &(clock.now_at - ago).to_string()],
            )
            .expect("stores");
            assert_eq!(dropped(&conn, &clock).expect("answers").is_some(), told);
        }
    }

    #[test]
    fn budgets_and_limits_are_told_when_they_are_nearly_used() {
        let (conn, clock) = (seed::database(), seed::clock());
        let texts = |budget: &Budget| -> Vec<_> {
            spending(&conn, &clock, budget).expect("answers").into_iter().map(|told| told.text).collect()
        };
        assert_eq!(texts(&Budget::default()), [""; 0]);
        conn.execute_batch("INSERT INTO plan_limits VALUES ('five_hour', 9150, NULL, 7), ('seven_day', 8999, NULL, 7)")
            .expect("stores");
        let month = Budget { month_nano_usd: 700_000_000, ..Budget::default() };
        assert_eq!(
            texts(&month),
            ["90% of the month's $0.70 is spent, at list prices.", "92% of your plan's five-hour limit is used."]
        );
    }
}
