//! `orchd import`: recorded transcripts give the sums that the API really served, however often and by whom they are read.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use e2e_tests::database::Database;
use e2e_tests::programs::repository;
use e2e_tests::transcript::{Project, line};
use e2e_tests::{TestDaemon, TestHome, exclusive};
use serde_json::Value;

/// Scenario, requests, and cost in micro-dollars as the recording's own table has it. The compaction of `interactive` is in no
/// transcript, and the cut stream of `interrupted` is a lower bound.
const SCENARIOS: [(&str, i64, i64); 5] = [
    ("tools_basic", 8, 121_237),
    ("subagent_fg", 8, 144_258),
    ("multi_turn", 6, 163_702),
    ("interactive", 5, 91_238),
    ("interrupted", 4, 152_556),
];

fn scenario(name: &str) -> PathBuf {
    repository().join("tests/fixtures/transcripts").join(name)
}

fn import(home: &TestHome, from: &Path) -> Value {
    let output = home.orchd().args(["import", "--json", "--from"]).arg(from).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn database(home: &TestHome) -> Database {
    Database::open(&home.orch().join("data/orch.db"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn recorded_transcripts_cost_what_was_served() {
    let _turn = exclusive::shared();
    for (name, requests, micros) in SCENARIOS {
        let home = TestHome::new();
        let summary = import(&home, &scenario(name));
        assert_eq!(summary["requests_new"], requests, "{name}: {summary}");
        assert_eq!(summary["errors"], serde_json::json!([]), "{name}");
        let database = database(&home);
        let cost = database.number("SELECT CAST(round(sum(cost_nano_usd) / 1000.0) AS INTEGER) FROM api_requests");
        assert_eq!(cost, micros, "{name}");
        assert_eq!(database.number("SELECT sum(flags & 8 > 0) FROM api_requests"), i64::from(name == "interrupted"));
        for rollup in ["cost_metrics", "cost_day", "cost_day_total", "cost_session"] {
            let rolled =
                format!("SELECT sum(cost_nano_usd) - (SELECT sum(cost_nano_usd) FROM api_requests) FROM {rollup}");
            assert_eq!(database.number(&rolled), 0, "{name}: {rollup}");
        }
    }
    // Nobody pays twice for what a fork repeats, and an agent's requests are its own.
    let home = TestHome::new();
    for (name, ..) in SCENARIOS {
        import(&home, &scenario(name));
    }
    let database = database(&home);
    assert_eq!(
        database.number("SELECT count(*) FROM api_requests"),
        SCENARIOS.iter().map(|(_, count, _)| count).sum::<i64>()
    );
    assert_eq!(
        database.number("SELECT count(*) FROM api_requests WHERE agent_type IN ('Explore', 'general-purpose')"),
        5
    );
}

#[test]
fn what_is_appended_is_read_and_nothing_else_again() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let claude = home.around().join("claude");
    copy(&scenario("tools_basic"), &claude);
    // The first time alone, then by the daemon, which owns the database while it runs.
    assert_eq!(import(&home, &claude)["requests_new"], 8);
    let mut daemon = TestDaemon::start(&home);
    let again = import(&home, &claude);
    assert_eq!((&again["requests_seen"], &again["requests_new"]), (&0.into(), &0.into()));
    let project = fs::read_dir(claude.join("projects")).expect("a folder").flatten().next().expect("a project").path();
    let transcript = fs::read_dir(&project).expect("a folder").flatten().next().expect("a transcript").path();
    let line = r#"{"type":"assistant","message":{"id":"msg_new","model":"claude-opus-5-5","stop_reason":"end_turn","usage":{"output_tokens":50}},"sessionId":"s","timestamp":"2026-11-22T16:58:09.948Z"}"#;
    let mut file = fs::File::options().append(true).open(&transcript).expect("opens");
    // Half a line is no line; broken ones are counted and cost nobody else anything.
    write!(file, "{{\"type\":\"assistant\",\"message\":{{\"usage\"\n{}", &line[..60]).expect("written");
    let summary = import(&home, &claude);
    assert_eq!((&summary["requests_new"], &summary["skipped_lines"]), (&0.into(), &1.into()), "{summary}");
    writeln!(file, "{}", &line[60..]).expect("written");
    let summary = import(&home, &claude);
    assert_eq!((&summary["requests_new"], &summary["skipped_lines"]), (&1.into(), &1.into()), "{summary}");
    // A file that took its place is read from its start, and what it repeats is known.
    fs::rename(&transcript, project.join("old")).expect("renamed");
    let newer = line.replace("msg_new", "msg_newer").replace("\"output_tokens\":50", "\"output_tokens\":70");
    let more = line.replace("\"output_tokens\":50", "\"output_tokens\":60");
    fs::write(&transcript, format!("{more}\n{newer}\n")).expect("written");
    let summary = import(&home, &claude);
    assert_eq!((&summary["requests_new"], &summary["requests_changed"]), (&1.into(), &1.into()), "{summary}");
    assert_eq!(daemon.database().number("SELECT sum(output_tokens) FROM api_requests WHERE session_id = 's'"), 130);
    assert_eq!(daemon.database().number("SELECT sum(output_tokens) FROM cost_session WHERE session_id = 's'"), 130);
    daemon.terminate();
}

#[test]
fn a_folder_without_projects_is_refused() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let output = home.orchd().args(["import", "--from"]).arg(home.around()).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(said.contains("holds no folder `projects`") && said.contains("try: "), "{said}");
}

#[test]
fn two_imports_at_once_are_told_of_each_other() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    import(&home, &scenario("tools_basic"));
    // Who has the lock and listens nowhere is an import.
    let lock = fs::File::open(home.paths.lock_file()).expect("it was made");
    lock.lock().expect("nobody else has it");
    let output = home.orchd().args(["import", "--from"]).arg(scenario("tools_basic")).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains("another import is running") && !said.contains("orchd start"), "{said}");
    drop(lock);
    assert_eq!(import(&home, &scenario("tools_basic"))["requests_new"], 0);
}

#[test]
fn a_project_that_is_not_recorded_has_no_costs() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    fs::write(
        home.orch().join("config.toml"),
        "[capture]\nprojects = [{ dir = \"/home/dev/project\", record = \"off\" }]\n",
    )
    .expect("written");
    assert_eq!(import(&home, &scenario("tools_basic"))["requests_new"], 0);
    // Nor when its shell goes elsewhere, first or later, in its agents' files or by the daemon.
    let from = home.around().join("claude");
    let project = Project::new(&from, "/home/dev/project");
    let elsewhere = |message: &str| line("s", message, 1).replace("/home/dev/app", "/tmp");
    let at_home = line("s", "m2", 1).replace("/home/dev/app", "/home/dev/project/src");
    for text in [elsewhere("m1"), at_home, elsewhere("m3")] {
        project.append("s", &text);
    }
    project.append("s/subagents/agent-a", &elsewhere("m4"));
    Project::new(&from, "/home/dev/project/below").append("t", &elsewhere("m5"));
    let sibling = Project::new(&from, "/home/dev/project-tools");
    sibling.append("u", &line("u", "m6", 1).replace("/home/dev/app", "/home/dev/project-tools"));
    assert_eq!(import(&home, &from)["requests_new"], 1);
    let mut daemon = TestDaemon::start(&home);
    project.append("s", &elsewhere("m7"));
    sibling.append("u", &line("u", "m8", 1).replace("/home/dev/app", "/tmp"));
    assert_eq!(import(&home, &from)["requests_new"], 1);
    daemon.terminate();
    assert_eq!(database(&home).number("SELECT count(*) FROM api_requests WHERE session_id <> 'u'"), 0);
}

#[test]
fn what_had_no_price_is_priced_once_there_is_one() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let from = home.around().join("claude");
    copy(&scenario("tools_basic"), &from);
    for file in transcripts(&from) {
        let text = fs::read_to_string(&file).expect("text");
        fs::write(&file, text.replace("\"model\":\"claude-", "\"model\":\"house-")).expect("written");
    }
    let first = import(&home, &from);
    let unknown = "SELECT count(*) FROM api_requests WHERE cost_nano_usd IS NULL";
    assert_eq!(first["requests_new"], 8);
    assert_eq!(database(&home).number(unknown), 8);

    let models = database(&home).texts("SELECT DISTINCT model FROM api_requests");
    let row = |model: &String| {
        format!(
            "[[model]]\nid = \"{model}\"\ninput = 1.0\noutput = 4.0\ncache_read = 0.1\ncache_write_5m = 1.25\ncache_write_1h = 2.0\n"
        )
    };
    let prices = home.orch().join("prices.toml");
    fs::write(prices, models.iter().map(row).collect::<String>()).expect("written");
    assert_eq!(import(&home, &from)["requests_changed"], 8);
    let database = database(&home);
    assert_eq!(database.number(unknown), 0);
    let sum = database.number("SELECT sum(cost_nano_usd) FROM api_requests");
    let expected = database.number(
        "SELECT sum(input_tokens * 1000 + output_tokens * 4000 + cache_read_input_tokens * 100 +
           (cache_creation_input_tokens - cache_creation_1h_input_tokens) * 1250 + cache_creation_1h_input_tokens * 2000) FROM api_requests",
    );
    assert_eq!(sum, expected);
    for rollup in ["cost_metrics", "cost_day", "cost_day_total", "cost_session"] {
        assert_eq!(database.number(&format!("SELECT sum(cost_nano_usd) FROM {rollup}")), sum, "{rollup}");
        assert_eq!(database.number(&format!("SELECT sum(unknown_cost_requests) FROM {rollup}")), 0, "{rollup}");
    }
    assert_eq!(import(&home, &from)["requests_changed"], 0);
}

fn transcripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(transcripts(&path));
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            found.push(path);
        }
    }
    found
}
