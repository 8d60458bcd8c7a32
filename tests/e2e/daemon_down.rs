//! No daemon: the hook spools, and the daemon takes the spool in at its start and while it runs.

use std::time::Duration;

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::hook::MAX_WALL;
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook, wait_until};

#[test]
fn what_was_spooled_is_stored_at_the_next_start() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    for n in 0..50 {
        let run = run_hook(&home, &payload::pre_tool_use("s", &format!("toolu_{n}")));
        run.assert_silent_within("no daemon", MAX_WALL);
    }
    assert_eq!(home.spooled(), 50);
    let daemon = TestDaemon::start(&home);
    let status = daemon.settled();
    assert_eq!(daemon.database().events(), 50);
    assert_eq!(status["counters"]["stored"], 50);
    assert_books_balance(&status);
}

#[test]
fn a_running_daemon_takes_the_spool_in_on_its_tick() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    // The hook finds no socket, as one in a container might, while the daemon lives on.
    let (socket, aside) = (home.paths.socket(), home.around().join("aside"));
    std::fs::rename(&socket, &aside).expect("a socket can be moved");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("no socket");
    assert_eq!(home.spooled(), 1);
    std::fs::rename(&aside, &socket).expect("a socket can be moved");
    wait_until("the tick to drain the spool", Duration::from_secs(15), || daemon.database().events() == 1);
    assert_books_balance(&daemon.settled());
}

#[test]
fn the_spool_holds_no_secret_and_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    run_hook(&home, &payload::with_secret("s", "toolu_1", 4096)).assert_silent("no daemon");
    let needles = e2e_tests::leak::forms("token", "ghp_FAKEfake0123456789FAKEfake0123456789");
    assert_eq!(e2e_tests::leak::search(&needles, home.orch()), Vec::<String>::new());
    for file in e2e_tests::leak::files_below(&home.paths.spool_dir()) {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    let mode = std::fs::metadata(home.paths.spool_dir()).expect("a folder").permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[test]
fn a_spooled_event_keeps_its_own_time() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let before = e2e_tests::socket::now();
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("no daemon");
    let after = e2e_tests::socket::now();
    let daemon = TestDaemon::start(&home);
    let _ = daemon.settled();
    let at = daemon.database().number("SELECT occurred_at FROM events");
    assert!((before..=after).contains(&at), "{before} <= {at} <= {after}");
}

#[test]
fn a_torn_record_does_not_hold_up_the_others() {
    use std::io::Write;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("no daemon");
    let spool = home.paths.spool_dir().join("current.spool");
    let whole = std::fs::read(&spool).expect("the spool file");
    // Half of a record, as a killed hook or a full disk leaves it.
    let record = &whole[16..];
    let mut file = std::fs::OpenOptions::new().append(true).open(&spool).expect("the spool file");
    file.write_all(&record[..record.len() / 2]).expect("half a record");
    drop(file);
    run_hook(&home, &payload::pre_tool_use("s", "toolu_2")).assert_silent("no daemon");
    let daemon = TestDaemon::start(&home);
    let status = daemon.settled();
    assert_eq!(daemon.database().texts("SELECT tool_use_id FROM events ORDER BY seq"), ["toolu_1", "toolu_2"]);
    assert_books_balance(&status);
}
