//! How long the dashboard's questions take on a large database, with bound parameters, before and after ANALYZE.
//!
//! `cargo bench -p orchd --bench queries -- 1000000` (events; 1 M by default). Prints microseconds.

#![expect(clippy::print_stdout, reason = "the table is the point of it")]

use std::path::Path;
use std::time::Instant;

use jiff::tz::TimeZone;
use orchd::analytics::activity::{Range, activity};
use orchd::analytics::events::{EventQuery, events};
use orchd::analytics::memory::Memory;
use orchd::analytics::overview::{Recording, overview};
use orchd::analytics::session_detail::session_detail;
use orchd::analytics::sessions::{SessionQuery, Sort, sessions};
use orchd::analytics::system::stored;
use orchd::analytics::{Clock, DAY, SECOND, Scope};
use rusqlite::{Connection, OpenFlags, params};

/// 90 days that end here: 2026-11-22T09:10:00Z.
const NOW: i64 = 1_795_338_600 * SECOND;
const DAYS: i64 = 90;
const EVENTS_PER_SESSION: i64 = 300;
const RUNS: usize = 100;

fn main() {
    let events: i64 = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("orch.db");
    let started = Instant::now();
    fill(&file, events);
    let size_mb = std::fs::metadata(&file).map_or(0, |meta| meta.len() >> 20);
    println!("{events} events over {DAYS} days, {size_mb} MB, filled in {:.1} s", started.elapsed().as_secs_f32());
    let conn = open(&file);
    let before = ask_all(&conn);
    drop(conn);
    Connection::open(&file).and_then(|conn| conn.execute_batch("ANALYZE")).expect("analyses");
    let conn = open(&file);
    let after = ask_all(&conn);
    println!("{:28} {:>10} {:>10} {:>14} {:>10}", "question (us)", "p50", "p99", "ANALYZE p50", "p99");
    for ((name, (p50, p99)), (_, (later50, later99))) in before.iter().zip(&after) {
        println!("{name:28} {p50:>10} {p99:>10} {later50:>14} {later99:>10}");
    }
}

/// Opens it as the daemon's readers do: without locks around each column.
fn open(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags).expect("opens");
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "mmap_size", 256 << 20).expect("maps");
    conn
}

type Times = (&'static str, (u128, u128));

/// Asks each question often and returns its times.
fn ask_all(conn: &Connection) -> Vec<Times> {
    let clock = Clock { now_at: NOW, timezone: TimeZone::UTC };
    let memory = Memory::default();
    let project = Some("/home/dev/project-3");
    let session = conn
        .query_row("SELECT session_id FROM orchestration_sessions ORDER BY last_event_at DESC LIMIT 1", [], |row| {
            row.get::<_, String>(0)
        })
        .expect("a session");
    let range = |days| Range::new(NOW - days * DAY, NOW, &clock);
    let scope = Scope::of(conn, project).expect("answers");
    let list = SessionQuery {
        text: None,
        states: Vec::new(),
        project_dir: None,
        pinned: None,
        sort: Sort::Last,
        ascending: false,
        cursor: None,
        limit: 50,
    };
    let page = EventQuery { limit: 100, ..EventQuery::default() };
    let text = |text: &str| Some(text.to_owned());
    let ask = |name, question: &dyn Fn() -> rusqlite::Result<()>| time(name, question);
    vec![
        ask("overview", &|| overview(conn, &clock, None, Recording::default(), &memory).map(drop)),
        ask("overview, one project", &|| overview(conn, &clock, project, Recording::default(), &memory).map(drop)),
        ask("activity 24 h", &|| activity(conn, &Range::last_day(&clock), &clock, Scope::ALL, &memory).map(drop)),
        ask("activity 7 d", &|| activity(conn, &range(7), &clock, Scope::ALL, &memory).map(drop)),
        ask("activity 30 d", &|| activity(conn, &range(30), &clock, Scope::ALL, &memory).map(drop)),
        ask("activity 30 d, one project", &|| activity(conn, &range(30), &clock, scope, &memory).map(drop)),
        ask("sessions, newest", &|| sessions(conn, &list).map(drop)),
        ask("sessions, by tool calls", &|| {
            sessions(conn, &SessionQuery { sort: Sort::Tools, ..list.clone() }).map(drop)
        }),
        ask("sessions, search", &|| {
            sessions(conn, &SessionQuery { text: text("project-3"), ..list.clone() }).map(drop)
        }),
        ask("session detail", &|| session_detail(conn, &session, &clock).map(drop)),
        ask("events, newest", &|| events(conn, &page, &clock).map(drop)),
        ask("events of a session", &|| {
            events(conn, &EventQuery { session_id: Some(session.clone()), ..page.clone() }, &clock).map(drop)
        }),
        ask("events, search in vain", &|| {
            events(conn, &EventQuery { text: text("nothing holds this"), ..page.clone() }, &clock).map(drop)
        }),
        ask("events of a past day", &|| {
            let (from_at, to_at) = (Some(NOW - 31 * DAY), Some(NOW - 30 * DAY));
            events(conn, &EventQuery { from_at, to_at, ..page.clone() }, &clock).map(drop)
        }),
        ask("system", &|| stored(conn, &clock).map(drop)),
    ]
}

fn time(name: &'static str, question: &dyn Fn() -> rusqlite::Result<()>) -> Times {
    question().expect("answers");
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            question().expect("answers");
            started.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    (name, (times[RUNS / 2], times[RUNS - 2]))
}

/// Makes events evenly over the days: 8 projects, 14 tools, sessions of 300 events, and all that is folded from them.
fn fill(file: &std::path::Path, count: i64) {
    let conn = Connection::open(file).expect("opens");
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;",
    )
    .expect("prepares");
    conn.execute_batch(include_str!("../migrations/sqlite/V1__capture.sql")).expect("migrates");
    conn.execute_batch(
        "INSERT INTO projects WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 8)
           SELECT n, '/home/dev/project-' || n, 'project-' || n, 0 FROM n",
    )
    .expect("fills");
    let step = DAYS * DAY / count;
    conn.execute(
        "INSERT INTO events (event_id, hook_event_name, session_id, project_id, tool_use_id, tool_name, occurred_at, received_at,
           duration_ms, failed, summary, flags, body_bytes)
         WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1 - 1),
         kinds AS (SELECT n, n / ?2 AS session, n % ?2 AS place, (n * 2654435761) % 4294967296 / 65536 AS random FROM n)
         SELECT printf('0199bbbb-0000-7000-8000-%012d', n),
           CASE WHEN place = 0 THEN 'SessionStart' WHEN place % 20 = 1 THEN 'UserPromptSubmit' WHEN place % 20 = 19 THEN 'Stop'
             WHEN place % 2 = 0 THEN 'PreToolUse' WHEN random % 25 = 0 THEN 'PostToolUseFailure' ELSE 'PostToolUse' END,
           printf('0199aaaa-0000-7000-8000-%012d', session), session % 8 + 1,
           iif(place % 20 NOT IN (1, 19) AND place > 0, 'toolu_' || (n / 2), NULL),
           iif(place % 20 NOT IN (1, 19) AND place > 0, 'Tool' || (n / 2 % 14), NULL),
           ?3 + n * ?4, ?3 + n * ?4 + 900, random % 5000, random % 25 = 0, 'cargo test --package shop ' || random, 0, 2000
         FROM kinds",
        params![count, EVENTS_PER_SESSION, NOW - DAYS * DAY, step],
    )
    .expect("fills events");
    conn.execute_batch(
        "INSERT INTO orchestration_sessions (session_id, project_id, title, state, state_since_at, started_at, last_event_at, active_minute, prompt_at,
           tool_calls, tool_failures, events)
         SELECT session_id, project_id, 'Fix ' || session_id, 'ended', max(occurred_at), min(occurred_at), max(occurred_at),
           max(occurred_at) / 60000000, min(occurred_at), sum(hook_event_name = 'PreToolUse'), sum(hook_event_name = 'PostToolUseFailure'), count(*)
         FROM events GROUP BY session_id;
         UPDATE orchestration_sessions SET state = 'working' WHERE session_id IN
           (SELECT session_id FROM orchestration_sessions ORDER BY last_event_at DESC LIMIT 8);
         INSERT INTO tool_calls (call_id, session_id, tool_use_id, tool_name, summary, started_at, ended_at, duration_ms, status, start_seq, end_seq)
         SELECT a.seq, a.session_id, a.tool_use_id, a.tool_name, a.summary, a.occurred_at, b.occurred_at, b.duration_ms,
           iif(b.hook_event_name = 'PostToolUse', 'ok', 'failed'), a.seq, b.seq
         FROM events AS a JOIN events AS b ON b.seq = a.seq + 1 AND b.tool_use_id = a.tool_use_id
         WHERE a.hook_event_name = 'PreToolUse';
         INSERT INTO subagent_invocations (session_id, agent_id, agent_type, mode, started_at, ended_at, status)
         SELECT session_id, 'agent-1', 'Explore', 'foreground', started_at, last_event_at, 'completed' FROM orchestration_sessions;
         INSERT INTO activity_15m SELECT occurred_at / 900000000 * 900000000, project_id, hook_event_name, coalesce(tool_name, ''),
           count(*), sum(failed), max(seq) FROM events GROUP BY 1, 2, 3, 4;
         INSERT INTO activity_day SELECT date(bucket_at / 1000000, 'unixepoch'), project_id, hook_event_name, tool_name, sum(events),
           sum(failures) FROM activity_15m GROUP BY 1, 2, 3, 4;
         INSERT INTO tool_duration_15m SELECT occurred_at / 900000000 * 900000000, project_id, tool_name, 16 + duration_ms % 24,
           count(*) FROM events WHERE hook_event_name IN ('PostToolUse', 'PostToolUseFailure') AND tool_name IS NOT NULL
           GROUP BY 1, 2, 3, 4;
         INSERT INTO performance_metrics
           SELECT m.value, bucket_at, 30 + bin.value, 10 FROM (SELECT DISTINCT bucket_at FROM activity_15m),
             json_each('[\"hook_latency\",\"ingest_lag\",\"commit\",\"query\",\"http\"]') AS m,
             json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]') AS bin;",
    )
    .expect("folds");
}
