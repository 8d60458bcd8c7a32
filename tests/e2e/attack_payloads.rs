//! All 137 + 8 hook payloads of the attack data: exit 0, silent, in time, stored as expected, and no secret anywhere.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::hook::MAX_WALL;
use e2e_tests::leak::{Needle, contains, forms, search};
use e2e_tests::manifest::{Attack, attacks};
use e2e_tests::terminal::Terminal;
use e2e_tests::{HookRun, HookStart, TestDaemon, TestHome, exclusive, http, payload, process, run_hook, say};
use serde_json::{Value, json};

/// Payloads whose event cannot be told from another's by the row alone are counted between two looks.
fn rows(daemon: &TestDaemon<'_>) -> i64 {
    daemon.database().events()
}

#[test]
fn every_payload_is_met_as_the_manifest_expects() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let schema = daemon.database().texts("SELECT sql FROM sqlite_schema ORDER BY name");
    let mut stream = http::Stream::open(&daemon, None);
    let mut groups: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for attack in attacks() {
        let before = (rows(&daemon), daemon.counter("rejected"));
        let (run, limit) = send(&home, attack);
        if run.wall > slowest.0 {
            slowest = (run.wall, attack.id.clone());
        }
        if let Err(why) = judge(&run, limit) {
            failures.push(format!("{} {}: {why}", attack.id, attack.class));
        }
        let _ = daemon.settled();
        let grown = (rows(&daemon) - before.0, daemon.counter("rejected") - before.1);
        if let Some(group) = attack.expect("group").and_then(Value::as_str) {
            let expected = attack.expect("group_rows").and_then(Value::as_i64).expect("a group has a size");
            let sum = groups.entry(group.to_owned()).or_insert((0, expected));
            sum.0 += grown.0;
        } else if let Err(why) = judge_store(attack, grown) {
            failures.push(format!("{} {}: {why}", attack.id, attack.class));
        }
    }
    for (group, (stored, expected)) in groups {
        if stored != expected {
            failures.push(format!("group {group}: {stored} rows, expected {expected}"));
        }
    }
    say(format_args!("attacks: {} payloads sent, slowest hook {:?} ({})", attacks().len(), slowest.0, slowest.1));
    assert_eq!(
        daemon.database().texts("SELECT sql FROM sqlite_schema ORDER BY name"),
        schema,
        "the schema is unchanged"
    );
    failures.extend(forbidden_texts(&home, &daemon, &mut stream));
    failures.extend(leaks(&home, &daemon));
    failures.extend(controls(&daemon));
    for name in ["pwned", "pwned2", "pwned3"] {
        let made = e2e_tests::leak::files_below(home.around()).into_iter().any(|file| file.ends_with(name));
        assert!(!made, "a payload became a command: {name}");
    }
    assert_books_balance(&daemon.status());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Runs the hook on `attack` as its file or recipe says; returns the run and the time it may take.
fn send(home: &TestHome, attack: &Attack) -> (HookRun, Duration) {
    let limit = attack.expect("max_ms").and_then(Value::as_u64).map_or(MAX_WALL, Duration::from_millis);
    let Some(recipe) = attack.recipe() else { return (run_hook(home, &attack.bytes()), limit) };
    let mut command = home.orch_hook();
    command.arg("hook");
    let valid = |event: &str| payload::tool_event(event, "recipe", &attack.id, &json!({"command": "ls"}));
    let run = match recipe["kind"].as_str().expect("a kind") {
        "repeat_in_field" => {
            let count = usize::try_from(recipe["count"].as_u64().expect("a count")).expect("it fits");
            let text = String::from_utf8(valid("PostToolUse")).expect("own JSON");
            let (head, tail) = text.split_once("\"done\"").expect("the field to fill");
            let big = [head.as_bytes(), b"\"", &vec![b'A'; count], b"\"", tail.as_bytes()].concat();
            let start = HookStart::feed(&mut command, &big);
            let pid = start.child.id();
            let watch = std::thread::spawn(move || {
                let mut peak: f64 = 0.0;
                while process::alive(pid) && std::path::Path::new(&format!("/proc/{pid}/status")).exists() {
                    peak = peak.max(std::panic::catch_unwind(|| process::peak_mib(pid)).unwrap_or(0.0));
                    std::thread::yield_now();
                }
                peak
            });
            let run = start.finish();
            let peak = watch.join().expect("the watch ends with the hook");
            say(format_args!("attacks: {} peak memory {peak:.1} MiB, wall {:?}", attack.class, run.wall));
            assert!(peak <= 64.0, "{}: {peak} MiB", attack.class);
            run
        }
        "hold_stdin_open" => held_open(&mut command, &[]),
        "drip" => held_open(&mut command, &valid("PreToolUse")[..1]),
        "closed_stdin" => closed(&mut command, "<&-"),
        "closed_stdout" => {
            let file = home.around().join("payload.json");
            std::fs::write(&file, valid("PreToolUse")).expect("a file");
            closed(&mut command, &format!("<{} >&-", file.display()))
        }
        "pty_stdin" => on_a_terminal(&mut command),
        "writer_killed_midway" => {
            let whole = valid("PostToolUse");
            HookStart::feed(&mut command, &whole[..whole.len() / 2]).finish()
        }
        other => panic!("an unknown recipe: {other}"),
    };
    (run, limit)
}

/// Feeds `prefix` and keeps stdin open until the hook has left by its own deadline.
fn held_open(command: &mut std::process::Command, prefix: &[u8]) -> HookRun {
    use std::io::Write;
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    command.stdin(reader).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let child = command.spawn().expect("the hook starts");
    writer.write_all(prefix).expect("a pipe takes a byte");
    // The command keeps its copy of the reading end; only the writer decides whether stdin ends.
    let output = child.wait_with_output().expect("the hook ends by itself");
    let wall = start.elapsed();
    drop(writer);
    HookRun { exit: output.status.code(), stdout: output.stdout, stderr: output.stderr, wall }
}

/// Runs the command through a shell that closes one of its streams.
fn closed(command: &mut std::process::Command, redirection: &str) -> HookRun {
    let program = command.get_program().to_str().expect("a plain path").to_owned();
    let variables: Vec<_> =
        command.get_envs().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &format!("exec '{program}' hook {redirection}")]).env_clear().envs(variables);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = shell.output().expect("the shell starts");
    HookRun { exit: output.status.code(), stdout: output.stdout, stderr: output.stderr, wall: start.elapsed() }
}

/// Runs the command with a terminal as stdin: it may say how it is used, but must not wait.
fn on_a_terminal(command: &mut std::process::Command) -> HookRun {
    let terminal = Terminal::new();
    command.stdin(terminal.open()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output().expect("the hook ends by itself");
    HookRun { exit: output.status.code(), stdout: output.stdout, stderr: output.stderr, wall: start.elapsed() }
}

fn judge(run: &HookRun, limit: Duration) -> Result<(), String> {
    let said = String::from_utf8_lossy(&[&run.stdout[..], &run.stderr].concat()).into_owned();
    match run {
        HookRun { exit: Some(0), .. } if !said.is_empty() => Err(format!("it said {said:?}")),
        HookRun { exit: Some(0), wall, .. } if *wall <= limit => Ok(()),
        HookRun { exit: Some(0), wall, .. } => Err(format!("took {wall:?}, may take {limit:?}")),
        HookRun { exit, .. } => Err(format!("exit {exit:?}, said {said:?}")),
    }
}

fn judge_store(attack: &Attack, (stored, rejected): (i64, u64)) -> Result<(), String> {
    let expected = attack.expect("store").and_then(Value::as_str).unwrap_or("le1");
    // What never was a payload (nothing arrived, or a person at a terminal) need not be counted as rejected.
    let nothing_came =
        matches!(attack.class.as_str(), "empty" | "whitespace-only" | "stdin-never-closes" | "stdin-closed");
    let fits = match expected {
        "one" => stored == 1,
        "zero" => stored == 0,
        _ => stored == 1 || (stored == 0 && (rejected == 1 || nothing_came)),
    };
    if fits { Ok(()) } else { Err(format!("expected {expected}: stored {stored}, rejected {rejected}")) }
}

/// Everything that shows what was stored, as a client of the API sees it.
fn answers(daemon: &TestDaemon<'_>) -> Vec<(String, Vec<u8>)> {
    let list = ["/api/v1/overview", "/api/v1/sessions?limit=200", "/api/v1/activity?range=24h", "/api/v1/system"];
    let mut paths: Vec<String> = list.map(str::to_owned).to_vec();
    paths.extend(["/", "/activity", "/sessions", "/system", "/metrics", "/api/v1/projects"].map(str::to_owned));
    let mut next = String::from("/api/v1/events?limit=500");
    let mut all = Vec::new();
    loop {
        let page = http::get(daemon, &next);
        let json = page.json();
        let items = json["items"].as_array().expect("a list");
        paths.extend(items.iter().map(|item| format!("/api/v1/events/{}", item["event_id"].as_str().expect("an id"))));
        all.push((next, page.body));
        match json["next_before"].as_i64() {
            Some(before) => next = format!("/api/v1/events?limit=500&before={before}"),
            None => break,
        }
    }
    all.extend(paths.into_iter().map(|path| {
        let body = http::get(daemon, &path).body;
        (path, body)
    }));
    all
}

fn leaks(home: &TestHome, daemon: &TestDaemon<'_>) -> Vec<String> {
    let secrets = || attacks().iter().filter(|attack| attack.entry["level"] == "must");
    let needles: Vec<Needle> = secrets()
        .flat_map(|attack| attack.strings("must_never_appear").into_iter().map(move |value| (attack.id.clone(), value)))
        .flat_map(|(id, value)| forms(&id, &value))
        .collect();
    let mut hits = search(&needles, home.orch());
    daemon.database().each_body(|id, _, body| {
        hits.extend(
            e2e_tests::leak::found(&needles, body).into_iter().map(|name| format!("{name} in the body of {id}")),
        );
    });
    for (path, body) in answers(daemon) {
        hits.extend(e2e_tests::leak::found(&needles, &body).into_iter().map(|name| format!("{name} in GET {path}")));
    }
    let leaked: std::collections::BTreeSet<&str> = hits.iter().filter_map(|hit| hit.get(..4)).collect();
    let all = secrets().count();
    say(format_args!(
        "attacks: {} of {all} must secrets nowhere ({} forms searched)",
        all - leaked.len(),
        needles.len()
    ));
    assert_eq!(all, 39);
    hits.into_iter().map(|hit| format!("LEAK {hit}")).collect()
}

fn controls(daemon: &TestDaemon<'_>) -> Vec<String> {
    let mut bodies = Vec::new();
    daemon.database().each_body(|_, _, body| bodies.push(body.to_vec()));
    let mut harmed = Vec::new();
    let all = || attacks().iter().filter(|attack| attack.entry["level"] == "control");
    for attack in all() {
        for value in attack.strings("must_still_appear") {
            if !bodies.iter().any(|body| contains(body, value.as_bytes())) {
                harmed.push(format!("{} {}: {value:?} was redacted", attack.id, attack.class));
            }
        }
    }
    say(format_args!("attacks: {} controls, {} values harmed", all().count(), harmed.len()));
    harmed
}

/// Texts that must not stand in the log, the page's HTML or as a line of the stream.
fn forbidden_texts(home: &TestHome, daemon: &TestDaemon<'_>, stream: &mut http::Stream) -> Vec<String> {
    let mut failures = Vec::new();
    let logs: Vec<u8> = e2e_tests::leak::files_below(&home.paths.log_dir())
        .iter()
        .chain([&home.around().join("orchd.out")])
        .flat_map(|file| std::fs::read(file).unwrap_or_default())
        .collect();
    let pages: Vec<u8> =
        ["/", "/activity", "/sessions", "/system"].iter().flat_map(|path| http::get(daemon, path).body).collect();
    for attack in attacks() {
        let expected = |key: &str| -> Vec<String> {
            let list = attack.expect(key).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        for text in expected("log_must_not_contain") {
            // The manifest writes control characters as escapes; what counts is the character in the log.
            let raw = text.replace("\\n", "\n").replace("\\u001b", "\u{1b}");
            if contains(&logs, raw.as_bytes()) {
                failures.push(format!("{}: {text:?} in the log", attack.id));
            }
        }
        for text in expected("page_must_not_contain") {
            if contains(&pages, text.as_bytes()) {
                failures.push(format!("{}: {text:?} in a page", attack.id));
            }
        }
    }
    // All that was sent while the payloads came in: only our own kinds of messages, each with an own id.
    run_hook(home, &payload::pre_tool_use("last", "toolu_last")).assert_silent("the last");
    while let Some(message) = stream.message().expect("the stream stays open") {
        if !matches!(message.event.as_str(), "hello" | "changed" | "resync") || message.data == "forged" {
            failures.push(format!("the stream says {message:?}"));
        }
        if message.id.as_deref().is_some_and(|id| id == "99999999" || id.parse::<u64>().is_err()) {
            failures.push(format!("the stream says {message:?}"));
        }
        if message.data.contains("\"last\"") || message.event == "resync" {
            break;
        }
    }
    failures
}

#[test]
fn no_secret_reaches_the_spool() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let mut needles = Vec::new();
    for attack in attacks().iter().filter(|attack| attack.entry["level"] == "must") {
        run_hook(&home, &attack.bytes()).assert_silent(&attack.id);
        for value in attack.strings("must_never_appear") {
            needles.extend(forms(&attack.id, &value));
        }
    }
    assert_eq!(home.spooled(), 39);
    assert_eq!(search(&needles, home.orch()), Vec::<String>::new());
}
