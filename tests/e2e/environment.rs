//! Hook and daemon see different environments and still meet.

use e2e_tests::http::get_json;
use e2e_tests::{HookStart, TestDaemon, TestHome, exclusive, payload};
use shared::paths::HOME_VARIABLE;

/// A name and the variables of one environment.
type Change<'a> = (&'a str, &'a [(&'a str, &'a str)]);

#[test]
fn a_hook_meets_the_daemon_whatever_its_environment_holds() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let orch = home.orch().to_str().expect("a plain path").to_owned();
    let named = |n: usize, (case, variables): Change<'_>| {
        let mut command = home.orch_hook();
        command.env_clear().args(["hook", "--home", &orch]).envs(variables.iter().copied());
        let run = HookStart::feed(&mut command, &payload::pre_tool_use("s", &format!("toolu_{n}"))).finish();
        run.assert_silent(case);
    };
    let cases: [Change<'_>; 8] = [
        ("an empty environment", &[]),
        ("no home", &[("HOME", "")]),
        ("a home that is not there", &[("HOME", "/nonexistent")]),
        ("another runtime directory", &[("XDG_RUNTIME_DIR", "/run/user/1"), ("XDG_STATE_HOME", "/var/tmp/x")]),
        ("another temporary directory", &[("TMPDIR", "/var/tmp/y")]),
        ("another ORCH_HOME: the settings win", &[(HOME_VARIABLE, "/var/tmp/other")]),
        ("a broken language", &[("LANG", "xx_XX.@@"), ("LC_ALL", "C")]),
        (
            "a client's environment",
            &[("CLAUDECODE", "1"), ("ANTHROPIC_API_KEY", "sk-ant-api03-fake"), ("CLAUDE_PID", "1")],
        ),
    ];
    for (n, case) in cases.into_iter().enumerate() {
        named(n, case);
    }
    assert_eq!(daemon.database().events(), 8);
    assert_eq!(home.spooled(), 0);
}

#[test]
fn the_home_directory_decides_where_no_variable_does() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let user = home.user();
    let mut command = home.orch_hook();
    command.env_clear().arg("hook").env("HOME", &user).env("XDG_STATE_HOME", "/nonexistent");
    HookStart::feed(&mut command, &payload::pre_tool_use("s", "toolu_1")).finish().assert_silent("HOME only");
    let output = home.orchd().env_remove(HOME_VARIABLE).args(["paths", "--json"]).output().expect("orchd starts");
    let paths: serde_json::Value = serde_json::from_slice(&output.stdout).expect("paths --json prints JSON");
    let text = paths.to_string();
    assert!(text.contains(&format!("{}/.local/state/orch", user.display())), "{text}");
    let spool = user.join(".local/state/orch/spool");
    assert_eq!(shared::spool::pending(&spool).events, 1);
}

#[test]
fn no_home_at_all_is_silent() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut command = home.orch_hook();
    command.env_clear().arg("hook").env(HOME_VARIABLE, "relative/path");
    HookStart::feed(&mut command, &payload::pre_tool_use("s", "toolu_1")).finish().assert_silent("a relative home");
}

#[test]
fn secrets_of_the_environment_enter_no_event() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut command = home.orch_hook();
    let secret = "canary-4f1c-of-the-environment";
    command.arg("hook").env("ANTHROPIC_API_KEY", secret).env("CLAUDE_CODE_MESSAGING_TOKEN", secret);
    command.env("CLAUDE_PROJECT_DIR", "/home/dev/app").env("CLAUDE_EFFORT", "high").env("CLAUDE_PID", "4242");
    HookStart::feed(&mut command, &payload::pre_tool_use("s", "toolu_1")).finish().assert_silent("a client");
    assert_eq!(daemon.database().events(), 1);
    assert_eq!(
        e2e_tests::leak::search(&e2e_tests::leak::forms("environment", secret), home.orch()),
        Vec::<String>::new()
    );
    assert_eq!(daemon.database().number("SELECT client_pid FROM orchestration_sessions"), 4242);
}

#[test]
fn a_session_knows_the_delegation_it_does_and_nothing_else_of_that_variable() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let (task, secret) = ("delegation:0199aaaa-0000-7000-8000-000000000001", "delegation:canary-77d0-of-a-task");
    let sessions = [("in-its-place", task, "sdk-cli"), ("another", secret, "sdk-cli"), ("by-hand", task, "cli")];
    for (session, value, entrypoint) in sessions {
        let mut command = home.orch_hook();
        command.arg("hook").env("ORCH_PARENT_TASK", value).env("CLAUDE_CODE_ENTRYPOINT", entrypoint);
        HookStart::feed(&mut command, &payload::pre_tool_use(session, "toolu_1")).finish().assert_silent("a client");
    }
    let found = sessions.map(|(session, ..)| {
        get_json(&daemon, &format!("/api/v1/sessions/{session}"))["session"]["parent_task"].clone()
    });
    assert_eq!(found, [task.into(), serde_json::Value::Null, serde_json::Value::Null]);
    assert_eq!(
        e2e_tests::leak::search(&e2e_tests::leak::forms("environment", "canary-77d0-of-a-task"), home.orch()),
        Vec::<String>::new()
    );
}
