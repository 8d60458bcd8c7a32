//! The status line: what it shows with a daemon, what without, what of the user's own, and what the settings hold.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e_tests::programs::repository;
use e2e_tests::{HookStart, TestDaemon, TestHome, exclusive, wait_until};
use serde_json::{Value, json};
use shared::plan_limits::{LimitWindow, PlanLimits};
use shared::protocol::Request;
use shared::sealed::MAX_BYTES;
use shared::status_line::FiguresFile;

/// The session of the transcript `interactive`.
const SESSION: &str = "89372dd0-80f1-44c7-a4aa-ded306e264d9";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/fixtures/statusline").join(name)).expect("a fixture")
}

fn statusline(home: &TestHome, arguments: &[&str]) -> Command {
    let mut command = home.orch_hook();
    command.arg("statusline").args(arguments).env("NO_COLOR", "1");
    command
}

/// Runs the command and returns what it printed; it succeeded and complained of nothing.
fn shown(mut command: Command, payload: &[u8]) -> String {
    let run = HookStart::feed(&mut command, payload).finish();
    assert_eq!((run.exit, &*run.stderr), (Some(0), &b""[..]));
    String::from_utf8(run.stdout).expect("text")
}

/// Year, month and day of now in UTC, as times in a transcript begin.
fn today() -> String {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().expect("a clock");
    String::from_utf8(date.stdout).expect("text").trim().to_owned()
}

/// Writes a transcript: today one request of a known price and one of none, and one of another session long ago.
fn write_transcript(home: &TestHome) -> PathBuf {
    let claude = home.around().join("claude");
    let project = claude.join("projects/-home-dev-project");
    std::fs::create_dir_all(&project).expect("a folder");
    let line = |id: &str, model: &str, session: &str, day: &str| {
        json!({"type": "assistant", "sessionId": session, "timestamp": format!("{day}T00:00:01.000Z"), "message": {"id": id,
               "model": model, "stop_reason": "end_turn", "usage": {"input_tokens": 1_000_000, "output_tokens": 100}}})
    };
    let lines = [
        line("msg_1", "claude-opus-5-5", "of-today", &today()),
        line("msg_2", "nobody-knows-7b", "of-today", &today()),
        line("msg_3", "claude-opus-5-5", "of-old", "2026-01-01"),
    ];
    std::fs::write(project.join("of-today.jsonl"), lines.map(|line| format!("{line}\n")).concat()).expect("written");
    claude
}

fn import(home: &TestHome, from: &Path) -> Value {
    let output = home.orchd().args(["import", "--json", "--from"]).arg(from).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn what_the_ledger_knows_is_on_the_line_until_the_daemon_stops() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    std::fs::write(home.paths.config_file(), "[display]\ntimezone = \"UTC\"\n").expect("settings");
    let payload = json!({"session_id": "of-today", "cost": {"total_cost_usd": 99.5}}).to_string();
    assert_eq!(shown(statusline(&home, &[]), payload.as_bytes()), "session $99.50 | orchd off\n");
    let mut daemon = TestDaemon::start(&home);
    wait_until("an empty ledger on the line", Duration::from_secs(10), || {
        shown(statusline(&home, &[]), payload.as_bytes()) == "session $99.50 | today $0.00\n"
    });
    assert_eq!(import(&home, &write_transcript(&home))["requests_new"], 3);
    let known = daemon.database().number("SELECT sum(cost_nano_usd) FROM cost_session WHERE session_id = 'of-today'");
    assert!(known > 10_000_000, "a request of that size costs more than a cent: {known}");
    let cents = (known + 5_000_000) / 10_000_000;
    let dollars = format!("${}.{:02}+?", cents / 100, cents % 100);
    let expected = format!("session {dollars} | today {dollars}\n");
    wait_until("both costs on the line", Duration::from_secs(10), || {
        shown(statusline(&home, &[]), payload.as_bytes()) == expected
    });
    let file = home.paths.status_line_file();
    let metadata = std::fs::metadata(&file).expect("the file is kept");
    assert!(metadata.permissions().mode() & 0o777 == 0o600 && metadata.len() <= MAX_BYTES as u64);
    assert!(FiguresFile::decode(&std::fs::read(&file).expect("the file")).is_some());
    daemon.terminate();
    assert!(!file.exists(), "what a stopped daemon knew is not shown as live");
    assert_eq!(shown(statusline(&home, &[]), payload.as_bytes()), "session $99.50 | orchd off\n");
}

#[test]
fn a_recorded_session_costs_what_the_ledger_says() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    // As if it had been today: the file tells of active sessions.
    let name = format!("projects/-home-dev-project/{SESSION}.jsonl");
    let text = std::fs::read_to_string(repository().join("tests/fixtures/transcripts/interactive").join(&name));
    let text =
        text.expect("a transcript").replace("\"timestamp\":\"2026-11-22T", &format!("\"timestamp\":\"{}T", today()));
    let to = home.around().join("claude").join(name);
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
    std::fs::write(to, text).expect("written");
    let _daemon = TestDaemon::start(&home);
    assert_eq!(import(&home, &home.around().join("claude"))["errors"], json!([]));
    // The client's own count is 0.098438, with a compaction that no transcript tells of.
    wait_until("the session's cost", Duration::from_secs(10), || {
        shown(statusline(&home, &[]), &fixture("06.json")).starts_with("session $0.09 | today $")
    });
}

#[test]
fn what_the_client_tells_of_the_plan_reaches_the_database() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let payload = br#"{"session_id":"s","rate_limits":{"five_hour":{"used_percentage":42.5,"resets_at":4000000000},"seven_day":{"used_percentage":7}}}"#;
    let line = shown(statusline(&home, &[]), payload);
    assert!(line.starts_with("5h 43% ") && line.contains(" | 7d 7%"), "{line}");
    let column = |what: &str, window: &str| {
        daemon
            .database()
            .number(&format!("SELECT coalesce(max({what}), -1) FROM plan_limits WHERE window = '{window}'"))
    };
    wait_until("the limits in the database", Duration::from_secs(5), || {
        column("used_basis_points", "seven_day") == 700
    });
    assert_eq!(column("used_basis_points", "five_hour"), 4_250);
    assert_eq!(column("resets_at", "five_hour"), 4_000_000_000_000_000);
    assert_eq!(column("seen_at IS NOT NULL", "seven_day"), 1);
    // An older answer of another session changes nothing; without limits nothing is sent.
    let older = br#"{"rate_limits":{"five_hour":{"used_percentage":1,"resets_at":4000000000}}}"#;
    let _ = shown(statusline(&home, &[]), older);
    let newer = br#"{"rate_limits":{"seven_day":{"used_percentage":8}}}"#;
    let _ = shown(statusline(&home, &[]), newer);
    wait_until("the newer limit", Duration::from_secs(5), || column("used_basis_points", "seven_day") == 800);
    assert_eq!(column("used_basis_points", "five_hour"), 4_250);
    assert_eq!(home.spooled(), 0, "limits are never spooled");
    e2e_tests::daemon::assert_books_balance(&daemon.status());
}

#[test]
fn a_daemon_that_does_not_know_limits_costs_nobody_anything() {
    use e2e_tests::stand_in::{Fault, StandIn};
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for fault in [Fault::UnsupportedVersion, Fault::LaterAck] {
        let _stand_in = StandIn::start(&home, fault);
        assert_eq!(
            shown(statusline(&home, &[]), br#"{"rate_limits":{"seven_day":{"used_percentage":7}}}"#),
            "7d 7% | orchd off\n"
        );
    }
    assert_eq!(home.spooled(), 0);
    // And what this daemon does not know it refuses, and goes on.
    let daemon = TestDaemon::start(&home);
    let window = LimitWindow { used_basis_points: 100, resets_at: None };
    let request = Request::PlanLimits(PlanLimits { five_hour: Some(window), seven_day: None });
    let frame = shared::protocol::encode(&request, None);
    let later = String::from_utf8(frame[4..].to_vec()).expect("text").replace("plan_limits", "later_thing");
    let mut client =
        e2e_tests::socket::RawClient::connect(&home.paths.socket(), Duration::from_secs(2)).expect("it listens");
    client
        .send(&[&u32::try_from(later.len()).expect("short").to_be_bytes()[..], later.as_bytes()].concat())
        .expect("sent");
    assert!(matches!(client.reply(), Ok(shared::protocol::Reply::Error { .. })));
    assert_eq!(daemon.counter("received"), 0);
}

#[test]
fn whatever_stands_on_stdin_or_in_the_file_there_is_a_line() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let huge = [br#"{"cost":{"total_cost_usd":3},"x":""#.to_vec(), vec![b'x'; 5 << 20], b"\"}".to_vec()].concat();
    for (payload, line) in [
        (&b""[..], "orchd off\n"),
        (b"\x00\xff\xfe garbage \x1b[2J", "orchd off\n"),
        (br#"{"session_id":"\ud800","cost":{"total_cost_usd":1}}"#, "session $1.00 | orchd off\n"),
        (
            b"{\"model\":{\"display_name\":\"\x1b]0;owned\x07\"},\"cost\":{\"total_cost_usd\":\"\x1b[31m\"}}",
            "orchd off\n",
        ),
        (br#"{"cost":{"total_cost_usd":-5},"rate_limits":{"five_hour":{"used_percentage":1e308}}}"#, "orchd off\n"),
        (&huge, "session $3.00 | orchd off\n"),
    ] {
        assert_eq!(shown(statusline(&home, &[]), payload), line);
    }
    home.make_run_dir();
    let file = home.paths.status_line_file();
    let cost = br#"{"cost":{"total_cost_usd":1}}"#;
    for content in [&b""[..], b"12345678\n{\"schema\":1}", &vec![b'x'; 1 << 20]] {
        std::fs::write(&file, content).expect("written");
        assert_eq!(shown(statusline(&home, &[]), cost), "session $1.00 | orchd off\n");
    }
    let old = shared::status_line::Figures { written_at: 1, day_ends_at: i64::MAX, ..Default::default() };
    std::fs::write(&file, old.encode()).expect("written");
    assert_eq!(shown(statusline(&home, &[]), cost), "session $1.00 | orchd off\n");
    std::fs::remove_file(&file).expect("removed");
    assert!(Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
    assert_eq!(
        shown(statusline(&home, &[]), cost),
        "session $1.00 | orchd off\n",
        "a pipe in its place is not waited for"
    );
}

#[test]
fn a_writer_that_never_ends_and_a_command_that_hangs_are_waited_for_once() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let mut command = statusline(&home, &["--chain", "echo mine; sleep 60"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let start = std::time::Instant::now();
    let mut child = command.spawn().expect("it starts");
    let held = child.stdin.take();
    let output = child.wait_with_output().expect("it ends");
    drop(held);
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "mine\norchd off\n");
    assert!(start.elapsed() < Duration::from_secs(4), "one deadline over all: {:?}", start.elapsed());
}

fn settings_file(home: &TestHome) -> PathBuf {
    let folder = home.user().join(".claude");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join("settings.json")
}

/// Runs the status line's command of the settings as the client does.
fn as_the_client(home: &TestHome, payload: &[u8]) -> String {
    let text = std::fs::read_to_string(settings_file(home)).expect("settings");
    let settings: Value = serde_json::from_str(&text).expect("JSON");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(settings["statusLine"]["command"].as_str().expect("a command"));
    command
        .env_clear()
        .env("HOME", home.user())
        .env("PATH", "/usr/bin:/bin")
        .env("NO_COLOR", "1")
        .current_dir(home.around());
    shown(command, payload)
}

#[test]
fn the_users_own_command_goes_first_and_comes_back() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let file = settings_file(&home);
    let before = "{\n  \"statusLine\": {\n    \"type\": \"command\",\n    \"command\": \"printf 'mine: it'\\\\''s '; tr -dc 0-9\",\n    \
                  \"padding\": 1\n  },\n  \"model\": \"opus\"\n}\n";
    std::fs::write(&file, before).expect("written");
    let hook = |arguments: &[&str]| {
        let output = home.orch_hook().args(arguments).output().expect("orch-hook starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let shown_diff = hook(&["install", "--statusline", "--dry-run"]);
    assert!(shown_diff.contains("--chain") && std::fs::read_to_string(&file).expect("settings") == before);
    let report: Value = serde_json::from_str(&hook(&["install", "--statusline", "--json"])).expect("JSON");
    assert_eq!(report["status_line"], "chained");
    let backup = report["backup"].as_str().expect("a backup");
    assert_eq!(std::fs::read_to_string(backup).expect("the backup"), before);
    let payload = br#"{"cost":{"total_cost_usd":12}}"#;
    assert_eq!(as_the_client(&home, payload), "mine: it's 12\nsession $12.00 | orchd off\n");
    let installed = std::fs::read_to_string(&file).expect("settings");
    // Without the switch the status line stays as it is; with it nothing more is to be done.
    for arguments in [&["install"][..], &["install", "--statusline"]] {
        let _ = hook(arguments);
        assert_eq!(std::fs::read_to_string(&file).expect("settings"), installed, "{arguments:?}");
    }
    // A tool that took the slot keeps it, with us around it.
    let ours = serde_json::from_str::<Value>(&installed).expect("JSON")["statusLine"]["command"].to_string();
    std::fs::write(&file, installed.replace(&ours, "\"echo other\"")).expect("written");
    let _ = hook(&["install", "--statusline"]);
    assert_eq!(as_the_client(&home, payload), "other\nsession $12.00 | orchd off\n");
    let _ = hook(&["install", "--no-statusline"]);
    let text = std::fs::read_to_string(&file).expect("settings");
    assert!(text.contains("\"echo other\"") && !text.contains("statusline") && text.contains("SessionStart"), "{text}");
    std::fs::write(&file, &installed).expect("written");
    let _ = hook(&["uninstall"]);
    assert_eq!(std::fs::read_to_string(&file).expect("settings"), before, "given back byte for byte");
}

#[test]
fn a_circle_of_status_lines_ends() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let script = home.around().join("line.sh");
    let own = home.orch_hook().get_program().to_string_lossy().into_owned();
    std::fs::write(&script, format!("#!/bin/sh\necho around\n'{own}' statusline --chain 'sh {}'\n", script.display()))
        .expect("written");
    let line = shown(statusline(&home, &["--chain", &format!("sh {}", script.display())]), b"{}");
    assert_eq!(line, "around\norchd off\n");
}
