//! A small database for the tests of this crate: two projects, five sessions, 9:10 on a Sunday.

use jiff::tz::TimeZone;
use rusqlite::{Connection, params};
use shared::event::Micros;

use super::{Clock, QUARTER, SECOND};

/// The session that works: 6 calls of which 3 failed and 1 is open, 2 agents.
pub(crate) const WORKING: &str = "0199aaaa-0000-7000-8000-000000000001";
/// 2026-11-22T09:10:00Z.
pub(crate) const NOW: Micros = 1_795_338_600 * SECOND;

pub(crate) fn clock() -> Clock {
    Clock { now_at: NOW, timezone: TimeZone::UTC }
}

/// A database without a row.
pub(crate) fn empty() -> Connection {
    let conn = Connection::open_in_memory().expect("opens");
    conn.execute_batch(include_str!("../../schema.sql")).expect("made");
    conn
}

/// A database of two projects and five sessions.
pub(crate) fn database() -> Connection {
    let conn = empty();
    fill(&conn);
    conn
}

/// Fills an empty database.
pub(crate) fn fill(conn: &Connection) {
    conn.execute_batch(
        "INSERT INTO projects VALUES (1, '/home/dev/shop', 'shop', 0), (2, '/home/dev/api', 'api', 0);
         INSERT INTO settings VALUES ('timezone', 'UTC') ON CONFLICT DO NOTHING;",
    )
    .expect("fills");
    let minute = 60 * SECOND;
    for (id, project, label, pinned, title, state, ago, tools, failures) in [
        (WORKING, 1, None, 0, Some("Fix the failing test"), "working", 1, 6, 3),
        ("0199aaaa-0000-7000-8000-000000000002", 1, Some("checkout"), 0, None, "waiting", 4, 12, 1),
        ("0199aaaa-0000-7000-8000-000000000003", 2, None, 0, Some("Write docs"), "idle", 30, 0, 0),
        ("0199aaaa-0000-7000-8000-000000000004", 2, None, 1, None, "ended", 300, 40, 2),
        ("0199aaaa-0000-7000-8000-000000000005", 1, None, 0, None, "lost", 500, 3, 0),
    ] {
        let at = NOW - ago * minute;
        conn.execute(
            "INSERT INTO orchestration_sessions (session_id, project_id, label, pinned, title, state, state_since_at,
               waiting_for, started_at, last_event_at, active_minute, prompt_at, tool_calls, tool_failures, events, prompts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?7, ?7 / 60000000, ?9, ?10, ?11, ?10, 1)",
            params![
                id,
                project,
                label,
                pinned,
                title,
                state,
                at,
                (state == "waiting").then_some("Bash: rm -r build"),
                at - 20 * minute,
                tools,
                failures
            ],
        )
        .expect("stores a session");
        if id != WORKING {
            event(conn, id, project, "Stop", None, None, Some("Done."), at);
        }
    }
    working(conn, minute);
    rollups(conn);
    super::seed_ledger::fill(conn);
}

fn working(conn: &Connection, minute: Micros) {
    let start = NOW - 21 * minute;
    event(conn, WORKING, 1, "SessionStart", None, None, Some("startup"), start);
    event(conn, WORKING, 1, "UserPromptSubmit", None, None, Some("Fix the failing test"), start + minute);
    event(conn, WORKING, 1, "UserPromptSubmit", None, None, Some("Agent \"x\" finished"), start + 2 * minute);
    // The bit of `fold::TASK_NOTIFICATION_FLAG`.
    conn.execute("UPDATE events SET flags = 65536 WHERE seq = last_insert_rowid()", []).expect("flags it");
    for n in 0..6 {
        let (tool, status, agent) = [
            ("Read", "ok", None),
            ("Bash", "failed", None),
            ("Bash", "ok", Some("agent-a")),
            ("Bash", "failed", None),
            ("Bash", "failed", None),
            ("Bash", "open", None),
        ][n];
        let at = start + 3 * minute + Micros::try_from(n).expect("small") * 2 * minute;
        let name = match status {
            "open" => "PreToolUse",
            "failed" => "PostToolUseFailure",
            _ => "PostToolUse",
        };
        event(conn, WORKING, 1, name, Some(tool), agent, Some("cargo test"), at);
        let id = format!("toolu_{n}");
        conn.execute("UPDATE events SET tool_use_id = ?1 WHERE seq = last_insert_rowid()", [&id])
            .expect("names the call");
        conn.execute(
            "INSERT INTO tool_calls (call_id, session_id, tool_use_id, tool_name, agent_id, summary, started_at, ended_at, duration_ms,
               status, start_seq) SELECT seq, ?1, ?2, ?3, ?4, 'cargo test', ?5, ?6, ?7, ?8, seq FROM events WHERE seq = last_insert_rowid()",
            params![
                WORKING, id, tool, agent, at, (status != "open").then_some(at + minute),
                (status != "open").then_some(60_000), status
            ],
        )
        .expect("stores a call");
    }
    for (id, parent, at) in [("agent-a", None, 5), ("agent-b", Some("agent-a"), 6)] {
        conn.execute(
            "INSERT INTO subagent_invocations (session_id, agent_id, agent_type, parent_agent_id, mode, started_at, status)
             VALUES (?1, ?2, 'Explore', ?3, 'foreground', ?4, 'running')",
            params![WORKING, id, parent, start + at * minute],
        )
        .expect("stores an agent");
    }
}

#[expect(clippy::too_many_arguments, reason = "one per column that differs")]
fn event(
    conn: &Connection,
    session: &str,
    project: i64,
    name: &str,
    tool: Option<&str>,
    agent: Option<&str>,
    summary: Option<&str>,
    at: Micros,
) {
    conn.execute(
        "INSERT INTO events (event_id, hook_event_name, session_id, project_id, tool_name, agent_id, occurred_at, received_at,
           failed, summary, flags, body_bytes)
         SELECT printf('0199bbbb-0000-7000-8000-%012d', count(*)), ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, 0, 300 FROM events",
        params![name, session, project, tool, agent, at, name == "PostToolUseFailure", summary],
    )
    .expect("stores an event");
}

/// Adds events of one session of which the first alone holds a needle; the event n happened n seconds after the epoch.
pub(crate) fn many_events(conn: &Connection, count: usize) {
    conn.execute_batch("INSERT INTO projects VALUES (1, '/home/dev/shop', 'shop', 0)").expect("stores a project");
    conn.execute(
        "INSERT INTO events (event_id, hook_event_name, session_id, project_id, occurred_at, received_at, failed, summary, flags,
           body_bytes)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         SELECT 'e' || n, 'Stop', 's', 1, n * 1000000, n * 1000000, 0, iif(n = 1, 'needle', 'hay'), 0, 1 FROM n",
        [i64::try_from(count).expect("small")],
    )
    .expect("stores events");
    conn.execute_batch(
        "INSERT INTO activity_15m SELECT occurred_at / 900000000 * 900000000, 1, 'Stop', '', count(*), 0, max(seq) FROM events GROUP BY 1",
    )
    .expect("stores rollups");
}

fn rollups(conn: &Connection) {
    let nine = NOW.div_euclid(QUARTER) * QUARTER;
    let week = 7 * super::DAY;
    for (at, project, name, tool, events, failures) in [
        (nine, 1, "UserPromptSubmit", "", 6, 0),
        (nine, 1, "PostToolUse", "Bash", 20, 0),
        (nine - 3 * super::HOUR, 1, "PostToolUseFailure", "Bash", 5, 5),
        (nine - 3 * super::HOUR, 2, "PostToolUse", "Read", 15, 0),
        (nine - 5 * super::DAY, 2, "PostToolUse", "Read", 7, 0),
        (nine - week, 1, "UserPromptSubmit", "", 30, 0),
        (nine - 2 * week, 1, "UserPromptSubmit", "", 30, 0),
        (nine - 3 * week, 1, "UserPromptSubmit", "", 30, 0),
        (nine - 3 * week - super::DAY, 2, "SessionStart", "", 1, 0),
    ] {
        conn.execute(
            "INSERT INTO activity_15m VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT max(seq) FROM events))",
            params![at, project, name, tool, events, failures],
        )
        .expect("stores a rollup");
    }
    conn.execute_batch(
        "INSERT INTO activity_day SELECT date(bucket_at / 1000000, 'unixepoch'), project_id, hook_event_name, tool_name,
           sum(events), sum(failures) FROM activity_15m GROUP BY 1, 2, 3, 4",
    )
    .expect("stores days");
    for (bin, count) in [(40, 90), (48, 9), (60, 1)] {
        conn.execute("INSERT INTO performance_metrics VALUES ('hook_latency', ?1, ?2, ?3)", [nine, bin, count])
            .expect("stores latencies");
        conn.execute("INSERT INTO tool_duration_15m VALUES (?1, 1, 'Bash', ?2, ?3)", [nine, bin, count])
            .expect("stores durations");
    }
}
