//! The first page: is anything waiting or broken, what runs, and how today compares.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use shared::event::Micros;

use super::activity::{Range, activity};
use super::memory::Memory;
use super::{Clock, Scope, attention, rows, tiles};
use crate::config::Budget;
use crate::view::{AgentRun, CaptureState, LiveSession, OpenCall, Overview, SCHEMA, Tile};

/// Sessions shown.
const MOST_LIVE: i64 = 50;

/// What only the daemon knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recording {
    /// Recording is paused.
    pub paused: bool,
    /// Events waiting in the spool.
    pub spool_pending: u64,
    /// Events stored, all time.
    pub events: u64,
    /// What was meant to be spent.
    pub budget: Budget,
}

/// Answers the first page, of one project or all.
pub fn overview(
    conn: &Connection,
    clock: &Clock,
    project_dir: Option<&str>,
    recording: Recording,
    memory: &Memory,
) -> rusqlite::Result<Overview> {
    let scope = Scope::of(conn, project_dir)?;
    let activity = activity(conn, &Range::last_day(clock), clock, scope, memory)?;
    let live_sessions = live_sessions(conn, scope)?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/live_total.sql"))?;
    let live_total = ask.query_row([scope.0], |row| row.get(0))?;
    let (newest, _) = newest_and_oldest(conn)?;
    let capture = CaptureState {
        paused: recording.paused,
        last_event_at: newest,
        spool_pending: recording.spool_pending,
        events: i64::try_from(recording.events).unwrap_or(i64::MAX),
    };
    Ok(Overview {
        schema: SCHEMA,
        now_at: clock.now_at,
        timezone: clock.timezone.iana_name().unwrap_or("UTC").to_owned(),
        attention: attention::attention(conn, clock, scope, &live_sessions, (&capture, &recording.budget))?,
        tiles: tiles::tiles(conn, clock, scope, &activity, live_total, memory)?
            .into_iter()
            .map(|tile| Tile { href: within(&tile.href, project_dir), ..tile })
            .collect(),
        activity,
        live_sessions,
        live_total,
        capture,
    })
}

/// Returns a path with the project that its number is of. The tool itself is of no project.
fn within(href: &str, project_dir: Option<&str>) -> String {
    let Some(dir) = project_dir.filter(|_| href != "/system") else { return href.to_owned() };
    let dir: String = form_urlencoded::byte_serialize(dir.as_bytes()).collect();
    let mark = if href.contains('?') { '&' } else { '?' };
    format!("{href}{mark}project={dir}")
}

/// Returns when the newest and the oldest event happened.
pub(super) fn newest_and_oldest(conn: &Connection) -> rusqlite::Result<(Option<Micros>, Option<Micros>)> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/newest_time.sql"))?;
    ask.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn live_sessions(conn: &Connection, scope: Scope) -> rusqlite::Result<Vec<LiveSession>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/live_sessions.sql"))?;
    let sessions = ask.query_map(params![scope.0, MOST_LIVE], |row| {
        Ok((rows::session(row)?, row.get::<_, Option<Micros>>("prompt_at")?))
    })?;
    let mut calls = conn.prepare_cached(include_str!("../../queries/open_calls.sql"))?;
    let mut agents = conn.prepare_cached(include_str!("../../queries/current_agents.sql"))?;
    let mut live = Vec::new();
    for found in sessions {
        let (session, prompt_at) = found?;
        let open_calls = calls.query_map([&session.session_id], open_call)?.collect::<rusqlite::Result<_>>()?;
        let since = prompt_at.unwrap_or(session.started_at);
        let runs = agents.query_map(params![session.session_id, since], rows::agent)?;
        let agent_runs = parents_first(runs.collect::<rusqlite::Result<_>>()?);
        live.push(LiveSession { session, open_calls, agent_runs });
    }
    Ok(live)
}

fn open_call(row: &rusqlite::Row<'_>) -> rusqlite::Result<OpenCall> {
    Ok(OpenCall { tool_name: row.get(0)?, summary: row.get(1)?, started_at: row.get(2)?, agent_id: row.get(3)? })
}

/// Returns runs as a tree walked from the top: parents before children, siblings by start. Runs in a circle come last.
fn parents_first(mut runs: Vec<AgentRun>) -> Vec<AgentRun> {
    runs.sort_by(|a, b| (a.started_at, &a.agent_id).cmp(&(b.started_at, &b.agent_id)));
    let place: HashMap<_, _> = runs.iter().enumerate().map(|(at, run)| (run.agent_id.clone(), at)).collect();
    let parent: Vec<_> =
        runs.iter().map(|run| run.parent_agent_id.as_ref().and_then(|id| place.get(id)).copied()).collect();
    let mut order: Vec<usize> = Vec::with_capacity(runs.len());
    let mut open: Vec<usize> = (0..runs.len()).rev().filter(|&at| parent[at].is_none()).collect();
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend((0..runs.len()).rev().filter(|&child| parent[child] == Some(at)));
    }
    let in_circles: Vec<usize> = (0..runs.len()).filter(|at| !order.contains(at)).collect();
    order.extend(in_circles);
    let mut runs: Vec<_> = runs.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| runs[at].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;
    use crate::view::{AttentionKind, SessionState};

    #[test]
    fn the_most_urgent_comes_first() {
        let page = overview(&seed::database(), &seed::clock(), None, Recording::default(), &Memory::default())
            .expect("answers");
        let states: Vec<_> = page.live_sessions.iter().map(|live| live.session.state).collect();
        assert_eq!(states, [SessionState::Waiting, SessionState::Working, SessionState::Idle]);
        assert_eq!(page.live_total, 3);
        let kinds: Vec<_> = page.attention.iter().map(|attention| attention.kind).collect();
        assert_eq!(kinds, [AttentionKind::Waiting, AttentionKind::Failing, AttentionKind::Lost]);
        assert_eq!(page.live_sessions[1].open_calls.len(), 1);
        let agents: Vec<_> = page.live_sessions[1].agent_runs.iter().map(|run| &*run.agent_id).collect();
        assert_eq!(agents, ["agent-a", "agent-b"]);
    }

    #[test]
    fn paused_and_spooled_are_told() {
        let recording = Recording { paused: true, spool_pending: 7, ..Recording::default() };
        let page = overview(&seed::empty(), &seed::clock(), None, recording, &Memory::default()).expect("answers");
        let kinds: Vec<_> = page.attention.iter().map(|attention| attention.kind).collect();
        assert_eq!(kinds, [AttentionKind::Paused, AttentionKind::Spool]);
        assert_eq!(page.capture.last_event_at, None);
    }

    #[test]
    fn trees_are_walked_from_the_top_and_circles_are_kept() {
        let run = |id: &str, parent: Option<&str>, started_at| AgentRun {
            agent_id: id.to_owned(),
            agent_type: String::new(),
            description: None,
            mode: "foreground".to_owned(),
            status: "running".to_owned(),
            parent_agent_id: parent.map(str::to_owned),
            tool_use_id: None,
            requested_model: None,
            resolved_model: None,
            started_at,
            ended_at: None,
            tool_calls: 0,
            tool_failures: 0,
        };
        let runs = vec![
            run("child", Some("root"), 1),
            run("x", Some("y"), 2),
            run("y", Some("x"), 3),
            run("root", None, 4),
            run("orphan", Some("gone"), 5),
            run("self", Some("self"), 6),
        ];
        let order: Vec<_> = parents_first(runs).into_iter().map(|run| run.agent_id).collect();
        assert_eq!(order, ["root", "child", "orphan", "x", "y", "self"]);
    }

    #[test]
    fn numbers_of_a_project_lead_to_its_rows() {
        for (href, project, expected) in [
            ("/sessions", None, "/sessions"),
            ("/sessions", Some("/home/a b"), "/sessions?project=%2Fhome%2Fa+b"),
            ("/costs?since=1", Some("/x&y"), "/costs?since=1&project=%2Fx%26y"),
            ("/system", Some("/x"), "/system"),
        ] {
            assert_eq!(within(href, project), expected);
        }
    }
}
