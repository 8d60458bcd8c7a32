//! Edits on settings as users have them.

use insta::assert_snapshot;

use super::super::profile::Profile;
use super::*;

const FOREIGN: &str = r#"{
    "model": "opus",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "guard.sh"}]}
        ]
    },
    "bigNumber": 12345678901234567890123,
    "permissions": {"allow": ["Bash(git *)"]}
}
"#;

fn handler() -> Handler {
    Handler { command: "/data/bin/orch-hook".into(), home: None }
}

fn install(text: &str, profile: Profile) -> String {
    with_handlers(text, &handler(), &profile.registrations()).expect("usual settings")
}

#[test]
fn a_missing_file_becomes_a_tidy_one() {
    assert_snapshot!(install("", Profile::Light));
}

#[test]
fn foreign_entries_and_formatting_stay() {
    assert_snapshot!(install(FOREIGN, Profile::Light));
}

#[test]
fn installing_twice_changes_nothing() {
    for text in ["", "{}", FOREIGN] {
        for profile in [Profile::Light, Profile::Standard, Profile::Full] {
            let once = install(text, profile);
            assert_eq!(install(&once, profile), once);
            assert_eq!(registered_events(&once).expect("ours").len(), profile.registrations().len());
        }
    }
}

#[test]
fn uninstalling_gives_the_file_back() {
    for profile in [Profile::Light, Profile::Standard, Profile::Full] {
        let installed = install(FOREIGN, profile);
        let removed = without_handlers(&installed).expect("usual settings");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(value(&removed), value(FOREIGN), "{removed}");
        assert!(removed.contains("12345678901234567890123"));
        assert_eq!(without_handlers(&removed).expect("usual settings"), removed);
    }
    assert_eq!(without_handlers(&install("{}\n", Profile::Standard)).expect("usual settings").trim(), "{}");
}

#[test]
fn another_profile_or_path_replaces_ours_only() {
    let full = install(FOREIGN, Profile::Full);
    let light = install(&full, Profile::Light);
    assert_eq!(registered_events(&light).expect("ours"), ["PreToolUse"]);
    let moved = Handler { command: "/elsewhere/orch-hook".into(), home: Some("/x".into()) };
    let text = with_handlers(&light, &moved, &Profile::Light.registrations()).expect("usual settings");
    assert!(
        !text.contains("/data/bin") && text.contains("/elsewhere/orch-hook") && text.contains("guard.sh"),
        "{text}"
    );
}

#[test]
fn a_handler_of_ours_in_a_foreign_group_goes_alone() {
    let text = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a.sh"},{"type":"command","command":"/x/orch-hook","args":["hook"]}]}]}}"#;
    let removed = without_handlers(text).expect("usual settings");
    assert!(removed.contains("a.sh") && !removed.contains("orch-hook"), "{removed}");
}

#[test]
fn empty_lists_that_were_not_ours_stay() {
    let text = r#"{"hooks":{"Stop":[]}}"#;
    assert_eq!(without_handlers(text).expect("usual settings"), text);
}
