//! What is kept of `orchd delegate`: the task, its outcome, the ledger's row and the saving, with a daemon and without.

use std::fs::File;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use e2e_tests::chat_server::{ChatServer, Step, answer, event, head, stream, stream_head};
use e2e_tests::database::Database;
use e2e_tests::http::{Stream, get_json};
use e2e_tests::{TestDaemon, TestHome, exclusive, process, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::delegate::{delegate, with_claude};

/// What a delegation is to leave: as `texts` of [`row`] gives it.
const COLUMNS: &str =
    "SELECT concat_ws('|', h.task_id, h.policy, coalesce(h.ran, 'nobody'), o.outcome, coalesce(o.reason, '-'),
    coalesce(h.fallback_reason, '-'), coalesce(h.input_tokens, '-'), coalesce(h.output_tokens, '-'),
    coalesce(h.tokens_source, '-'), coalesce(r.source, '-'), coalesce(r.session_id, '-'), coalesce(h.task_preview, '-'),
    coalesce(h.answer_preview, '-'))
    FROM handoff_events h JOIN task_outcomes o USING (task_id) LEFT JOIN api_requests r USING (request_seq)";

fn error_free(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("recorded"), "{stderr}");
}

fn answered() -> Vec<Step> {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 9}});
    // Long enough that its electricity costs something.
    let thinks = vec![Step::Wait(Duration::from_millis(20))];
    [thinks, stream(&["<think>hm</think>", "It is 4."])[..3].to_vec(), vec![event(&stop()), event(&usage), done()]]
        .concat()
}

fn stop() -> Value {
    json!({"choices": [{"delta": {}, "finish_reason": "stop"}]})
}

fn done() -> Step {
    Step::Send(b"data: [DONE]\n\n".to_vec())
}

/// Each way in which a delegation may end, and what it leaves behind the id.
///
/// `priced` says that the user gave watts: then work that came to nothing has a row of the ledger too, for its time.
fn each_end(home: &TestHome, session: &str, priced: bool) -> Vec<(String, String)> {
    let mut left = Vec::new();
    let uncounted = if priced { "local|ITSELF" } else { "-|-" };
    let id = |output: &Output| {
        error_free(output);
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        found["task_id"].as_str().expect("an id").to_owned()
    };
    let server = ChatServer::start(vec![answered()]);
    let mut command = delegate(home, &server, &["Add 2 and 2. password=hunter2-of-mine", "--json"]);
    let output = command.env("CLAUDE_CODE_SESSION_ID", session).output().expect("runs");
    let task = "Add 2 and 2. password=[redacted:password]";
    let row = format!("command|local|completed|-|-|21|9|server|local|{session}|{task}|It is 4.");
    left.push((id(&output), row));

    let fails = [vec![Step::Wait(Duration::from_millis(20))], answer("500 Oops", &[], "")].concat();
    let server = ChatServer::start(vec![fails]);
    let mut command = delegate(home, &server, &["Why?", "--fallback", "claude", "--json"]);
    with_claude(home, &mut command, "cat >/dev/null; echo because");
    let output = command.output().expect("runs");
    left.push((id(&output), format!("command|claude|fell_back|status|status|-|-|-|{uncounted}|Why?|-")));

    // The model used up its room on thinking: what the server counted was used nonetheless.
    let empty = json!({"choices": [{"message": {"content": "", "reasoning_content": "hm"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 64}, "model": "m"});
    let empty = vec![head("200 OK", &["Content-Type: application/json"]), Step::Send(empty.to_string().into_bytes())];
    let server = ChatServer::start(vec![empty]);
    let output = delegate(home, &server, &["Think.", "--no-stream"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(75));
    error_free(&output);
    left.push((String::new(), "command|nobody|failed|empty|-|5|64|server|local|ITSELF|Think.|-".to_owned()));

    let server = ChatServer::start(vec![vec![stream_head(), Step::Hang]]);
    let child = delegate(home, &server, &["wait"]).stderr(Stdio::piped()).spawn().expect("starts");
    wait_until("the question", Duration::from_secs(10), || !server.asked().is_empty());
    process::signal(child.id(), Signal::INT);
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(130));
    error_free(&output);
    left.push((String::new(), format!("command|nobody|cancelled|interrupted|-|-|-|-|{uncounted}|wait|-")));
    left
}

fn check(home: &TestHome, left: &[(String, String)]) {
    let database = Database::open(&home.paths.database());
    let found = database.texts(&format!("{COLUMNS} ORDER BY h.handoff_seq"));
    assert_eq!(found.len(), left.len(), "{found:#?}");
    for (found, (id, row)) in found.iter().zip(left) {
        let (found_id, rest) = found.split_once('|').expect("an id");
        assert!(id.is_empty() || id == found_id, "{found}");
        assert_eq!(rest, row.replace("ITSELF", found_id));
    }
    let dir = "SELECT DISTINCT dir FROM handoff_events JOIN projects USING (project_id)";
    assert_eq!(database.texts(dir), [home.around().to_string_lossy()]);
    let rolled = "SELECT sum(requests) FROM cost_day WHERE agent_type = 'delegation'";
    let rows = left.iter().filter(|(_, row)| row.contains("|local|of-") || row.contains("|local|ITSELF")).count();
    assert_eq!(database.number(rolled), i64::try_from(rows).expect("few"));
}

#[test]
fn every_end_is_recorded_without_a_daemon() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let left = each_end(&home, "of-nobody", false);
    check(&home, &left);
}

#[test]
fn every_end_is_recorded_by_the_daemon_and_told_to_the_page() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let daemon = TestDaemon::start_with(&home, |command| {
        command.env("ORCH_LOCAL__WATTS", "120").env("ORCH_LOCAL__USD_PER_KWH", "0.3");
        command.env("ORCH_LOCAL__DISPLACED_MODEL", "claude-opus-5");
    });
    let mut changes = Stream::open(&daemon, None);
    let left = each_end(&home, "of-claude", true);
    check(&home, &left);
    let told = std::iter::from_fn(|| changes.message().expect("open"));
    let mut told = told.filter(|message| message.event == "changed").map(|message| message.data);
    assert!(told.any(|data| data.contains("\"delegations\":true")));
    let list = get_json(&daemon, "/api/v1/delegations");
    let (items, total) = (list["items"].as_array().expect("rows"), &list["total"]);
    assert_eq!(
        (&total["tasks"], &total["local"], &total["claude"], &total["nobody"]),
        (&4.into(), &1.into(), &1.into(), &2.into())
    );
    let local = items.iter().find(|item| item["ran"] == "local").expect("one ran");
    assert_eq!(local["session_id"], "of-claude");
    // 21 tokens at 5 USD per million and those of the answer at 25, less the electricity.
    let answer =
        local["output_tokens"].as_i64().expect("counted") - local["reasoning_tokens"].as_i64().expect("counted");
    let cost = local["cost_usd"].as_f64().expect("known");
    let saving = local["saving_usd"].as_f64().expect("known");
    #[expect(clippy::cast_precision_loss, reason = "a handful of tokens")]
    let expected = (21 * 5_000 + answer * 25_000) as f64 / 1e9 - cost;
    assert!(cost > 0.0 && (saving - expected).abs() < 1e-12, "{local}");
    assert_eq!(local["cost_price"], "local: electricity 120 W at 0.30 USD/kWh");
    let saved = get_json(&daemon, "/api/v1/savings");
    assert_eq!(saved["realised"]["usd"], local["saving_usd"]);
    assert_eq!(saved["optimization_rate"], 50.0);
    assert_eq!(saved["fallback_reasons"].as_array().expect("reasons").len(), 2);
    let requests = get_json(&daemon, "/api/v1/requests?agent=delegation");
    assert_eq!(requests["total"]["requests"], 4, "the ledger's rows can be reached");
    let speed = get_json(&daemon, "/api/v1/local-model/speed");
    assert_eq!(speed["models"][0]["tasks"], 1);
}

#[test]
fn what_reached_no_model_costs_nothing_and_takes_none_of_its_time() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let priced = |server: &ChatServer, task: &str| {
        let mut command = delegate(&home, server, &[task]);
        command.env("ORCH_LOCAL__WATTS", "120").env("ORCH_LOCAL__USD_PER_KWH", "0.3");
        command
    };
    let waits = |rest| [vec![Step::Wait(Duration::from_millis(20))], rest].concat();
    let no_model = "{\"error\":{\"message\":\"No models loaded.\"}}";
    for steps in [
        answer("401 No", &[], "{}"),
        answer("302 There", &["Location: http://169.254.169.254/x"], ""),
        answer("404 Not Found", &[], no_model),
        answer("200 OK", &["Content-Type: text/html"], "<html>hi</html>"),
        vec![Step::Send(b"\x16\x03\x01 {]\xff\xff\n\n".repeat(20))],
    ] {
        let server = ChatServer::start(vec![waits(steps)]);
        assert_eq!(priced(&server, "Why?").output().expect("runs").status.code(), Some(75));
    }
    let mut server = ChatServer::start(vec![Vec::new()]);
    // Nobody listens at the port of discard.
    server.url = "http://127.0.0.1:9".to_owned();
    assert_eq!(priced(&server, "Why?").output().expect("runs").status.code(), Some(75));
    let database = Database::open(&home.paths.database());
    let row = "SELECT concat_ws('|', o.reason, tries, local_ms, coalesce(request_seq, '-'))
        FROM handoff_events JOIN task_outcomes o USING (task_id) ORDER BY handoff_seq";
    let expected = [
        "needs_token|1|0|-",
        "redirect|1|0|-",
        "no_model|1|0|-",
        "not_understood|1|0|-",
        "wrong_server|1|0|-",
        "unreachable|3|0|-",
    ];
    assert_eq!(database.texts(row), expected);
}

#[test]
fn a_task_that_is_ended_early_was_asked_as_often_as_it_was() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let busy = || answer("503 Busy", &[], "{\"error\":{\"message\":\"no slot is free\"}}");
    let server = ChatServer::start(vec![busy(), vec![Step::Hang]]);
    let child = delegate(&home, &server, &["wait"]).stderr(Stdio::piped()).spawn().expect("starts");
    wait_until("the second question", Duration::from_secs(10), || server.tasks().len() == 2);
    process::signal(child.id(), Signal::INT);
    error_free(&child.wait_with_output().expect("ends"));
    let database = Database::open(&home.paths.database());
    let row = "SELECT concat_ws('|', o.outcome, tries) FROM handoff_events JOIN task_outcomes o USING (task_id)";
    assert_eq!(database.texts(row), ["cancelled|2"]);
}

#[test]
fn an_answer_at_its_token_limit_is_said_and_saves_nothing_that_is_known() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let full =
        json!({"choices": [{"delta": {"content": "It is"}, "finish_reason": "length"}], "model": "claude-opus-5"});
    let server = ChatServer::start(vec![vec![stream_head(), event(&full), done()]]);
    let mut command = delegate(&home, &server, &["Count.", "--model", "qwen"]);
    let output = command.env("ORCH_LOCAL__DISPLACED_MODEL", "claude-opus-5").output().expect("runs");
    error_free(&output);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.contains("the answer is cut"), "{stderr}");
    assert!(stderr.contains("orchd: claude-opus-5 answered, not qwen: "), "{stderr}");
    let database = Database::open(&home.paths.database());
    let row = "SELECT concat_ws('|', ran, outcome, reason, coalesce(saving_nano_usd, '-'), coalesce(displaced_model, '-'), h.model, r.model)
        FROM handoff_events h JOIN task_outcomes USING (task_id) JOIN api_requests r USING (request_seq)";
    assert_eq!(database.texts(row), ["local|completed|length|-|-|claude-opus-5|claude-opus-5 (local)"]);
}

#[test]
fn a_delegation_that_nobody_can_record_now_is_recorded_by_whoever_can_first() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let lock = File::open(home.paths.lock_file()).expect("an import made it");
    let server = ChatServer::start(vec![stream(&["ok"])]);
    let outbox = home.paths.outbox_dir();
    let waiting = || std::fs::read_dir(&outbox).map_or(0, Iterator::count);
    let held_up = || {
        lock.lock().expect("nobody else has it");
        let began = Instant::now();
        let mut command = delegate(&home, &server, &["say password=hunter2-of-mine"]);
        let output = command.env("ORCH_CAPTURE__BODIES", "false").output().expect("runs");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "ok");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("orchd: this delegation will be recorded later: "), "{stderr}");
        assert_eq!(waiting(), 1);
        lock.unlock().expect("unlocks");
    };
    let recorded =
        || Database::open(&home.paths.database()).number("SELECT count(*) FROM handoff_events WHERE ran = 'local'");
    held_up();
    for file in std::fs::read_dir(&outbox).expect("made") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        assert!(text.contains("[redacted:password]") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("\"answer\":null"), "what the settings forbid is not kept for a while either: {text}");
    }
    error_free(&delegate(&home, &server, &["say"]).output().expect("runs"));
    assert_eq!((recorded(), waiting()), (2, 0), "by the next command");
    held_up();
    std::fs::write(outbox.join("torn.json"), "{").expect("writes");
    let doctor = home.orchd().arg("doctor").output().expect("runs");
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(doctor.contains("2 delegations wait in "), "{doctor}");
    let _daemon = TestDaemon::start(&home);
    wait_until("the daemon takes it", Duration::from_secs(10), || {
        recorded() == 3 && !outbox.join("torn.json").exists()
    });
    assert!(outbox.join("torn.refused").exists());
}

#[test]
fn several_at_once_are_all_recorded_without_a_daemon() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let server = ChatServer::start(vec![stream(&["ok"])]);
    let start = |_| delegate(&home, &server, &["say"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let running: Vec<_> = (0..4).map(start).collect();
    for child in running {
        error_free(&child.expect("starts").wait_with_output().expect("ends"));
    }
    let database = Database::open(&home.paths.database());
    assert_eq!(database.number("SELECT count(*) FROM handoff_events WHERE ran = 'local'"), 4);
}
