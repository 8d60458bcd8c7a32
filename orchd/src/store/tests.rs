//! The store's story on a real database in a temporary folder.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};
use shared::event::{Micros, SessionId};
use shared::protocol::{EventHeader, Outcome};

use super::open::schema_version;
use super::{Arrival, Store, StoreError, StoreOptions};
use crate::config::{ProjectRule, Recording};
use crate::metrics::{Metric, Metrics};
use crate::updates::Updates;
use crate::view::{Counters, SessionPatch};

/// A Monday morning, UTC.
const T0: Micros = 1_700_000_000_000_000;

fn options() -> StoreOptions {
    // The sessions here are of one fixed day, whenever the tests run.
    StoreOptions { silent_after: Micros::MAX / 2, ..StoreOptions::default() }
}

fn open(path: &Path) -> Store {
    Store::open(path, options(), Metrics::default(), Updates::default()).expect("opens")
}

fn arrival(at: Micros, payload: &Value) -> Arrival {
    let header = EventHeader {
        client_pid: Some(77),
        project_dir: Some("/home/dev/app".into()),
        entrypoint: Some("cli".into()),
        hook_version: "0.1.0".into(),
        ..EventHeader::new(at)
    };
    Arrival { header, payload: payload.to_string().into_bytes(), received_at: at + 50, spooled: false }
}

fn event(at: Micros, name: &str, more: &Value) -> Arrival {
    let mut payload = json!({"session_id": "s1", "hook_event_name": name, "cwd": "/home/dev/app"});
    payload.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    arrival(at, &payload)
}

/// One turn: 5 events.
fn turn() -> Vec<Arrival> {
    let bash = json!({"tool_name": "Bash", "tool_use_id": "t1", "tool_input": {"command": "make test"}});
    let mut done = bash.clone();
    done["duration_ms"] = json!(1500);
    vec![
        event(T0, "SessionStart", &json!({"source": "startup", "model": "m"})),
        event(T0 + 1_000, "UserPromptSubmit", &json!({"prompt": "Run the tests"})),
        event(T0 + 2_000, "PreToolUse", &bash),
        event(T0 + 1_600_000, "PostToolUse", &done),
        event(T0 + 2_000_000, "Stop", &json!({"last_assistant_message": "Done."})),
    ]
}

fn one<T: rusqlite::types::FromSql>(connection: &Connection, ask: &str) -> T {
    connection.query_row(ask, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{ask}: {error}"))
}

fn balanced(counters: Counters) {
    let Counters { received, stored, duplicate, rejected, dropped } = counters;
    assert_eq!(received, stored + duplicate + rejected + dropped, "{counters:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_of_one_session() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("data/orch.db");
    let store = open(&path);
    let writer = store.writer();
    for arrival in turn() {
        assert_eq!(writer.append(arrival).await.expect("stored"), Outcome::Stored);
    }
    let replay = turn();
    assert_eq!(
        writer.append_all(replay).await.expect("answered")[2..4],
        [Outcome::Duplicate; 2],
        "the same tool events under new ids"
    );
    assert_eq!(writer.append(arrival(T0, &json!({"no": "session"}))).await.expect("answered"), Outcome::Rejected);
    writer.set_paused(true).await.expect("paused");
    assert!(writer.paused());
    assert_eq!(writer.append(event(T0 + 9, "Stop", &json!({}))).await.expect("answered"), Outcome::Dropped);
    writer.set_paused(false).await.expect("goes on");
    writer.count_dropped(3).await.expect("counted");

    let edit = SessionPatch { label: Some(Some("mine".into())), pinned: Some(true) };
    let id = SessionId::parse("s1").expect("an id");
    assert!(writer.edit_session(id.clone(), edit.clone()).await.expect("edited"));
    assert!(!writer.edit_session(SessionId::parse("s2").expect("an id"), edit).await.expect("answered"));
    writer.set_client(id, 77, T0 - 5).await.expect("set");

    let counters = writer.counters();
    balanced(counters);
    assert_eq!((counters.stored, counters.duplicate, counters.rejected, counters.dropped), (8, 2, 1, 4));
    let reader = store.reader();
    let row = reader.query(|connection| {
        connection.query_row(
            "SELECT state || '|' || title || '|' || label || '|' || pinned || '|' || model || '|' || client_start_us || '|' || tool_calls
             FROM orchestration_sessions", [], |row| row.get::<_, String>(0))
    });
    assert_eq!(row.await.expect("read"), format!("idle|Run the tests|mine|1|m|{}|1", T0 - 5));
    store.close();

    let connection = Connection::open(&path).expect("opens");
    assert_eq!(one::<String>(&connection, "PRAGMA integrity_check"), "ok");
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(one::<i64>(&connection, "SELECT sum(events) FROM activity_15m"), 8);
    assert_eq!(one::<i64>(&connection, "SELECT sum(events) FROM activity_day"), 8);
    assert_eq!(one::<i64>(&connection, "SELECT sum(calls) FROM tool_duration_15m"), 1);
    assert_eq!(
        one::<String>(&connection, "SELECT status || ended_at FROM tool_calls"),
        format!("ok{}", T0 + 1_600_000)
    );
    assert!(one::<i64>(&connection, "SELECT sum(samples) FROM performance_metrics WHERE metric = 'commit'") > 0);
    // These events are years old: such a lag says nothing of the hook.
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM performance_metrics WHERE metric = 'hook_latency'"), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    drop(connection);
    let store = open(&path);
    assert_eq!(store.writer().counters(), counters, "counters survive");
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_stored_once_whatever_is_replayed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let events: Vec<Arrival> = (0..3000).map(|n| event(T0 + n, "Notification", &json!({"message": n}))).collect();
    for round in 0..3 {
        let store = open(&path);
        let outcomes = store.writer().append_all(events.clone()).await.expect("answered");
        let expected = if round == 0 { Outcome::Stored } else { Outcome::Duplicate };
        assert!(outcomes.iter().all(|&outcome| outcome == expected), "round {round}");
        balanced(store.writer().counters());
        store.close();
    }
    let connection = Connection::open(&path).expect("opens");
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM events"), 3000);
    assert_eq!(one::<i64>(&connection, "SELECT events FROM orchestration_sessions"), 3000);
    assert_eq!(one::<i64>(&connection, "SELECT sum(events) FROM activity_15m"), 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn folding_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    for arrival in turn() {
        let store = open(&path);
        store.writer().append(arrival).await.expect("stored");
        store.close();
    }
    let connection = Connection::open(&path).expect("opens");
    let ask =
        "SELECT state || prompts || tool_calls || tool_failures || events || stopped_at FROM orchestration_sessions";
    assert_eq!(one::<String>(&connection, ask), format!("idle1105{}", T0 + 2_000_000));
    assert_eq!(
        one::<String>(&connection, "SELECT status || start_seq || end_seq || summary FROM tool_calls"),
        "ok34make test"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_may_be_left_out_or_stripped() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    for (record, expected, bodies) in [(Recording::Off, Outcome::Dropped, 0), (Recording::Metadata, Outcome::Stored, 0)]
    {
        let rules = vec![ProjectRule { dir: "/home/dev".into(), record }];
        let store = Store::open(&path, StoreOptions { rules, ..options() }, Metrics::default(), Updates::default())
            .expect("opens");
        for arrival in turn() {
            assert_eq!(store.writer().append(arrival).await.expect("answered"), expected);
        }
        balanced(store.writer().counters());
        store.close();
        let connection = Connection::open(&path).expect("opens");
        assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM event_bodies"), bodies);
    }
    let bytes = std::fs::read(&path).expect("a file");
    for text in ["make test", "Run the tests", "Done."] {
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text} is in the file");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_past_their_time_are_forgotten_and_events_stay() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = open(&path);
    store.writer().append_all(turn()).await.expect("stored");
    store.close();
    let counted = |table: &str| {
        let connection = Connection::open(&path).expect("opens");
        one::<i64>(&connection, &format!("SELECT count(*) FROM {table}"))
    };
    let (events, bodies) = (counted("events"), counted("event_bodies"));
    assert!(events > 0 && bodies == events);
    let options = StoreOptions { body_days: 1, ..options() };
    let store = Store::open(&path, options, Metrics::default(), Updates::default()).expect("opens");
    // The first command makes the writer look.
    store.writer().set_paused(false).await.expect("answered");
    store.close();
    assert_eq!((counted("events"), counted("event_bodies")), (events, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_says_nothing_for_long_is_lost_as_of_then() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = open(&path);
    store.writer().append_all(turn()).await.expect("stored");
    store.close();
    let day = StoreOptions::default().silent_after;
    let store = Store::open(&path, StoreOptions::default(), Metrics::default(), Updates::default()).expect("opens");
    // The first command makes the writer look.
    store.writer().set_paused(false).await.expect("answered");
    store.close();
    let connection = Connection::open(&path).expect("opens");
    let found = one::<String>(&connection, "SELECT state || lost_at FROM orchestration_sessions");
    assert_eq!(found, format!("lost{}", T0 + 2_000_000 + day));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_transaction_acks_nobody_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = open(&path);
    let writer = store.writer();
    let mut events = turn().into_iter();
    let mut next = || events.next().expect("five events");
    writer.append(next()).await.expect("stored");
    let breaker = Connection::open(&path).expect("opens");
    // The rollup comes last in a transaction: by then memory has folded the event.
    breaker
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON activity_day BEGIN SELECT raise(ABORT, 'disk full'); END")
        .expect("made");
    let failed = next();
    assert!(matches!(writer.append(failed.clone()).await, Err(StoreError::Failed)));
    breaker.execute_batch("DROP TRIGGER full").expect("dropped");
    assert_eq!(writer.append(failed).await.expect("the sender tries again"), Outcome::Stored);
    for _ in 0..3 {
        writer.append(next()).await.expect("stored");
    }
    balanced(writer.counters());
    assert_eq!(writer.counters().received, 5);
    assert_eq!(one::<i64>(&breaker, "SELECT events FROM orchestration_sessions"), 5);
    assert_eq!(one::<i64>(&breaker, "SELECT prompts FROM orchestration_sessions"), 1);
    assert_eq!(one::<i64>(&breaker, "SELECT sum(events) FROM activity_15m"), 5);
    assert_eq!(one::<i64>(&breaker, "SELECT max(seq) FROM events"), 5);
    drop(breaker);
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_cut_anew_when_the_zone_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    // 22:13 UTC on the 14th.
    let store = open(&path);
    store.writer().append_all(turn()).await.expect("stored");
    store.close();
    for (zone, day) in [("UTC", "2023-11-14"), ("Asia/Tokyo", "2023-11-15"), ("America/New_York", "2023-11-14")] {
        let timezone = jiff::tz::TimeZone::get(zone).expect("a zone");
        Store::open(&path, StoreOptions { timezone, ..options() }, Metrics::default(), Updates::default())
            .expect("opens")
            .close();
        let connection = Connection::open(&path).expect("opens");
        assert_eq!(one::<String>(&connection, "SELECT group_concat(DISTINCT day) FROM activity_day"), day, "{zone}");
        assert_eq!(one::<i64>(&connection, "SELECT sum(events) FROM activity_day"), 5, "{zone}");
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    open(&path).close();
    let newer = schema_version() + 1;
    let connection = Connection::open(&path).expect("opens");
    connection
        .execute("INSERT INTO refinery_schema_history SELECT ?1, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1", [newer])
        .expect("added");
    drop(connection);
    let refused = Store::open(&path, options(), Metrics::default(), Updates::default());
    assert!(matches!(refused, Err(StoreError::NewerSchema { found, known }) if found == newer && known == newer - 1));
}

#[tokio::test]
async fn a_session_belongs_to_the_delegation_it_was_begun_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let task = |end: u8| Some(format!("delegation:0199aaaa-0000-7000-8000-00000000000{end}"));
    let of = |parent_task: Option<String>, at: Micros, name: &str| {
        let mut arrival = event(at, name, &json!({}));
        arrival.header.parent_task = parent_task;
        arrival
    };
    let link = || -> Option<String> {
        one(&Connection::open(&path).expect("opens"), "SELECT parent_task FROM orchestration_sessions")
    };
    let store = open(&path);
    store.writer().append(of(Some("sk-ant-canary".into()), T0, "SessionStart")).await.expect("stored");
    assert_eq!(link(), None, "that is no delegation");
    store.writer().append(of(task(1), T0 + 1, "UserPromptSubmit")).await.expect("stored");
    assert_eq!(link(), task(1));
    // Resumed later, by hand and for another.
    store.writer().append(of(None, T0 + 2, "SessionStart")).await.expect("stored");
    store.close();
    let store = open(&path);
    store.writer().append(of(task(2), T0 + 3, "Stop")).await.expect("stored");
    store.writer().append(of(None, T0 + 4, "Stop")).await.expect("stored");
    assert_eq!(link(), task(1), "the first counts, over a restart too");
    store.close();
}

#[test]
fn the_schema_file_equals_every_migration() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    open(&path).close();
    let schema = |connection: &Connection| -> Vec<String> {
        let ask =
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'refinery%' ORDER BY type, name";
        let mut ask = connection.prepare(ask).expect("prepared");
        ask.query_map([], |row| row.get(0)).expect("asked").collect::<Result<_, _>>().expect("read")
    };
    let migrated = schema(&Connection::open(&path).expect("opens"));
    let whole = Connection::open_in_memory().expect("opens");
    whole.execute_batch(include_str!("../../schema.sql")).expect("valid");
    assert_eq!(schema(&whole), migrated);
}

#[test]
fn a_ledger_of_before_gets_its_wider_rollups() {
    let connection = Connection::open_in_memory().expect("opens");
    for version in [
        include_str!("../../migrations/sqlite/V1__capture.sql"),
        include_str!("../../migrations/sqlite/V2__ledger.sql"),
        "INSERT INTO projects VALUES (1, '/p', 'p', 0);
         INSERT INTO api_requests VALUES (NULL, 'm1', 'r1', 's', NULL, NULL, NULL, 1, 'x', 5, 1, 10, 100, 1000, 0, 0, 0, 'transcript', NULL, 7),
           (NULL, 'm2', 'r2', 's', 'a', 'Explore', NULL, 1, 'x', 6, 1, 10, 100, 1000, 0, 0, 0, 'transcript', NULL, NULL),
           (NULL, 'm3', 'r3', 's', 'a', 'Explore', NULL, 1, 'x', 9, 1, 10, 100, 1000, 0, 0, 0, 'transcript', NULL, 3),
           (NULL, 'm4', 'r4', 'u', 'b', NULL, NULL, 1, 'x', -1, 1, 10, 100, 1000, 0, 0, 0, 'transcript', NULL, 3);
         INSERT INTO cost_session VALUES ('s', 'x', 1, 5, 9, 3, 3, 30, 300, 3000, 10, 1);
         INSERT INTO cost_day VALUES ('1970-01-01', 1, 'x', '', 1, 1, 10, 100, 1000, 7, 0),
           ('1970-01-01', 1, 'x', 'Explore', 2, 2, 20, 200, 2000, 3, 1);",
        include_str!("../../migrations/sqlite/V3__wider_rollups.sql"),
    ] {
        connection.execute_batch(version).expect("valid");
    }
    let texts = |ask: &str| one::<String>(&connection, ask);
    assert_eq!(
        texts(
            "SELECT group_concat(concat_ws(' ', session_id, agent_type, first_at, last_at, requests, output_tokens, \
               cost_nano_usd, unknown_cost_requests), '|') FROM cost_session"
        ),
        "s  5 5 1 10 7 0|s Explore 6 9 2 20 3 1|u unknown agent -1 -1 1 10 3 0"
    );
    assert_eq!(
        texts(
            "SELECT group_concat(concat_ws(' ', bucket_at, agent_type, requests, cost_nano_usd), '|') \
               FROM cost_metrics"
        ),
        "-900000000 unknown agent 1 3|0  1 7|0 Explore 2 3"
    );
    assert_eq!(
        texts("SELECT concat_ws(' ', day, requests, cost_nano_usd, unknown_cost_requests) FROM cost_day_total"),
        "1970-01-01 3 10 1"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_database_is_noticed_and_made_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = open(&path);
    let writer = store.writer();
    writer.append_all(turn()).await.expect("stored");
    std::fs::remove_file(&path).expect("removed");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(15);
    let mut n = 0;
    // Until it is noticed events go into the removed file; then one is refused, and the next is in the new one.
    while writer.append(event(T0 + n, "Stop", &json!({}))).await.is_ok() {
        assert!(std::time::Instant::now() < deadline, "not noticed");
        n += 1;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    while writer.append(event(T0 + 1_000_000, "Stop", &json!({}))).await.is_err() {
        assert!(std::time::Instant::now() < deadline, "not opened anew");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let reader = store.reader();
    let stored =
        reader.query(|connection| connection.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0)));
    assert_eq!(stored.await.expect("read"), 1);
    balanced(writer.counters());
    store.close();
}

#[tokio::test]
async fn the_daemons_own_watch_leaves_no_samples() {
    let dir = tempfile::tempdir().expect("a folder");
    let metrics = Metrics::default();
    let store =
        Store::open(&dir.path().join("orch.db"), options(), metrics.clone(), Updates::default()).expect("opens");
    let ask = |conn: &Connection| conn.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0));
    assert_eq!(store.reader().look(ask).await.expect("an answer"), 0);
    assert!(metrics.take(Metric::Query).is_empty(), "an idle daemon would write samples for ever");
    assert_eq!(store.reader().query(ask).await.expect("an answer"), 0);
    assert_eq!(metrics.take(Metric::Query).iter().map(|(_, samples)| samples).sum::<u64>(), 1);
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_comes_long_after_its_end_is_of_the_same_call() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = open(&path);
    let tool = |n: i64, name: &str, at: Micros| {
        event(at, name, &json!({"tool_name": "Bash", "tool_use_id": format!("t{n}"), "tool_input": {"command": "ls"}}))
    };
    let ends: Vec<_> = (0..300).map(|n| tool(n, "PostToolUse", T0 + n * 10 + 5)).collect();
    let starts: Vec<_> = (0..300).map(|n| tool(n, "PreToolUse", T0 + n * 10)).collect();
    for events in [ends, starts] {
        store.writer().append_all(events).await.expect("stored");
    }
    store.close();
    let connection = Connection::open(&path).expect("opens");
    let calls = "SELECT count(*) || ' ' || sum(status = 'ok') || ' ' || sum(start_seq IS NOT NULL) FROM tool_calls";
    assert_eq!(one::<String>(&connection, calls), "300 300 300");
    assert_eq!(one::<i64>(&connection, "SELECT tool_calls FROM orchestration_sessions"), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_closed_stays_as_it_was_over_a_restart_and_unknown_events_may_repeat() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let ask = "SELECT status || ' ' || ended_at FROM tool_calls";
    let call = json!({"tool_name": "Bash", "tool_use_id": "t1", "tool_input": {"command": "ls"}});
    let store = open(&path);
    let before = vec![
        event(T0, "UserPromptSubmit", &json!({"prompt": "p"})),
        event(T0 + 1, "PreToolUse", &call),
        // Esc, and the next prompt proves it.
        event(T0 + 8, "UserPromptSubmit", &json!({"prompt": "q"})),
        event(T0 + 9, "NewEvent", &call),
        event(T0 + 10, "NewEvent", &call),
    ];
    assert!(store.writer().append_all(before).await.expect("stored").iter().all(|outcome| *outcome == Outcome::Stored));
    store.close();
    let closed = one::<String>(&Connection::open(&path).expect("opens"), ask);
    assert_eq!(closed, format!("interrupted {}", T0 + 8));
    let store = open(&path);
    let after =
        vec![event(T0 + 20, "Stop", &json!({})), event(T0 + 3_600, "UserPromptSubmit", &json!({"prompt": "r"}))];
    store.writer().append_all(after).await.expect("stored");
    store.close();
    assert_eq!(one::<String>(&Connection::open(&path).expect("opens"), ask), closed);
}
