//! `orch-hook install --telemetry`, `orchd up` and `down`: the client's telemetry is pointed at the daemon that runs, never taken from
//! elsewhere, and taken out again.

use std::path::PathBuf;
use std::process::Output;

use e2e_tests::http::exchange;
use e2e_tests::{TestDaemon, TestHome, exclusive};
use serde_json::Value;

const OURS: [&str; 6] = [
    "CLAUDE_CODE_ENABLE_TELEMETRY",
    "OTEL_LOGS_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

fn settings_file(home: &TestHome) -> PathBuf {
    let folder = home.user().join(".claude");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join("settings.json")
}

fn env(home: &TestHome) -> Value {
    let text = std::fs::read_to_string(settings_file(home)).expect("settings");
    serde_json::from_str::<Value>(&text).expect("JSON")["env"].clone()
}

fn orch_hook(home: &TestHome, arguments: &[&str]) -> Output {
    home.orch_hook().args(arguments).output().expect("orch-hook starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// Sends an empty request as the client would with these variables; returns the status.
fn send(env: &Value) -> u16 {
    let text = |name: &str| env[name].as_str().unwrap_or_else(|| panic!("{name} in {env}"));
    let address = text("OTEL_EXPORTER_OTLP_ENDPOINT").strip_prefix("http://").expect("plain HTTP");
    let (name, value) = text("OTEL_EXPORTER_OTLP_HEADERS").split_once('=').expect("a header");
    let request = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: {address}\r\n{name}: {value}\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    );
    exchange(address, request.as_bytes()).expect("an answer").status
}

#[test]
fn what_is_written_lets_the_client_in_and_goes_again() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let before = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"EDITOR\": \"vi\"\n  }\n}\n";
    let file = settings_file(&home);
    std::fs::write(&file, before).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("opened to others");
    let token = std::fs::read_to_string(home.paths.telemetry_token_file()).expect("a token").trim().to_owned();
    let output = orch_hook(&home, &["install", "--telemetry", "--dry-run"]);
    assert!(
        said(&output).contains("OTEL_EXPORTER_OTLP_HEADERS") && !said(&output).contains(&token),
        "{}",
        said(&output)
    );
    assert_eq!(std::fs::read_to_string(&file).expect("settings"), before);
    let output = orch_hook(&home, &["install", "--telemetry"]);
    assert!(output.status.success() && !said(&output).contains(&token), "{}", said(&output));
    let found = env(&home);
    assert_eq!(found["EDITOR"], "vi");
    assert_eq!(found["OTEL_EXPORTER_OTLP_ENDPOINT"], format!("http://{}", daemon.http()));
    assert_eq!(send(&found), 200);
    let mode = std::fs::metadata(&file).expect("settings").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "a token is for its owner alone");
    let written = std::fs::read_to_string(&file).expect("settings");
    for again in [&["install", "--telemetry"][..], &["install"]] {
        assert!(orch_hook(&home, again).status.success());
        assert_eq!(std::fs::read_to_string(&file).expect("settings"), written, "{again:?}");
    }
    let output = orch_hook(&home, &["uninstall", "--telemetry"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(env(&home), serde_json::json!({ "EDITOR": "vi" }));
    assert!(std::fs::read_to_string(&file).expect("settings").contains("orch-hook"), "the hooks stay");
    assert!(orch_hook(&home, &["install", "--telemetry"]).status.success());
    assert!(orch_hook(&home, &["uninstall"]).status.success());
    assert_eq!(std::fs::read_to_string(&file).expect("settings"), before);
}

#[test]
fn a_projects_settings_are_refused_and_a_daemon_must_have_run() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for scope in ["project", "local"] {
        let output = orch_hook(&home, &["install", "--scope", scope, "--telemetry"]);
        assert_eq!(output.status.code(), Some(64), "{}", said(&output));
        assert!(
            said(&output).contains("the client ignores it") && said(&output).contains("try: "),
            "{}",
            said(&output)
        );
        assert!(!home.around().join(".claude").exists());
    }
    let output = orch_hook(&home, &["install", "--telemetry"]);
    assert_eq!(output.status.code(), Some(69), "{}", said(&output));
    assert!(said(&output).contains("orchd start") && !settings_file(&home).exists(), "{}", said(&output));
}

#[test]
fn telemetry_that_goes_elsewhere_is_left_alone() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let _daemon = TestDaemon::start(&home);
    let before = "{\n  \"env\": {\n    \"OTEL_EXPORTER_OTLP_ENDPOINT\": \"https://otel.example\"\n  }\n}\n";
    std::fs::write(settings_file(&home), before).expect("a file");
    let output = orch_hook(&home, &["install", "--telemetry", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!((&report["telemetry"], report["events"].as_array().map(Vec::len)), (&"foreign".into(), Some(14)));
    assert!(report["notice"].as_str().is_some_and(|notice| notice.contains("OTEL_EXPORTER_OTLP_ENDPOINT")), "{report}");
    assert_eq!(env(&home), serde_json::json!({ "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.example" }));
    assert!(orch_hook(&home, &["uninstall"]).status.success());
    assert_eq!(std::fs::read_to_string(settings_file(&home)).expect("settings"), before);
    // The same with a variable of the shell, which the settings would hide.
    std::fs::remove_file(settings_file(&home)).expect("removed");
    let mut command = home.orch_hook();
    command.args(["install", "--telemetry"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example");
    let output = command.output().expect("orch-hook starts");
    assert!(output.status.success() && said(&output).contains("the environment has OTEL_EXPORTER_OTLP_ENDPOINT"));
    assert!(env(&home).is_null());
}

#[test]
fn up_turns_it_on_for_the_port_that_is_listened_to_and_down_turns_it_off() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    std::fs::write(home.paths.config_file(), "[http]\nport = 0\n").expect("a settings file");
    let orchd = |arguments: &[&str]| {
        let mut command = home.orchd();
        command.args(arguments).env("BROWSER", "true").stdin(std::process::Stdio::null());
        let output = command.output().expect("orchd starts");
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        output
    };
    let telemetry = || {
        let report: Value = serde_json::from_slice(&orchd(&["doctor", "--json"]).stdout).expect("JSON");
        let checks = report["checks"].as_array().expect("checks").iter();
        let check = checks.clone().find(|check| check["name"] == "telemetry").expect("a line about telemetry").clone();
        (check["state"].as_str().expect("a state").to_owned(), check["message"].as_str().expect("words").to_owned())
    };
    orchd(&["up", "--yes", "--no-open", "--no-service"]);
    let status: Value = serde_json::from_slice(&orchd(&["status", "--json"]).stdout).expect("JSON");
    assert_eq!(env(&home)["OTEL_EXPORTER_OTLP_ENDPOINT"], status["http"]);
    assert_eq!(send(&env(&home)), 200);
    let (state, words) = telemetry();
    assert!(state == "ok" && words.contains("comes to"), "{state} {words}");
    // A daemon that took another port is noticed, and the next `up` mends it.
    let moved = env(&home)["OTEL_EXPORTER_OTLP_ENDPOINT"].as_str().expect("text").to_owned();
    let text = std::fs::read_to_string(settings_file(&home)).expect("settings");
    std::fs::write(settings_file(&home), text.replace(&moved, "http://127.0.0.1:9")).expect("written");
    assert_eq!(telemetry().0, "warn");
    orchd(&["up", "--yes", "--no-open", "--no-service"]);
    assert_eq!(env(&home)["OTEL_EXPORTER_OTLP_ENDPOINT"], status["http"]);
    orchd(&["up", "--yes", "--no-open", "--no-service", "--no-telemetry"]);
    assert!(OURS.iter().all(|name| env(&home)[name].is_null()), "{}", env(&home));
    assert!(telemetry().1.starts_with("off"));
    orchd(&["up", "--yes", "--no-open", "--no-service"]);
    orchd(&["down", "--purge", "--yes"]);
    assert!(OURS.iter().all(|name| env(&home)[name].is_null()));
}
