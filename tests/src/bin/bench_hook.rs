//! The hook's cost beside `/bin/true`, a python3 hook and a curl hook, all in the same rounds.
//!
//! The hook is read and written to a folder of its own, as `orchd up` does. Copies of one and the same program differ by up to
//! a tenth, for a reason not established: a single run proves little.
//! Prints medians and the median of per-round ratios; never asserts. 300 rounds unless told:
//! `cargo run --release -p e2e-tests --bin bench_hook [ROUNDS]`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use e2e_tests::bench::{callgrind_instructions, shipped};
use e2e_tests::programs::use_programs;
use e2e_tests::statistics::{median, micros, percentile};
use e2e_tests::{TestDaemon, TestHome, payload, say};
use serde_json::json;

/// A hook as a user would write it in Python: one frame, one ack.
const PYTHON_HOOK: &str = r#"
import json, os, socket, struct, sys, time, uuid
body = sys.stdin.buffer.read()
now = time.time_ns() // 1000
head = {"v": 1, "kind": "event", "event_id": str(uuid.uuid4()), "occurred_at": now}
frame = json.dumps(head).encode() + b"\n" + body
s = socket.socket(socket.AF_UNIX)
s.settimeout(0.2)
s.connect(sys.argv[1])
s.sendall(struct.pack(">I", len(frame)) + frame)
s.recv(4096)
"#;

/// One of the programs that are started in turn.
struct Contender<'a> {
    name: &'a str,
    command: Box<dyn Fn() -> Command + 'a>,
    /// What it is fed in a round, at a place.
    payload: fn(usize, usize) -> Vec<u8>,
    times: Vec<f64>,
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(300);
    let mut programs = shipped();
    let installed = tempfile::tempdir().expect("a temporary folder");
    programs.hook = install(&programs.hook, installed.path());
    say(format_args!("hook: {} ({} bytes)", programs.hook.display(), file_size(&programs.hook)));
    use_programs(programs);
    let (live, down) = (TestHome::new(), TestHome::new());
    let daemon = TestDaemon::start(&live);
    let script = live.around().join("hook.py");
    std::fs::write(&script, PYTHON_HOOK).expect("a file");
    let url = format!("http://{}/hook", answer_every_post());
    let python_path = program("python3");
    let socket = live.paths.socket();
    let mut contenders = vec![
        contender("/bin/true", || Command::new("/bin/true"), call),
        contender("orch-hook, ack after commit", || with_hook(&live), call),
        contender("orch-hook, daemon down (spool)", || with_hook(&down), call),
        contender("orch-hook, a prompt is decided on", || with_hook(&live), prompt),
        contender("orch-hook route, 1,500 bytes", || with_route(&live), |_, _| Vec::new()),
    ];
    if let Some(python) = &python_path {
        let (script, socket) = (&script, &socket);
        let command = move || {
            let mut command = Command::new(python);
            command.args(["-I", "-S"]).arg(script).arg(socket);
            command
        };
        contenders.push(contender("python3 -I -S, same socket", command, call));
    }
    if let Some(curl) = program("curl") {
        let url = url.clone();
        let command = move || {
            let mut command = Command::new(&curl);
            command.args(["-s", "--data-binary", "@-", "-H", "Content-Type: application/json", &url]);
            command
        };
        contenders.push(contender("curl, loopback HTTP", command, call));
    }
    let before = daemon.counter("stored");
    let count = contenders.len();
    for round in 0..rounds + 10 {
        // The order turns with the rounds, so that no place in it is always after the same neighbour.
        for place in 0..count {
            let at = (place + round) % count;
            let payload = (contenders[at].payload)(round, at);
            let time = run(&mut (contenders[at].command)(), &payload);
            if round >= 10 {
                contenders[at].times.push(time);
            }
        }
    }
    report(&contenders, rounds);
    say(format_args!(
        "stored by the live daemon: {} rows; spooled without it: {}",
        daemon.counter("stored") - before,
        down.spooled()
    ));
    let payload = payload::with_secret("bench", "toolu_instructions", 4096);
    for (name, home) in [("ack after commit", &live), ("spool", &down)] {
        match callgrind_instructions(&mut with_hook(home), &payload) {
            Some(instructions) => say(format_args!("instructions, {name}: {instructions}")),
            None => say(format_args!("instructions, {name}: not measured, valgrind is not here or failed")),
        }
    }
}

fn contender<'a>(
    name: &'a str,
    command: impl Fn() -> Command + 'a,
    payload: fn(usize, usize) -> Vec<u8>,
) -> Contender<'a> {
    Contender { name, command: Box::new(command), payload, times: Vec::new() }
}

fn call(round: usize, at: usize) -> Vec<u8> {
    payload::with_secret("bench", &format!("toolu_{round}_{at}"), 4096)
}

/// A typed prompt of 4 KB, with one secret as the calls have.
fn prompt(round: usize, at: usize) -> Vec<u8> {
    let text = format!("{} ghp_FAKEfake0123456789FAKEfake0123456789", task(3_700));
    payload::session_event(
        "UserPromptSubmit",
        "bench",
        &json!({"prompt": text, "prompt_id": format!("p_{round}_{at}")}),
    )
}

/// Ordinary words of a task.
fn task(bytes: usize) -> String {
    const WORDS: &str =
        "Fix the crash in src/parser.rs when the config has no [server] section, and add a test for it. ";
    WORDS.chars().cycle().take(bytes).collect()
}

fn install(hook: &Path, folder: &Path) -> PathBuf {
    let to = folder.join("orch-hook");
    std::fs::write(&to, std::fs::read(hook).expect("a program")).expect("a file");
    std::fs::set_permissions(&to, std::fs::metadata(hook).expect("a program").permissions()).expect("its mode");
    to
}

fn with_hook(home: &TestHome) -> Command {
    let mut command = home.orch_hook();
    command.arg("hook");
    command
}

fn with_route(home: &TestHome) -> Command {
    let mut command = home.orch_hook();
    command.args(["route", "--json"]).arg(task(1_500));
    command
}

/// Starts the command, feeds it and returns the microseconds until it was gone.
fn run(command: &mut Command, payload: &[u8]) -> f64 {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // `/bin/true` may be gone before its pipe is written to.
    let _ = stdin.write_all(payload);
    drop(stdin);
    child.wait().expect("a child can be waited for");
    micros(start.elapsed())
}

fn report(contenders: &[Contender<'_>], rounds: usize) {
    say(format_args!("{rounds} rounds, 4 KB payload with one secret (none for route), programs in turn; microseconds"));
    say(format_args!("{:34} {:>8} {:>8} {:>8} {:>14} {:>14}", "", "p10", "p50", "p95", "x /bin/true", "x ack"));
    let ratio = |of: &Contender<'_>, to: &Contender<'_>| {
        median(&of.times.iter().zip(&to.times).map(|(of, to)| of / to).collect::<Vec<_>>())
    };
    for contender in contenders {
        say(format_args!(
            "{:34} {:8.0} {:8.0} {:8.0} {:14.3} {:14.3}",
            contender.name,
            percentile(&contender.times, 0.1),
            median(&contender.times),
            percentile(&contender.times, 0.95),
            ratio(contender, &contenders[0]),
            ratio(contender, &contenders[1]),
        ));
    }
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

/// The program's own path, behind any shim of a version manager, or none.
fn program(name: &str) -> Option<std::path::PathBuf> {
    if name == "python3" {
        let asked = Command::new(name).args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
        return Some(String::from_utf8(asked.stdout).ok()?.trim().into());
    }
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Answers every POST with `{}` on a thread, and returns the address.
fn answer_every_post() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.set_nodelay(true);
            let (mut request, mut block) = (Vec::new(), [0; 16_384]);
            while !whole_request(&request) {
                match stream.read(&mut block) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&block[..n]),
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    address
}

fn whole_request(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
