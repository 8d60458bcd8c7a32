//! `orchd import` under faults: whatever lies below `projects/`, and whenever the import dies, the sums are the same.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use e2e_tests::database::Database;
use e2e_tests::random::Random;
use e2e_tests::transcript::{Project, line};
use e2e_tests::wait::{let_pass, wait_until};
use e2e_tests::{TestDaemon, TestHome, exclusive, process, say};
use serde_json::{Value, json};

/// Names this to also read a transcript of 500 MB.
const HEAVY: &str = "ORCH_TEST_HEAVY";
/// Memory that an import may take, whatever it reads.
const PEAK_MIB: f64 = 150.0;
/// Times that an import is killed.
const KILLS: u64 = 20;

fn spawn(home: &TestHome, from: &Path) -> Child {
    let mut command = home.orchd();
    command.args(["import", "--json", "--from"]).arg(from).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("starts")
}

fn import(home: &TestHome, from: &Path) -> Value {
    let output = spawn(home, from).wait_with_output().expect("ends");
    assert!(output.status.success(), "{:?}", output.status);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Imports and returns the summary and the most memory it took, MiB.
fn import_measured(home: &TestHome, from: &Path) -> (Value, f64) {
    let mut child = spawn(home, from);
    let mut peak: f64 = 0.0;
    while child.try_wait().expect("a child can be asked").is_none() {
        peak = peak.max(process::peak_mib(child.id()));
        let_pass(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{:?}", output.status);
    (serde_json::from_slice(&output.stdout).expect("JSON"), peak)
}

/// All that the ledger says, in words.
fn sums(home: &TestHome) -> Vec<String> {
    let database = Database::open(&home.paths.database());
    let of = |table: &str| {
        let tokens =
            "sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens)";
        let requests = if table == "api_requests" { "count(*)" } else { "sum(requests)" };
        database.texts(&format!(
            "SELECT '{table} ' || concat_ws(' ', {requests}, {tokens}, sum(cost_nano_usd)) FROM {table}"
        ))
    };
    ["api_requests", "cost_metrics", "cost_day", "cost_day_total", "cost_session"].into_iter().flat_map(of).collect()
}

/// Writes transcripts in which sessions repeat each other's requests and streams tell of themselves in several lines.
fn corpus(root: &Path, requests: u64) {
    let mut random = Random::new(7);
    for session in 0..20 {
        let project = Project::new(root, &format!("/home/dev/p{}", session % 3));
        let mut text = String::new();
        for number in 0..requests / 20 {
            let id = format!("m{}", random.between(0, requests));
            for part in 1..=1 + number % 3 {
                text += &line(&format!("s{session}"), &id, part * 100 + random.between(0, 50));
                text.push('\n');
            }
        }
        project.append_raw(&format!("s{session}"), &text);
    }
}

#[test]
fn an_import_that_is_killed_at_any_time_is_finished_by_the_next() {
    let _turn = exclusive::shared();
    let whole = TestHome::new();
    let root = whole.around().join("claude");
    corpus(&root, 20_000);
    let began = Instant::now();
    import(&whole, &root);
    let (took, expected) = (began.elapsed(), sums(&whole));
    let seed = 11;
    let mut random = Random::new(seed);
    let (mut killed, mut cut, mut ended) = (TestHome::new(), 0, 0);
    while cut < KILLS {
        let mut child = spawn(&killed, &root);
        let_pass(Duration::from_micros(random.between(0, u64::try_from(took.as_micros() / 2).expect("short"))));
        child.kill().expect("an own child can be killed");
        if child.wait().expect("a child can be waited for").success() {
            // What several could not finish this one did.
            assert_eq!(sums(&killed), expected, "seed {seed}, {cut} were cut");
            (killed, ended) = (TestHome::new(), ended + 1);
            continue;
        }
        cut += 1;
        if killed.paths.database().exists() {
            Database::copy(&killed.paths.database()).assert_sound();
        }
    }
    import(&killed, &root);
    say(format_args!("import: {cut} were cut, {ended} were not (seed {seed}); undisturbed it takes {took:?}"));
    assert_eq!(sums(&killed), expected, "seed {seed}");
    // The daemon likewise, which reads by itself.
    let daemons = TestHome::new();
    std::os::unix::fs::symlink(&root, daemons.user().join(".claude")).expect("linked");
    for _ in 0..4 {
        let mut daemon = TestDaemon::start(&daemons);
        let_pass(Duration::from_millis(random.between(0, 400)));
        daemon.kill();
    }
    let daemon = TestDaemon::start(&daemons);
    wait_until("the import", Duration::from_mins(1), || daemon.status()["import"]["state"] == "done");
    assert_eq!(sums(&daemons), expected, "seed {seed}");
}

#[test]
fn nothing_below_projects_stops_an_import_and_all_of_it_is_told() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let root = home.around().join("claude");
    let project = Project::new(&root, "/home/dev/app");
    let good = |name: &str| line("s", name, 10);
    // Broken lines of every kind, each between two good ones.
    let broken = [
        r#"{"type":"assistant","message":{"usage":"#.to_owned(),
        r#"{"type":"assistant","message":{"id":"x","model":"m","usage":{"input_tokens":-5}},"sessionId":"s"}"#
            .to_owned(),
        r#"{"type":"assistant","message":{"id":"x","model":"m","usage":{}},"sessionId":"s","timestamp":"yesterday"}"#
            .to_owned(),
        format!("\"usage\"{}", "[".repeat(100_000)),
    ];
    for (number, line) in broken.iter().enumerate() {
        project.append("broken", line);
        project.append("broken", &good(&format!("b{number}")));
    }
    let mut bytes = vec![0_u8; 4096];
    bytes.extend_from_slice(b"\n\xff\xfe\x80 \"usage\" \xc3\n");
    bytes.extend_from_slice(format!("{}\r\n", good("bytes")).as_bytes());
    fs::write(project.file("bytes"), bytes).expect("written");
    project.append("long", &format!(r#"{{"type":"user","text":"{}"}}"#, "x".repeat(10 << 20)));
    project.append("long", &format!(r#"{{"type":"user","text":"{}"}}"#, "x".repeat(40 << 20)));
    project.append("long", &good("long"));
    project.append("ends", &good("ends"));
    project.append_raw("ends", &good("half"));
    fs::write(project.file("empty"), "").expect("written");
    let sparse = File::create(project.file("sparse")).expect("made");
    sparse.set_len(60 << 20).expect("a file with a hole");
    // What is no file.
    let folder = project.file("x").parent().expect("a folder").to_owned();
    std::os::unix::fs::symlink(&folder, folder.join("circle")).expect("linked");
    std::os::unix::fs::symlink(project.file("loop"), project.file("loop")).expect("linked");
    fs::create_dir(project.file("folder")).expect("made");
    let pipe = project.file("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("made");
    project.append(&format!("{}deep", "d/".repeat(10)), &good("deep"));
    project.append(&format!("{}deeper", "d/".repeat(40)), &good("deeper"));
    project.append("closed", &good("closed"));
    fs::set_permissions(project.file("closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("closed");
    let is_root = File::open(project.file("closed")).is_ok();

    let (summary, peak) = import_measured(&home, &root);
    // Modes do not hold root back.
    let expected = 8 + i64::from(is_root);
    let database = Database::open(&home.paths.database());
    assert_eq!(database.number("SELECT count(*) FROM api_requests"), expected, "{summary}");
    let errors: Vec<_> = summary["errors"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for named in ["circle: a link", "loop.jsonl: a link", "pipe.jsonl: not a file", ": too deep"] {
        assert!(errors.iter().any(|error| error.contains(named)), "{named} in {errors:?}");
    }
    assert_eq!(errors.iter().any(|error| error.contains("closed.jsonl: ")), !is_root, "{errors:?}");
    // Four broken, one of bytes that are no text, one that is too long.
    assert_eq!(summary["skipped_lines"], 6, "{summary}");
    let named: Vec<_> = summary["skipped_in"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for file in ["broken.jsonl: 4", "bytes.jsonl: 1", "long.jsonl: 1"] {
        assert!(named.iter().any(|name| name.ends_with(file)), "{file} in {named:?}");
    }
    say(format_args!("import of faults: peak {peak:.0} MiB"));
    assert!(peak <= PEAK_MIB, "{peak} MiB");
    // The same for a daemon, which must not turn in circles over it either.
    fs::rename(&root, home.user().join(".claude")).expect("moved");
    let daemon = TestDaemon::start(&home);
    wait_until("the import", Duration::from_mins(1), || daemon.status()["import"]["state"] == "done");
    assert!(daemon.status()["import"]["unread"].as_u64().is_some_and(|unread| unread >= 4), "{}", daemon.status());
    assert_eq!(daemon.database().number("SELECT count(*) FROM api_requests"), expected);
    // Where they are is not told once only, and not of files that are gone.
    assert_eq!(daemon.status()["import"]["skipped_lines"], 6, "{}", daemon.status());
    let doctor = home.orchd().args(["doctor", "--json"]).output().expect("runs").stdout;
    assert!(String::from_utf8_lossy(&doctor).contains("broken.jsonl: 4"), "{}", String::from_utf8_lossy(&doctor));
}

#[test]
fn an_import_that_a_stop_of_the_daemon_breaks_off_goes_on_with_the_next() {
    let _turn = exclusive::shared();
    let whole = TestHome::new();
    // Of a folder that no daemon follows by itself.
    let root = whole.around().join("claude");
    corpus(&root, 20_000);
    import(&whole, &root);
    let expected = sums(&whole);
    for kill in [false, true] {
        let home = TestHome::new();
        let mut daemon = TestDaemon::start(&home);
        let mut child = spawn(&home, &root);
        let count = |daemon: &TestDaemon| daemon.database().number("SELECT count(*) FROM api_requests");
        wait_until("its beginning", Duration::from_mins(1), || count(&daemon) > 0);
        if kill {
            daemon.kill();
        } else {
            daemon.terminate();
        }
        child.wait().expect("a child can be waited for");
        let left = Database::open(&home.paths.database()).number("SELECT count(*) FROM api_requests");
        let mut daemon = TestDaemon::start(&home);
        wait_until("the rest", Duration::from_mins(1), || daemon.status()["import"]["state"] == "done");
        say(format_args!("import: broken off at {left} of {} requests", count(&daemon)));
        assert_eq!(sums(&home), expected);
        // It is over, and no start repeats it.
        daemon.terminate();
        let daemon = TestDaemon::start(&home);
        assert_eq!(daemon.status()["import"]["state"], "idle", "{}", daemon.status());
    }
}

#[test]
fn a_huge_transcript_takes_no_more_memory_than_a_small_one() {
    let _turn = exclusive::shared();
    let megabytes = if std::env::var_os(HEAVY).is_some() { 500 } else { 60 };
    if megabytes < 500 {
        say(format_args!("the transcript of 500 MB is skipped, one of 60 MB is read: set {HEAVY}=1"));
    }
    let home = TestHome::new();
    let root = home.around().join("claude");
    let project = Project::new(&root, "/home/dev/app");
    // A large and a small file side by side: what is read ahead of its turn is bounded too.
    for name in ["one", "two"] {
        let mut file = BufWriter::new(File::create(project.file(name)).expect("made"));
        let (mut written, mut number) = (0, 0);
        while written < megabytes * 500_000 {
            let text = line(name, &format!("{name}{number}"), 10);
            writeln!(file, "{text}").expect("written");
            (written, number) = (written + text.len() + 1, number + 1);
        }
    }
    let (_, peak) = import_measured(&home, &root);
    say(format_args!("import of {megabytes} MB: peak {peak:.0} MiB"));
    assert!(peak <= PEAK_MIB, "{peak} MiB");
}

#[test]
fn a_file_that_is_replaced_and_cut_while_it_is_read_costs_nothing_twice() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let root = home.user().join(".claude");
    let project = Project::new(&root, "/home/dev/app");
    let text = |count: u64| (0..count).map(|number| line("s", &format!("m{number}"), 10) + "\n").collect::<String>();
    fs::write(project.file("s"), text(20_000)).expect("written");
    let daemon = TestDaemon::start(&home);
    let mut random = Random::new(3);
    for _ in 0..20 {
        let part = text(random.between(1, 20_000));
        let beside = project.file("s").with_extension("part");
        match random.between(0, 3) {
            0 => fs::write(project.file("s"), part).expect("cut and written"),
            1 => fs::write(&beside, part).and_then(|()| fs::rename(&beside, project.file("s"))).expect("replaced"),
            _ => drop(fs::remove_file(project.file("s"))),
        }
        let_pass(Duration::from_millis(random.between(0, 60)));
    }
    fs::write(project.file("s"), text(20_001)).expect("written");
    let count = || daemon.database().number("SELECT count(*) FROM api_requests");
    wait_until("the last line", Duration::from_mins(1), || count() == 20_001);
    for (table, sum) in [("api_requests", "sum(output_tokens)"), ("cost_session", "sum(output_tokens)")] {
        assert_eq!(daemon.database().number(&format!("SELECT {sum} FROM {table}")), 200_010, "{table}");
    }
    assert_eq!(json!(daemon.status()["import"]["error"]), json!(null));
}
