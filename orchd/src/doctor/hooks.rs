//! The hooks in the user's settings: present, executable, of this version, and speaking to this daemon.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use shared::paths::Paths;

use super::Check;
use super::settings::{self, HookEntry};
use crate::daemon_client::ask;
use crate::service::command::output_within;

/// Events of the profile `standard`; `light` has one of them, `full` has more.
const STANDARD_EVENTS: [&str; 14] = [
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

const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Checks what the settings of this user hold.
pub(super) fn checks(paths: &Paths) -> Vec<Check> {
    let Some(file) = settings::user_dir().map(|dir| dir.join("settings.json")) else {
        return vec![Check::fail("hooks", "no home directory is known", "set HOME")];
    };
    let found = match settings::read(&file) {
        Ok(found) => found.as_ref().map(settings::our_hooks).unwrap_or_default(),
        Err(error) => {
            let message = format!("{} cannot be read: {error}", file.display());
            return vec![Check::fail("hooks", message, "repair it, then: orchd up")];
        }
    };
    let mut checks = vec![present(&found, &file)];
    let programs: BTreeSet<_> = found.iter().map(|entry| &entry.program).collect();
    checks.extend(programs.into_iter().map(|program| runs(program)));
    let homes: BTreeSet<_> = found.iter().map(|entry| &entry.home).collect();
    checks.extend(homes.into_iter().map(|home| meets(home.as_deref(), paths)));
    checks
}

fn present(found: &[HookEntry], file: &Path) -> Check {
    const NAME: &str = "hooks";
    let events: BTreeSet<_> = found.iter().map(|entry| entry.event.as_str()).collect();
    let missing: Vec<_> = STANDARD_EVENTS.iter().copied().filter(|event| !events.contains(event)).collect();
    if events.is_empty() {
        return Check::fail(NAME, format!("none in {}", file.display()), "orchd up");
    }
    if events.len() < found.len() {
        let message = format!("some events have more than one of our hooks in {}", file.display());
        return Check::warn(NAME, message, "orchd up");
    }
    match (missing.len(), events.len()) {
        (0, count) => Check::ok(NAME, format!("{count} events in {}", file.display())),
        (_, 1) if events.contains("PreToolUse") => Check::ok(NAME, format!("profile light in {}", file.display())),
        _ => Check::warn(NAME, format!("{} missing in {}", missing.join(", "), file.display()), "orchd up"),
    }
}

/// Runs the hook's program for its version: that proves it is there, executable and built for this machine.
fn runs(program: &Path) -> Check {
    const NAME: &str = "hook";
    match output_within(program, &["--version"], ANSWER_WITHIN) {
        Ok(output) if output.status.success() => {
            judge_version(program, String::from_utf8_lossy(&output.stdout).trim(), env!("CARGO_PKG_VERSION"))
        }
        Ok(output) => Check::fail(NAME, format!("{} --version: {}", program.display(), output.status), "orchd up"),
        Err(error) => Check::fail(NAME, format!("{} cannot be run: {error}", program.display()), "orchd up"),
    }
}

fn judge_version(program: &Path, said: &str, ours: &str) -> Check {
    let version = said.split_whitespace().next_back().unwrap_or_default();
    if version == ours {
        Check::ok("hook", format!("{} runs, version {version}", program.display()))
    } else {
        let message = format!("{} is version {version}, this is {ours}", program.display());
        Check::warn("hook", message, "orchd up")
    }
}

/// Asks on the very socket the hook uses, which another `--home` may have moved.
fn meets(home: Option<&Path>, paths: &Paths) -> Check {
    const NAME: &str = "hook socket";
    let theirs = match Paths::resolve(home) {
        Ok(theirs) => theirs,
        Err(error) => return Check::fail(NAME, format!("the hooks' --home is of no use: {error}"), "orchd up"),
    };
    let socket = theirs.socket();
    match ask(&theirs, &shared::protocol::Request::Status, ANSWER_WITHIN) {
        Ok(_) if socket == paths.socket() => Check::ok(NAME, format!("a daemon answers on {}", socket.display())),
        Ok(_) => Check::warn(
            NAME,
            format!("the hooks speak to {}, this command to {}", socket.display(), paths.socket().display()),
            "orchd up, with the ORCH_HOME you want",
        ),
        Err(error) => {
            let fix = match &theirs.home_override {
                Some(home) => format!("orchd --home {} start", home.display()),
                None => "orchd start".to_owned(),
            };
            Check::fail(NAME, format!("hooks speak to {}: {error}; events wait in the spool", socket.display()), fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn entries(events: &[&str]) -> Vec<HookEntry> {
        let entry = |event: &&str| HookEntry { event: (*event).into(), program: "/orch-hook".into(), home: None };
        events.iter().map(entry).collect()
    }

    #[test]
    fn missing_and_doubled_events_are_named() {
        let file = Path::new("/s.json");
        let twice: Vec<_> = STANDARD_EVENTS.iter().chain(&["Stop"]).copied().collect();
        for (events, expected, words) in [
            (&[][..], State::Fail, "none"),
            (&["PreToolUse"], State::Ok, "light"),
            (&["Stop", "SessionEnd"], State::Warn, "SessionStart, UserPromptSubmit"),
            (&STANDARD_EVENTS, State::Ok, "14 events"),
            (&twice, State::Warn, "more than one"),
        ] {
            let check = present(&entries(events), file);
            assert_eq!(check.state, expected, "{check:?}");
            assert!(check.message.contains(words), "{check:?}");
        }
    }

    #[test]
    fn another_version_is_told() {
        let program = Path::new("/orch-hook");
        assert_eq!(judge_version(program, "orch-hook 1.2.3", "1.2.3").state, State::Ok);
        assert_eq!(judge_version(program, "orch-hook 1.2.2", "1.2.3").state, State::Warn);
        assert_eq!(runs(Path::new("/nowhere/orch-hook")).state, State::Fail);
    }
}
