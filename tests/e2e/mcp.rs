//! `orchd mcp` as a client sees it: its tools, what they answer, and what they do when the local model or the client is not there.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use e2e_tests::chat_server::{ChatServer, Listed, Step, answer, delta, event, stream, stream_head};
use e2e_tests::database::Database;
use e2e_tests::local_model::{LmStudioStandIn, MODELS, Mode};
use e2e_tests::mcp::McpClient;
use e2e_tests::process::{alive, peak_mib, signal};
use e2e_tests::{TestDaemon, TestHome, exclusive, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

/// Within this something ends that has nobody to wait for any more.
const SOON: Duration = Duration::from_secs(3);
const TASK: &str = "delegate_task";

fn project(home: &TestHome) -> PathBuf {
    let project = home.around().join("project");
    std::fs::create_dir_all(project.join("src")).expect("makes the folder");
    std::fs::write(project.join("src/a.rs"), "fn a() {}\n").expect("writes");
    project
}

fn server(answers: Vec<Vec<Step>>) -> ChatServer {
    ChatServer::start_listed(answers, Some(Listed { models: MODELS.to_owned(), token: None }))
}

fn client(home: &TestHome, url: &str) -> McpClient {
    McpClient::start(home, &project(home), |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{url}\" }}]"));
    })
}

fn content(text: &str) -> Step {
    event(&delta("content", text))
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("text")
}

#[test]
fn the_tools_are_listed_with_what_they_are_for() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut client = McpClient::spawn(&home, &project(&home), |_| ());
    let parameters =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let answer = client.ask("initialize", &parameters);
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    assert!(answer["result"]["instructions"].as_str().is_some_and(|words| words.contains(TASK) && words.len() < 300));
    client.notify("notifications/initialized", &json!({}));
    let tools = client.ask("tools/list", &json!({}))["result"]["tools"].take();
    let names: Vec<_> = tools.as_array().expect("a list").iter().map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["delegate_task", "route_task", "local_status", "usage_summary"].map(Some));
    assert_eq!(tools[0]["inputSchema"]["required"], json!(["task"]));
    assert_eq!(client.ask("tools/call", &json!({"name": "other"}))["error"]["code"], -32602);
}

/// The version of the protocol without a handshake, which Claude Code tries first.
#[test]
fn a_client_without_a_handshake_is_served_too() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["ok"])]));
    let mut client = McpClient::spawn(&home, &project(&home), |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url));
    });
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"roots": {}}});
    let found = client.ask("server/discover", &json!({"_meta": meta}));
    assert!(found["result"]["supportedVersions"].to_string().contains("2026-07-28"), "{found}");
    let called = client.ask("tools/call", &json!({"name": TASK, "arguments": {"task": "say ok"}, "_meta": meta}));
    assert_eq!(text(&called["result"]), "ok", "{called}");
}

#[test]
fn a_task_with_its_files_comes_back_answered() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["<think>hm</think>", "four"])]));
    let mut client = client(&home, &server.url);
    let arguments = json!({"task": "Count.", "files": ["src/a.rs"], "expected": "one word"});
    let result = client.call(TASK, &arguments);
    assert_eq!((text(&result), &result["isError"]), ("four", &json!(false)), "{result}");
    let told = &result["structuredContent"];
    assert_eq!((&told["answer"], &told["model"]), (&json!("four"), &json!("stand-in")), "{told}");
    assert!(told["task_id"].as_str().is_some_and(|id| id.starts_with("delegation:")));
    assert!(told["seconds"].is_number() && told["tokens"]["output"].is_number());
    let asked = &server.tasks()[0].body;
    let prompt = asked["messages"][0]["content"].as_str().expect("a prompt");
    assert!(prompt.starts_with("<file name=\"src/a.rs\">\nfn a() {}\n</file>\n\nCount."), "{prompt}");
    assert!(prompt.ends_with("nothing else: one word"), "{prompt}");
    let full = json!({"choices": [{"delta": {"content": "It is"}, "finish_reason": "length"}]});
    let cut = vec![stream_head(), event(&full), Step::Send(b"data: [DONE]\n\n".to_vec())];
    let of_cut = self::server(vec![cut]);
    let result = self::client(&home, &of_cut.url).call(TASK, &arguments);
    assert_eq!((text(&result), &result["isError"]), ("It is", &json!(false)), "{result}");
    let note = result["structuredContent"]["note"].as_str().expect("a note");
    assert!(note.contains("is cut") && note.contains("No saving"), "{note}");
    let schema = json!({"type": "object"});
    let result = client.call(TASK, &json!({"task": "List.", "expected": schema}));
    assert!(result["isError"] == true && text(&result).contains("the answer is not JSON"), "{result}");
    assert_eq!(server.tasks()[1].body["response_format"]["json_schema"]["schema"], schema);
}

#[test]
fn only_files_of_the_project_go() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["ok"])]));
    let project = project(&home);
    std::fs::write(project.join(".env"), "A=1").expect("writes");
    std::fs::write(home.around().join("outside.txt"), "x").expect("writes");
    std::os::unix::fs::symlink("../outside.txt", project.join("link.txt")).expect("links");
    let mut client = client(&home, &server.url);
    for (file, words) in [
        ("../outside.txt", "outside of the project"),
        ("link.txt", "outside of the project"),
        ("/etc/passwd", "outside of the project"),
        (".env", "holds secrets"),
        ("missing", "does not exist"),
        ("src", "is a folder"),
    ] {
        for tool in [TASK, "route_task"] {
            let result = client.call(tool, &json!({"task": "Read.", "files": ["src/a.rs", file]}));
            assert!(result["isError"] == true && text(&result).contains(words), "{tool} {file}: {result}");
        }
    }
    for seconds in [json!(0), json!(-1), json!(1e300)] {
        let result = client.call(TASK, &json!({"task": "x", "max_seconds": seconds}));
        assert!(result["isError"] == true && text(&result).contains("`max_seconds` must be"), "{seconds}: {result}");
    }
    assert_eq!(server.tasks().len(), 0, "nothing was asked");
    assert_eq!(client.call(TASK, &json!({"task": "x", "fiels": []}))["isError"], true);
}

#[test]
fn an_excluded_project_is_left_alone() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["ok"])]));
    let project = project(&home);
    let rule = format!("[{{ dir = \"{}\", record = \"off\" }}]", project.display());
    let mut client = McpClient::start(&home, &project, |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url));
        command.env("ORCH_CAPTURE__PROJECTS", rule);
    });
    let result = client.call(TASK, &json!({"task": "x"}));
    assert!(result["isError"] == true && text(&result).contains("the settings exclude this project"), "{result}");
    assert_eq!(server.tasks().len(), 0);
}

#[test]
fn roots_of_a_client_that_is_not_claude_code_are_asked_for() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["ok"])]));
    let project = project(&home);
    let mut client = McpClient::spawn(&home, home.around(), |command| {
        command
            .env_remove("CLAUDE_PROJECT_DIR")
            .env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url));
    });
    let parameters = json!({"protocolVersion": "2025-06-18", "capabilities": {"roots": {}},
        "clientInfo": {"name": "t", "version": "1"}});
    client.ask("initialize", &parameters);
    client.notify("notifications/initialized", &json!({}));
    std::fs::write(home.around().join("beside.txt"), "x").expect("writes");
    for (file, expected) in [("src/a.rs", "ok"), ("../beside.txt", "outside of the project")] {
        let call = json!({"name": TASK, "arguments": {"task": "x", "files": [file]}});
        let id = client.request("tools/call", &call);
        let asked = client.message();
        assert_eq!(asked["method"], "roots/list", "{asked}");
        let roots = json!({"roots": [{"uri": format!("file://{}", project.display())}]});
        client.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": roots}).to_string());
        let answer = client.answer_of(id, |_| ());
        assert!(text(&answer["result"]).contains(expected), "{file}: {answer}");
    }
}

#[test]
fn what_the_local_model_cannot_do_claude_is_told_to() {
    let _turn = exclusive::shared();
    let gone = LmStudioStandIn::start(Mode::Refuse);
    let (home, wrong) =
        (TestHome::new(), LmStudioStandIn::start(Mode::Answer(200, "text/html".into(), "<html>".into())));
    let midway = server(vec![vec![stream_head(), content("half"), Step::Reset]]);
    let silent = server(vec![vec![stream_head(), Step::Hang]]);
    let busy = server(vec![answer("429 Too Many Requests", &["Retry-After: 600"], "{}")]);
    let long = server(vec![stream(&["ok"])]);
    let many = "word ".repeat(20_000);
    for (url, arguments, words) in [
        (gone.url(), json!({"task": "x"}), "is down"),
        (wrong.url(), json!({"task": "x"}), "wrong server"),
        (midway.url.clone(), json!({"task": "x"}), "broke off"),
        (silent.url.clone(), json!({"task": "x", "max_seconds": 1}), "within 1 s"),
        (busy.url.clone(), json!({"task": "x"}), "busy"),
        (long.url.clone(), json!({"task": many}), "does not fit"),
    ] {
        let mut client = client(&home, &url);
        let result = client.call(TASK, &arguments);
        let said = text(&result);
        assert!(result["isError"] == true && said.contains(words), "{words}: {result}");
        assert!(said.contains("Do the task yourself") && said.len() < 400, "{said}");
        assert!(result["structuredContent"].is_null(), "{result}");
        let (status, _) = client.leave();
        assert!(status.success());
    }
    assert_eq!(long.tasks().len(), 0);
}

#[test]
fn progress_is_told_to_whom_asks_for_it_and_ends_before_the_answer() {
    let _turn = exclusive::shared();
    let slow = |text: &str| [Step::Wait(Duration::from_millis(1300)), content(text)];
    let end = Step::Send(b"data: [DONE]\n\n".to_vec());
    let steps = [&[stream_head()][..], &slow("<think>a"), &slow("b</think>"), &slow("four"), &[end]].concat();
    let (home, server) = (TestHome::new(), server(vec![steps]));
    let mut client = client(&home, &server.url);
    let call = |meta: Value| json!({"name": TASK, "arguments": {"task": "x"}, "_meta": meta});
    let id = client.request("tools/call", &call(json!({"progressToken": "p1"})));
    let mut told = Vec::new();
    let answer = client.answer_of(id, |message| told.push(message.clone()));
    assert_eq!(text(&answer["result"]), "four");
    let notes: Vec<_> = told.iter().map(|note| &note["params"]).collect();
    assert!(notes.len() >= 3 && notes.iter().all(|note| note["progressToken"] == "p1"), "{notes:?}");
    let seconds: Vec<_> = notes.iter().filter_map(|note| note["progress"].as_f64()).collect();
    assert!(seconds.is_sorted_by(|a, b| a < b), "{seconds:?}");
    let lines: Vec<_> = notes.iter().filter_map(|note| note["message"].as_str()).collect();
    assert!(
        lines[0].starts_with("waiting for the first token") && lines.iter().any(|line| line.starts_with("thinking")),
        "{lines:?}"
    );
    client.nothing_waits();
    let id = client.request("tools/call", &call(json!({})));
    client.answer_of(id, |message| panic!("nobody asked for {message}"));
    assert_eq!(client.leave_with_rest(), [""; 0], "nothing comes after the answer");
}

#[test]
fn a_cancelled_task_ends_at_the_model_too_and_others_go_on() {
    let _turn = exclusive::shared();
    let endless = vec![stream_head(), content("a"), Step::Hang];
    let (home, server) = (TestHome::new(), server(vec![endless]));
    let mut client = client(&home, &server.url);
    let id = client.request("tools/call", &json!({"name": TASK, "arguments": {"task": "x"}}));
    wait_until("the model to be asked", Duration::from_secs(10), || server.tasks().len() == 1);
    assert_eq!(client.call("local_status", &json!({}))["structuredContent"]["state"], "ready", "others are served");
    client.notify("notifications/cancelled", &json!({"requestId": id, "reason": "test"}));
    assert!(server.asker_goes_within(SOON), "the server is left at once");
    client.nothing_waits();
    let id = client.request("tools/call", &json!({"name": "local_status"}));
    let others = client.answer_of(id, |message| panic!("what was cancelled is not answered, but {message}"));
    assert_eq!(others["result"]["isError"], false);
    assert_eq!(client.leave_with_rest(), [""; 0], "what was cancelled is not answered");
}

#[test]
fn it_ends_with_its_client_and_so_does_the_model() {
    let _turn = exclusive::shared();
    let endless = vec![stream_head(), content("a"), Step::Hang];
    let home = TestHome::new();
    for by_signal in [None, Some(Signal::INT), Some(Signal::TERM)] {
        let server = server(vec![endless.clone()]);
        let mut client = client(&home, &server.url);
        client.request("tools/call", &json!({"name": TASK, "arguments": {"task": "x"}}));
        wait_until("the model to be asked", Duration::from_secs(10), || server.tasks().len() == 1);
        let (_, took) = match by_signal {
            None => client.leave(),
            Some(by) => {
                signal(client.pid(), by);
                client.ended()
            }
        };
        assert!(took < SOON, "{by_signal:?}: {took:?}");
        assert!(server.asker_goes_within(SOON), "{by_signal:?}");
        assert!(!alive(client.pid()));
    }
    let mut idle = client(&home, "http://127.0.0.1:9");
    assert!(idle.leave().0.success());
    let mut before = McpClient::spawn(&home, &project(&home), |_| ());
    assert!(before.leave().0.success(), "a client that never said anything");
}

/// It closes one pipe and holds the other: answers that nobody takes are not waited for, and nothing is worked on.
#[test]
fn it_ends_with_a_client_that_never_reads() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![vec![stream_head(), content("a"), Step::Hang]]));
    let project = project(&home);
    let mut command = home.orchd();
    command.arg("mcp").current_dir(&project).env("CLAUDE_PROJECT_DIR", &project);
    command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("orchd starts");
    let mut stdin = child.stdin.take().expect("piped");
    let request = |id: u64, method: &str, parameters: Value| {
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}).to_string()
    };
    let hello =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let mut lines = vec![
        request(1, "initialize", hello),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string(),
        request(2, "tools/call", json!({"name": TASK, "arguments": {"task": "x"}})),
    ];
    // More than a pipe holds, and not so much that the server stops reading before its end.
    lines.extend((3..43).map(|id| request(id, "tools/list", json!({}))));
    stdin.write_all((lines.join("\n") + "\n").as_bytes()).expect("the server reads");
    wait_until("the model to be asked", Duration::from_secs(10), || server.tasks().len() == 1);
    drop(stdin);
    assert!(server.asker_goes_within(SOON), "the model is left at once");
    wait_until("the server to end", Duration::from_secs(8), || child.try_wait().expect("a child").is_some());
    let mut unread = Vec::new();
    child.stdout.take().expect("piped").read_to_end(&mut unread).expect("reads");
    let answers = String::from_utf8_lossy(&unread).lines().count();
    assert!((1..40).contains(&answers), "the pipe was full: {answers} answers");
}

/// A client waits for the answer to each request, whatever stands in it.
#[test]
fn what_cannot_be_read_is_answered_and_harms_nothing() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut client = client(&home, "http://127.0.0.1:9");
    let call = |id: u64, task: &str| {
        let call = format!("\"name\":\"{TASK}\",\"arguments\":{{\"task\":{task}}}");
        format!("{{\"method\":\"tools/call\",\"params\":{{{call}}},\"jsonrpc\":\"2.0\",\"id\":{id}}}").into_bytes()
    };
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let lines = [
        (b"garbage".to_vec(), -32700, Value::Null),
        (b"{\"jsonrpc\":\"2.0\"".to_vec(), -32700, Value::Null),
        (b"\x1b[2J".to_vec(), -32700, Value::Null),
        (b"null".to_vec(), -32600, Value::Null),
        (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]".to_vec(), -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":90,\"method\":\"tools/call\",\"params\":5}".to_vec(), -32600, json!(90)),
        (call(91, &deep), -32700, json!(91)),
        (call(92, "\"\\ud800\""), -32700, json!(92)),
        ([&b"{\"jsonrpc\":\"2.0\",\"id\":93,\"method\":\"\xff\"}"[..]].concat(), -32700, json!(93)),
        (call(94, &format!("\"{}\"", "x".repeat(40 << 20))), -32600, json!(94)),
    ];
    client.send("");
    // Neither a notification nor an answer is answered.
    client.send(&format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{deep}}}"#));
    client.send(r#"{"jsonrpc":"2.0","id":1,"result":"\ud800"}"#);
    for (line, code, id) in lines {
        client.send_bytes(&line);
        let answer = client.message();
        assert_eq!((&answer["error"]["code"], answer.get("id")), (&json!(code), Some(&id)), "{answer}");
    }
    let peak = peak_mib(client.pid());
    assert!(peak < 128.0, "{peak} MiB");
    client.send("{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"no/such\"}");
    assert_eq!(client.message()["error"]["code"], -32601);
    assert_eq!(client.call("local_status", &json!({}))["structuredContent"]["state"], "down");
    assert!(client.leave().0.success());
}

#[test]
fn where_a_task_could_run_and_what_was_spent_is_said_without_a_daemon() {
    let _turn = exclusive::shared();
    let (home, server) = (TestHome::new(), server(vec![stream(&["ok"])]));
    let mut client = client(&home, &server.url);
    let route = client.call("route_task", &json!({"task": "Count.", "files": ["src/a.rs"]}));
    let told = &route["structuredContent"];
    assert!(["local", "claude"].iter().any(|word| told["route"] == **word), "{route}");
    assert!(told["confidence"].as_f64().is_some_and(|confidence| (0.0..=1.0).contains(&confidence)), "{route}");
    assert!(told["router_version"].is_string() && told["is_calibrated"] == false, "{route}");
    assert!(text(&route).contains("not yet calibrated for this local model"), "{route}");
    assert_eq!(told["context_tokens"], 8192);
    let long = client.call("route_task", &json!({"task": "word ".repeat(20_000)}));
    assert_eq!(long["structuredContent"]["route"], "claude", "{long}");
    let none = client.call("usage_summary", &json!({}));
    assert!(none["isError"] == true && text(&none).contains("orchd up"), "{none}");
    assert_eq!(server.tasks().len(), 0);
}

/// With a daemon that records it, and without.
#[test]
fn what_was_delegated_is_recorded_with_its_call() {
    let _turn = exclusive::shared();
    for with_daemon in [true, false] {
        let (home, server) = (TestHome::new(), server(vec![stream(&["<think>hm</think>", "four"])]));
        let project = project(&home);
        let endpoints = format!("[{{ url = \"{}\" }}]", server.url);
        let daemon = with_daemon.then(|| {
            TestDaemon::start_with(&home, |command| {
                command.env("ORCH_LOCAL__ENDPOINTS", &endpoints);
            })
        });
        let mut client = McpClient::start(&home, &project, |command| {
            command.env("ORCH_LOCAL__ENDPOINTS", &endpoints).env("CLAUDE_CODE_SESSION_ID", "s-1");
        });
        let meta = json!({"claudecode/toolUseId": "toolu_1"});
        let call = json!({"name": TASK, "arguments": {"task": "Count.", "files": ["src/a.rs"]}, "_meta": meta});
        let answer = client.ask("tools/call", &call);
        let id = answer["result"]["structuredContent"]["task_id"].as_str().expect("an id").to_owned();
        client.call(TASK, &json!({"task": "word ".repeat(20_000)}));
        // It ends when all is recorded.
        assert!(client.leave().0.success());
        let rows = |columns: &str, of: &str| {
            Database::open(&home.paths.database()).texts(&format!("SELECT {columns} FROM {of}"))
        };
        let found = rows(
            "task_id || ' ' || policy || ' ' || session_id || ' ' || tool_use_id || ' ' || ran || ' ' || outcome",
            "handoff_events JOIN task_outcomes USING (task_id) WHERE tool_use_id IS NOT NULL",
        );
        assert_eq!(found, [format!("{id} mcp s-1 toolu_1 local completed")], "with a daemon: {with_daemon}");
        let judged_later = rows(
            "(recommended_route IN ('local', 'claude')) || ' ' || (as_good_logit IS NOT NULL) || ' ' || local_model",
            "handoff_events WHERE router_version IS NOT NULL AND tool_use_id IS NOT NULL",
        );
        assert_eq!(judged_later, ["1 1 deepseek-r1"], "with a daemon: {with_daemon}");
        let fell = rows(
            "outcome || ' ' || reason",
            "handoff_events JOIN task_outcomes USING (task_id) WHERE tool_use_id IS NULL",
        );
        assert_eq!(fell, ["fell_back too_long"], "with a daemon: {with_daemon}");
        let ledger = rows(
            "model || ' ' || input_tokens || ' ' || output_tokens || ' ' || session_id",
            "api_requests WHERE source = 'local'",
        );
        assert_eq!(ledger, ["stand-in 5 2 s-1"], "with a daemon: {with_daemon}");
        let mut again = McpClient::start(&home, &project, |_| ());
        let usage = again.call("usage_summary", &json!({}));
        assert_eq!(usage["structuredContent"]["periods"][0]["local_model"]["tasks"], 1, "{usage}");
        drop(daemon);
    }
}

#[test]
fn by_hand_it_says_what_it_is() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let terminal = e2e_tests::terminal::Terminal::new();
    let mut command = home.orchd();
    command.arg("mcp").stdin(terminal.open());
    let output = command.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(64) && said.contains("orch-hook install --mcp"), "{said}");
}
