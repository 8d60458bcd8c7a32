//! Edits of the slot on settings as users have them.

use super::*;

fn handler() -> Handler {
    Handler { command: "/data/bin/orch-hook".into(), home: None }
}

fn install(text: &str) -> (String, Slot) {
    with_status_line(text, &handler()).expect("usual settings")
}

fn uninstall(text: &str) -> String {
    without_status_line(text).expect("usual settings").0
}

fn command(text: &str) -> String {
    let settings: serde_json::Value = serde_json::from_str(text).expect("JSON");
    settings["statusLine"]["command"].as_str().expect("a command").to_owned()
}

/// Settings that people have, by what stands in the slot afterwards.
const SETTINGS: [(&str, Slot); 9] = [
    ("{}\n", Slot::Ours),
    ("{\n  \"model\": \"opus\"\n}\n", Slot::Ours),
    ("{\n\t\"model\": \"opus\",\n\t\"env\": {}\n}\n", Slot::Ours),
    (
        "{\n  \"statusLine\": {\"type\": \"command\", \"command\": \"~/line.sh\", \"padding\": 0},\n  \"model\": \"opus\"\n}\n",
        Slot::Chained,
    ),
    (
        "{\n  \"model\": \"opus\",\n  \"statusLine\": {\n    \"padding\": 2,\n    \"refreshInterval\": 5,\n    \"command\": \"jq -r '.model.id' | \
         sed \\\"s/x/'y'/\\\"\",\n    \"type\": \"command\",\n    \"later\": [1e3]\n  }\n}\n",
        Slot::Chained,
    ),
    ("{\"statusLine\":{\"type\":\"command\",\"command\":\"\"}}", Slot::Chained),
    ("{\"statusLine\":{\"type\":\"command\",\"command\":\"printf 'a\\\\n\u{e9}\\tb'\\necho $HOME\"}}", Slot::Chained),
    ("{\"statusLine\":{\"type\":\"command\",\"command\":\"--chain '\"}}", Slot::Chained),
    ("{\"statusLine\":{\"type\":\"command\",\"command\":\"my-orch-hook status\"}}", Slot::Chained),
];

#[test]
fn a_round_trip_gives_the_settings_back_byte_for_byte() {
    for (before, slot) in SETTINGS {
        let (installed, found) = install(before);
        assert_eq!(found, slot, "{before}");
        assert!(is_ours(&installed) && !is_ours(before), "{installed}");
        assert_eq!(install(&installed), (installed.clone(), slot), "twice is once: {before}");
        assert_eq!(uninstall(&installed), before);
        assert_eq!(uninstall(before), before, "nothing of ours, nothing to do");
    }
}

#[test]
fn what_the_user_set_beside_the_command_stays() {
    let (text, _) = install(SETTINGS[4].0);
    let settings: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let slot = &settings["statusLine"];
    assert_eq!((&slot["padding"], &slot["refreshInterval"], &slot["type"]), (&2.into(), &5.into(), &"command".into()));
    assert_eq!(
        command(&text),
        r#"/data/bin/orch-hook statusline --chain 'jq -r '\''.model.id'\'' | sed "s/x/'\''y'\''/"'"#
    );
    let alone = uninstall(&install("{\"statusLine\":{\"type\":\"command\",\"command\":\"x y\"}}").0);
    assert_eq!(command(&alone), "x y");
}

#[test]
fn a_moved_program_keeps_the_chain() {
    let (text, _) = install(SETTINGS[3].0);
    let moved = Handler { command: "/else where/orch-hook".into(), home: Some("/x y".into()) };
    let (text, slot) = with_status_line(&text, &moved).expect("usual settings");
    assert_eq!(slot, Slot::Chained);
    assert_eq!(command(&text), "'/else where/orch-hook' statusline --home '/x y' --chain '~/line.sh'");
    assert_eq!(uninstall(&text), SETTINGS[3].0);
}

#[test]
fn a_tool_that_took_the_slot_later_is_chained_anew_and_given_back() {
    let (ours, _) = install(SETTINGS[3].0);
    let taken = ours.replace(&serde_json::to_string(&command(&ours)).expect("JSON"), "\"other-tool --line\"");
    assert_ne!(taken, ours);
    let (text, slot) = install(&taken);
    assert_eq!((slot, &*command(&text)), (Slot::Chained, "/data/bin/orch-hook statusline --chain 'other-tool --line'"));
    assert_eq!(uninstall(&text), taken);
}

#[test]
fn what_is_not_understood_is_left_alone_with_a_word() {
    let inside = [
        "other-tool --then '/data/bin/orch-hook statusline'",
        "/data/bin/orch-hook statusline | cat",
        "NO_COLOR=1 /data/bin/orch-hook statusline",
        "/data/bin/orch-hook statusline --later x",
    ];
    let inside =
        inside.map(|command| serde_json::json!({"statusLine": {"type": "command", "command": command}}).to_string());
    let odd = ["7", "null", "{}", r#"{"type":"http","command":"x"}"#, r#"{"type":"command","command":7}"#];
    let odd = odd.map(|slot| format!("{{\"statusLine\":{slot}}}"));
    for before in inside.iter().chain(&odd) {
        let (text, slot) = install(before);
        assert!(matches!(slot, Slot::Left(_)) && slot.notice().is_some(), "{before}: {slot:?}");
        assert_eq!((&text, &uninstall(before)), (before, before));
    }
    assert!(matches!(without_status_line(&inside[0]), Ok((_, Slot::Left(_)))), "the program goes: the user is told");
}

#[test]
fn broken_settings_are_refused() {
    for text in ["{\"statusLine\": {", "[]", "{\"statusLine\":{},\"statusLine\":{}}", "{/* x */}"] {
        assert!(with_status_line(text, &handler()).is_err() && without_status_line(text).is_err(), "{text}");
    }
}
