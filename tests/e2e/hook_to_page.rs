//! Hook JSON in, page JSON out: the one path through the whole house.

use std::time::{Duration, Instant};

use e2e_tests::http::{Stream, get_json};
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, run_hook, wait_for};
use serde_json::{Value, json};

const SESSION: &str = "11111111-2222-4333-8444-555555555555";

#[test]
fn a_hook_is_on_the_page_with_its_session_and_its_body() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut stream = Stream::open(&daemon, None);

    run_hook(&home, &payload::session_event("SessionStart", SESSION, &json!({"source": "startup"})))
        .assert_silent("SessionStart");
    run_hook(
        &home,
        &payload::session_event("UserPromptSubmit", SESSION, &json!({"prompt": "Fix it", "prompt_id": "p1"})),
    )
    .assert_silent("UserPromptSubmit");
    run_hook(&home, &payload::pre_tool_use(SESSION, "toolu_1")).assert_silent("PreToolUse");

    let message = wait_for("a message on the stream", Duration::from_secs(5), || {
        stream.message().expect("the stream stays open").filter(|message| message.event == "changed")
    });
    let data: Value = serde_json::from_str(&message.data).expect("the message is JSON");
    assert_eq!(data["sessions"], json!([SESSION]), "the message names what changed");

    let list = get_json(&daemon, "/api/v1/events?limit=10");
    let names: Vec<&str> = items(&list).iter().filter_map(|item| item["hook_event_name"].as_str()).collect();
    assert_eq!(names, ["PreToolUse", "UserPromptSubmit", "SessionStart"], "newest first");
    let newest = &items(&list)[0];
    assert_eq!(newest["tool_use_id"], "toolu_1");
    assert_eq!(newest["tool_name"], "Bash");

    let detail = get_json(&daemon, &format!("/api/v1/events/{}", newest["event_id"].as_str().expect("an id")));
    assert_eq!(detail["body"]["form"], "json");
    assert_eq!(detail["body"]["value"]["tool_input"]["command"], "ls -l");

    let session = get_json(&daemon, &format!("/api/v1/sessions/{SESSION}"));
    assert_eq!(session["session"]["state"], "working", "a tool call is open");
    assert_eq!(session["spans"][0]["status"], "open");

    run_hook(&home, &payload::tool_event("PostToolUse", SESSION, "toolu_1", &json!({"command": "ls -l"})))
        .assert_silent("PostToolUse");
    run_hook(&home, &payload::session_event("Stop", SESSION, &json!({"last_assistant_message": "Done."})))
        .assert_silent("Stop");
    run_hook(&home, &payload::session_event("SessionEnd", SESSION, &json!({"reason": "other"})))
        .assert_silent("SessionEnd");
    let session = get_json(&daemon, &format!("/api/v1/sessions/{SESSION}"));
    assert_eq!(session["session"]["state"], "ended");
    assert_eq!(session["spans"][0]["status"], "ok");
    let overview = get_json(&daemon, "/api/v1/overview");
    assert_eq!(overview["capture"]["events"], 6);
}

#[test]
fn a_message_reaches_the_stream_soon_after_its_hook() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut stream = Stream::open(&daemon, None);
    for n in 0..5 {
        run_hook(&home, &payload::pre_tool_use(SESSION, &format!("toolu_{n}"))).assert_silent("PreToolUse");
        let returned = Instant::now();
        let message = stream.message().expect("the stream stays open").expect("a message");
        assert!(returned.elapsed() < Duration::from_millis(250), "took {:?}", returned.elapsed());
        assert!(message.id.is_some(), "a client can go on after it: {message:?}");
    }
}

#[test]
fn a_stream_goes_on_where_it_was_cut() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut stream = Stream::open(&daemon, None);
    run_hook(&home, &payload::pre_tool_use(SESSION, "toolu_1")).assert_silent("PreToolUse");
    let first = stream.message().expect("open").expect("a message");
    drop(stream);
    run_hook(&home, &payload::pre_tool_use("other-session", "toolu_2")).assert_silent("PreToolUse");
    let mut again = Stream::open(&daemon, first.id.as_deref());
    let message = again.message().expect("open").expect("what was missed");
    assert_eq!(message.event, "changed");
    assert!(message.data.contains("other-session"), "{message:?}");
}

#[test]
fn a_session_takes_a_label_and_a_pin() {
    use e2e_tests::http::exchange;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    run_hook(&home, &payload::pre_tool_use(SESSION, "toolu_1")).assert_silent("PreToolUse");
    let (address, token) = (daemon.http(), daemon.token());
    let body = r#"{"label":"Night run","pinned":true}"#;
    let request = format!(
        "PATCH /api/v1/sessions/{SESSION} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nOrigin: http://{address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&address, request.as_bytes()).expect("an answer");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let list = get_json(&daemon, "/api/v1/sessions?pinned=true");
    let row = &items(&list)[0];
    assert_eq!((row["label"].as_str(), row["pinned"].as_bool()), (Some("Night run"), Some(true)));
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().expect("a list")
}
