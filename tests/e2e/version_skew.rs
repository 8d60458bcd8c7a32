//! Old hook with new daemon and the reverse: nothing is lost.

use std::time::Duration;

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::socket::{RawClient, event_frame};
use e2e_tests::stand_in::{Fault, StandIn};
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook};
use shared::protocol::{ErrorCode, LENGTH_BYTES, Reply};

/// Returns the frame of a hook that speaks version 2 and knows fields that are not known here.
fn later_frame(tool_use_id: &str) -> Vec<u8> {
    let frame = event_frame(&payload::pre_tool_use("s", tool_use_id));
    let text = String::from_utf8(frame[LENGTH_BYTES..].to_vec()).expect("own frames are text");
    let later = text.replacen("\"v\":1", "\"v\":2,\"lane\":\"fast\"", 1);
    assert_ne!(text, later, "the header says its version");
    [&u32::try_from(later.len()).expect("short").to_be_bytes()[..], later.as_bytes()].concat()
}

#[test]
fn a_later_hook_is_told_that_it_is_not_understood() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut client = RawClient::connect(&home.paths.socket(), Duration::from_secs(2)).expect("the daemon listens");
    client.send(&later_frame("toolu_later")).expect("bytes can be sent");
    let reply = client.reply().expect("an answer");
    assert!(matches!(reply, Reply::Error { code: ErrorCode::UnsupportedVersion, .. }), "{reply:?}");
    assert_eq!(daemon.database().events(), 0);
    assert_books_balance(&daemon.status());
}

#[test]
fn a_later_hooks_spooled_event_is_kept_for_a_later_daemon() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    run_hook(&home, &payload::pre_tool_use("s", "toolu_now")).assert_silent("no daemon");
    let frame = later_frame("toolu_later");
    let limits = shared::spool::Limits::within(Duration::from_secs(1));
    shared::spool::append(&home.paths.spool_dir(), &frame[LENGTH_BYTES..], &limits).expect("the spool takes it");
    for _ in 0..2 {
        let mut daemon = TestDaemon::start(&home);
        e2e_tests::wait_until("this version's event", Duration::from_secs(10), || daemon.database().events() == 1);
        assert_books_balance(&daemon.status());
        daemon.terminate();
    }
    let kept = e2e_tests::leak::files_below(&home.paths.spool_dir());
    let whole =
        kept.iter().any(|file| e2e_tests::leak::contains(&std::fs::read(file).expect("a file"), b"toolu_later"));
    assert!(whole, "the frame is still there: {kept:?}");
}

#[test]
fn a_daemon_that_does_not_understand_makes_the_hook_spool() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for fault in [Fault::UnsupportedVersion, Fault::LaterAck] {
        let stand_in = StandIn::start(&home, fault);
        run_hook(&home, &payload::pre_tool_use("s", &format!("{fault:?}"))).assert_silent("a skewed daemon");
        assert_eq!(stand_in.served(), 1);
    }
    assert_eq!(home.spooled(), 2);
    let daemon = TestDaemon::start(&home);
    let _ = daemon.settled();
    assert_eq!(daemon.database().events(), 2);
}

#[test]
fn a_later_database_is_refused_and_hooks_spool() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut daemon = TestDaemon::start(&home);
    daemon.terminate();
    let database = rusqlite::Connection::open(home.paths.database()).expect("the database");
    let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
               SELECT 9999, 'later', applied_on, '1' FROM refinery_schema_history LIMIT 1";
    database.execute(sql, []).expect("refinery's table");
    drop(database);
    let output = home.orchd().args(["run", "--port", "0"]).output().expect("orchd can be started");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success() && said.contains("9999"), "it names the schema: {said}");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("no daemon");
    assert_eq!(home.spooled(), 1);
}
