//! SIGTERM and SIGINT: gone within 3 s, also under load, and nothing lost.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::database::Database;
use e2e_tests::http::Stream;
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook, wait_until};
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(3);

#[test]
fn a_stop_under_load_loses_nothing() {
    let _turn = exclusive::alone();
    for signal in [Signal::TERM, Signal::INT] {
        let home = TestHome::new();
        let mut daemon = TestDaemon::start(&home);
        let (sent, done) = (AtomicU64::new(0), AtomicBool::new(false));
        let (took, status) = std::thread::scope(|scope| {
            for sender in 0..4 {
                let (home, sent, done) = (&home, &sent, &done);
                scope.spawn(move || {
                    let mut n = 0;
                    while !done.load(Ordering::Relaxed) {
                        run_hook(home, &payload::pre_tool_use("s", &format!("{sender}-{n}"))).assert_silent("a sender");
                        n += 1;
                        sent.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            wait_until("some load", Duration::from_secs(20), || sent.load(Ordering::Relaxed) > 200);
            let start = std::time::Instant::now();
            daemon.signal(signal);
            let status = daemon.wait_end();
            let took = start.elapsed();
            let before = sent.load(Ordering::Relaxed);
            wait_until("hooks that find nobody", Duration::from_secs(20), || {
                sent.load(Ordering::Relaxed) > before + 20
            });
            done.store(true, Ordering::Relaxed);
            (took, status)
        });
        e2e_tests::say(format_args!("stop: {signal:?} under load took {took:?}"));
        assert!(took <= LIMIT && status.success(), "{signal:?}: {took:?}, {status}");
        assert!(!home.paths.socket().exists(), "a clean end takes its socket along");
        let copy = Database::copy(&home.paths.database());
        copy.assert_sound();
        let daemon = TestDaemon::start(&home);
        let status = daemon.settled();
        let sent = i64::try_from(sent.into_inner()).expect("few");
        assert_eq!(daemon.database().events(), sent, "{signal:?}");
        assert_books_balance(&status);
    }
}

#[test]
fn open_streams_and_idle_connections_do_not_delay_the_end() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let mut daemon = TestDaemon::start(&home);
    let mut stream = Stream::open(&daemon, None);
    let _idle = e2e_tests::http::connect(&daemon.http()).expect("the daemon listens");
    let limit = Duration::from_secs(2);
    let _silent = e2e_tests::socket::RawClient::connect(&home.paths.socket(), limit).expect("the daemon listens");
    let (took, status) = daemon.terminate();
    assert!(took <= LIMIT && status.success(), "{took:?}, {status}\n{}", daemon.output());
    while let Ok(Some(_)) = stream.message() {}
}

#[test]
fn counters_survive_a_restart_and_a_kill() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut daemon = TestDaemon::start(&home);
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("first");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("again");
    run_hook(&home, b"[]").assert_silent("rejected");
    daemon.terminate();
    let mut daemon = TestDaemon::start(&home);
    run_hook(&home, &payload::pre_tool_use("s", "toolu_2")).assert_silent("second");
    daemon.kill();
    let daemon = TestDaemon::start(&home);
    let status = daemon.status();
    assert_books_balance(&status);
    assert_eq!((daemon.counter("stored"), daemon.counter("duplicate")), (2, 1), "{}", status["counters"]);
}

#[test]
fn a_pause_drops_and_counts_and_survives_a_restart() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut daemon = TestDaemon::start(&home);
    assert!(home.orchd().arg("pause").output().expect("orchd runs").status.success());
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("paused");
    assert_eq!((daemon.counter("dropped"), daemon.counter("stored")), (1, 0));
    daemon.terminate();
    let daemon = TestDaemon::start(&home);
    run_hook(&home, &payload::pre_tool_use("s", "toolu_2")).assert_silent("still paused");
    assert_eq!(daemon.counter("dropped"), 2);
    assert!(home.orchd().arg("resume").output().expect("orchd runs").status.success());
    run_hook(&home, &payload::pre_tool_use("s", "toolu_3")).assert_silent("resumed");
    assert_eq!(daemon.counter("stored"), 1);
    assert_books_balance(&daemon.status());
}
