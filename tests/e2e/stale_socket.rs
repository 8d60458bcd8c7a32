//! A socket that a killed daemon left behind never needs a person.

use std::time::{Duration, Instant};

use e2e_tests::hook::MAX_WALL;
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook};

#[test]
fn a_killed_daemon_comes_back_on_its_own_socket() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    for round in 0..5 {
        let start = Instant::now();
        let mut daemon = TestDaemon::start(&home);
        let ready = start.elapsed();
        assert!(ready <= Duration::from_secs(2), "round {round}: ready after {ready:?}");
        run_hook(&home, &payload::pre_tool_use("s", &format!("live_{round}"))).assert_silent("a live daemon");
        daemon.kill();
        assert!(home.paths.socket().exists(), "SIGKILL leaves the socket");
        let run = run_hook(&home, &payload::pre_tool_use("s", &format!("dead_{round}")));
        run.assert_silent_within("a stale socket", MAX_WALL);
    }
    let daemon = TestDaemon::start(&home);
    let _ = daemon.settled();
    assert_eq!(daemon.database().events(), 10);
}

#[test]
fn something_else_in_the_sockets_place_is_no_obstacle() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    home.make_run_dir();
    std::fs::write(home.paths.socket(), "not a socket").expect("a file");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("a file for a socket");
    let daemon = TestDaemon::start(&home);
    let _ = daemon.settled();
    assert_eq!(daemon.database().events(), 1);
}
