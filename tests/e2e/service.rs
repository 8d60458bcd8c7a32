//! The user's commands around the daemon: start, stop, status, doctor, up and down, in an empty home.

use std::process::{Command, Output};
use std::time::Duration;

use e2e_tests::{TestDaemon, TestHome, exclusive, payload, process, run_hook, wait_until};
use serde_json::Value;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

fn run(command: &mut Command) -> Output {
    command.stdin(std::process::Stdio::null()).output().expect("orchd starts")
}

/// Ends the daemon of a home that runs detached, whatever became of the test.
struct Detached<'home>(&'home TestHome);

impl Detached<'_> {
    fn status(&self) -> Option<Value> {
        let output = run(self.0.orchd().args(["status", "--json"]));
        serde_json::from_slice(&output.stdout).ok()
    }
}

impl Drop for Detached<'_> {
    fn drop(&mut self) {
        if let Some(pid) = self.status().and_then(|status| status["pid"].as_u64()).and_then(|pid| pid.try_into().ok()) {
            process::signal(pid, rustix::process::Signal::KILL);
        }
    }
}

#[test]
fn start_waits_prints_the_address_and_twice_is_a_success() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let detached = Detached(&home);
    std::fs::write(home.paths.config_file(), "[http]\nport = 0\n").expect("a settings file");
    let output = run(home.orchd().arg("start"));
    assert!(output.status.success() && said(&output).contains("http://127.0.0.1:"), "{}", said(&output));
    let first = detached.status().expect("it answers at once")["pid"].clone();
    let output = run(home.orchd().arg("start"));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(detached.status().expect("it runs")["pid"], first, "the same daemon");
    run_hook(&home, &payload::pre_tool_use("s", "toolu_1")).assert_silent("started");
    assert_eq!(detached.status().expect("it runs")["counters"]["stored"], 1);
    let output = run(home.orchd().arg("restart"));
    assert!(output.status.success(), "{}", said(&output));
    assert_ne!(detached.status().expect("it runs")["pid"], first, "another daemon");
    let output = run(home.orchd().arg("stop"));
    assert!(output.status.success(), "{}", said(&output));
    wait_until("the daemon to be gone", Duration::from_secs(5), || {
        detached.status().is_none_or(|status| status["pid"].is_null())
    });
    assert!(run(home.orchd().arg("stop")).status.success(), "twice is a success");
}

#[test]
fn status_names_what_other_programs_rely_on() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let output = run(home.orchd().args(["status", "--json"]));
    assert!(output.status.success(), "{}", said(&output));
    let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for name in ["pid", "version", "schema_version", "uptime_s", "socket", "http", "db"] {
        assert!(!status[name].is_null(), "{name} in {status}");
    }
    for counter in ["received", "stored", "duplicate", "rejected", "dropped"] {
        assert!(status["counters"][counter].is_u64(), "{counter} in {status}");
    }
    assert!(status["spool"]["pending"].is_u64());
    assert!(status["local_model"]["state"].is_string() && status["local_model"].get("model").is_some());
    assert_eq!(status["pid"], daemon.pid());
    assert!(run(home.orchd().arg("status")).status.success());
    drop(daemon);
    let output = run(home.orchd().args(["status", "--json"]));
    assert!(!output.status.success(), "no daemon runs");
    let stopped: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names = |status: &Value| status.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&stopped), names(&status), "a stopped daemon's status has the same names");
}

#[test]
fn a_login_address_opens_the_page_once() {
    use e2e_tests::http::exchange;
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let address = daemon.http();
    let ask = |path: &str, cookie: &str| {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{cookie}Connection: close\r\n\r\n");
        exchange(&address, request.as_bytes()).expect("an answer")
    };
    let bare = ask("/", "");
    assert_eq!(bare.status, 401);
    assert!(String::from_utf8_lossy(&bare.body).contains("orchd dashboard"), "the page says what to do");
    let output = run(home.orchd().arg("dashboard").env("BROWSER", "true"));
    let text = said(&output);
    let path = text.split_whitespace().find_map(|word| word.find("/login?code=").map(|at| word[at..].to_owned()));
    let path = path.unwrap_or_else(|| panic!("no login address: {text}"));
    let login = ask(&path, "");
    assert!(matches!(login.status, 302 | 303 | 307), "{}", login.status);
    let cookie = login.header("set-cookie").expect("a cookie").to_owned();
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let value = cookie.split(';').next().expect("a value").to_owned();
    assert_eq!(ask("/", &value).status, 200);
    assert_eq!(ask("/api/v1/overview", &value).status, 200);
    let again = ask(&path, "");
    assert!(again.header("set-cookie").is_none() && again.status >= 400, "a code works once: {}", again.status);
    assert_eq!(ask("/health", "").status, 200);
}

#[test]
fn doctor_says_what_is_wrong_and_how_to_mend_it() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let doctor = || {
        let output = run(home.orchd().args(["doctor", "--json"]));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        (output.status.code(), report)
    };
    let (code, report) = doctor();
    let text = report.to_string();
    assert!(text.contains("\"fail\"") || text.contains("\"warn\""), "nothing runs: {text}");
    assert!(code == Some(1) || !text.contains("\"fail\""), "exit 1 on fail: {code:?} {text}");
    let output = home.orch_hook().args(["install", "--scope", "user"]).output().expect("orch-hook starts");
    assert!(output.status.success(), "{}", said(&output));
    let _daemon = TestDaemon::start(&home);
    let (code, report) = doctor();
    assert_eq!(code, Some(0), "all is well: {report}");
    let output = run(home.orchd().arg("doctor"));
    assert!(output.status.success() && said(&output).contains("ok"), "{}", said(&output));
}

#[test]
fn up_and_down_in_an_empty_home_leave_what_they_found() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let user = home.user();
    let claude = user.join(".claude");
    std::fs::create_dir_all(&claude).expect("a folder");
    let before = "{\n  \"model\": \"opus\"\n}\n";
    std::fs::write(claude.join("settings.json"), before).expect("a file");
    std::fs::create_dir_all(user.join(".config/orch")).expect("a folder");
    std::fs::write(user.join(".config/orch/config.toml"), "[http]\nport = 0\n").expect("a settings file");
    let orchd = |arguments: &[&str]| {
        let mut command = home.orchd();
        // As a new user has it: no ORCH_HOME, and no session bus, so that no unit of this machine is touched.
        command.env_remove("ORCH_HOME").args(arguments).env("BROWSER", "true");
        run(&mut command)
    };
    let state = "{\n  \"numStartups\": 3\n}\n";
    std::fs::write(user.join(".claude.json"), state).expect("a file");
    let registered =
        || std::fs::read_to_string(user.join(".claude.json")).expect("it is there").contains("/bin/orchd\"");
    let output = orchd(&["up"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("to let it: orchd up --yes") && !registered(), "{}", said(&output));
    let advised = || {
        let settings = orchd(&["config", "show", "--json"]).stdout;
        String::from_utf8_lossy(&settings).contains("\"advise\"")
    };
    assert!(!advised());
    let output = orchd(&["up", "--yes"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("http://127.0.0.1:") && registered() && advised(), "{}", said(&output));
    assert!(orchd(&["up"]).status.success() && registered(), "what was said holds");
    assert!(orchd(&["up", "--no-delegation"]).status.success() && !registered() && !advised());
    assert!(orchd(&["up", "--yes"]).status.success() && registered());
    let status = || serde_json::from_slice::<Value>(&orchd(&["status", "--json"]).stdout).ok();
    let pid = status().and_then(|status| status["pid"].as_u64()).expect("a daemon runs");
    let pid = u32::try_from(pid).expect("a process id");
    let settings = std::fs::read_to_string(claude.join("settings.json")).expect("settings");
    assert!(settings.contains(".local/share/orch/bin/orch-hook"), "{settings}");
    assert!(settings.contains("/orch-hook statusline\""), "the status line is in: {settings}");
    let hook = user.join(".local/share/orch/bin/orch-hook");
    let mut command = Command::new(hook);
    command.env_clear().env("HOME", &user).arg("hook");
    e2e_tests::HookStart::feed(&mut command, &payload::pre_tool_use("s", "t")).finish().assert_silent("after up");
    assert_eq!(status().expect("it runs")["counters"]["stored"], 1);
    let output = orchd(&["up", "--yes"]);
    assert!(output.status.success(), "twice is a success: {}", said(&output));
    let again = std::fs::read_to_string(claude.join("settings.json")).expect("settings");
    assert_eq!(again, settings, "twice is once");
    assert!(orchd(&["up", "--yes", "--no-statusline"]).status.success());
    let without = std::fs::read_to_string(claude.join("settings.json")).expect("settings");
    assert!(!without.contains("statusLine") && without.contains("orch-hook"), "{without}");
    assert!(orchd(&["up", "--yes"]).status.success());
    let output = orchd(&["down"]);
    assert!(output.status.success(), "{}", said(&output));
    wait_until("the daemon to be gone", Duration::from_secs(5), || !process::alive(pid));
    let after = std::fs::read_to_string(claude.join("settings.json")).expect("settings");
    assert_eq!(after, before, "the settings are as they were");
    assert_eq!(
        std::fs::read_to_string(user.join(".claude.json")).expect("it is there"),
        state,
        "the client's state too"
    );
    assert!(user.join(".local/share/orch/orch.db").is_file(), "the history stays");
    assert!(!user.join(".local/state/orch/run/orchd.sock").exists());
    let output = orchd(&["down", "--purge", "--yes"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!user.join(".local/share/orch/orch.db").exists(), "purged");
}

#[test]
fn a_wrong_setting_names_the_nearest() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    std::fs::write(home.paths.config_file(), "[http]\nprot = 1\n").expect("a settings file");
    let output = run(home.orchd().args(["run", "--port", "0"]));
    let text = said(&output);
    assert!(!output.status.success() && text.contains("prot") && text.contains("port"), "{text}");
}

#[test]
fn demo_fills_a_home_of_its_own() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let output = run(home.orchd().args(["demo", "--help"]));
    assert!(output.status.success(), "{}", said(&output));
}
