//! `orchd delegate` without a word of where: the settings and the daemon tell which server, which model, and how much it takes.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use e2e_tests::chat_server::{Asked, ChatServer, Listed, stream};
use e2e_tests::local_model::{LmStudioStandIn, MODELS, Mode};
use e2e_tests::{TestDaemon, TestHome, exclusive, say, wait_for};
use serde_json::Value;

use crate::delegate::with_claude;

/// Within this it must have ended when it asks nobody, or waits for nobody: shorter than it may take to connect.
const AT_ONCE: Duration = Duration::from_millis(1500);
const SETTLES_WITHIN: Duration = Duration::from_secs(45);

fn delegate(home: &TestHome, endpoints: &str, args: &[&str]) -> Command {
    let mut command = home.orchd();
    command.arg("delegate").args(args).env("ORCH_LOCAL__ENDPOINTS", endpoints).stdin(Stdio::null());
    command
}

fn daemon<'home>(home: &'home TestHome, endpoints: &str, state: &str) -> TestDaemon<'home> {
    let daemon = TestDaemon::start_with(home, |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", endpoints);
    });
    wait_for(&format!("the local model to be {state}"), SETTLES_WITHIN, || {
        (daemon.status()["local_model"]["state"] == state).then_some(())
    });
    daemon
}

fn lm_studio(token: Option<&str>) -> ChatServer {
    let listed = Listed { models: MODELS.to_owned(), token: token.map(str::to_owned) };
    ChatServer::start_listed(vec![stream(&["ok"])], Some(listed))
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn has(asked: &Asked, token: &str) -> bool {
    asked.head.contains(&format!("Bearer {token}\r\n"))
}

/// Runs `check` without a daemon and with one that knows how the model is.
fn with_and_without_a_daemon(endpoints: &str, state: &str, check: impl Fn(&TestHome, &str)) {
    let home = TestHome::new();
    check(&home, "without a daemon");
    let _daemon = daemon(&home, endpoints, state);
    check(&home, "with a daemon");
}

#[test]
fn the_server_that_is_there_is_asked_with_its_token_for_the_model_it_has() {
    let _turn = exclusive::shared();
    let (gone, server) = (LmStudioStandIn::start(Mode::Refuse), lm_studio(Some("sk-of-the-file")));
    let folder = TestHome::new();
    let file = folder.around().join("token");
    std::fs::write(&file, "sk-of-the-file\n").expect("written");
    let endpoints = format!(
        "[{{ url = \"{}\", token = \"sk-other\" }}, {{ url = \"{}\", token_file = \"{}\", model = \"deep*\" }}]",
        gone.url(),
        server.url,
        file.display()
    );
    with_and_without_a_daemon(&endpoints, "ready", |home, how| {
        let found = json(&delegate(home, &endpoints, &["say", "--json"]).output().expect("runs"));
        assert_eq!((&found["answer"], &found["endpoint"]), (&"ok".into(), &server.url.as_str().into()), "{how}");
        assert_eq!(found["context_tokens"], 8192, "{how}");
        let asked = server.tasks().pop().expect("asked");
        assert_eq!(asked.body["model"], "deepseek-r1", "{how}: a pattern is no name");
        assert!(has(&asked, "sk-of-the-file"), "{how}: {}", asked.head);
    });
    assert!(server.asked().iter().all(|asked| has(asked, "sk-of-the-file")));
}

#[test]
fn what_does_not_fit_the_loaded_context_is_not_asked() {
    let _turn = exclusive::shared();
    let server = lm_studio(None);
    let endpoints = format!("[{{ url = \"{}\" }}]", server.url);
    with_and_without_a_daemon(&endpoints, "ready", |home, how| {
        std::fs::write(home.around().join("long.txt"), "word ".repeat(8000)).expect("written");
        let output = delegate(home, &endpoints, &["Sum up.", "--file", "long.txt"]).output().expect("runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(75), "{how}: {stderr}");
        assert!(stderr.contains("the loaded context holds 8,192"), "{how}: {stderr}");
        assert!(server.tasks().is_empty(), "{how}");
    });
    let home = TestHome::new();
    std::fs::write(home.around().join("long.txt"), "word ".repeat(8000)).expect("written");
    let args = ["Sum up.", "--file", "long.txt", "--context", "16384"];
    assert!(delegate(&home, &endpoints, &args).output().expect("runs").status.success(), "the command line wins");
}

#[test]
fn the_command_line_wins() {
    let _turn = exclusive::shared();
    let (server, other) = (lm_studio(None), ChatServer::start(vec![stream(&["other"])]));
    let endpoints = format!("[{{ url = \"{}\", token = \"sk-of-the-settings\" }}]", server.url);
    with_and_without_a_daemon(&endpoints, "ready", |home, how| {
        let found = json(&delegate(home, &endpoints, &["say", "--json", "--model", "qwen"]).output().expect("runs"));
        assert_eq!(server.tasks().pop().expect("asked").body["model"], "qwen", "{how}");
        assert_eq!(found["context_tokens"], Value::Null, "{how}: that of another model is not this one's");
        json(&delegate(home, &endpoints, &["say", "--json", "--model", "Deep*"]).output().expect("runs"));
        assert_eq!(server.tasks().pop().expect("asked").body["model"], "deepseek-r1", "{how}");
        let asked_before = server.tasks().len();
        for url in ["", &server.url] {
            let mut command = delegate(home, &endpoints, &["say", "--model", "qwen9*"]);
            let output = command.env("ORCH_LOCAL_URL", url).output().expect("runs");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(75), "{how}: {stderr}");
            assert!(stderr.contains("no model of the server fits qwen9*"), "{how}: {stderr}");
        }
        assert_eq!(server.tasks().len(), asked_before, "{how}: a pattern is no name");
        let mut command = delegate(home, &endpoints, &["say", "--json"]);
        command.env("ORCH_LOCAL_TOKEN", "sk-of-the-environment");
        json(&command.output().expect("runs"));
        assert!(has(&server.tasks().pop().expect("asked"), "sk-of-the-environment"), "{how}");
        let found = json(&command.env("ORCH_LOCAL_URL", &other.url).output().expect("runs"));
        assert_eq!(found["answer"], "other", "{how}");
    });
    let asked = other.asked();
    assert!(asked.len() == 2 && asked.iter().all(|asked| asked.head.starts_with("POST ")), "it is not looked at");
    assert!(!asked.iter().any(|asked| has(asked, "sk-of-the-settings")), "that token is another server's");
}

#[test]
fn a_server_of_no_use_is_not_waited_for() {
    let _turn = exclusive::shared();
    let json = "application/json".to_owned();
    let page = Mode::Answer(200, "text/html".into(), "<html>hi</html>".into());
    for (mode, state, said) in [
        (Mode::Refuse, "down", "is down: nothing listens there"),
        (Mode::Blackhole, "down", "is down: it "),
        (Mode::AcceptHang, "down", "is down: it does not answer within 2 s"),
        (Mode::WithToken("sk-wanted".into()), "needs_token", "needs a token"),
        (Mode::Answer(200, json, "{\"models\":[]}".into()), "no_model", "is up without a model"),
        (page, "wrong_server", "is a wrong server: it answers with a web page"),
    ] {
        let server = LmStudioStandIn::start(mode);
        let endpoints = format!("[{{ url = \"{}\" }}]", server.url());
        let hangs = said == "is down: it " || said.contains("within");
        with_and_without_a_daemon(&endpoints, state, |home, how| {
            // The programs are built before the time counts.
            let mut command = delegate(home, &endpoints, &["do it"]);
            let begun = Instant::now();
            let output = command.output().expect("runs");
            let (took, stderr) = (begun.elapsed(), String::from_utf8_lossy(&output.stderr).into_owned());
            say(format_args!("{state}, {how}, {:.2} s: {}", took.as_secs_f64(), stderr.trim_end()));
            assert_eq!(output.status.code(), Some(75), "{state}, {how}: {stderr}");
            assert!(stderr.contains(said) && stderr.contains("(try: "), "{state}, {how}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            assert!(took < AT_ONCE || hangs && how == "without a daemon", "{state}, {how}: {took:?}");
            let mut command = delegate(home, &endpoints, &["do it", "--fallback", "claude", "--json"]);
            with_claude(home, &mut command, "cat >/dev/null; echo from claude");
            let found: Value = serde_json::from_slice(&command.output().expect("runs").stdout).expect("JSON");
            let reason = if state == "down" { "unreachable" } else { state };
            assert_eq!((&found["ran"], &found["fallback"]["reason"]), (&"claude".into(), &reason.into()), "{how}");
            assert_eq!(found["tries"], 0);
        });
        assert!(server.asked().iter().all(|(_, line)| !line.starts_with("POST")), "{state}: no task was sent");
    }
}

#[test]
fn off_is_off_unless_a_server_is_named() {
    let _turn = exclusive::shared();
    let server = lm_studio(None);
    let endpoints = format!("[{{ url = \"{}\" }}]", server.url);
    let home = TestHome::new();
    let mut command = delegate(&home, &endpoints, &["do it"]);
    let output = command.env("ORCH_LOCAL__ENABLED", "false").output().expect("runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert!(stderr.contains("off, as config.toml says"), "{stderr}");
    assert!(server.asked().is_empty());
    assert!(command.env("ORCH_LOCAL_URL", &server.url).output().expect("runs").status.success());
    let output = delegate(&home, "[{}]", &["do it"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(78), "a mistake in the settings is told");
}

#[test]
fn a_token_that_was_put_right_counts_at_once() {
    let _turn = exclusive::shared();
    let listed = Listed { models: MODELS.to_owned(), token: Some("sk-right".into()) };
    let server = ChatServer::start_listed(vec![stream(&["ok"])], Some(listed));
    let home = TestHome::new();
    let file = home.around().join("token");
    std::fs::write(&file, "sk-wrong\n").expect("written");
    let endpoints = format!("[{{ url = \"{}\", token_file = \"{}\" }}]", server.url, file.display());
    let _daemon = daemon(&home, &endpoints, "needs_token");
    std::fs::write(&file, "sk-right\n").expect("written");
    let output = delegate(&home, &endpoints, &["do it"]).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
