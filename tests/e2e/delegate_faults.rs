//! `orchd delegate` and servers that fail: a clear line and exit 75, never a hang, never half an answer taken for a whole one.

use std::process::Output;
use std::time::{Duration, Instant};

use e2e_tests::chat_server::{ChatServer, Step, answer, delta, event, head, stream, stream_end, stream_head};
use e2e_tests::terminal::Terminal;
use e2e_tests::{TestHome, exclusive, say};

use crate::delegate::{delegate, with_claude};

/// Longest any of them may take: `--timeout 2`, the start of the program, and a machine that is busy.
const ENDS_WITHIN: Duration = Duration::from_secs(12);

struct Fault {
    name: &'static str,
    steps: Vec<Step>,
    says: &'static str,
    /// Whether some of an answer comes before it fails.
    shows: bool,
}

fn faults() -> Vec<Fault> {
    let begun = || vec![stream_head(), event(&delta("content", "The answer "))];
    let thought = || vec![stream_head(), event(&delta("reasoning", "hm"))];
    let fault = |name, steps, says, shows| Fault { name, steps, says, shows };
    let json =
        |length: usize| head("200 OK", &["Content-Type: application/json", &format!("Content-Length: {length}")]);
    let word = event(&delta("content", "word "));
    let Step::Send(word) = word else { unreachable!("an event is sent") };
    let fifty_mb = || {
        let text = "w".repeat(50 << 20);
        format!("{{\"choices\":[{{\"message\":{{\"content\":\"{text}\"}},\"finish_reason\":\"stop\"}}]}}").into_bytes()
    };
    let chunked = head("200 OK", &["Content-Type: text/event-stream", "Transfer-Encoding: chunked"]);
    vec![
        fault("killed mid-stream", [begun(), vec![Step::Reset]].concat(), "the answer broke off", true),
        fault("ends mid-stream", begun(), "the answer broke off", true),
        fault("killed while it thinks", [thought(), vec![Step::Reset]].concat(), "the answer broke off", false),
        fault("dies of the question", vec![Step::Reset], "hung up without an answer", false),
        fault("closes without a word", vec![], "hung up without an answer", false),
        fault("half a chunk", vec![chunked, Step::Send(b"ff\r\ndata: ".to_vec())], "the answer broke off", false),
        fault("stalls in the answer", [begun(), vec![Step::Hang]].concat(), "within 2 s", true),
        fault("stalls while it thinks", [thought(), vec![Step::Hang]].concat(), "within 2 s", false),
        fault("head, then silence", vec![stream_head(), Step::Hang], "no token within 2 s", false),
        fault("slow first token", vec![Step::Hang], "within 2 s", false),
        fault(
            "comments for ever",
            vec![stream_head(), Step::SendForEver(b": ping\n\n".repeat(10))],
            "no token within 2 s",
            false,
        ),
        fault("garbage", vec![Step::Send(b"\x16\x03\x01 {]\xff\xff\n\n".repeat(20))], "is no model server", false),
        fault(
            "garbage in the body",
            vec![stream_head(), Step::Send(b"data: {]\n\n".to_vec())],
            "not one of a model",
            false,
        ),
        fault("a page", answer("200 OK", &["Content-Type: text/html"], "<html>hi</html>"), "not one of a model", false),
        fault(
            "half of an object",
            answer("200 OK", &["Content-Type: application/json"], "{\"data\":["),
            "not one of a model",
            false,
        ),
        fault(
            "500",
            answer("500 Oops", &[], "{\"error\":{\"message\":\"out of memory\"}}"),
            "answers 500: out of memory",
            false,
        ),
        fault(
            "400",
            answer("400 Bad Request", &[], "{\"error\":{\"message\":\"no such type. password=hunter2-of-mine\"}}"),
            "answers 400: no such type. password=[redacted:password] (try: mend what the server refuses",
            false,
        ),
        fault("429", answer("429 Slow", &["Retry-After: 60"], ""), "busy and asks to wait 60 s", false),
        fault("401", answer("401 No", &[], "{}"), "needs a token", false),
        fault(
            "no models loaded",
            answer("404 Not Found", &[], "{\"error\":{\"message\":\"No models loaded. Please load a model.\"}}"),
            "no model for this: No models loaded",
            false,
        ),
        fault("a redirect", answer("302 There", &["Location: http://169.254.169.254/x"], ""), "redirects to", false),
        fault(
            "an error in the stream",
            vec![stream_head(), event(&serde_json::json!({"error": {"message": "no memory"}}))],
            "gave up: no memory",
            false,
        ),
        fault("endless", vec![stream_head(), Step::SendForEver(word)], "did not end within 2 s", true),
        fault(
            "50 MB, announced",
            vec![json(50 << 20), Step::SendForEver(vec![b'w'; 1 << 16])],
            "larger than 32 MiB",
            false,
        ),
        fault(
            "50 MB",
            vec![head("200 OK", &["Content-Type: application/json"]), Step::Send(fifty_mb())],
            "larger than 32 MiB",
            false,
        ),
        fault("nothing but thoughts", [thought(), stream_end(1)].concat(), "gave no answer", false),
    ]
}

fn run(steps: &[Step], args: &[&str], claude: bool) -> (Output, Duration) {
    let (server, home) = (ChatServer::start(vec![steps.to_vec()]), TestHome::new());
    let mut command = delegate(&home, &server, &["--timeout", "2", "do it"]);
    command.args(args);
    if claude {
        with_claude(&home, command.args(["--fallback", "claude"]), "cat >/dev/null; echo from claude");
    }
    let begun = Instant::now();
    let output = command.output().expect("runs");
    (output, begun.elapsed())
}

#[test]
fn every_fault_is_a_clear_line_and_exit_75() {
    let _turn = exclusive::shared();
    for streamed in [true, false] {
        for Fault { name, steps, says, shows } in faults() {
            let args: &[&str] = if streamed { &[] } else { &["--no-stream"] };
            let (output, took) = run(&steps, args, false);
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let how = if streamed { "streamed" } else { "in one piece" };
            say(format_args!("{name}, {how}, {:.1} s: {}", took.as_secs_f64(), stderr.trim_end()));
            assert_eq!(output.status.code(), Some(75), "{name}: {stderr}");
            let whole =
                if shows { "the answer of the local model is not whole: " } else { "no answer from the local model: " };
            assert!(stderr.contains(whole), "{name}: {stderr}");
            assert!(stderr.contains(says), "{name}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{name}: {stderr}");
            assert!(took < ENDS_WITHIN, "{name} took {took:?}");
            assert_eq!(!output.stdout.is_empty(), shows, "{name}: what comes is shown as it comes");
        }
    }
}

#[test]
fn claude_does_it_where_nothing_of_an_answer_was_shown() {
    let _turn = exclusive::shared();
    for Fault { name, steps, shows, .. } in faults() {
        let (output, took) = run(&steps, &[], true);
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(took < ENDS_WITHIN, "{name} took {took:?}");
        if shows {
            assert_eq!(output.status.code(), Some(75), "{name}: {stderr}");
            assert!(!stdout.contains("from claude"), "{name}: two answers in one");
        } else {
            assert_eq!(stdout, "from claude\n", "{name}: {stderr}");
            assert!(stderr.contains("Claude does it instead"), "{name}: {stderr}");
        }
    }
}

#[test]
fn with_json_a_broken_answer_is_never_half_shown() {
    let _turn = exclusive::shared();
    let steps = [vec![stream_head(), event(&delta("content", "The answer "))], vec![Step::Reset]].concat();
    let (output, _) = run(&steps, &["--json"], true);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&found["ran"], &found["answer"]), (&"claude".into(), &"from claude".into()));
    assert_eq!(found["fallback"]["reason"], "broke_off");
    assert!(found["local_ms"].as_f64().is_some_and(|ms| ms > 0.0), "the time it cost is told: {found}");
    let (output, _) = run(&steps, &["--json"], false);
    assert!(output.stdout.is_empty() && output.status.code() == Some(75));
}

#[test]
fn it_asks_again_before_the_first_byte_and_never_after() {
    let _turn = exclusive::shared();
    let busy = || answer("503 Busy", &[], "{\"error\":{\"message\":\"no slot is free\"}}");
    let slow = || answer("429 Slow", &["Retry-After: 1"], "");
    let home = TestHome::new();
    for (answers, asked, code) in [
        (vec![busy(), busy(), stream(&["ok"])], 3, 0),
        (vec![busy()], 3, 75),
        (vec![slow(), stream(&["ok"])], 2, 0),
        (vec![answer("500 Oops", &[], ""), stream(&["ok"])], 1, 75),
        (vec![vec![stream_head(), event(&delta("content", "a")), Step::Reset], stream(&["ok"])], 1, 75),
    ] {
        let server = ChatServer::start(answers);
        let output = delegate(&home, &server, &["do it"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(server.asked().len(), asked);
    }
}

#[test]
fn a_model_that_loads_is_waited_for() {
    let _turn = exclusive::shared();
    let loading = || answer("503 Service Unavailable", &[], "{\"error\":{\"message\":\"Loading model\",\"code\":503}}");
    let server = ChatServer::start(vec![loading(), loading(), loading(), stream(&["ok"])]);
    let (home, mut terminal) = (TestHome::new(), Terminal::new());
    let _held = terminal.open();
    let output = delegate(&home, &server, &["do it"]).stderr(terminal.open()).output().expect("runs");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"ok"[..]));
    assert_eq!(server.asked().len(), 4);
    let seen = terminal.seen();
    assert!(seen.contains("loading the model… 0 s") && seen.contains("loading the model… 2 s"), "{seen}");
    let (output, took) = run(&loading(), &[], true);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("the server is still loading its model after"), "{stderr}");
    assert!(took > Duration::from_secs(1) && took < ENDS_WITHIN, "{took:?}");
    assert_eq!(output.stdout, b"from claude\n");
}

#[test]
fn nobody_there_is_said_in_one_line() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let begun = Instant::now();
    let mut command = home.orchd();
    command
        .args(["delegate", "do it"])
        .env("ORCH_LOCAL_URL", format!("http://{free}"))
        .stdin(std::process::Stdio::null());
    let output = command.output().expect("runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert!(stderr.contains(&format!("nothing answers at http://{free}")), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(begun.elapsed() < ENDS_WITHIN);
    let output = home.orchd().args(["delegate", "do it"]).env("ORCH_LOCAL_URL", "ftp://x").output().expect("runs");
    assert_eq!(output.status.code(), Some(78), "an address that is none is a mistake in the settings");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("ORCH_LOCAL_URL must be an address over http, not `ftp`"), "{said}");
}

#[test]
fn a_redirect_is_not_followed_and_the_token_goes_nowhere_else() {
    let _turn = exclusive::shared();
    let other = ChatServer::start(vec![stream(&["stolen"])]);
    let there = format!("Location: {}/v1/chat/completions", other.url);
    for status in ["301 M", "302 F", "307 T", "308 P"] {
        let server = ChatServer::start(vec![answer(status, &[&there], "")]);
        let home = TestHome::new();
        let output = delegate(&home, &server, &["do it"]).env("ORCH_LOCAL_TOKEN", "sk-test").output().expect("runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(75), "{stderr}");
        assert!(!stderr.contains("sk-test"), "{stderr}");
    }
    assert!(other.asked().is_empty());
}
