//! How long the questions about costs take on a year of requests.
//!
//! `cargo bench -p orchd --bench costs -- 1000000` (requests; 1 M by default). Prints microseconds.

#![expect(clippy::print_stdout, reason = "the table is the point of it")]

use std::path::Path;
use std::time::Instant;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use orchd::analytics::costs::{CostQuery, Group, costs, rows, total};
use orchd::analytics::requests::{RequestQuery, requests};
use orchd::analytics::spending::spending;
use orchd::analytics::{Clock, DAY, SECOND};
use orchd::config::Budget;
use orchd::view::ImportStatus;
use rusqlite::{Connection, OpenFlags, params};

/// A year that ends here: 2026-11-22T09:10:00Z.
const NOW: i64 = 1_795_338_600 * SECOND;
const TODAY: Date = date(2026, 11, 22);
const DAYS: i64 = 365;
const REQUESTS_PER_SESSION: i64 = 100;
const RUNS: usize = 200;
/// Rows of an answer, as the page asks for them.
const LIMIT: usize = 100;

fn main() {
    let count: i64 = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("orch.db");
    let started = Instant::now();
    fill(&file, count);
    let size_mb = std::fs::metadata(&file).map_or(0, |meta| meta.len() >> 20);
    println!("{count} requests over {DAYS} days, {size_mb} MB, filled in {:.1} s", started.elapsed().as_secs_f32());
    // As the daemon's readers do: without locks around each column.
    let conn = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .expect("opens");
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "mmap_size", 256 << 20).expect("maps");
    println!("{:34} {:>10} {:>10} {:>10}", "question (us)", "p50", "p99", "requests");
    ask_all(&conn);
}

fn ask_all(conn: &Connection) {
    let year = CostQuery { since: Some(date(2025, 11, 23)), until: Some(TODAY), ..CostQuery::default() };
    let narrow: [(&str, CostQuery); 5] = [
        ("", year.clone()),
        (", one project", CostQuery { project_dir: Some("/home/dev/project-3".into()), ..year.clone() }),
        (", one model", CostQuery { model: Some("claude-model-2".into()), ..year.clone() }),
        (", one agent", CostQuery { agent: Some("agent-2".into()), ..year.clone() }),
        (", 30 days", CostQuery { since: Some(date(2026, 10, 24)), ..year.clone() }),
    ];
    for (name, group) in Group::NAMES.into_iter().filter(|(_, group)| *group != Group::Prompt) {
        for (more, query) in &narrow {
            time(&format!("costs by {name}{more}"), || {
                costs(conn, query, (group, LIMIT), &TimeZone::UTC).map(|costs| costs.total.requests)
            });
        }
    }
    let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
    time("costs by model, another zone", || {
        costs(conn, &year, (Group::Model, LIMIT), &berlin).map(|costs| costs.total.requests)
    });
    let session: String = conn
        .query_row("SELECT session_id FROM cost_session ORDER BY last_at DESC LIMIT 1", [], |row| row.get(0))
        .expect("a session");
    let of_session = CostQuery { session_id: Some(session), ..CostQuery::default() };
    time("prompts of a session", || {
        costs(conn, &of_session, (Group::Prompt, LIMIT), &TimeZone::UTC).map(|costs| costs.total.requests)
    });
    for (more, of) in narrow.into_iter().chain([(", one session", of_session)]) {
        let query = RequestQuery { of, limit: 50, ..RequestQuery::default() };
        time(&format!("requests{more}"), || {
            requests(conn, &query, &TimeZone::UTC).map(|list| list.total.map_or(0, |total| total.requests))
        });
    }
    let clock = Clock { now_at: NOW, timezone: TimeZone::UTC };
    time("spending", || {
        spending(conn, &clock, None, &Budget::default(), ImportStatus::default())
            .map(|answer| answer.periods[2].sums.requests)
    });
    time("report by day", || {
        rows(conn, &CostQuery::default(), Group::Day, &TimeZone::UTC).map(|rows| total(&rows).requests)
    });
}

fn time(name: &str, question: impl Fn() -> rusqlite::Result<i64>) {
    let requests = question().expect("answers");
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            question().expect("answers");
            started.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    println!("{name:34} {:>10} {:>10} {requests:>10}", times[RUNS / 2], times[RUNS * 99 / 100]);
}

/// Makes requests evenly over the days: 12 projects, 5 models, 6 types of agents, and the rollups over them.
fn fill(file: &Path, count: i64) {
    let conn = Connection::open(file).expect("opens");
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;",
    )
    .expect("prepares");
    conn.execute_batch(include_str!("../schema.sql")).expect("migrates");
    conn.execute_batch(
        "INSERT INTO projects WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 12)
           SELECT n, '/home/dev/project-' || n, 'project-' || n, 0 FROM n;
         INSERT INTO prices VALUES (1, 'made for the bench');
         INSERT INTO settings VALUES ('timezone', 'UTC') ON CONFLICT DO UPDATE SET value = 'UTC'",
    )
    .expect("fills");
    conn.execute(
        "INSERT INTO api_requests
         WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1 - 1),
         placed AS (SELECT n, n / ?2 AS session, n % ?2 / 10 AS run, (n * 2654435761) % 4294967296 / 65536 AS random FROM n),
         made AS (SELECT *, (session * 2654435761) % 4294967296 AS id, run % 3 = 2 AS helps FROM placed)
         SELECT NULL, 'msg_' || n, 'req_' || n, printf('%08x-aaaa-4000-8000-%012d', id, session),
           iif(helps, 'a' || n / 10, NULL), iif(helps, 'agent-' || (run % 6), NULL), 'prompt-' || n / 5,
           session % 12 + 1, 'claude-model-' || ((session + helps) % 5), ?3 + n * ?4, random % 50, random % 900, random * 3, random, 0, 0, 0,
           'transcript', 1, random * 5000
         FROM made",
        params![count, REQUESTS_PER_SESSION, NOW - DAYS * DAY, DAYS * DAY / count],
    )
    .expect("fills requests");
    let sums = "count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens),
        sum(cost_nano_usd), 0 FROM api_requests GROUP BY";
    conn.execute_batch(&format!(
        "INSERT INTO cost_metrics SELECT requested_at / 900000000 * 900000000, project_id, model, coalesce(agent_type, ''), {sums} 1, 2, 3, 4;
         INSERT INTO cost_day SELECT date(requested_at / 1000000, 'unixepoch'), project_id, model, coalesce(agent_type, ''), {sums} 1, 2, 3, 4;
         INSERT INTO cost_session SELECT session_id, model, project_id, coalesce(agent_type, ''), min(requested_at), max(requested_at), {sums} 1, 2, 3, 4;
         {}",
        include_str!("../src/store/sql/sum_cost_days.sql")
    ))
    .expect("folds");
}
