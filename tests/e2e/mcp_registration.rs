//! The MCP server in the client's own state file: registered when the user says so, taken out again, everything else byte for byte.

use std::path::PathBuf;
use std::process::Output;

use e2e_tests::{TestHome, exclusive};
use serde_json::{Value, json};

/// As a client writes it.
const STATE: &str = "{\n  \"numStartups\": 3,\n  \"customApiKeyResponses\": {\n    \"approved\": [\n      \"caf\u{e9} \\u00e9\"\n    ]\n  },\n  \
     \"mcpServers\": {\n    \"other\": {\n      \"type\": \"http\",\n      \"url\": \"http://127.0.0.1:9/mcp\"\n    }\n  },\n  \"projects\": {\n    \"/p\": {\n      \
     \"mcpServers\": {}\n    }\n  },\n  \"cost\": 1e3\n}";

fn state_file(home: &TestHome) -> PathBuf {
    home.user().join(".claude.json")
}

/// The daemon's program in its stable place, as `orchd up` puts it there.
fn with_program(home: &TestHome) -> PathBuf {
    let program = home.paths.bin_dir().join("orchd");
    std::fs::create_dir_all(home.paths.bin_dir()).expect("makes the folder");
    std::fs::write(&program, "").expect("writes");
    program
}

fn orch_hook(home: &TestHome, arguments: &[&str]) -> Output {
    home.orch_hook().args(arguments).output().expect("orch-hook starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    said(output)
}

fn registered(home: &TestHome) -> Value {
    let text = std::fs::read_to_string(state_file(home)).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str::<Value>(&text).expect("JSON")["mcpServers"]["orch"].clone()
}

#[test]
fn it_comes_and_goes_and_the_rest_stays_byte_for_byte() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let program = with_program(&home);
    std::fs::write(state_file(&home), STATE).expect("writes");
    let shown = ok(&orch_hook(&home, &["install", "--mcp", "--dry-run"]));
    assert!(shown.contains("+    \"orch\": {") && shown.contains("PreToolUse"), "{shown}");
    assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), STATE, "a dry run changes nothing");
    ok(&orch_hook(&home, &["install", "--mcp"]));
    let expected = json!({"type": "stdio", "command": program, "args": ["mcp", "--home", home.orch()]});
    assert_eq!(registered(&home), expected);
    let backup = home.user().join(".claude.json.orch-backup");
    assert_eq!(std::fs::read_to_string(&backup).expect("a backup"), STATE);
    let once = std::fs::read_to_string(state_file(&home)).expect("there");
    ok(&orch_hook(&home, &["install", "--mcp"]));
    ok(&orch_hook(&home, &["install"]));
    assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), once, "twice is once");
    ok(&orch_hook(&home, &["uninstall", "--mcp"]));
    assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), STATE);
    assert!(home.user().join(".claude/settings.json").is_file());
    let hooks = std::fs::read_to_string(home.user().join(".claude/settings.json")).expect("there");
    assert!(hooks.contains("orch-hook"), "only the server went");
    ok(&orch_hook(&home, &["install", "--mcp"]));
    ok(&orch_hook(&home, &["uninstall"]));
    assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), STATE, "uninstall takes it out too");
}

#[test]
fn where_nothing_was_nothing_is_left() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for arguments in [&["uninstall", "--mcp"][..], &["uninstall"]] {
        let said = ok(&orch_hook(&home, arguments));
        assert!(said.contains("nothing to do"), "{said}");
        assert_eq!(std::fs::read_dir(home.user()).expect("a folder").count(), 0);
    }
}

#[test]
fn without_a_state_file_one_is_made_and_the_clients_own_folder_counts() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    with_program(&home);
    ok(&orch_hook(&home, &["uninstall"]));
    assert!(!state_file(&home).exists(), "nothing to take out, nothing to make");
    ok(&orch_hook(&home, &["install", "--mcp"]));
    assert_eq!(registered(&home)["args"][0], "mcp");
    let moved = home.around().join("moved");
    std::fs::create_dir(&moved).expect("a folder");
    ok(&home.orch_hook().args(["install", "--mcp"]).env("CLAUDE_CONFIG_DIR", &moved).output().expect("starts"));
    assert!(moved.join(".claude.json").is_file());
}

#[test]
fn what_cannot_be_is_refused_and_left_alone() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for arguments in [&["install", "--mcp"][..], &["install", "--mcp", "--dry-run"]] {
        let missing = orch_hook(&home, arguments);
        assert_eq!(missing.status.code(), Some(69), "{}", said(&missing));
        assert!(said(&missing).contains("try: orchd up"), "{}", said(&missing));
    }
    with_program(&home);
    let project = orch_hook(&home, &["install", "--mcp", "--scope", "local"]);
    assert!(project.status.code() == Some(64) && said(&project).contains("--scope user"), "{}", said(&project));
    for broken in ["{\"mcpServers\": [", "{\"mcpServers\": 7}", "// mine\n{}"] {
        std::fs::write(state_file(&home), broken).expect("writes");
        let refused = orch_hook(&home, &["install", "--mcp"]);
        assert_eq!(refused.status.code(), Some(78), "{broken}: {}", said(&refused));
        assert!(said(&refused).contains(".claude.json:1:"), "{}", said(&refused));
        let dry = orch_hook(&home, &["install", "--mcp", "--dry-run"]);
        assert_eq!(dry.status.code(), Some(78), "{broken}: {}", said(&dry));
        assert!(!home.user().join(".claude").exists(), "neither file is written");
        assert!(!home.paths.bin_dir().join("orch-hook").exists(), "nor is the program put anywhere");
        assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), broken);
        ok(&orch_hook(&home, &["uninstall"]));
        assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), broken, "nothing of ours is in it");
    }
    let foreign = "{\"mcpServers\": {\"orch\": {\"command\": \"orchestra\"}}}";
    std::fs::write(state_file(&home), foreign).expect("writes");
    assert!(ok(&orch_hook(&home, &["install", "--mcp"])).contains("left alone"));
    ok(&orch_hook(&home, &["uninstall"]));
    assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), foreign);
}

#[test]
fn what_cannot_be_written_takes_the_hooks_back() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    with_program(&home);
    std::fs::write(state_file(&home), STATE).expect("writes");
    // No backup can be made where a folder has its name.
    std::fs::create_dir(home.user().join(".claude.json.orch-backup")).expect("a folder");
    let settings = home.user().join(".claude/settings.json");
    let refused = |before: Option<&str>| {
        let refused = orch_hook(&home, &["install", "--mcp"]);
        assert_eq!(refused.status.code(), Some(73), "{}", said(&refused));
        assert_eq!(std::fs::read_to_string(&settings).ok().as_deref(), before);
        assert_eq!(std::fs::read_to_string(state_file(&home)).expect("there"), STATE);
    };
    refused(None);
    let mine = "{\n  \"model\": \"opus\"\n}\n";
    std::fs::write(&settings, mine).expect("writes");
    refused(Some(mine));
}

/// The client writes its state while it runs. A write of its own between our last look and our rename cannot be seen, so one number
/// may be lost to an older one; all else stays, the command says so or it is done, and it is done when the client is silent.
#[test]
fn a_client_that_writes_at_the_same_time_keeps_its_state_and_the_server_comes_in() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    with_program(&home);
    let file = state_file(&home);
    std::fs::write(&file, "{\"count\": 0, \"mine\": \"kept\"}").expect("writes");
    let written = file.clone();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let client = std::thread::spawn(move || {
        let mut count = 0;
        let between = std::time::Duration::from_millis(3);
        while matches!(stopped.recv_timeout(between), Err(std::sync::mpsc::RecvTimeoutError::Timeout)) {
            let text = std::fs::read_to_string(&written).expect("always whole");
            let mut state: Value = serde_json::from_str(&text).expect("always JSON");
            assert_eq!(state["mine"], "kept", "{state}");
            count += 1;
            state["count"] = count.into();
            let part = written.with_extension("part");
            std::fs::write(&part, state.to_string()).expect("writes");
            std::fs::rename(&part, &written).expect("renames");
        }
        count
    });
    for _ in 0..10 {
        let output = orch_hook(&home, &["install", "--mcp"]);
        assert!(
            output.status.success() || said(&output).contains("was changed by another program"),
            "{}",
            said(&output)
        );
    }
    drop(stop);
    let count: u64 = client.join().expect("the client ran");
    let state = || serde_json::from_str::<Value>(&std::fs::read_to_string(&file).expect("there")).expect("JSON");
    let left = state();
    assert!(left["count"].as_u64().is_some_and(|left| 0 < left && left <= count), "{left}, after {count} writes");
    ok(&orch_hook(&home, &["install", "--mcp"]));
    assert_eq!(registered(&home)["args"][0], "mcp");
    assert_eq!((&state()["count"], &state()["mine"]), (&left["count"], &json!("kept")));
}
