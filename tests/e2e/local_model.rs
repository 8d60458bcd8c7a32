//! The local model as a user sees it: `orchd status`, `/api/v1/local-model`, the stream, the doctor and the status line.

use std::path::Path;
use std::time::Duration;

use e2e_tests::http::{Stream, get_json};
use e2e_tests::local_model::{LmStudioStandIn, Mode};
use e2e_tests::{TestDaemon, TestHome, exclusive, wait_for};
use serde_json::Value;
use shared::snapshot::Snapshot;

const SOON: Duration = Duration::from_secs(45);

fn start<'home>(home: &'home TestHome, endpoints: &str) -> TestDaemon<'home> {
    TestDaemon::start_with(home, |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", endpoints);
    })
}

fn wait_state(daemon: &TestDaemon<'_>, state: &str) -> Value {
    wait_for(&format!("the local model to be {state}"), SOON, || {
        let mut status = daemon.status();
        (status["local_model"]["state"] == state).then(|| status["local_model"].take())
    })
}

fn said(home: &TestHome, words: &[&str]) -> String {
    let output = home.orchd().args(words).output().expect("orchd can be started");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_model_that_comes_is_told_everywhere() {
    let _turn = exclusive::shared();
    let server = LmStudioStandIn::start(Mode::UntilTold);
    let home = TestHome::new();
    let mut daemon = start(&home, &format!("[{{ url = \"{}\" }}]", server.url()));
    let mut stream = Stream::open(&daemon, None);
    let down = wait_state(&daemon, "down");
    assert!(down["advice"].as_str().is_some_and(|advice| advice.contains("lms server start")), "{down}");
    assert!(said(&home, &["status"]).contains("lms server start"));
    assert!(said(&home, &["doctor"]).contains("lms server start"));

    server.recover();
    let ready = wait_state(&daemon, "ready");
    assert_eq!((&ready["model"], &ready["context_tokens"]), (&"deepseek-r1".into(), &8192.into()), "{ready}");
    assert_eq!((&ready["quantization"], &ready["kind"]), (&"Q4_K_M".into(), &"lm_studio".into()), "{ready}");
    assert!(said(&home, &["status"]).contains("deepseek-r1 is ready (context 8192, Q4_K_M) in LM Studio"));

    let mut told = 0;
    while told < 2 {
        let message = stream.message().expect("an answer").expect("the stream goes on");
        let changed = message.event == "changed" && message.data.contains("\"local_model\":true");
        told += usize::from(changed);
    }
    let view = wait_for("both changes to be stored", SOON, || {
        let view = get_json(&daemon, "/api/v1/local-model");
        (view["history"].as_array().is_some_and(|history| history.len() == 2)).then_some(view)
    });
    assert_eq!((&view["now"], &view["schema"]), (&daemon.status()["local_model"], &1.into()));
    assert_eq!(view["models"][0]["id"], "deepseek-r1");
    let states = |view: &Value| {
        let history = view["history"].as_array().expect("a list").iter();
        history.map(|change| change["state"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&view), ["ready", "down"]);
    assert_eq!(view["history"][0]["since_at"], view["now"]["since_at"]);
    wait_for("every look to be a sample", SOON, || {
        let view = get_json(&daemon, "/api/v1/local-model");
        let samples = |place: usize| view["probes"][place]["samples"].as_u64().unwrap_or(0);
        (samples(0) >= 1 && samples(1) >= 3).then_some(())
    });
    wait_for("the status line's figures to name it", SOON, || {
        let figures = std::fs::read_to_string(home.paths.status_line_file()).unwrap_or_default();
        figures.contains("deepseek-r1 ready").then_some(())
    });
    let file = home.paths.snapshot_file();
    let told = |file: &Path| {
        let bytes = std::fs::read(file).unwrap_or_default();
        Snapshot::decode(&bytes, e2e_tests::socket::now()).map(|snapshot| snapshot.local_model)
    };
    let model = told(&file).expect("hooks are told");
    assert_eq!((&*model.state, model.available, model.model.as_deref()), ("ready", true, Some("deepseek-r1")));
    assert_eq!(model.context_tokens, view["now"]["context_tokens"].as_u64());
    daemon.terminate();
    assert!(!file.exists(), "what is told by nobody is not true for ever");
}

#[test]
fn the_first_that_is_available_counts_and_a_token_is_never_told() {
    let _turn = exclusive::shared();
    let locked = LmStudioStandIn::start(Mode::WithToken("sk-lm-fake-7391".into()));
    let home = TestHome::new();
    let file = home.around().join("lm-token");
    std::fs::write(&file, "sk-lm-wrong\n").expect("written");
    let gone = LmStudioStandIn::start(Mode::Refuse);
    let daemon = start(
        &home,
        &format!(
            "[{{ url = \"{}\" }}, {{ url = \"{}\", token_file = \"{}\" }}]",
            gone.url(),
            locked.url(),
            file.display()
        ),
    );
    let refused = wait_state(&daemon, "needs_token");
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("was refused")), "{refused}");
    // A new token needs no restart.
    std::fs::write(&file, "sk-lm-fake-7391\n").expect("written");
    let ready = wait_state(&daemon, "ready");
    assert_eq!(ready["url"], locked.url());
    let view = get_json(&daemon, "/api/v1/local-model");
    let states: Vec<_> = view["endpoints"].as_array().expect("a list").iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["down", "ready"]);
    let log = std::fs::read_dir(home.paths.log_dir()).expect("a folder").flatten();
    let log: String = log.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
    for text in [view.to_string(), daemon.output(), log, said(&home, &["config", "show"]), said(&home, &["doctor"])] {
        assert!(!text.contains("sk-lm-"), "{text}");
    }
}

#[test]
fn off_is_off() {
    let _turn = exclusive::shared();
    let server = LmStudioStandIn::start(Mode::Healthy);
    let home = TestHome::new();
    let daemon = TestDaemon::start_with(&home, |command| {
        command.env("ORCH_LOCAL__ENABLED", "false");
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url()));
    });
    let local = wait_state(&daemon, "off");
    assert_eq!((&local["available"], &local["model"]), (&false.into(), &Value::Null));
    assert_eq!(get_json(&daemon, "/api/v1/local-model")["endpoints"], Value::Array(Vec::new()));
    assert_eq!(server.asked(), []);
}
