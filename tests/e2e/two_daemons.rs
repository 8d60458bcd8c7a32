//! One daemon per state directory, by an OS lock.

use std::time::Duration;

use e2e_tests::{TestDaemon, TestHome, exclusive, payload, process, run_hook, wait_for};

#[test]
fn the_second_leaves_and_the_first_keeps_its_socket() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let second = home.orchd().args(["run", "--port", "0"]).output().expect("orchd can be started");
    let said = String::from_utf8_lossy(&[second.stdout, second.stderr].concat()).into_owned();
    assert!(said.contains(&daemon.pid().to_string()) || said.contains("already"), "it says why: {said}");
    assert!(!said.contains("panicked"), "{said}");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("a live daemon");
    assert_eq!(home.spooled(), 0, "the first still owns the socket");
    assert_eq!(daemon.database().events(), 1);
}

#[test]
fn of_two_started_at_once_one_stays() {
    let _turn = exclusive::shared();
    for round in 0..5 {
        let home = TestHome::new();
        let mut children: Vec<_> =
            (0..2).map(|_| TestDaemon::spawn(&home, home.orchd().args(["run", "--port", "0"]))).collect();
        let pid = wait_for("one of them to answer", Duration::from_secs(20), || {
            children[0].try_status().and_then(|status| status["pid"].as_u64())
        });
        let loser = usize::from(u64::from(children[0].pid()) == pid);
        children[loser].wait_end();
        let winner = children[1 - loser].pid();
        assert!(process::alive(winner) && u64::from(winner) == pid, "round {round}");
        run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("the winner");
        assert_eq!(children[1 - loser].counter("stored"), 1, "round {round}");
    }
}

#[test]
fn a_taken_port_is_named_and_nothing_is_left_behind() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = other.local_addr().expect("an address").port().to_string();
    let output = home.orchd().args(["run", "--port", &port]).output().expect("orchd can be started");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success(), "a taken port is a failure: {said}");
    assert!(said.contains(&port) && !said.contains("panicked"), "it names the port: {said}");
    let daemon = TestDaemon::start(&home);
    assert!(daemon.http().starts_with("127.0.0.1:"));
}

#[test]
fn a_path_too_long_for_a_socket_is_refused_and_hooks_spool() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let long = home.around().join("x".repeat(120));
    std::fs::create_dir(&long).expect("a long folder");
    let output = home.orchd().args(["run", "--port", "0"]).env("ORCH_HOME", &long).output().expect("orchd starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success() && said.contains("long"), "a clear line: {said}");
    let mut command = home.orch_hook();
    command.arg("hook").env("ORCH_HOME", &long);
    let run = e2e_tests::HookStart::feed(&mut command, &payload::pre_tool_use("s", "toolu_1")).finish();
    run.assert_silent("a path too long");
    let spool = shared::paths::Paths::under(&long).spool_dir();
    assert_eq!(shared::spool::pending(&spool).events, 1);
}
