//! The tail: what the client writes into its transcripts is in the ledger and on the stream a moment later.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use e2e_tests::http::{Stream, get_json};
use e2e_tests::transcript::{Project, line};
use e2e_tests::wait::{wait_for, wait_until};
use e2e_tests::{TestDaemon, TestHome, exclusive, run_hook, say};
use serde_json::{Value, json};

/// Time that a test which is not about time allows.
const SOON: Duration = Duration::from_secs(20);
/// Time within which a line is in the ledger.
const LIVE: Duration = Duration::from_secs(1);

fn requests(daemon: &TestDaemon<'_>) -> i64 {
    daemon.database().number("SELECT count(*) FROM api_requests")
}

fn import_of(daemon: &TestDaemon<'_>) -> Value {
    daemon.status()["import"].clone()
}

/// Starts a daemon and waits until it has read what is there.
fn start(home: &TestHome) -> TestDaemon<'_> {
    let daemon = TestDaemon::start(home);
    settle(&daemon);
    daemon
}

fn settle(daemon: &TestDaemon<'_>) {
    wait_until("the first import", SOON, || import_of(daemon)["state"] == "done");
}

#[test]
fn a_line_is_in_the_ledger_and_on_the_stream_within_a_second() {
    let _turn = exclusive::alone();
    let home = TestHome::new();
    let project = Project::new(&home.user().join(".claude"), "/home/dev/app");
    project.append("s1", &line("s1", "m0", 1));
    let daemon = start(&home);
    assert_eq!((requests(&daemon), import_of(&daemon)["following"].clone()), (1, json!("watching")));
    let mut stream = Stream::open(&daemon, None);
    assert_eq!(stream.message().expect("a message").expect("hello").event, "hello");
    let (mut in_ledger, mut on_stream) = (Vec::new(), Vec::new());
    for round in 1..=10 {
        // Lines that come thick and fast are told of together.
        e2e_tests::wait::let_pass(Duration::from_millis(300));
        let began = Instant::now();
        project.append("s1", &line("s1", &format!("m{round}"), 1));
        let told = loop {
            let message = stream.message().expect("a message").expect("the stream goes on");
            let told: Value = serde_json::from_str(&message.data).unwrap_or_default();
            if message.event == "changed" && told["ledger"] == true {
                break told;
            }
        };
        on_stream.push(began.elapsed());
        assert_eq!(told["sessions"], json!(["s1"]), "{told}");
        wait_until("the request", LIVE, || requests(&daemon) == 1 + round);
        in_ledger.push(began.elapsed());
    }
    in_ledger.sort();
    on_stream.sort();
    say(format_args!("tail: on the stream after {on_stream:?}"));
    assert!(in_ledger[9] < LIVE && on_stream[9] < LIVE, "{in_ledger:?} {on_stream:?}");
    assert!(on_stream[4] < Duration::from_millis(300), "half of all lines: {on_stream:?}");
    let system = get_json(&daemon, "/api/v1/system");
    assert_eq!((&system["import"]["state"], &system["import"]["percent"]), (&json!("done"), &json!(100)));
    assert_eq!(system["import"]["roots"], json!([home.user().join(".claude")]));
}

#[test]
fn new_folders_agents_halves_and_replaced_files_are_followed() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let root = home.user().join(".claude");
    let project = Project::new(&root, "/home/dev/app");
    project.append("s1", &line("s1", "m1", 10));
    let daemon = start(&home);
    let expect = |what: &str, count| wait_until(what, SOON, || requests(&daemon) == count);
    // An agent's file in a folder that was not there, and a project that was not.
    project.append("s1/subagents/agent-a1", &line("s1", "m2", 10));
    expect("the agent's request", 2);
    let other = Project::new(&root, "/home/dev/other");
    other.append("s2", &line("s2", "m3", 10));
    expect("the other project's request", 3);
    // Half a line is no line; with its other half it is.
    let text = line("s1", "m4", 10);
    project.append_raw("s1", &text[..70]);
    project.append("s2", &line("s2", "m5", 10));
    expect("the line after the half one", 4);
    project.append_raw("s1", &format!("{}\n", &text[70..]));
    expect("the whole line", 5);
    // Cut, and written anew: what it repeats is known.
    fs::write(project.file("s1"), format!("{}\n", line("s1", "m6", 10))).expect("written");
    expect("the line of the file that was cut", 6);
    // Another file takes its name, by the usual way of replacing one.
    let beside = project.file("beside").with_extension("part");
    fs::write(&beside, format!("{}\n{}\n", line("s1", "m6", 10), line("s1", "m7", 10))).expect("written");
    fs::rename(&beside, project.file("s1")).expect("renamed");
    expect("the line of the file that took its place", 7);
    // The client takes its files away after a month: the history stays.
    fs::remove_dir_all(root.join("projects")).expect("removed");
    wait_until("the root to be gone", SOON, || import_of(&daemon)["roots"] == json!([]));
    assert_eq!(requests(&daemon), 7);
    // And it comes back, and another root with it.
    project.append("s1", &line("s1", "m8", 10));
    expect("the line in the folder that came back", 8);
    let late = Project::new(&home.user().join(".config/claude"), "/home/dev/late");
    late.append("s3", &line("s3", "m9", 10));
    expect("the line below a root that came later", 9);
    wait_until("both roots", SOON, || import_of(&daemon)["roots"].as_array().is_some_and(|roots| roots.len() == 2));
}

#[test]
fn hooks_tell_of_roots_that_the_daemon_does_not_know() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = start_without_roots(&home);
    let root = home.around().join("elsewhere");
    let project = Project::new(&root, "/home/dev/app");
    project.append("s1", &line("s1", "m1", 10));
    let payload = json!({
        "session_id": "s1", "hook_event_name": "UserPromptSubmit", "prompt": "hello", "cwd": "/home/dev/app",
        "transcript_path": project.file("s1"),
    });
    run_hook(&home, payload.to_string().as_bytes()).assert_silent("a prompt");
    wait_until("the request", SOON, || requests(&daemon) == 1);
    project.append("s1", &line("s1", "m2", 10));
    wait_until("the next", SOON, || requests(&daemon) == 2);
    assert_eq!(import_of(&daemon)["roots"], json!([root]));
}

fn start_without_roots(home: &TestHome) -> TestDaemon<'_> {
    let daemon = TestDaemon::start(home);
    wait_until("the first look", SOON, || import_of(&daemon)["following"] == "watching");
    daemon
}

#[test]
fn one_root_under_two_names_is_read_once_and_several_are_read() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let roots: Vec<PathBuf> = ["a", "b"].map(|name| home.around().join(name)).to_vec();
    for (number, root) in roots.iter().enumerate() {
        Project::new(root, "/home/dev/app").append("s", &line("s", &format!("m{number}"), 10));
    }
    let link = home.around().join("link");
    std::os::unix::fs::symlink(&roots[0], &link).expect("linked");
    let named = format!("{},{}, {}", roots[0].display(), link.display(), roots[1].display());
    let daemon = TestDaemon::start_with(&home, |command| {
        command.env("CLAUDE_CONFIG_DIR", named);
    });
    settle(&daemon);
    assert_eq!(requests(&daemon), 2);
    assert_eq!(daemon.database().number("SELECT count(*) FROM transcript_files"), 2);
    assert_eq!(import_of(&daemon)["roots"], json!([roots[0], roots[1]]));
}

#[test]
fn who_asks_for_an_import_meanwhile_is_told_the_truth() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let root = home.user().join(".claude");
    fill(&root, 40_000);
    let other = home.around().join("other");
    Project::new(&other, "/home/dev/other").append("s", &line("s", "other", 10));
    let daemon = TestDaemon::start(&home);
    // One attaches to what runs, or reads what is left; the other is read although something else runs.
    let import = |from: Option<&Path>| {
        let mut command = home.orchd();
        command.args(["import", "--json"]);
        from.map(|from| command.arg("--from").arg(from));
        let output = command.output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let (own, others) = std::thread::scope(|scope| {
        let others = scope.spawn(|| import(Some(&other)));
        (import(None), others.join().expect("no panic"))
    });
    assert_eq!((&others["files"], &others["requests_new"]), (&json!(1), &json!(1)), "{others}");
    assert_eq!(own["files"], 1, "{own}");
    assert_eq!(requests(&daemon), 40_001);
    assert_eq!(import_of(&daemon)["roots"], json!([root]), "what was imported once is not followed");
}

#[test]
fn up_says_that_history_is_read_and_does_not_wait() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    fill(&home.user().join(".claude"), 40_000);
    fs::write(home.orch().join("config.toml"), "[http]\nport = 0\n").expect("written");
    let orchd = |arguments: &[&str]| {
        let output = home.orchd().args(arguments).env("BROWSER", "true").output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        (said, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (said, _) = orchd(&["up", "--yes", "--no-open", "--no-service"]);
    let (_, status) = orchd(&["status", "--json"]);
    let status: Value = serde_json::from_str(&status).expect("JSON");
    // A fast machine has read it before there was time to say so.
    if status["import"]["state"] == "running" {
        assert!(said.contains(" MB of transcripts in the background; `"), "{said}");
    }
    let (_, summary) = orchd(&["import"]);
    assert!(summary.starts_with("1 transcript, "), "{summary}");
    let database = e2e_tests::database::Database::open(&home.orch().join("data/orch.db"));
    assert_eq!(database.number("SELECT count(*) FROM api_requests"), 40_000);
    let (said, _) = orchd(&["up", "--yes", "--no-open", "--no-service"]);
    assert!(!said.contains("in the background"), "nothing is left to read: {said}");
    orchd(&["down"]);
}

#[test]
fn a_daemon_that_reads_stops_at_once_and_goes_on_later() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    fill(&home.user().join(".claude"), 20_000);
    let mut daemon = TestDaemon::start(&home);
    wait_until("something to be read", SOON, || import_of(&daemon)["bytes_done"].as_u64() > Some(0));
    let (took, status) = daemon.terminate();
    assert!(status.success() && took < Duration::from_secs(3), "{status} after {took:?}");
    let daemon = TestDaemon::start(&home);
    wait_until("the rest", Duration::from_mins(1), || import_of(&daemon)["state"] == "done");
    assert_eq!(requests(&daemon), 20_000);
}

/// Writes a transcript of many requests.
fn fill(root: &Path, count: usize) {
    let project = Project::new(root, "/home/dev/app");
    let mut file = std::io::BufWriter::new(fs::File::create(project.file("long")).expect("made"));
    for number in 0..count {
        writeln!(file, "{}", line("long", &format!("long{number}"), 10)).expect("written");
    }
}

#[test]
fn neither_a_pause_nor_the_switch_lets_anything_through() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let project = Project::new(&home.user().join(".claude"), "/home/dev/app");
    project.append("s1", &line("s1", "m1", 10));
    fs::write(home.orch().join("config.toml"), "[ledger]\ntranscripts = false\n").expect("written");
    let mut daemon = TestDaemon::start(&home);
    project.append("s1", &line("s1", "m2", 10));
    e2e_tests::wait::let_pass(Duration::from_secs(3));
    assert_eq!((requests(&daemon), &import_of(&daemon)["following"]), (0, &json!("off")));
    daemon.terminate();
    fs::remove_file(home.orch().join("config.toml")).expect("removed");
    let daemon = start(&home);
    assert_eq!(requests(&daemon), 2);
    assert!(home.orchd().arg("pause").status().expect("runs").success());
    project.append("s1", &line("s1", "m3", 10));
    e2e_tests::wait::let_pass(Duration::from_secs(3));
    assert_eq!(requests(&daemon), 2);
    // An import that is asked for says why there is none.
    let refused = home.orchd().arg("import").output().expect("runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(75), "{said}");
    assert!(said.contains("recording is paused") && said.contains("orchd resume"), "{said}");
    assert_eq!(requests(&daemon), 2);
    assert!(home.orchd().arg("resume").status().expect("runs").success());
    wait_for("what the client kept meanwhile", SOON, || (requests(&daemon) == 3).then_some(()));
}

#[test]
fn a_pause_breaks_the_first_import_off_until_recording_goes_on() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    fill(&home.user().join(".claude"), 40_000);
    let daemon = TestDaemon::start(&home);
    wait_until("something to be read", SOON, || import_of(&daemon)["bytes_done"].as_u64() > Some(0));
    assert!(home.orchd().arg("pause").status().expect("runs").success());
    // One transaction may be under way.
    e2e_tests::wait::let_pass(Duration::from_secs(1));
    let at_pause = requests(&daemon);
    e2e_tests::wait::let_pass(Duration::from_secs(3));
    assert_eq!((requests(&daemon), at_pause < 40_000), (at_pause, true), "{}", import_of(&daemon));
    assert!(home.orchd().arg("resume").status().expect("runs").success());
    wait_until("the rest", Duration::from_mins(1), || import_of(&daemon)["state"] == "done");
    assert_eq!(requests(&daemon), 40_000);
}

#[test]
fn a_mistake_in_the_prices_keeps_nothing_out() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let project = Project::new(&home.user().join(".claude"), "/home/dev/app");
    project.append("s1", &line("s1", "m1", 10));
    fs::write(home.orch().join("prices.toml"), "[[model]\n").expect("written");
    let daemon = start(&home);
    project.append("s1", &line("s1", "m2", 10));
    wait_until("the request", SOON, || requests(&daemon) == 2);
    assert_eq!(daemon.database().number("SELECT count(cost_nano_usd) FROM api_requests"), 2);
}

#[test]
fn without_watches_files_are_polled_and_that_is_said() {
    let _turn = exclusive::shared();
    for limit in ["max_inotify_instances", "max_inotify_watches"] {
        let home = TestHome::new();
        let project = Project::new(&home.user().join(".claude"), "/home/dev/app");
        project.append("s1", &line("s1", "m1", 10));
        // A namespace of users has limits of its own.
        let script = format!("echo 0 > /proc/sys/user/{limit} && exec \"$@\"");
        let mut command = home.command(Path::new("unshare"));
        command.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]);
        if !command.arg("true").status().is_ok_and(|status| status.success()) {
            say(format_args!("{limit}: skipped, no namespaces of users here"));
            return;
        }
        let mut command = home.command(Path::new("unshare"));
        command.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]);
        command.arg(&e2e_tests::programs::programs().daemon).args(["run", "--port", "0"]);
        let daemon = TestDaemon::start_command(&home, &mut command);
        settle(&daemon);
        project.append("s1/subagents/agent-a", &line("s1", "m2", 10));
        wait_until("the request", SOON, || requests(&daemon) == 2);
        let import = import_of(&daemon);
        assert_eq!(import["following"], "polling", "{import}");
        assert!(import["reason"].as_str().is_some_and(|reason| reason.contains("limit of watche")), "{import}");
        let output = home.orchd().arg("doctor").output().expect("runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("polled, which costs seconds"), "{said}");
    }
}

#[test]
fn the_demo_reads_nobodys_transcripts() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    Project::new(&home.user().join(".claude"), "/home/dev/app").append("s1", &line("s1", "m1", 10));
    let temporary = home.around().join("t");
    fs::create_dir(&temporary).expect("made");
    let output = home
        .orchd()
        .args(["demo", "--once", "--keep", "--no-open", "--port", "0", "--sessions", "3"])
        .env("TMPDIR", &temporary)
        .env("ORCH_LEDGER__TRANSCRIPTS", "true")
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = fs::read_dir(&temporary).expect("a folder").flatten().next().expect("what was kept").path();
    let database = e2e_tests::database::Database::open(&kept.join("data/orch.db"));
    assert!(database.events() > 0);
    assert_eq!(
        database.number(
            "SELECT (SELECT count(*) FROM transcript_files) + (SELECT count(*) FROM api_requests WHERE session_id = 's1')"
        ),
        0
    );
    assert!(database.number("SELECT count(*) FROM api_requests") > 0, "the demo's own sessions cost something");
    assert!(fs::read_to_string(kept.join("config.toml")).expect("settings").contains("transcripts = false"));
}
