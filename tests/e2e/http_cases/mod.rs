//! The HTTP cases of the attack data against the real server, byte for byte.

mod behave;
mod judge;

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::time::{Duration, Instant};

use e2e_tests::http::{Answer, connect, exchange, get_json, read_answer};
use e2e_tests::leak::contains;
use e2e_tests::{TestDaemon, TestHome, exclusive, manifest, payload, run_hook, say};
use serde_json::{Value, json};

const SESSION: &str = "canary-session-7c1d";

/// Strings of stored events that no refused request may show.
const STORED: [&str; 3] = [SESSION, "canary-prompt-90ab", "canary-command-33fe"];

/// Logical routes that this issue has not.
const NOT_HERE: [&str; 4] = ["purge", "backup", "settings", "metrics"];

struct Server<'home> {
    home: &'home TestHome,
    daemon: TestDaemon<'home>,
    address: String,
    port: String,
    token: String,
    cookie: String,
}

#[test]
fn every_case_whose_route_exists_passes() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let (address, token) = (daemon.http(), daemon.token());
    let port = address.rsplit(':').next().expect("a port").to_owned();
    let mut server = Server { home: &home, daemon, address, port, token, cookie: String::new() };
    server.cookie = server.log_in();
    run_hook(&home, &payload::session_event("UserPromptSubmit", SESSION, &json!({"prompt": STORED[1]})))
        .assert_silent("");
    run_hook(&home, &payload::tool_event("PreToolUse", SESSION, "toolu_c", &json!({"command": STORED[2]})))
        .assert_silent("");
    let text = std::fs::read_to_string(manifest::folder().join("http_cases.jsonl")).expect("the cases");
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(cases.len(), 104);
    let (mut skipped, mut failures, mut passed) = (Vec::new(), Vec::new(), 0);
    let slow = |case: &&Value| {
        matches!(case["behaviour"]["kind"].as_str(), Some("drip_headers" | "half_request" | "idle" | "drip_body"))
    };
    let slow_results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            cases.iter().filter(slow).map(|case| (case, scope.spawn(|| server.check(case)))).collect();
        threads.into_iter().map(|(case, thread)| (case, thread.join().expect("a check does not panic"))).collect()
    });
    let results = cases.iter().filter(|case| !slow(case)).filter_map(|case| {
        if NOT_HERE.contains(&case["route"].as_str().expect("a route")) {
            skipped.push(format!("{} {} ({})", text_of(case, "id"), text_of(case, "title"), text_of(case, "route")));
            return None;
        }
        Some((case, server.check(case)))
    });
    for (case, result) in results.collect::<Vec<_>>().into_iter().chain(slow_results) {
        match result {
            Ok(()) => passed += 1,
            Err(why) => failures.push(format!("{} {}: {why}", text_of(case, "id"), text_of(case, "title"))),
        }
    }
    say(format_args!(
        "http: {passed} of {} cases passed; skipped, since the route is not here: {skipped:?}",
        cases.len()
    ));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn text_of<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

impl Server<'_> {
    fn log_in(&self) -> String {
        use shared::protocol::{Reply, Request};
        let reply = e2e_tests::socket::ask(&self.home.paths.socket(), &Request::Login, None, Duration::from_secs(5));
        let Ok(Reply::Login { url }) = reply else { panic!("no login: {reply:?}") };
        let path = &url[url.find("/login").expect("a path")..];
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        let answer = exchange(&self.address, request.as_bytes()).expect("an answer");
        answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned()
    }

    /// The product's method and path of a logical route.
    fn map(case: &Value) -> (String, String) {
        let method = text_of(case, "method");
        let path = match text_of(case, "route") {
            "page" => "/",
            "api_read" => "/api/v1/events",
            "api_write" => "/api/v1/sessions/canary-session-7c1d",
            "sse" => "/api/v1/stream",
            "health" => "/health",
            "export" => "/api/v1/export?table=events&format=jsonl",
            other => panic!("an unknown route {other}"),
        };
        // Our one write is a PATCH.
        let method = if text_of(case, "route") == "api_write" && method == "POST" { "PATCH" } else { method };
        (method.to_owned(), path.to_owned())
    }

    fn fill(&self, text: &str, path: &str) -> String {
        text.replace("${PORT}", &self.port)
            .replace("${PATH}", path)
            .replace("${ALG}", "none")
            .replace("${RAND}", "5e1f")
    }

    /// What a write could change.
    fn state(&self) -> String {
        let mut session = get_json(&self.daemon, &format!("/api/v1/sessions/{SESSION}"));
        session["now_at"] = Value::Null;
        format!("{session} {}", self.daemon.database().events())
    }

    fn check(&self, case: &Value) -> Result<(), String> {
        let expect = &case["expect"];
        if let Some(behaviour) = case.get("behaviour") {
            return self.behave(text_of(behaviour, "kind"), behaviour, expect);
        }
        let before = self.state();
        let request = self.request(case);
        let start = Instant::now();
        let answer = self.exchange_head(&request, text_of(case, "route") == "sse");
        let took = start.elapsed();
        let answer = match answer {
            Ok(answer) => answer,
            Err(_) if expect["or_closed"] == true => return Ok(()),
            Err(error) => return Err(format!("no answer: {error}")),
        };
        judge::judge(case, &answer, took)?;
        if expect["no_state_change"] == true && self.state() != before {
            return Err(format!("the state changed from {before} to {}", self.state()));
        }
        if expect["schema_unchanged"] == true && self.daemon.database().number("SELECT count(*) FROM events") < 2 {
            return Err("rows are gone".into());
        }
        Ok(())
    }

    fn request(&self, case: &Value) -> Vec<u8> {
        let (method, path) = Self::map(case);
        if let Some(raw) = case["raw_bytes"].as_str() {
            // Latin-1, as the data says; our write is a PATCH.
            let text = self.fill(raw, &path).replacen("POST", "PATCH", 1);
            return text.chars().map(|c| u8::try_from(u32::from(c)).expect("latin-1")).collect();
        }
        let mut target = case["target"].as_str().map_or_else(|| path.clone(), |target| self.fill(target, &path));
        if let Some(query) = case["query"].as_str() {
            target = format!("{target}?{}", encode_query(query));
        }
        let mut headers = vec![("Host".to_owned(), self.address.clone())];
        match text_of(case, "auth") {
            "valid" => headers.push(("Authorization".into(), format!("Bearer {}", self.token))),
            "none" => {}
            "wrong" => headers.push(("Authorization".into(), format!("Bearer {}", "0".repeat(self.token.len())))),
            "empty_bearer" => headers.push(("Authorization".into(), "Bearer ".into())),
            "truncated" => {
                headers.push(("Authorization".into(), format!("Bearer {}", &self.token[..self.token.len() - 1])));
            }
            "extra_space_suffix" => headers.push(("Authorization".into(), format!("Bearer {} x", self.token))),
            "in_query" => target = format!("{target}?token={0}&access_token={0}", self.token),
            "cookie_only" => headers.push(("Cookie".into(), self.cookie.clone())),
            other => panic!("an unknown kind of auth: {other}"),
        }
        let mut given: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for header in case["headers"].as_array().into_iter().flatten() {
            let name = header[0].as_str().expect("a name").to_owned();
            given.entry(name).or_default().push(header[1].as_str().map(|value| self.fill(value, &path)));
        }
        headers.retain(|(name, _)| !given.keys().any(|given| given.eq_ignore_ascii_case(name)));
        for (name, values) in given {
            headers.extend(values.into_iter().flatten().map(|value| (name.clone(), value)));
        }
        let body = case["body"].as_str().unwrap_or_default();
        if !body.is_empty() {
            headers.push(("Content-Length".into(), body.len().to_string()));
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
            headers.push(("Connection".into(), "close".into()));
        }
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let lines = lines.concat();
        format!("{method} {target} HTTP/1.1\r\n{lines}\r\n{body}").into_bytes()
    }

    /// Sends a request and reads the answer; of a stream only its head.
    fn exchange_head(&self, request: &[u8], is_stream: bool) -> std::io::Result<Answer> {
        let mut stream = connect(&self.address)?;
        stream.write_all(request)?;
        if !is_stream {
            return read_answer(&mut BufReader::new(stream));
        }
        stream.set_read_timeout(Some(Duration::from_millis(700)))?;
        let mut bytes = Vec::new();
        let mut block = [0; 4096];
        while !contains(&bytes, b"\r\n\r\n") {
            match stream.read(&mut block)? {
                0 => break,
                n => bytes.extend_from_slice(&block[..n]),
            }
        }
        if contains(&bytes, b"text/event-stream") {
            // The head alone: the body goes on for ever.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let head = text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
            let head: String = head
                .lines()
                .filter(|line| !line.to_lowercase().starts_with("transfer-encoding"))
                .fold(String::new(), |all, line| all + line + "\r\n");
            return read_answer(&mut format!("{head}content-length: 0\r\n\r\n").as_bytes());
        }
        let _ = stream.read_to_end(&mut bytes);
        read_answer(&mut &bytes[..])
    }
}

/// Percent-encodes what a browser would, and leaves the shape of a query alone.
fn encode_query(query: &str) -> String {
    query.bytes().fold(String::new(), |text, byte| match byte {
        b'=' | b'&' | b'-' | b'.' | b'_' | b'%' => text + &char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => text + &char::from(byte).to_string(),
        byte => text + &format!("%{byte:02X}"),
    })
}
