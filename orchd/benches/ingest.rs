//! How fast events are taken in, beside a bare insert loop of the same rows.
//!
//! `cargo bench -p orchd --bench ingest [-- EVENTS ROUNDS]`. Both ways start from an empty database with the same tables,
//! indexes, page size and batches of 1,024; they alternate, and the ratio is taken per round. Three ways:
//!
//! - bare: inserts rows that are decoded and compressed already, and nothing else;
//! - rows: the store with the same decoded rows: it folds, rolls up, counts and acknowledges each (the bar);
//! - payloads: the store with what came over the socket: it decodes and compresses too, beside the writer on another core.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints figures and may stop at the first error")]

use std::path::Path;
use std::time::Instant;

use orchd::fold::{Decoding, Policy, decode};
use orchd::metrics::Metrics;
use orchd::store::{Arrival, Store, StoreOptions};
use orchd::updates::Updates;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use shared::event::Micros;
use shared::protocol::{EventHeader, Outcome};

const BATCH: usize = 1024;
const SESSIONS: usize = 6;
const START: Micros = 1_790_000_000_000_000;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let (events, rounds) = (numbers.next().unwrap_or(60_000), numbers.next().unwrap_or(5));
    let arrivals = make(events);
    let payload_bytes: usize = arrivals.iter().map(|arrival| arrival.payload.len()).sum();
    println!("{events} events, {} payload bytes each, {SESSIONS} sessions, batches of {BATCH}", payload_bytes / events);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (mut ratios, mut cpu_ratios, mut rates, mut payload_rates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let decoded: Vec<Decoding> = arrivals.iter().map(decoded).collect();
        let bare = bare(&folder.path().join("bare.db"), &decoded);
        let rows = runtime.block_on(store(&folder.path().join("rows.db"), Input::Rows(decoded)));
        let payloads = runtime.block_on(store(&folder.path().join("payloads.db"), Input::Payloads(arrivals.clone())));
        println!(
            "round {round}: bare {:>7.0}/s  rows {:>7.0}/s  payloads {:>7.0}/s  rows / bare {:.3}  payloads / bare {:.3}  \
             writing thread's CPU per event: bare {:.2} us, rows {:.2} us, ratio {:.3}",
            bare.per_second,
            rows.per_second,
            payloads.per_second,
            rows.per_second / bare.per_second,
            payloads.per_second / bare.per_second,
            bare.cpu_us,
            rows.cpu_us,
            bare.cpu_us / rows.cpu_us,
        );
        ratios.push(rows.per_second / bare.per_second);
        cpu_ratios.push(bare.cpu_us / rows.cpu_us);
        rates.push(rows.per_second);
        payload_rates.push(payloads.per_second);
    }
    println!(
        "median: rows {:.0}/s, payloads {:.0}/s, rows / bare {:.3} by the clock and {:.3} by CPU (bar: 0.7)",
        median(&mut rates),
        median(&mut payload_rates),
        median(&mut ratios),
        median(&mut cpu_ratios),
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What one way took.
struct Taken {
    per_second: f64,
    /// CPU of the writing thread per event, microseconds; does not depend on what else runs. Linux only, else 0.
    cpu_us: f64,
}

fn taken(events: usize, started: Instant, cpu_ns: f64) -> Taken {
    let events = f64::from(u32::try_from(events).unwrap());
    Taken { per_second: events / started.elapsed().as_secs_f64(), cpu_us: cpu_ns / events / 1000.0 }
}

/// CPU nanoseconds of the thread of this name, or of the calling one.
fn thread_cpu(name: Option<&str>) -> f64 {
    let named = |task: &std::path::PathBuf| {
        std::fs::read_to_string(task.join("comm")).is_ok_and(|comm| Some(comm.trim()) == name)
    };
    let task = match name {
        None => Some("/proc/thread-self".into()),
        Some(_) => std::fs::read_dir("/proc/self/task")
            .ok()
            .and_then(|tasks| tasks.flatten().map(|task| task.path()).find(named)),
    };
    let stat = task.and_then(|task| std::fs::read_to_string(task.join("schedstat")).ok()).unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0)
}

/// What the store is given.
enum Input {
    Rows(Vec<Decoding>),
    Payloads(Vec<Arrival>),
}

fn decoded(arrival: &Arrival) -> Decoding {
    let policy = |_: &str| Some(Policy { body: true, text: true });
    decode(arrival.header.clone(), arrival.payload.clone(), arrival.received_at, false, policy)
}

/// The store: inserts, folds, rolls up, commits, acknowledges.
async fn store(path: &Path, input: Input) -> Taken {
    let store = Store::open(path, StoreOptions::default(), Metrics::default(), Updates::default()).unwrap();
    let writer = store.writer();
    let started = Instant::now();
    let outcomes = match input {
        Input::Rows(rows) => writer.append_decoded(rows).await.unwrap(),
        Input::Payloads(arrivals) => writer.append_all(arrivals).await.unwrap(),
    };
    let taken = taken(outcomes.len(), started, thread_cpu(Some("writer")));
    assert!(outcomes.iter().all(|&outcome| outcome == Outcome::Stored), "every event is new");
    store.close();
    taken
}

/// The same rows into the same tables, and nothing else.
fn bare(path: &Path, decoded: &[Decoding]) -> Taken {
    let connection = Connection::open(path).unwrap();
    for (pragma, value) in
        [("page_size", "8192"), ("journal_mode", "wal"), ("synchronous", "normal"), ("foreign_keys", "on")]
    {
        connection.pragma_update(None, pragma, value).unwrap();
    }
    connection.pragma_update(None, "cache_size", -16_384).unwrap();
    connection.execute_batch(include_str!("../schema.sql")).unwrap();
    connection.execute("INSERT INTO projects VALUES (1, '/home/dev/app', 'app', 0)", []).unwrap();
    let mut event = connection.prepare(include_str!("../src/store/sql/insert_event.sql")).unwrap();
    let mut body = connection.prepare(include_str!("../src/store/sql/insert_body.sql")).unwrap();
    let (started, before) = (Instant::now(), thread_cpu(None));
    let mut seq = 0_i64;
    for batch in decoded.chunks(BATCH) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in batch {
            let Decoding::Event(row) = row else { continue };
            seq += 1;
            let id = row.event_id.to_string();
            event
                .execute(params![
                    seq,
                    id,
                    row.hook_event_name,
                    row.session_id,
                    1,
                    row.prompt_id,
                    row.tool_use_id,
                    row.tool_name,
                    row.agent_id,
                    row.agent_type,
                    row.occurred_at,
                    row.received_at,
                    row.duration_ms,
                    row.failed,
                    row.summary,
                    row.flags,
                    row.body_bytes,
                    row.fact.is_of_call().then_some(1),
                ])
                .unwrap();
            let kept = row.body.as_ref().unwrap();
            body.execute(params![seq, kept.encoding, kept.bytes]).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    taken(decoded.len(), started, thread_cpu(None) - before)
}

/// Turns of several sessions side by side: a prompt, tool calls of about 1 KB, now and then a failure or an agent, a stop.
fn make(events: usize) -> Vec<Arrival> {
    let mut all = Vec::with_capacity(events + 64);
    let mut turn = 0_usize;
    while all.len() < events {
        let turns: Vec<Vec<Value>> = (0..SESSIONS).map(|session| one_turn(session, turn)).collect();
        let longest = turns.iter().map(Vec::len).max().unwrap_or(0);
        for step in 0..longest {
            for (session, payloads) in turns.iter().enumerate() {
                if let Some(payload) = payloads.get(step) {
                    let at = START + i64::try_from(all.len()).unwrap() * 2_000;
                    all.push(arrival(session, at, payload));
                }
            }
        }
        turn += 1;
    }
    all.truncate(events);
    all
}

fn one_turn(session: usize, turn: usize) -> Vec<Value> {
    let id = format!("{session:08x}-c80e-42ef-b2d7-1fecd4ebb712");
    let prompt = format!("{turn:08x}-fb9f-45e5-96b9-{session:012x}");
    let event = |name: &str, fields: Value| {
        let mut payload = json!({
            "session_id": id, "transcript_path": format!("/home/dev/.claude/projects/-home-dev-app/{id}.jsonl"),
            "cwd": "/home/dev/app", "prompt_id": prompt, "permission_mode": "default", "hook_event_name": name,
        });
        payload.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        payload
    };
    let mut payloads = Vec::new();
    if turn == 0 {
        payloads.push(event("SessionStart", json!({"source": "startup", "model": "claude-opus-5-5"})));
    }
    payloads.push(event(
        "UserPromptSubmit",
        json!({"prompt": format!("Please look at module {turn} and fix what {}", filler(session + turn, 500))}),
    ));
    for call in 0..10 {
        let n = turn * 10 + call;
        let id = format!("toolu_{n:016x}{session:08x}");
        let (tool, input) = match n % 4 {
            0 => ("Read", json!({"file_path": format!("/home/dev/app/src/module_{n}.rs")})),
            1 => ("Bash", json!({"command": format!("cargo test -p app module_{n}"), "description": filler(n, 200)})),
            2 => (
                "Edit",
                json!({"file_path": "/home/dev/app/src/lib.rs", "old_string": filler(n, 300), "new_string": filler(n + 1, 300)}),
            ),
            _ => ("Grep", json!({"pattern": format!("fn handler_{n}"), "path": "/home/dev/app/src"})),
        };
        let mut fields = json!({"tool_name": tool, "tool_input": input, "tool_use_id": id});
        if turn % 8 == 3 && call > 0 {
            fields["agent_id"] = json!(format!("a{turn:08x}{session:08x}"));
            fields["agent_type"] = json!("Explore");
        }
        payloads.push(event("PreToolUse", fields.clone()));
        if n % 13 == 5 {
            fields["error"] = json!("Exit code 1");
            payloads.push(event("PostToolUseFailure", fields));
        } else {
            fields["tool_response"] = json!({"stdout": filler(n * 7, 700), "stderr": "", "interrupted": false});
            fields["duration_ms"] = json!(n % 900);
            payloads.push(event("PostToolUse", fields));
        }
    }
    payloads.push(event("Stop", json!({"stop_hook_active": false, "last_assistant_message": filler(turn, 400)})));
    payloads
}

/// Words that do not repeat exactly, so that they compress as prose and code do.
fn filler(seed: usize, bytes: usize) -> String {
    const WORDS: [&str; 16] = [
        "let", "value", "session", "return", "match", "the", "handler", "error", "Option", "writes", "queue", "batch",
        "of", "fold", "commit", "when",
    ];
    let mut text = String::with_capacity(bytes + 16);
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push_str(&(state >> 44 & 0xff).to_string());
        text.push(' ');
    }
    text
}

fn arrival(session: usize, at: Micros, payload: &Value) -> Arrival {
    let header = EventHeader {
        client_pid: Some(u32::try_from(session).unwrap() + 1000),
        project_dir: Some("/home/dev/app".into()),
        entrypoint: Some("cli".into()),
        hook_version: "0.1.0".into(),
        ..EventHeader::new(at)
    };
    Arrival { header, payload: payload.to_string().into_bytes(), received_at: at + 300, spooled: false }
}
