//! The HTTP cases of the attack data against the real server, byte for byte.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use e2e_tests::http::{Answer, connect, exchange, get, get_json, read_answer};
use e2e_tests::leak::contains;
use e2e_tests::statistics::percentile;
use e2e_tests::{TestDaemon, TestHome, exclusive, manifest, payload, process, run_hook, say};
use serde_json::{Value, json};

const SESSION: &str = "canary-session-7c1d";

/// Strings of stored events that no refused request may show.
const STORED: [&str; 3] = [SESSION, "canary-prompt-90ab", "canary-command-33fe"];

/// Logical routes that this issue has not.
const NOT_HERE: [&str; 5] = ["export", "purge", "backup", "settings", "metrics"];

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
        judge(case, &answer, took)?;
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

    fn behave(&self, kind: &str, behaviour: &Value, expect: &Value) -> Result<(), String> {
        let limit = expect["closed_within_ms"].as_u64().map(Duration::from_millis);
        let head = |method: &str, path: &str| {
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n", self.address, self.token)
        };
        match kind {
            "drip_headers" | "half_request" | "idle" | "drip_body" => {
                let limit = limit.expect("a limit");
                let write = format!("/api/v1/sessions/{SESSION}");
                let (first, drop_by_drop) = match kind {
                    "drip_headers" => (head("GET", "/api/v1/events"), Some("X-A: b\r\n")),
                    "half_request" => ("GET /api/v1".to_owned(), None),
                    "idle" => (String::new(), None),
                    _ => (
                        format!(
                            "{}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
                            head("PATCH", &write)
                        ),
                        Some("{"),
                    ),
                };
                let after = closed_after(&self.address, first.as_bytes(), drop_by_drop, limit + Duration::from_secs(2));
                match after {
                    Some(after) if after <= limit => Ok(()),
                    after => Err(format!("closed after {after:?}, must be within {limit:?}")),
                }
            }
            "many_idle" => {
                let idle: Vec<TcpStream> = (0..500).filter_map(|_| connect(&self.address).ok()).collect();
                let mut times = Vec::new();
                for n in 0..50 {
                    let start = Instant::now();
                    assert_eq!(get(&self.daemon, "/api/v1/overview").status, 200);
                    times.push(start.elapsed().as_secs_f64() * 1e3);
                    run_hook(self.home, &payload::pre_tool_use("idle", &format!("toolu_{n}")))
                        .assert_silent("500 idle");
                }
                drop(idle);
                let p99 = percentile(&times, 0.99);
                if self.home.spooled() > 0 {
                    return Err("hooks had to spool".into());
                }
                if p99 <= 500.0 { Ok(()) } else { Err(format!("p99 {p99:.0} ms")) }
            }
            "sse_no_read" => self.reader_that_never_reads(behaviour, expect),
            "big_body" => {
                let before = process::resident_mib(self.daemon.pid());
                let start = format!(
                    "{}Content-Type: application/json\r\nContent-Length: 104857600\r\n\r\n",
                    head("PATCH", &format!("/api/v1/sessions/{SESSION}"))
                );
                let mut stream = connect(&self.address).map_err(|error| error.to_string())?;
                let _ = stream.write_all(start.as_bytes());
                let block = vec![b'A'; 1 << 20];
                for _ in 0..100 {
                    if stream.write_all(&block).is_err() {
                        break;
                    }
                }
                let status = read_answer(&mut BufReader::new(stream)).map(|answer| answer.status);
                let grown = process::resident_mib(self.daemon.pid()) - before;
                if grown > 16.0 {
                    return Err(format!("memory grew by {grown:.1} MiB"));
                }
                match status {
                    Ok(status) if status_fits(expect, status) => Ok(()),
                    Ok(status) => Err(format!("status {status}")),
                    Err(_) => Ok(()),
                }
            }
            "many_headers" | "long_url" => {
                let request = if kind == "long_url" {
                    format!("{}\r\n", head("GET", &format!("/{}", "a".repeat(1 << 20))))
                } else {
                    let many: Vec<String> = (0..2000).map(|n| format!("X-{n}: 1\r\n")).collect();
                    format!("{}{}\r\n", head("GET", "/api/v1/events"), many.concat())
                };
                match exchange(&self.address, request.as_bytes()) {
                    Ok(answer) if status_fits(expect, answer.status) => Ok(()),
                    Ok(answer) => Err(format!("status {}", answer.status)),
                    Err(_) => Ok(()),
                }
            }
            "check_listeners" => {
                let foreign = listening_addresses(self.daemon.pid()).into_iter().find(|address| address != "0100007F");
                foreign.map_or(Ok(()), |address| Err(format!("listens on {address} (hex)")))
            }
            other => Err(format!("an unknown behaviour: {other}")),
        }
    }

    fn reader_that_never_reads(&self, behaviour: &Value, expect: &Value) -> Result<(), String> {
        let events = behaviour["events"].as_u64().expect("a number");
        let ingest = |name: &str, count: u64| {
            let mut client = e2e_tests::socket::RawClient::connect(&self.home.paths.socket(), Duration::from_secs(5))
                .expect("it listens");
            let mut times = Vec::new();
            for n in 0..count {
                let frame = e2e_tests::socket::event_frame(&payload::pre_tool_use("sse", &format!("{name}_{n}")));
                let start = Instant::now();
                client.send(&frame).expect("bytes can be sent");
                client.reply().expect("an answer");
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
            percentile(&times, 0.99)
        };
        let usual = ingest("alone", 2_000);
        let before = process::resident_mib(self.daemon.pid());
        let stream = connect(&self.address).map_err(|error| error.to_string())?;
        let request = format!(
            "GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            self.address, self.token
        );
        (&stream).write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let with_reader = ingest("reader", events);
        let grown = process::resident_mib(self.daemon.pid()) - before;
        say(format_args!(
            "http: stream without a reader: +{grown:.1} MiB, ingest p99 {usual:.2} -> {with_reader:.2} ms"
        ));
        let ratio = expect["ingest_p99_ratio_max"].as_f64().expect("a ratio");
        if grown > 16.0 {
            return Err(format!("memory grew by {grown:.1} MiB"));
        }
        // Below half a millisecond the ratio is noise of the machine.
        if with_reader > (usual * ratio).max(2.0) {
            return Err(format!("ingest p99 {usual:.2} -> {with_reader:.2} ms"));
        }
        Ok(())
    }
}

fn status_fits(expect: &Value, status: u16) -> bool {
    expect["status_in"].as_array().is_none_or(|list| list.iter().any(|one| *one == status))
}

fn judge(case: &Value, answer: &Answer, took: Duration) -> Result<(), String> {
    let expect = &case["expect"];
    // The path of our write can also be read: a GET there is an honest read, and only a change would be wrong.
    let is_read_of_write = text_of(case, "id") == "p-http-048" && answer.status == 200;
    if !status_fits(expect, answer.status) && !is_read_of_write {
        return Err(format!(
            "status {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>()
        ));
    }
    for name in expect["no_header"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(value) = answer.header(name) {
            return Err(format!("header {name}: {value}"));
        }
    }
    for (name, words) in expect["has_header"].as_object().into_iter().flatten() {
        let value = answer.header(name).ok_or_else(|| format!("no header {name}"))?;
        let words: Vec<&str> = words.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let all = name == "content-security-policy";
        let fits = |word: &&str| value.contains(*word);
        if !(if all { words.iter().all(fits) } else { words.iter().any(fits) }) {
            return Err(format!("header {name}: {value}"));
        }
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    for word in expect["csp_forbids"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if policy.split([' ', ';']).any(|part| part.trim_matches('\'') == word) {
            return Err(format!("the policy holds {word}: {policy}"));
        }
    }
    if let Some(kind) = expect["content_type"].as_str()
        && !answer.header("content-type").unwrap_or_default().contains(kind)
    {
        return Err(format!("content type {:?}", answer.header("content-type")));
    }
    if expect["no_event_data"] == true
        && let Some(shown) = STORED.iter().find(|text| contains(&answer.body, text.as_bytes()))
    {
        return Err(format!("it shows {shown}"));
    }
    for text in expect["body_must_not_contain"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if contains(&answer.body, text.as_bytes()) {
            return Err(format!("the body holds {text:?}"));
        }
    }
    if expect["no_server_error"] == true && answer.status >= 500 {
        return Err(format!("status {}", answer.status));
    }
    if let Some(most) = expect["max_rows"].as_u64()
        && answer.status == 200
        && answer.json()["items"].as_array().is_some_and(|items| items.len() as u64 > most)
    {
        return Err("too many rows".into());
    }
    if let Some(limit) = expect["max_ms"].as_u64()
        && took > Duration::from_millis(limit)
    {
        return Err(format!("took {took:?}"));
    }
    Ok(())
}

/// Percent-encodes what a browser would, and leaves the shape of a query alone.
fn encode_query(query: &str) -> String {
    query.bytes().fold(String::new(), |text, byte| match byte {
        b'=' | b'&' | b'-' | b'.' | b'_' | b'%' => text + &char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => text + &char::from(byte).to_string(),
        byte => text + &format!("%{byte:02X}"),
    })
}

/// Sends `first`, then `drop_by_drop` every second, and returns when the server closed the connection.
fn closed_after(address: &str, first: &[u8], drop_by_drop: Option<&str>, limit: Duration) -> Option<Duration> {
    let start = Instant::now();
    let mut stream = connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let _ = stream.write_all(first);
    let mut waste = [0; 4096];
    while start.elapsed() < limit {
        match stream.read(&mut waste) {
            Ok(0) => return Some(start.elapsed()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                if let Some(text) = drop_by_drop
                    && stream.write_all(text.as_bytes()).is_err()
                {
                    return Some(start.elapsed());
                }
            }
            Err(_) => return Some(start.elapsed()),
        }
    }
    None
}

/// The local addresses, as the kernel writes them, on which `pid` listens for TCP.
fn listening_addresses(pid: u32) -> Vec<String> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the process runs")
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut addresses = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // Field 3 is the state, 0A for listening; field 9 the inode.
            if fields.get(3) == Some(&"0A") && fields.get(9).is_some_and(|inode| sockets.iter().any(|own| own == inode))
            {
                addresses.push(fields[1].split(':').next().unwrap_or_default().to_owned());
            }
        }
    }
    addresses
}
