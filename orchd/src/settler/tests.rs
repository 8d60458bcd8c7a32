//! What a real client sent, through the store and a settler that runs, against a table that a person read out of the payloads and of what
//! the API served.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::decision::{Policy, Settings, asks_for_something, decide};
use shared::event::Micros;
use shared::protocol::{Decided, EventHeader};
use tokio_util::sync::CancellationToken;

use super::Settler;
use crate::analytics::task_facts::task_facts;
use crate::analytics::tasks::{TaskQuery, tasks};
use crate::feedback::{Said, Subject, Word, give};
use crate::ingest::transcripts::{Import, Progress, Root, Transcripts};
use crate::metrics::Metrics;
use crate::pricing::PriceTable;
use crate::store::{Arrival, Store, StoreOptions};
use crate::task_outcome::is_check;
use crate::updates::Updates;
use crate::view::TaskRow;

/// A moment of 2023: no event of a transcript lies before it.
const T0: Micros = 1_700_000_000_000_000;
/// How long a settler may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Scenario, task (the start of a prompt's id, the end of a call's), where it ran, on which model, how it ended, its label, the codes of
/// the evidence; of those whose transcripts there are: requests, tokens of input, output, cache read and cache creation.
const EXPECTED: &str = "
denied         prompt:762dd945 claude - completed unknown tools_denied -
hello          prompt:c557cb0e claude - completed unknown - -
hook_faults    prompt:5bcfff17 - - cancelled failure interrupted -
hook_faults    prompt:e50a4fbb claude - completed unknown - -
interactive    prompt:250e24c9 claude claude-opus-5-5 cancelled failure interrupted 1,3,44,14960,250
interactive    prompt:3b17d65c claude claude-opus-5-5 completed unknown - 2,6,56,29270,450
interactive    prompt:e9a2ce07 claude claude-opus-5-5 completed unknown - 2,6,72,14210,14510
interrupted    prompt:54a7639f claude claude-opus-5-5 cancelled failure interrupted 1,6,1,14210,200
interrupted    prompt:936b7655 claude claude-opus-5-5 completed unknown - 1,6,9,14210,300
interrupted    prompt:dee7e8ae claude claude-opus-5-5 cancelled failure interrupted 1,3,50,0,14210
interrupted    prompt:ef27e270 claude claude-opus-5-5 cancelled failure interrupted 1,3,50,0,14210
multi_turn     prompt:34ce7d86 claude claude-opus-5-5 completed unknown - 2,12,54,29330,270
multi_turn     prompt:84339b77 claude claude-opus-5-5 completed unknown - 2,9,60,14210,14410
multi_turn     prompt:8afe1c18 claude claude-opus-5-5 completed unknown - 1,6,10,0,15000
multi_turn     prompt:958515f5 claude claude-opus-5-5 completed unknown - 1,6,10,14410,180
steer          agent:8196fa claude claude-haiku-5-5 completed unknown - -
steer          prompt:11c2b84b claude - completed unknown tools_failed -
subagent_bg    agent:aab9b9 claude claude-opus-5-5 completed unknown - -
subagent_bg    prompt:d9b65544 claude - completed unknown - -
subagent_fg    agent:a66f7e claude claude-opus-5-5 completed unknown - 2,8,139,9000,9260
subagent_fg    agent:b935b2 claude claude-haiku-5-5 completed unknown - 3,13,193,12550,6710
subagent_fg    prompt:50fa6ffe claude claude-opus-5-5 completed unknown - 3,15,430,29120,15560
tools_basic    prompt:efc24a65 claude claude-opus-5-5 completed unknown tools_failed 8,45,899,107333,16322
tools_parallel prompt:5d5abaf8 claude - completed unknown tools_failed -
";

/// When prompts were typed whose requests a fork repeats under a prompt of its own, as their transcripts say: their time tells whose they are.
const TYPED: [(&str, &str); 4] = [
    ("84339b77", "2026-11-22T16:58:09.821Z"),
    ("958515f5", "2026-11-22T16:58:11.096Z"),
    ("34ce7d86", "2026-11-22T16:58:12.577Z"),
    ("8afe1c18", "2026-11-22T16:58:15.556Z"),
];

/// What stands in EXPECTED of a scenario.
fn expected(scenario: &str) -> Vec<String> {
    let lines = EXPECTED.lines().filter(|line| line.split_whitespace().next() == Some(scenario));
    lines.map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect()
}

fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(kind)
}

/// Returns the payloads of a scenario a millisecond apart, or when they came where that is known, with what the hook would have decided.
fn arrivals(scenario: &str) -> Vec<Arrival> {
    arrivals_of(&std::fs::read_to_string(fixtures("hooks").join(scenario).join("events.jsonl")).expect("payloads"))
}

fn arrivals_of(text: &str) -> Vec<Arrival> {
    let mut at = T0;
    let arrival = |line: &str| {
        let payload: Value = serde_json::from_str(line).expect("JSON");
        let typed = payload["prompt_id"].as_str().and_then(|id| TYPED.iter().find(|(start, _)| id.starts_with(start)));
        let typed = typed.map(|(_, at)| at.parse::<jiff::Timestamp>().expect("a time").as_microsecond());
        at = (at + 1_000).max(typed.unwrap_or(0));
        let decided = words(&payload).map(|words| {
            let task = shared::decision::Task { text: words, ..shared::decision::Task::default() };
            let decision = decide(&task, &Settings::default(), None);
            Box::new(Decided { decision, policy: Policy::Observe, advised: false, downshifted_to: None })
        });
        let header = EventHeader { decided, ..EventHeader::new(at) };
        Arrival { header, payload: line.as_bytes().to_vec(), received_at: at, spooled: false }
    };
    text.lines().map(arrival).collect()
}

fn words(payload: &Value) -> Option<&str> {
    match payload["hook_event_name"].as_str()? {
        "UserPromptSubmit" => payload["prompt"].as_str().filter(|prompt| asks_for_something(prompt, None)),
        "PreToolUse" if payload["tool_name"] == "Agent" => payload["tool_input"]["prompt"].as_str(),
        _ => None,
    }
}

struct Place {
    folder: tempfile::TempDir,
    store: Store,
    updates: Updates,
    shutdown: CancellationToken,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let updates = Updates::default();
        let options = StoreOptions { silent_after: Micros::MAX / 2, ..StoreOptions::default() };
        let store = Store::open(&folder.path().join("orch.db"), options, Metrics::default(), updates.clone());
        Self { folder, store: store.expect("opens"), updates, shutdown: CancellationToken::new() }
    }

    fn settle(&self) {
        let (reader, writer) = (self.store.reader(), self.store.writer());
        let settler = Settler::new(reader, writer, self.updates.clone(), self.folder.path().join("prices.toml"));
        tokio::spawn(settler.keep(self.shutdown.clone()));
    }

    async fn import(&self, scenario: &str) {
        let root = Root(fixtures("transcripts").join(scenario));
        let writer = self.store.writer();
        let read = tokio::task::spawn_blocking(move || {
            Import {
                transcripts: Transcripts::of_roots(&[root]),
                prices: &PriceTable::new(Vec::new()),
                rules: &[],
                marks: std::collections::HashMap::default(),
                together: 100,
                queued: 1,
                writer: &writer,
                progress: &Progress::default(),
            }
            .run()
        });
        read.await.expect("ends").expect("imports");
    }

    async fn rows(&self) -> Vec<TaskRow> {
        let ask = |conn: &rusqlite::Connection| tasks(conn, &TaskQuery::default(), (None, 200), &TimeZone::UTC);
        self.store.reader().query(ask).await.expect("answers").rows
    }

    /// Waits until the tasks are as expected; fails with both when they never are.
    async fn wait(&self, expected: &[String]) {
        let began = Instant::now();
        loop {
            let mut found: Vec<String> = self.rows().await.iter().map(line).collect();
            found.sort();
            if found == expected {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{found:#?}\nis not\n{expected:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(self) {
        self.shutdown.cancel();
        tokio::task::spawn_blocking(move || self.store.close()).await.expect("closes");
    }
}

/// Renders a task as a line of the table.
fn line(row: &TaskRow) -> String {
    let (kind, id) = row.task_id.split_once(':').expect("a kind");
    let id = if kind == "agent" { &id[id.len() - 6..] } else { &id[..8] };
    let codes: Vec<_> = row.evidence.iter().filter_map(|text| text.split(':').next()).collect();
    let tokens = [
        row.requests,
        row.input_tokens,
        row.output_tokens,
        row.cache_read_input_tokens,
        row.cache_creation_input_tokens,
    ];
    let tokens: Vec<String> = tokens.into_iter().flatten().map(|count| count.to_string()).collect();
    let dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    [
        format!("{kind}:{id}"),
        or_dash(&row.ran),
        or_dash(&row.model),
        or_dash(&row.outcome),
        row.label.clone(),
        dash(codes.join(",")),
        dash(tokens.join(",")),
    ]
    .join(" ")
}

fn scenarios() -> Vec<String> {
    let found = std::fs::read_dir(fixtures("hooks")).expect("a folder").flatten();
    let mut names: Vec<_> = found
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_sessions_come_out_as_a_person_reads_them() {
    assert_eq!(scenarios().len(), 11);
    for scenario in scenarios() {
        let place = Place::new();
        place.settle();
        place.store.writer().append_all(arrivals(&scenario)).await.expect("stored");
        if fixtures("transcripts").join(&scenario).is_dir() {
            place.import(&scenario).await;
        }
        let expected = expected(&scenario);
        assert!(!expected.is_empty(), "{scenario} is in the table");
        place.wait(&expected).await;
        for row in place.rows().await {
            assert_eq!(row.cost_usd.is_some(), row.requests.is_some(), "{row:?}");
            assert_eq!(row.settled_at, row.ended_at, "{row:?}");
        }
        place.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_settles_what_was_left_and_late_requests_are_added() {
    let place = Place::new();
    place.store.writer().append_all(arrivals("subagent_fg")).await.expect("stored");
    assert!(place.rows().await.iter().all(|row| row.settled_at.is_none() && row.label == "unknown"));
    place.settle();
    let known = expected("subagent_fg");
    let without: Vec<String> = known
        .iter()
        .map(|line| {
            let mut words: Vec<_> = line.split(' ').collect();
            let last = words.len() - 1;
            words[last] = "-";
            // Until the ledger tells, a prompt's model is not known; a subagent's is named by the client.
            if words[0].starts_with("prompt") {
                words[2] = "-";
            }
            words.join(" ")
        })
        .collect();
    place.wait(&without).await;
    place.import("subagent_fg").await;
    place.wait(&known).await;
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_says_names_its_session() {
    let place = Place::new();
    place.store.writer().append_all(arrivals("hello")).await.expect("stored");
    let row = place.rows().await.remove(0);
    let mut updates = place.updates.subscribe();
    let word = Word { task: row.task_id, verdict: Said::Good, about: Subject::Result };
    let given = give(&place.store.reader(), &place.store.writer(), word, T0).await;
    assert_eq!(given.expect("taken").label, "success");
    // Who stored the events heard of it before the streams did: that is told first, perhaps only now.
    let mut update = updates.recv().await.expect("told");
    while update.events > 0 {
        update = updates.recv().await.expect("told");
    }
    assert!(update.tasks && update.sessions.iter().eq(row.session_id.iter()), "{update:?}");
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_told_by_the_whole_command() {
    let long = format!("cargo test {}", "--test some_name ".repeat(12));
    let plain = ["cargo test".to_owned(), "cargo test\necho done".into(), long.clone(), format!("{long} | tail -20")];
    let payload = |name: &str, more: Value| {
        let mut payload =
            json!({"session_id": "s1", "hook_event_name": name, "cwd": "/home/dev/app", "prompt_id": "p1"});
        payload.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        payload.to_string()
    };
    let mut lines = vec![payload("UserPromptSubmit", json!({"prompt": "Write a parser for dates"}))];
    for (nth, command) in plain.iter().enumerate() {
        let call = json!({"tool_name": "Bash", "tool_use_id": format!("t{nth}"), "tool_input": {"command": command}});
        lines.extend([payload("PreToolUse", call.clone()), payload("PostToolUse", call)]);
    }
    let place = Place::new();
    place.store.writer().append_all(arrivals_of(&lines.join("\n"))).await.expect("stored");
    let checks = async || {
        let facts = place.store.reader().query(|conn| task_facts(conn, "s1")).await.expect("answers").expect("a task");
        assert_eq!(facts.calls.len(), plain.len());
        facts.calls.iter().map(is_check).collect::<Vec<_>>()
    };
    assert_eq!(checks().await, [true, false, true, false]);
    let conn = rusqlite::Connection::open(place.folder.path().join("orch.db")).expect("opens");
    conn.execute("DELETE FROM event_bodies", []).expect("forgets");
    assert_eq!(checks().await, [true, true, false, false], "of the second nothing shows that more followed");
    place.end().await;
}
