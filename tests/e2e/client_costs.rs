//! The client's own count of its sessions, from the last lines of their transcripts, against the ledger.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use e2e_tests::programs::repository;
use e2e_tests::{TestDaemon, TestHome, exclusive, http, payload, run_hook};
use rusqlite::Connection;
use serde_json::{Value, json};

const PARENT: &str = "179ed3f8-c880-4c25-9416-56f72a24fdab";
const COMPACTED: &str = "89372dd0-80f1-44c7-a4aa-ded306e264d9";

/// What the real client wrote at the end of four recorded sessions: tokens read, written, read from and written into the cache, US dollars.
const COUNTED: [(&str, &str, [i64; 4], f64); 4] = [
    ("multi_turn", PARENT, [27, 124, 57_950, 14_860], 0.088_478),
    // A fork: its parent's count is in it.
    ("multi_turn", "dde7a725-d14d-4913-95d6-adb019012335", [33, 134, 57_950, 29_860], 0.163_702),
    // The compaction is in no transcript.
    ("interactive", COMPACTED, [915, 202, 73_440, 15_210], 0.098_438),
    ("tools_basic", "5c199b48-0d79-4f05-bcef-3ef984c07b16", [45, 899, 107_333, 16_322], 0.121_236_6),
];

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("lists").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// Imports the recorded sessions with their last lines.
fn imported() -> TestHome {
    let home = TestHome::new();
    let client = home.around().join("client");
    for (scenario, session, [input, output, read, written], usd) in COUNTED {
        let from = repository().join("tests/fixtures/transcripts").join(scenario);
        let transcript = client.join(format!("projects/-home-dev-project/{session}.jsonl"));
        if !transcript.exists() {
            copy(&from, &client);
        }
        let line = json!({"type": "cost-state", "sessionId": session, "totalCostUSD": usd, "hasUnknownModelCost": false,
            "modelUsage": {"claude-opus-5-5": {"inputTokens": input, "outputTokens": output, "cacheReadInputTokens": read,
                "cacheCreationInputTokens": written, "costUSD": usd}}});
        // The client writes the kind first.
        let line = line.to_string().replace("\"type\":\"cost-state\"", "\"kind\":0");
        let line = format!("{{\"type\":\"cost-state\",{}", line.trim_start_matches('{'));
        let mut file = OpenOptions::new().append(true).open(&transcript).expect("opens");
        writeln!(file, "{line}").expect("writes");
    }
    let output = home.orchd().args(["import", "--from"]).arg(&client).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    home
}

/// Returns state and message of the doctor's check.
fn checked(home: &TestHome) -> (String, String) {
    let output = home.orchd().args(["doctor", "--json"]).output().expect("runs");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = answer["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == "client cost").expect("the check");
    let text = |key: &str| check[key].as_str().expect("text").to_owned();
    (text("state"), text("message"))
}

#[test]
fn the_clients_count_agrees_but_for_what_transcripts_leave_out() {
    let _turn = exclusive::shared();
    let home = imported();
    let (state, message) = checked(&home);
    assert_eq!(state, "ok");
    assert!(message.contains("counted 4 sessions; in 1 "), "{message}");
    // Telemetry would have told of the compaction.
    let conn = Connection::open(home.paths.database()).expect("opens");
    conn.execute("UPDATE api_requests SET source = 'telemetry' WHERE session_id = ?1", [COMPACTED]).expect("changes");
    let (state, message) = checked(&home);
    assert_eq!(state, "warn");
    assert!(message.contains("1 of 4 sessions") && message.contains(COMPACTED), "{message}");
}

#[test]
fn a_session_shows_the_clients_cost() {
    let _turn = exclusive::shared();
    let home = imported();
    let daemon = TestDaemon::start(&home);
    run_hook(&home, &payload::session_event("UserPromptSubmit", PARENT, &json!({"prompt": "again"})))
        .assert_silent("a prompt");
    run_hook(&home, &payload::session_event("UserPromptSubmit", "another", &json!({"prompt": "x"})))
        .assert_silent("a prompt");
    let session = |id: &str| http::get_json(&daemon, &format!("/api/v1/sessions/{id}"));
    assert_eq!(session(PARENT)["client_cost_usd"], 0.088_478);
    assert_eq!(session("another")["client_cost_usd"], Value::Null);
}
