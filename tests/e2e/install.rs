//! `orch-hook install` and `uninstall` against the settings files that people have.

use std::path::PathBuf;
use std::process::Output;

use e2e_tests::{TestHome, exclusive};
use serde_json::Value;

const STANDARD: [&str; 14] = [
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PermissionRequest",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "StopFailure",
    "Notification",
    "PostCompact",
    "PostModelSwitch",
    "SessionEnd",
];

/// Settings that people have; install and uninstall must give each back as it was.
const SETTINGS: &[(&str, &str)] = &[
    ("empty object", "{}\n"),
    ("empty object, no end of line", "{}"),
    (
        "keys in an order of their own",
        "{\n  \"zeta\": 1,\n  \"alpha\": {\"b\": 1, \"a\": 2},\n  \"model\": \"opus\"\n}\n",
    ),
    ("tabs", "{\n\t\"model\": \"opus\",\n\t\"env\": {\n\t\t\"A\": \"1\"\n\t}\n}\n"),
    ("one line", "{\"model\":\"opus\",\"permissions\":{\"allow\":[\"Bash(ls:*)\"]}}"),
    ("windows ends of lines", "{\r\n  \"model\": \"opus\"\r\n}\r\n"),
    (
        "hooks of others on our events",
        "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\n        \"matcher\": \"Bash\",\n        \"hooks\": [\n          {\"type\": \
         \"command\", \"command\": \"other-tool check\"}\n        ]\n      }\n    ],\n    \"MessageDisplay\": []\n  },\n  \"model\": \
         \"opus\"\n}\n",
    ),
    (
        "text of all kinds",
        "{\n  \"note\": \"caf\u{e9} \u{1f980} \\u00e9 \\\" \\\\ \\/\",\n  \"n\": [1e3, -0.0, 12345678901234567890]\n}\n",
    ),
];

fn settings_file(home: &TestHome) -> PathBuf {
    let folder = home.user().join(".claude");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join("settings.json")
}

fn orch_hook(home: &TestHome, arguments: &[&str]) -> Output {
    home.orch_hook().args(arguments).output().expect("orch-hook starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// The handlers of ours, event by event: command, arguments, time-out.
fn ours(settings: &Value) -> Vec<(String, Value)> {
    let events = settings["hooks"].as_object().into_iter().flatten();
    let handlers = events.flat_map(|(event, groups)| {
        let groups = groups.as_array().into_iter().flatten();
        groups
            .flat_map(|group| group["hooks"].as_array().into_iter().flatten())
            .map(move |handler| (event.clone(), handler.clone()))
    });
    handlers.filter(|(_, handler)| handler["command"].as_str().is_some_and(|text| text.contains("orch-hook"))).collect()
}

#[test]
fn one_exec_form_handler_per_event_of_the_standard_profile() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let output = orch_hook(&home, &["install", "--scope", "user"]);
    assert!(output.status.success(), "{}", said(&output));
    let text = std::fs::read_to_string(settings_file(&home)).expect("settings were written");
    let settings: Value = serde_json::from_str(&text).expect("settings are JSON");
    let handlers = ours(&settings);
    let mut events: Vec<&str> = handlers.iter().map(|(event, _)| event.as_str()).collect();
    events.sort_unstable();
    let mut expected = STANDARD.to_vec();
    expected.sort_unstable();
    assert_eq!(events, expected);
    for (event, handler) in handlers {
        let command = PathBuf::from(handler["command"].as_str().expect("text"));
        assert!(command.is_absolute() && command.is_file(), "{event}: {}", command.display());
        assert!(command.starts_with(home.orch()), "{event}: a stable copy, not a build folder: {}", command.display());
        let arguments =
            handler["args"].as_array().unwrap_or_else(|| panic!("{event}: the exec form has args: {handler}"));
        assert_eq!(arguments[0], "hook");
        assert!(
            arguments.iter().any(|argument| argument == home.orch().to_str().expect("plain")),
            "--home is baked in"
        );
        assert_eq!(handler["timeout"], 2, "{event}");
    }
}

#[test]
fn what_was_installed_works_without_any_environment() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let output = orch_hook(&home, &["install", "--scope", "user"]);
    assert!(output.status.success(), "{}", said(&output));
    let settings: Value =
        serde_json::from_str(&std::fs::read_to_string(settings_file(&home)).expect("settings")).expect("JSON");
    let (_, handler) = ours(&settings).remove(0);
    let mut command = std::process::Command::new(handler["command"].as_str().expect("text"));
    command.env_clear().args(handler["args"].as_array().expect("args").iter().filter_map(Value::as_str));
    e2e_tests::HookStart::feed(&mut command, &e2e_tests::payload::pre_tool_use("s", "t"))
        .finish()
        .assert_silent("installed");
    assert_eq!(home.spooled(), 1);
}

#[test]
fn a_round_trip_gives_the_settings_back() {
    let _turn = exclusive::shared();
    for (case, before) in SETTINGS {
        let home = TestHome::new();
        let file = settings_file(&home);
        std::fs::write(&file, before).expect("a file");
        let output = orch_hook(&home, &["install", "--scope", "user"]);
        assert!(output.status.success(), "{case}: {}", said(&output));
        let installed = std::fs::read_to_string(&file).expect("settings");
        let value: Value =
            serde_json::from_str(&installed).unwrap_or_else(|error| panic!("{case}: {error}\n{installed}"));
        assert_eq!(ours(&value).len(), STANDARD.len(), "{case}");
        assert_contains_all_keys(case, &serde_json::from_str(before).expect("JSON"), &value);
        assert!(orch_hook(&home, &["install", "--scope", "user"]).status.success());
        assert_eq!(std::fs::read_to_string(&file).expect("settings"), installed, "{case}: twice is once");
        let output = orch_hook(&home, &["uninstall", "--scope", "user"]);
        assert!(output.status.success(), "{case}: {}", said(&output));
        let after = std::fs::read_to_string(&file).expect("settings");
        let value: Value = serde_json::from_str(&after).expect("JSON");
        assert_eq!(ours(&value), [], "{case}");
        // A file of one line is laid out in lines by the first edit and stays so; all others come back byte for byte.
        let plain =
            |text: &str| if before.contains('\n') { text.to_owned() } else { text.split_whitespace().collect() };
        assert_eq!(plain(&after), plain(before), "{case}: given back as it was");
    }
}

fn assert_contains_all_keys(case: &str, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                assert_contains_all_keys(
                    case,
                    value,
                    after.get(key).unwrap_or_else(|| panic!("{case}: {key} is gone")),
                );
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(&after[..before.len().min(after.len())], &before[..], "{case}: foreign entries stay first");
        }
        _ => assert_eq!(before, after, "{case}"),
    }
}

#[test]
fn broken_settings_are_refused_with_their_place_and_left_alone() {
    let _turn = exclusive::shared();
    let broken = [
        ("cut", "{\n  \"model\": \"opus\",\n  \"env\": {\n", true),
        ("a missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}\n", true),
        ("not an object", "[1, 2]\n", false),
        ("hooks of a wrong kind", "{\"hooks\": 3}\n", false),
        ("an event of a wrong kind", "{\"hooks\": {\"PreToolUse\": {\"x\": 1}}}\n", false),
        ("conflict marks", "<<<<<<< ours\n{}\n=======\n{\"a\":1}\n>>>>>>> theirs\n", true),
    ];
    for (case, before, with_place) in broken {
        let home = TestHome::new();
        let file = settings_file(&home);
        std::fs::write(&file, before).expect("a file");
        let output = orch_hook(&home, &["install", "--scope", "user"]);
        let text = said(&output);
        assert!(!output.status.success() && output.status.code() != Some(2), "{case}: {text}");
        assert!(text.contains("settings.json"), "{case}: it names the file: {text}");
        assert!(
            !with_place
                || (text.contains("line") && text.contains("column"))
                || text.contains(":2:")
                || text.contains(":3:")
                || text.contains(":4:")
                || text.contains(":1:"),
            "{case}: it names the place: {text}"
        );
        assert_eq!(std::fs::read_to_string(&file).expect("settings"), before, "{case}: left alone");
    }
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let file = settings_file(&home);
    std::fs::write(&file, "{\n  \"model\": \"opus\"\n}\n").expect("a file");
    let output = orch_hook(&home, &["install", "--scope", "user", "--dry-run"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("PreToolUse"), "it shows the change: {}", said(&output));
    assert_eq!(std::fs::read_to_string(&file).expect("settings"), "{\n  \"model\": \"opus\"\n}\n");
}

#[test]
fn the_scopes_and_the_clients_own_folder_are_honoured() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let project = home.around().join("project");
    std::fs::create_dir(&project).expect("a folder");
    for (scope, file) in [("project", "settings.json"), ("local", "settings.local.json")] {
        let output =
            home.orch_hook().args(["install", "--scope", scope]).current_dir(&project).output().expect("starts");
        assert!(output.status.success(), "{scope}: {}", said(&output));
        assert!(project.join(".claude").join(file).is_file(), "{scope}");
    }
    let moved = home.around().join("moved");
    std::fs::create_dir(&moved).expect("a folder");
    let output = home.orch_hook().args(["install"]).env("CLAUDE_CONFIG_DIR", &moved).output().expect("starts");
    assert!(output.status.success() && moved.join("settings.json").is_file(), "{}", said(&output));
    assert!(!home.user().join(".claude/settings.json").exists());
}

#[test]
fn the_profiles_differ_and_replace_each_other() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let install = |profile: &str| {
        let output = orch_hook(&home, &["install", "--scope", "user", "--profile", profile]);
        assert!(output.status.success(), "{profile}: {}", said(&output));
        let text = std::fs::read_to_string(settings_file(&home)).expect("settings");
        let settings: Value = serde_json::from_str(&text).expect("JSON");
        (ours(&settings), settings)
    };
    assert_eq!(install("standard").0.len(), STANDARD.len());
    let (full, _) = install("full");
    assert!(full.len() > STANDARD.len() && full.iter().all(|(event, _)| event != "MessageDisplay"), "{}", full.len());
    let (light, settings) = install("light");
    assert_eq!(light.iter().map(|(event, _)| event.as_str()).collect::<Vec<_>>(), ["PreToolUse"]);
    assert_eq!(settings["hooks"]["PreToolUse"][0]["matcher"], "Agent");
}

#[test]
fn a_command_that_would_not_be_known_again_is_refused() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let wrapper = home.around().join("wrapper");
    std::fs::write(&wrapper, "#!/bin/sh\n").expect("written");
    for command in ["/no/such/orch-hook", &*wrapper.to_string_lossy(), &*home.around().to_string_lossy()] {
        let output = orch_hook(&home, &["install", "--command", command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains("no file named `orch-hook`") && said.contains("try: "), "{said}");
        assert!(!settings_file(&home).exists(), "the settings were touched");
    }
}
