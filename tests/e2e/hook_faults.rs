//! The hook against every daemon that fails: exit 0, silent, at most 300 ms, and nothing lost later.

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::hook::MAX_WALL;
use e2e_tests::stand_in::{FAULTS, Fault, StandIn};
use e2e_tests::{HookStart, TestDaemon, TestHome, exclusive, payload, run_hook, say};
use rustix::process::Signal;

/// Runs per fault and payload size.
const RUNS: usize = 10;

#[test]
fn every_misbehaving_daemon_costs_at_most_300_ms_and_loses_nothing() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let mut expected = 0;
    for fault in FAULTS {
        let stand_in = StandIn::start(&home, fault);
        let mut slowest = std::time::Duration::ZERO;
        for n in 0..RUNS {
            for (kind, size) in [("small", 500), ("large", 600_000)] {
                let case = format!("{fault:?}-{kind}-{n}");
                let run = run_hook(&home, &payload::with_secret("s", &case, size));
                run.assert_silent_within(&case, MAX_WALL);
                slowest = slowest.max(run.wall);
                expected += 1;
            }
        }
        say(format_args!("hook_faults: {fault:?}: slowest of {} runs {slowest:?}", RUNS * 2));
        assert!(fault == Fault::FullBacklog || stand_in.served() > 0, "{fault:?}: the hook never came");
    }
    assert_eq!(home.spooled(), expected, "each event is kept");
    let daemon = TestDaemon::start(&home);
    let status = daemon.settled();
    assert_eq!(daemon.database().events(), i64::try_from(expected).expect("few"));
    assert_books_balance(&status);
}

#[test]
fn a_stopped_daemon_costs_at_most_300_ms_and_nothing_is_stored_twice() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    daemon.signal(Signal::STOP);
    let mut slowest = std::time::Duration::ZERO;
    for n in 0..30 {
        let run = run_hook(&home, &payload::pre_tool_use("s", &format!("toolu_{n}")));
        run.assert_silent_within("a stopped daemon", MAX_WALL);
        slowest = slowest.max(run.wall);
    }
    say(format_args!("hook_faults: stopped daemon: slowest of 30 runs {slowest:?}"));
    assert_eq!(home.spooled(), 30);
    daemon.signal(Signal::CONT);
    // The frames still lay in the socket's buffers: each arrives twice now and counts once.
    let status = daemon.settled();
    let database = daemon.database();
    assert_eq!((database.events(), database.number("SELECT count(DISTINCT tool_use_id) FROM events")), (30, 30));
    assert_books_balance(&status);
}

#[test]
fn a_writer_that_never_ends_is_left() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let endless = std::fs::File::open("/dev/zero").expect("every Unix has it");
    let begun = std::time::Instant::now();
    let output = home.orch_hook().arg("hook").stdin(endless).output().expect("the hook runs");
    let wall = begun.elapsed();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert!(wall <= MAX_WALL, "{wall:?}");
}

#[test]
fn no_argument_makes_the_hook_block_or_speak_to_the_client() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for (n, arguments) in [&["hook"][..], &[], &["hook", "--unknown"], &["hook", "extra", "words"]].iter().enumerate() {
        let mut command = home.orch_hook();
        command.args(*arguments);
        let run = HookStart::feed(&mut command, &payload::pre_tool_use("s", &format!("toolu_{n}"))).finish();
        assert_eq!(run.exit, Some(0), "{arguments:?}");
        assert!(run.stdout.is_empty() && run.stderr.is_empty(), "{arguments:?}: {run:?}");
    }
    assert_eq!(home.spooled(), 4, "each is a hook call");
}

#[test]
fn no_exit_of_the_program_is_two() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for arguments in
        [&["--nonsense"][..], &["nonsense"], &["install", "--scope", "moon"], &["route"], &["hook", "\u{1b}[2J"]]
    {
        let mut command = home.orch_hook();
        command.args(arguments);
        let run = HookStart::feed(&mut command, b"{}").finish();
        assert!(run.exit.is_some_and(|code| code != 2), "{arguments:?}: {run:?}");
    }
}

#[test]
fn folders_that_cannot_be_used_are_borne_in_silence() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    // A file where the folder should be: also root cannot write below it.
    std::fs::write(home.orch().join("state"), "in the way").expect("a file");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("a file for a folder");
    let home = TestHome::new();
    std::fs::create_dir_all(home.paths.spool_dir()).expect("a folder");
    std::fs::set_permissions(home.paths.spool_dir(), std::fs::Permissions::from_mode(0o500)).expect("a mode");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("a folder without write permission");
}

#[test]
fn a_socket_folder_open_to_others_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let stand_in = StandIn::start(&home, Fault::Garbage);
    std::fs::set_permissions(home.paths.run_dir(), std::fs::Permissions::from_mode(0o777)).expect("a mode");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("a public folder");
    assert_eq!(stand_in.served(), 0, "not one byte is sent there");
    assert_eq!(home.spooled(), 1);
}
