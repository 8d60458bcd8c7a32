//! `orchd delegate` against a model server in this process: what is asked, what is shown, what it says of itself.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use e2e_tests::chat_server::{ChatServer, Step, answer, delta, event, head, stream, stream_end, stream_head};
use e2e_tests::http::get_json;
use e2e_tests::programs::repository;
use e2e_tests::terminal::Terminal;
use e2e_tests::{TestDaemon, TestHome, exclusive, payload, process};
use rustix::process::Signal;
use serde_json::{Value, json};

/// `orchd delegate` that asks this server, with nothing on its standard input.
pub(crate) fn delegate(home: &TestHome, server: &ChatServer, args: &[&str]) -> Command {
    let mut command = home.orchd();
    command.args(["delegate", "--endpoint", &server.url]).args(args);
    command.stdin(Stdio::null());
    command
}

fn run(server: &ChatServer, args: &[&str]) -> Output {
    delegate(&TestHome::new(), server, args).output().expect("runs")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn recorded(name: &str) -> Step {
    Step::Send(std::fs::read(repository().join("tests/fixtures/local-model").join(name)).expect("a fixture"))
}

/// What a program that Claude Code is called by would find in PATH: it tells what it was told.
pub(crate) fn with_claude(home: &TestHome, command: &mut Command, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let folder = home.around().join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    let program = folder.join("claude");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", folder.display()));
}

#[test]
fn reasoning_stays_apart_in_all_four_shapes() {
    let _turn = exclusive::shared();
    let pieces = |field: &str| {
        let thoughts = ["I ", "add."].iter().map(|text| event(&delta(field, text)));
        let answer = ["The answer ", "is 4."].iter().map(|text| event(&delta("content", text)));
        [vec![stream_head()], thoughts.collect(), answer.collect(), stream_end(4)].concat()
    };
    let inline = stream(&["<th", "ink>\nI add.\n</thi", "nk>\n\nThe answer ", "is 4."]);
    let unopened = stream(&["I add.\n</thi", "nk>\n\nThe answer ", "is 4."]);
    for (answer, model, shape) in [
        (inline, "any", "inline"),
        (unopened.clone(), "deepseek-r1", "inline"),
        (unopened, "any", "inline"),
        (pieces("reasoning_content"), "any", "reasoning_content"),
        (pieces("reasoning"), "any", "reasoning"),
        (vec![stream_head(), recorded("lmstudio_chat_stream.sse")], "any", "native"),
        (
            vec![head("200 OK", &["Content-Type: application/json"]), recorded("llamacpp_chat.json")],
            "any",
            "reasoning_content",
        ),
        (vec![stream_head(), recorded("llamacpp_chat_stream.sse")], "any", "reasoning_content"),
    ] {
        let server = ChatServer::start(vec![answer]);
        let found: Value =
            serde_json::from_str(&stdout(&run(&server, &["--json", "--model", model, "add"]))).expect("JSON");
        assert_eq!(found["answer"], "The answer is 4.", "{shape}: {found}");
        assert_eq!(found["reasoning_shape"], shape);
        assert!(["I add.", "I should add.", "I should add.\n"].contains(&found["reasoning"].as_str().expect("text")));
        assert_eq!(found["ran"], "local");
        assert_eq!(found["tokens"]["source"], "server");
        assert!(found["task_id"].as_str().is_some_and(|id| id.starts_with("delegation:")), "{found}");
    }
}

#[test]
fn the_answer_is_on_stdout_byte_by_byte_and_nothing_else() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![stream(&["<think>hm</think>", "a\tb\u{1b}[0m\r\n", "é\n\n"])]);
    let output = run(&server, &["say"]);
    assert_eq!(stdout(&output), "a\tb\u{1b}[0m\r\né\n\n");
    assert!(output.stderr.is_empty(), "nobody watches: {}", String::from_utf8_lossy(&output.stderr));
    let output = run(&server, &["say", "--show-reasoning"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "hm\n\n", "reasoning is talk");
    assert_eq!(stdout(&output), "a\tb\u{1b}[0m\r\né\n\n");
}

#[test]
fn an_answer_that_was_cut_is_said_to_be() {
    let _turn = exclusive::shared();
    let full = json!({"choices": [{"delta": {"content": "It is"}, "finish_reason": "length"}]});
    let server = ChatServer::start(vec![vec![stream_head(), event(&full), Step::Send(b"data: [DONE]\n\n".to_vec())]]);
    let output = run(&server, &["say"]);
    assert_eq!(stdout(&output), "It is");
    assert!(String::from_utf8_lossy(&output.stderr).contains("the answer is cut"));
}

#[test]
fn what_is_asked_is_what_was_said() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    std::fs::write(home.around().join("a.rs"), "fn a() {}\n").expect("a file");
    std::fs::write(home.around().join("s.json"), r#"{"type":"object"}"#).expect("a file");
    let server = ChatServer::start(vec![stream(&["{\"a\":", " 1}"])]);
    let args = ["Why?", "--file", "a.rs", "--system", "Be short.", "--model", "m", "--json-schema", "s.json"];
    let mut command = delegate(&home, &server, &args);
    command.args(["--set", "temperature=0"]).env("ORCH_LOCAL_TOKEN", "sk-test");
    assert_eq!(stdout(&command.output().expect("runs")), "{\"a\": 1}");
    let asked = server.asked().remove(0);
    assert!(asked.head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{}", asked.head);
    assert!(asked.head.to_lowercase().contains("authorization: bearer sk-test"), "{}", asked.head);
    let user = "<file name=\"a.rs\">\nfn a() {}\n</file>\n\nWhy?";
    let messages = json!([{"role": "system", "content": "Be short."}, {"role": "user", "content": user}]);
    assert_eq!(asked.body["messages"], messages);
    assert_eq!(asked.body["model"], "m");
    assert_eq!(asked.body["temperature"], 0);
    assert_eq!(asked.body["stream_options"], json!({"include_usage": true}));
    assert_eq!(asked.body["response_format"]["json_schema"]["schema"], json!({"type": "object"}));
    let native = ChatServer::start(vec![vec![stream_head(), recorded("lmstudio_chat_stream.sse")]]);
    assert_eq!(stdout(&run(&native, &["--api", "lm-studio", "add"])), "The answer is 4.");
    let asked = native.asked().remove(0);
    assert!(asked.head.starts_with("POST /api/v1/chat HTTP/1.1"), "{}", asked.head);
    assert_eq!(asked.body, json!({"input": "add", "stream": true, "store": false}));
}

#[test]
fn the_task_may_come_on_standard_input() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![stream(&["ok"])]);
    for args in [&["-"][..], &[]] {
        let home = TestHome::new();
        let task = home.around().join("task.txt");
        std::fs::write(&task, "from a pipe\n").expect("a file");
        let mut command = delegate(&home, &server, args);
        let output = command.stdin(std::fs::File::open(task).expect("a file")).output().expect("runs");
        assert_eq!(stdout(&output), "ok");
    }
    assert!(server.asked().iter().all(|asked| asked.body["messages"][0]["content"] == "from a pipe\n"));
}

#[test]
fn what_cannot_be_asked_is_a_usage_error_and_reaches_nobody() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    std::fs::write(home.around().join("binary"), b"\x7fELF\0\0").expect("a file");
    std::fs::write(home.around().join("large"), vec![b'a'; (1 << 20) + 1]).expect("a file");
    std::fs::write(home.around().join("list.json"), "[]").expect("a file");
    let server = ChatServer::start(vec![stream(&["ok"])]);
    for (args, said) in [
        (&["-"][..], "the task is empty"),
        (&["x", "--file", "none"], "`none` cannot be read"),
        (&["x", "--file", "binary"], "`binary` is not text"),
        (&["x", "--file", "large"], "`large` is larger than 1 MiB"),
        (&["x", "--json-schema", "list.json"], "no JSON schema"),
        (&["x", "--set", "stream=false"], "`stream` is not for --set"),
        (&["x", "--timeout", "0"], "--timeout"),
    ] {
        let output = delegate(&home, &server, args).output().expect("runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{args:?}: {stderr}");
        assert!(stderr.contains(said), "{args:?}: {stderr}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn a_question_that_does_not_fit_is_not_asked() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![stream(&["ok"])]);
    let task = "word ".repeat(4000);
    let output = run(&server, &["--context", "4096", &task]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert!(stderr.contains("it is about 5,000 tokens, the loaded context holds 4,096"), "{stderr}");
    assert!(server.asked().is_empty());
    assert_eq!(stdout(&run(&server, &["--context", "8192", &task])), "ok");
}

#[test]
fn ctrl_c_ends_the_answer_at_the_server_too() {
    let _turn = exclusive::shared();
    for (steps, before) in [
        (vec![stream_head(), event(&delta("content", "begun")), Step::Hang], "in the answer"),
        (vec![Step::Hang], "before the first byte"),
    ] {
        let server = ChatServer::start(vec![steps]);
        let home = TestHome::new();
        let mut command = delegate(&home, &server, &["wait"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        e2e_tests::wait_until("the question", Duration::from_secs(10), || !server.asked().is_empty());
        process::signal(child.id(), Signal::INT);
        assert!(server.asker_goes_within(Duration::from_secs(5)), "{before}");
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(130), "{before}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_signal_ends_the_fallback_too() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![answer("500 Oops", &[], "")]);
    let home = TestHome::new();
    let mut command = delegate(&home, &server, &["wait", "--fallback", "claude"]);
    let pid_file = home.around().join("pid");
    with_claude(&home, &mut command, &format!("echo $$ > {}; exec sleep 60", pid_file.display()));
    let mut child = command.stderr(Stdio::null()).spawn().expect("starts");
    let pid = || std::fs::read_to_string(&pid_file).ok()?.trim().parse::<u32>().ok();
    e2e_tests::wait_until("the fallback", Duration::from_secs(10), || pid().is_some());
    process::signal(child.id(), Signal::TERM);
    assert_eq!(child.wait().expect("ends").code(), Some(143));
    assert!(!process::alive(pid().expect("a pid")), "it is left behind");
}

#[test]
fn whoever_watches_sees_how_far_it_is() {
    let _turn = exclusive::shared();
    let thought = |text: &str| [event(&delta("reasoning_content", text)), Step::Wait(Duration::from_millis(600))];
    let thoughts = ["I ", "add."].iter().flat_map(|text| thought(text));
    let steps = std::iter::once(stream_head()).chain(thoughts).chain([event(&delta("content", "4.\u{1b}[2J"))]);
    let server = ChatServer::start(vec![steps.chain(stream_end(3)).collect()]);
    let (home, mut terminal) = (TestHome::new(), Terminal::new());
    // A terminal that nobody has open says nothing any more.
    let _held = terminal.open();
    for out_too in [false, true] {
        let mut command = delegate(&home, &server, &["add"]);
        command.stderr(terminal.open());
        let out = if out_too { Stdio::from(terminal.open()) } else { Stdio::piped() };
        let output = command.stdout(out).spawn().expect("starts").wait_with_output().expect("ends");
        let seen = terminal.seen();
        assert!(seen.contains("thinking… 0 s, 1 token") && seen.contains(" s, 2 tokens"), "{seen}");
        assert!(seen.contains("stand-in: 3 tokens"), "it sums up: {seen}");
        if out_too {
            assert!(seen.contains("4.\\u{1b}[2J\r\n"), "nothing steers the terminal: {seen:?}");
        } else {
            assert_eq!(stdout(&output), "4.\u{1b}[2J");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let _turn = exclusive::shared();
    let piece = Step::SendForEver(format!("data: {}\n\n", delta("content", "more ")).into_bytes());
    let server = ChatServer::start(vec![vec![stream_head(), piece]]);
    let home = TestHome::new();
    let mut command = delegate(&home, &server, &["go on"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut stdout = child.stdout.take().expect("piped");
    std::io::Read::read_exact(&mut stdout, &mut [0; 100]).expect("some of it");
    drop(stdout);
    assert!(server.asker_goes_within(Duration::from_secs(5)));
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn claude_is_told_the_task_and_whose_it_is() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![answer("500 Oops", &[], "{\"error\":\"out of memory\"}")]);
    let script = "echo \"$@|$ORCH_PARENT_TASK|${CLAUDECODE-none}|$(cat)\"";
    for json in [false, true] {
        let home = TestHome::new();
        let mut command = delegate(&home, &server, &["Why?", "--system", "Be short.", "--fallback", "claude"]);
        with_claude(&home, command.env("CLAUDECODE", "1"), script);
        if json {
            command.arg("--json");
        }
        let output = command.output().expect("runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains("the server answers 500: out of memory; Claude does it instead"), "{stderr}");
        let text = stdout(&output);
        let said = if json {
            let found: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(found["ran"], "claude");
            assert_eq!(found["fallback"]["reason"], "status");
            let said = found["answer"].as_str().expect("text").to_owned();
            assert!(said.contains(found["task_id"].as_str().expect("an id")), "{said}");
            said
        } else {
            text
        };
        assert!(said.starts_with("-p|delegation:"), "{said}");
        assert!(said.trim_end().ends_with("|none|Be short.\n\nWhy?"), "{said}");
    }
}

#[test]
fn the_session_of_the_fallback_is_part_of_the_delegation() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![answer("500 Oops", &[], "")]);
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let mut command = delegate(&home, &server, &["Why?", "--fallback", "claude", "--json"]);
    let payload = payload::pre_tool_use("of-the-fallback", "toolu_1");
    std::fs::write(home.around().join("payload.json"), payload).expect("a file");
    let hook = home.orch_hook().get_program().to_string_lossy().into_owned();
    with_claude(&home, &mut command, &format!("cat >/dev/null; '{hook}' hook < payload.json; echo done"));
    let found: Value = serde_json::from_str(&stdout(&command.output().expect("runs"))).expect("JSON");
    let session = get_json(&daemon, "/api/v1/sessions/of-the-fallback");
    assert!(found["task_id"].is_string() && session["session"]["parent_task"] == found["task_id"], "{found} {session}");
}

#[test]
fn a_fallback_that_fails_says_so() {
    let _turn = exclusive::shared();
    let server = ChatServer::start(vec![answer("500 Oops", &[], "")]);
    let home = TestHome::new();
    let mut command = delegate(&home, &server, &["Why?", "--fallback", "claude"]);
    with_claude(&home, &mut command, "exit 3");
    let output = command.output().expect("runs");
    assert_eq!(output.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the fallback `claude -p` failed: exit status: 3"));
    let output = delegate(&home, &server, &["Why?", "--fallback", "claude"]).env("PATH", "/nowhere").output();
    let output = output.expect("runs");
    assert_eq!(output.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`claude` cannot be started"));
}
