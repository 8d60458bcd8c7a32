//! What the hook decides, stores and answers under each policy.

use std::time::Duration;

use e2e_tests::hook::MAX_WALL;
use e2e_tests::local_model::{LmStudioStandIn, Mode};
use e2e_tests::{HookStart, TestDaemon, TestHome, exclusive, payload, run_hook, wait_for, wait_until};
use serde_json::{Value, json};
use shared::event::Micros;
use shared::protocol::MAX_PAYLOAD_BYTES;
use shared::snapshot::Snapshot;

/// A task that the heads take for small documentation work.
const SMALL: &str = "fix the typo in the README";

const PROJECT: &str = "/home/dev/app";

fn start<'home>(home: &'home TestHome, config: &str) -> TestDaemon<'home> {
    std::fs::create_dir_all(home.paths.config_file().parent().expect("it lies in a folder")).expect("made");
    std::fs::write(home.paths.config_file(), config).expect("written");
    let daemon = TestDaemon::start(home);
    wait_until("the daemon's word to the hook", Duration::from_secs(10), || snapshot(home).is_some());
    daemon
}

fn snapshot(home: &TestHome) -> Option<Snapshot> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_micros();
    let bytes = std::fs::read(home.paths.snapshot_file()).ok()?;
    Snapshot::decode(&bytes, Micros::try_from(now).expect("a time"))
}

/// Returns the configuration of a daemon with a local model to which everything goes.
fn everything_local(server: &LmStudioStandIn, router: &str) -> String {
    format!(
        "[local]\nendpoints = [{{ url = \"{}\" }}]\n[router]\nrules = [{{ route = \"local\", pattern = \"*\" }}]\n{router}\n",
        server.url()
    )
}

fn wait_available(home: &TestHome) {
    wait_until("the local model to be known to the hook", Duration::from_secs(30), || {
        snapshot(home).is_some_and(|snapshot| snapshot.local_model.available)
    });
}

fn prompt(session: &str, id: &str, text: &str) -> Vec<u8> {
    payload::session_event("UserPromptSubmit", session, &json!({"prompt": text, "prompt_id": id}))
}

fn agent(session: &str, id: &str, tool: &str, input: &Value) -> Vec<u8> {
    let more = json!({"tool_name": tool, "tool_use_id": id, "tool_input": input, "prompt_id": "p"});
    payload::session_event("PreToolUse", session, &more)
}

/// Runs the hook, which must succeed without a word on stderr, and returns what it answered.
fn answered(home: &TestHome, payload: &[u8]) -> Option<Value> {
    let run = run_hook(home, payload);
    assert_eq!((run.exit, &*run.stderr), (Some(0), &b""[..]));
    (!run.stdout.is_empty()).then(|| serde_json::from_slice(&run.stdout).expect("JSON"))
}

fn tasks(daemon: &TestDaemon<'_>) -> Vec<String> {
    daemon.database().texts(
        "SELECT concat_ws(' ', task_id, kind, policy, recommended_route, task_type, used_agent, advised, downshifted_to, local_model_state) \
         FROM handoff_events ORDER BY handoff_seq",
    )
}

#[test]
fn observing_says_nothing_and_keeps_every_task() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = start(&home, "[local]\nenabled = false\n");
    let million = "word ".repeat(200_000);
    for (id, text) in [
        ("p1", SMALL),
        ("p2", "<task-notification>\n<task-id>a</task-id>\n</task-notification>"),
        ("p3", "/compact now"),
        ("p4", ""),
        ("p5", " \n\t"),
        ("p6", "исправь ошибку в разборе дат"),
        ("p7", "修复登录错误"),
        ("p8", "fn main() { println!(\"{}\", 1 + 1); }"),
        ("p9", &million),
        ("p10", "/home/dev/app/x.log says \"timeout\", why?"),
        ("p11", "! ls"),
        ("p12", "\u{1f642}"),
    ] {
        assert_eq!(answered(&home, &prompt("s", id, text)), None, "{id}");
    }
    for (id, tool, input) in [
        ("t1", "Agent", json!({"prompt": SMALL, "subagent_type": "Explore", "description": "d"})),
        ("t2", "Task", json!({"prompt": SMALL})),
        ("t3", "Agent", json!({"prompt": ""})),
        ("t4", "Bash", json!({"command": "echo \"Agent\""})),
    ] {
        assert_eq!(answered(&home, &agent("s", id, tool, &input)), None, "{id}");
    }
    let kept: Vec<String> =
        tasks(&daemon).iter().map(|task| task.split(' ').take(4).collect::<Vec<_>>().join(" ")).collect();
    let observed = |task: &str| format!("{task} observe claude");
    let expected = [
        "prompt:p1 prompt",
        "prompt:p6 prompt",
        "prompt:p7 prompt",
        "prompt:p8 prompt",
        "prompt:p9 prompt",
        "prompt:p10 prompt",
        "agent:t1 agent",
        "agent:t2 agent",
    ];
    assert_eq!(kept, expected.map(observed));
    let sane = "SELECT count(*) FROM handoff_events WHERE as_good BETWEEN 0 AND 1 AND confidence BETWEEN 0 AND 1 AND json_array_length(reasons) > 0 \
                AND router_version != '' AND change_size IN ('small', 'medium', 'large') AND settled_at IS NULL AND local_model_state = 'off'";
    assert_eq!(daemon.database().number(sane), 8);
}

#[test]
fn without_a_daemon_the_decision_is_spooled_with_its_event() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    assert_eq!(answered(&home, &prompt("s", "p1", SMALL)), None);
    let daemon = start(&home, "");
    let kept = wait_for("the spool to be taken in", Duration::from_secs(10), || {
        Some(tasks(&daemon)).filter(|tasks| !tasks.is_empty())
    });
    assert_eq!(kept, ["prompt:p1 prompt observe claude docs 0 unknown"]);
}

#[test]
fn advice_names_the_tool_once_in_a_while() {
    let _turn = exclusive::shared();
    let (server, home) = (LmStudioStandIn::start(Mode::Healthy), TestHome::new());
    let daemon = start(
        &home,
        &everything_local(&server, "policy = \"advise\"\nprojects = [{ dir = \"/quiet\", policy = \"observe\" }]"),
    );
    wait_available(&home);
    let told = answered(&home, &prompt("s", "p1", SMALL)).expect("advice");
    let context = told["hookSpecificOutput"]["additionalContext"].as_str().expect("text");
    assert_eq!(told["hookSpecificOutput"]["hookEventName"], "UserPromptSubmit");
    assert!(context.contains("mcp__orch__delegate_task") && context.contains("deepseek-r1"), "{context}");
    assert_eq!(answered(&home, &prompt("s", "p2", SMALL)), None, "the same session, soon after");
    assert!(answered(&home, &prompt("other", "p3", SMALL)).is_some());
    assert_eq!(answered(&home, &agent("third", "t1", "Agent", &json!({"prompt": SMALL}))), None);
    let mut stands_in = home.orch_hook();
    let task = "delegation:019ab1c2-0000-7000-8000-000000000000";
    stands_in.arg("hook").env("CLAUDE_CODE_ENTRYPOINT", "sdk-cli").env("ORCH_PARENT_TASK", task);
    HookStart::feed(&mut stands_in, &prompt("fifth", "p5", SMALL)).finish().assert_silent("in the local model's place");
    let quiet = payload::session_event(
        "UserPromptSubmit",
        "fourth",
        &json!({"prompt": SMALL, "prompt_id": "p4", "cwd": "/quiet/x"}),
    );
    assert_eq!(answered(&home, &quiet), None);
    let kept = tasks(&daemon);
    assert_eq!(kept[0], "prompt:p1 prompt advise local docs 1 ready");
    assert_eq!(kept[1], "prompt:p2 prompt advise local docs 0 ready");
    assert_eq!(kept[5], "prompt:p4 prompt observe local docs 0 ready");
}

#[test]
fn a_model_that_is_away_is_not_recommended() {
    let _turn = exclusive::shared();
    let (server, home) = (LmStudioStandIn::start(Mode::Refuse), TestHome::new());
    let daemon = start(&home, &everything_local(&server, "policy = \"advise\""));
    wait_until("the local model to be down", Duration::from_secs(30), || {
        snapshot(&home).is_some_and(|snapshot| snapshot.local_model.state == "down")
    });
    assert_eq!(answered(&home, &prompt("s", "p1", SMALL)), None);
    assert_eq!(tasks(&daemon), ["prompt:p1 prompt advise claude docs 0 down"]);
}

#[test]
fn a_small_call_gets_the_cheap_model_and_nothing_else() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = start(&home, "[local]\nenabled = false\n[router]\npolicy = \"downshift\"\n");
    let agents = home.user().join(".claude/agents");
    std::fs::create_dir_all(&agents).expect("made");
    std::fs::write(agents.join("careful.md"), "---\nname: careful\nmodel: opus\n---\n").expect("written");
    std::fs::write(agents.join("plain.md"), "---\nname: plain\n---\n").expect("written");
    let text = format!("fix typo \"teh\" in README.md \\ \u{e9}\u{1f642} sk-ant-api03-{}\n", "aB3".repeat(6));
    let input =
        json!({"description": "d", "prompt": text, "subagent_type": "general-purpose", "run_in_background": false});
    let told = answered(&home, &agent("s", "t1", "Agent", &input)).expect("an answer");
    let mut updated = told["hookSpecificOutput"]["updatedInput"].clone();
    assert_eq!(updated["model"].take(), "haiku");
    updated.as_object_mut().expect("an object").remove("model");
    assert_eq!(updated, input);
    assert_eq!(
        told["hookSpecificOutput"].as_object().expect("an object").len(),
        2,
        "nothing is allowed or denied: {told}"
    );
    let with = |more: Value| {
        let mut input = json!({"prompt": SMALL});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    for (id, tool, input, steered) in [
        ("t2", "Task", with(json!({})), true),
        ("t3", "Agent", with(json!({"subagent_type": "plain"})), true),
        ("t4", "Agent", with(json!({"model": "opus"})), false),
        ("t5", "Agent", with(json!({"subagent_type": "careful"})), false),
        ("t6", "Agent", with(json!({"subagent_type": "of-a-plugin:x"})), false),
        (
            "t7",
            "Agent",
            with(json!({"prompt": "rewrite the storage engine around a log-structured merge tree"})),
            false,
        ),
    ] {
        assert_eq!(answered(&home, &agent("s", id, tool, &input)).is_some(), steered, "{id}");
    }
    let plain = agent("s", "t8", "Agent", &with(json!({})));
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(&plain);
    let mut odd = plain.clone();
    odd.splice(1..1, *b"\"x\": NaN,");
    let mut twice = plain.clone();
    twice.splice(1..1, *b"\"tool_name\": \"Agent\",");
    // As the client orders them: what is known of the call lies around its input.
    let long = format!(
        r#"{{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Agent","tool_input":{{"prompt":"{SMALL} {}"}},"tool_use_id":"t9"}}"#,
        "x ".repeat(MAX_PAYLOAD_BYTES)
    );
    for (name, payload) in [
        ("a mark", &marked),
        ("no JSON", &odd),
        ("twice", &twice),
        ("half", &plain[..plain.len() - 3].to_vec()),
        ("over the cap", &long.into_bytes()),
    ] {
        assert_eq!(answered(&home, payload), None, "{name}");
    }
    let kept = tasks(&daemon);
    assert_eq!(kept[0], "agent:t1 agent downshift claude docs general-purpose 0 haiku off");
    assert_eq!(kept[3], "agent:t4 agent downshift claude docs general-purpose 0 off");
    assert!(kept.iter().any(|task| task.starts_with("agent:t9 ")), "{kept:?}");
}

#[test]
fn whatever_stands_in_the_snapshots_place_the_hook_is_silent_and_quick() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let file = home.paths.snapshot_file();
    shared::paths::make_private_dir(&home.paths.run_dir()).expect("made");
    let make_pipe = || {
        let made = std::process::Command::new("mkfifo").arg(&file).status().expect("runs");
        assert!(made.success());
    };
    let write = |bytes: &[u8]| std::fs::write(&file, bytes).expect("written");
    let whole = Snapshot { written_at: i64::MAX, ..Snapshot::default() }.encode();
    let makers: [(&str, &dyn Fn()); 6] = [
        ("a pipe", &make_pipe),
        ("a folder", &|| std::fs::create_dir(&file).expect("made")),
        ("a link to nothing", &|| std::os::unix::fs::symlink("/nowhere", &file).expect("made")),
        ("nothing in it", &|| write(b"")),
        ("half of it", &|| write(&whole[..whole.len() / 2])),
        ("a megabyte", &|| write(&vec![b'x'; 1 << 20])),
    ];
    for (name, make) in makers {
        make();
        run_hook(&home, &prompt("s", "p", SMALL)).assert_silent_within(name, MAX_WALL);
        let _ = std::fs::remove_dir(&file).or_else(|_| std::fs::remove_file(&file));
    }
}

#[test]
fn route_answers_scripts_with_and_without_a_daemon() {
    let _turn = exclusive::shared();
    let (server, home) = (LmStudioStandIn::start(Mode::Healthy), TestHome::new());
    let route = |words: &[&str]| {
        let output = home.orch_hook().arg("route").args(words).output().expect("runs");
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    let (code, without) = route(&["--json", "--exit-code", SMALL]);
    assert_eq!(
        (code, &without["route"], &without["local_model"]["state"]),
        (Some(10), &"claude".into(), &"unknown".into())
    );
    let _daemon = start(&home, &everything_local(&server, ""));
    wait_available(&home);
    let (code, with) = route(&["--json", "--exit-code", "--project", PROJECT, SMALL]);
    assert_eq!((code, &with["route"], &with["local_model"]["state"]), (Some(0), &"local".into(), &"ready".into()));
    for key in [
        "schema",
        "confidence",
        "reasons",
        "router_version",
        "change_size",
        "task_type",
        "agent",
        "estimated_tokens",
        "expected_saving_usd",
    ] {
        assert!(with.get(key).is_some(), "{key}: {with}");
    }
    assert_eq!(with["as_good"], without["as_good"], "the same heads");
    assert_eq!(route(&["--json"]).0, Some(64));
}

#[test]
fn route_takes_a_task_of_1_mib_and_cuts_no_longer_one() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let problem = "orch-hook: the task is longer than 1 MiB; try: a part of it that says what is to be done\n";
    for (bytes, code, answer, problem) in [(1 << 20, 0, "claude", ""), ((1 << 20) + 1, 65, "", problem)] {
        let file = home.around().join("task.txt");
        std::fs::write(&file, "fix it ".repeat(bytes / 7 + 1).split_at(bytes).0).expect("written");
        let input = std::fs::File::open(&file).expect("opened");
        let output = home.orch_hook().args(["route", "--stdin"]).stdin(input).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(said, problem);
        let route = String::from_utf8_lossy(&output.stdout);
        assert!(route.starts_with(answer) && route.is_empty() == answer.is_empty(), "{route}");
    }
}
