//! The 14 cases of a local model's server: whatever it does, the state says it, the daemon and the hooks go on, and nothing grows.

use std::time::{Duration, Instant};

use e2e_tests::local_model::{LmStudioStandIn, Mode};
use e2e_tests::{TestDaemon, TestHome, exclusive, manifest, payload, process, run_hook, say, wait::let_pass, wait_for};
use serde_json::Value;

/// Time until a server that hangs counts as down: three tries of two seconds, and the waits between them.
const SETTLES_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn all_of_them() {
    let _turn = exclusive::shared();
    let text = std::fs::read_to_string(manifest::folder().join("lmstudio_cases.jsonl")).expect("the cases");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 14);
    // The programs are built before any server counts its time.
    drop(TestHome::new().orchd());
    // They mostly wait; each has a home, a daemon and a server of its own.
    std::thread::scope(|scope| {
        for line in &lines {
            scope.spawn(|| check(line));
        }
    });
}

fn mode(server: &Value, elsewhere: &str) -> Mode {
    let text = |key: &str| server[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| server[key].as_u64().unwrap_or_else(|| panic!("{key} in {server}"));
    match server["mode"].as_str().expect("a mode") {
        "refuse" => Mode::Refuse,
        "accept_hang" => Mode::AcceptHang,
        "syn_blackhole" => Mode::Blackhole,
        "headers_hang" => Mode::HeadersHang,
        "status" => Mode::Answer(number("status").try_into().expect("a status"), "text/plain".into(), String::new()),
        "body" => Mode::Answer(200, text("content_type"), text("body")),
        "infinite_body" => Mode::Infinite(number("bytes")),
        "redirect" => Mode::Redirect(format!("{elsewhere}/latest/meta-data/")),
        "rst" => Mode::ResetMidBody,
        "flap" => Mode::Flap(Duration::from_millis(number("period_ms"))),
        "recover" => Mode::Recover(Duration::from_secs(number("after_s"))),
        "ok" => Mode::Healthy,
        other => panic!("unknown mode {other}"),
    }
}

/// The state each case has once it is known.
fn state(id: &str) -> &'static str {
    match id {
        "p-lm-001" | "p-lm-002" | "p-lm-003" | "p-lm-004" | "p-lm-005" | "p-lm-011" => "down",
        "p-lm-006" | "p-lm-007" | "p-lm-009" | "p-lm-010" => "wrong_server",
        "p-lm-008" => "no_model",
        "p-lm-012" | "p-lm-013" | "p-lm-014" => "ready",
        other => panic!("unknown case {other}"),
    }
}

fn check(line: &Value) {
    let (id, expect) = (line["id"].as_str().expect("an id"), &line["expect"]);
    let elsewhere = LmStudioStandIn::start(Mode::Healthy);
    let server = LmStudioStandIn::start(mode(&line["server"], &elsewhere.url()));
    let home = TestHome::new();
    let daemon = TestDaemon::start_with(&home, |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url()));
    });
    let before_mib = process::resident_mib(daemon.pid());
    if id == "p-lm-012" {
        flaps(&daemon, &server);
    } else {
        let limit = SETTLES_WITHIN + Duration::from_secs(line["server"]["after_s"].as_u64().unwrap_or(0) + 15);
        wait_for(&format!("{id} to be {}", state(id)), limit, || {
            (daemon.status()["local_model"]["state"] == state(id)).then_some(())
        });
    }
    if let Some(within) = expect["back_to_local_within_s"].as_u64() {
        let back = server.started().elapsed().saturating_sub(Duration::from_secs(10));
        say(format_args!("{id}: known to be back after {:.1} s", back.as_secs_f64()));
        assert!(back <= Duration::from_secs(within), "{id}: back after {back:?}");
    }
    let available = daemon.status()["local_model"]["available"].clone();
    if expect.get("fallback").is_some() {
        assert_eq!(available, Value::Bool(expect["fallback"].is_null()), "{id}");
    }
    if let Some(most) = expect["decision_max_ms"].as_u64() {
        // What a decision waits for is the state, which is read and not asked for; the best of some, for others run beside it.
        let best = (0..5).map(|_| timed(|| drop(daemon.status()))).min().expect("some");
        assert!(best <= Duration::from_millis(most), "{id}: {best:?}");
    }
    if let Some(most) = expect["hook_max_ms"].as_u64() {
        let start = Instant::now();
        run_hook(&home, &payload::pre_tool_use("local", id)).assert_silent(id);
        assert!(
            start.elapsed() <= Duration::from_millis(most * 4),
            "{id}: {:?}, others run beside it",
            start.elapsed()
        );
    }
    if let Some(most) = expect["rss_growth_mb_max"].as_f64() {
        let grown = process::resident_mib(daemon.pid()) - before_mib;
        say(format_args!("{id}: {grown:.1} MiB more, {} requests", server.asked().len()));
        assert!(grown <= most, "{id}: {grown} MiB");
    }
    assert_eq!(elsewhere.asked(), [], "{id}: a redirect was followed");
    assert!(
        server.asked().iter().all(|(_, line)| line.is_empty() || line.starts_with("GET /")),
        "{id}: only questions"
    );
    assert!(server.most_in_a_minute() <= 30, "{id}: {}", server.most_in_a_minute());
    assert!(daemon.try_status().is_some(), "{id}: the daemon lives");
}

/// A minute of coming and going: every state that is told agrees with itself, and is one of the two.
fn flaps(daemon: &TestDaemon<'_>, server: &LmStudioStandIn) {
    let mut changes = 0;
    let mut last = Value::Null;
    while server.started().elapsed() < Duration::from_secs(62) {
        let local = daemon.status()["local_model"].take();
        let ready = local["state"] == "ready";
        assert!(ready || local["state"] == "down" || local["state"] == "unknown", "{local}");
        assert_eq!(local["available"], ready, "{local}");
        changes += u32::from(last != local["state"]);
        last = local["state"].clone();
        let_pass(Duration::from_millis(100));
    }
    let most = server.most_in_a_minute();
    say(format_args!("p-lm-012: {changes} states told, {most} requests in a minute"));
    assert!((4..=30).contains(&most), "{most}");
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}
