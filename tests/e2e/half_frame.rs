//! Frames that are not whole: nothing is stored, nobody else notices.

use std::time::Duration;

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::socket::{RawClient, event_frame};
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook};

#[test]
fn a_frame_cut_anywhere_stores_nothing() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let frame = event_frame(&payload::pre_tool_use("s", "toolu_cut"));
    for cut in [1, 3, 4, 5, frame.len() / 4, frame.len() / 2, frame.len() - 1] {
        let mut client = RawClient::connect(&home.paths.socket(), Duration::from_secs(2)).expect("the daemon listens");
        client.send(&frame[..cut]).expect("bytes can be sent");
    }
    run_hook(&home, &payload::pre_tool_use("s", "toolu_whole")).assert_silent("after cut frames");
    assert_eq!(daemon.database().texts("SELECT tool_use_id FROM events"), ["toolu_whole"]);
    assert_books_balance(&daemon.status());
}

#[test]
fn many_frames_on_one_connection_are_each_acknowledged() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut client = RawClient::connect(&home.paths.socket(), Duration::from_secs(5)).expect("the daemon listens");
    for n in 0..20 {
        client.send(&event_frame(&payload::pre_tool_use("s", &format!("toolu_{n}")))).expect("bytes can be sent");
        let reply = client.reply().expect("an answer");
        assert!(matches!(reply, shared::protocol::Reply::Ack { .. }), "{reply:?}");
    }
    assert_eq!(daemon.database().events(), 20);
}
