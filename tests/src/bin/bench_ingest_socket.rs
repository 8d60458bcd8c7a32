//! Connections per second from 64 clients: acknowledged after COMMIT, beside the same daemon acknowledging on enqueue.
//!
//! Each connection carries one frame of about 1 KB, as a hook's does. The second daemon is built with the feature
//! `bench-enqueue-ack`, which no shipped build has. Prints ratios; never asserts. Build it with
//! `--release`: `cargo run --release -p e2e-tests --bin bench_ingest_socket [SECONDS] [CLIENTS] [SESSIONS]`.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2e_tests::bench::shipped;
use e2e_tests::programs::{build, target_dir, use_programs};
use e2e_tests::socket::{RawClient, last_event_frame};
use e2e_tests::statistics::{median, micros, percentile};
use e2e_tests::{TestDaemon, TestHome, payload, process, say, wait_until};
use shared::protocol::Reply;

/// Rounds in turn, so that both see the same machine.
const ROUNDS: usize = 5;

struct Load {
    per_second: f64,
    p50: f64,
    p99: f64,
    errors: usize,
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(4.0);
    let time = Duration::from_secs_f64(seconds);
    let given_sessions: Option<usize> = std::env::args().nth(3).and_then(|text| text.parse().ok());
    let commit = shipped();
    let enqueue = enqueue_acking();
    let (committing, enqueueing) = (commit.daemon.clone(), enqueue);
    use_programs(commit);
    let only = std::env::args().nth(2).and_then(|text| text.parse().ok());
    for clients in only.map_or(vec![1, 8, 64], |clients| vec![clients]) {
        // One each unless told: the more sessions, the more pages a batch touches.
        let sessions = given_sessions.unwrap_or(clients).max(1);
        let (mut ratios, mut tails) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let mut rates = Vec::new();
            for (name, program) in [("after commit", &committing), ("on enqueue", &enqueueing)] {
                let load = measure(program, (clients, sessions), time);
                say(format_args!(
                    "{clients:3} clients, ack {name:12}, round {round}: {:8.0} connections/s, p50 {:6.0} us, p99 {:6.0} us, errors {}",
                    load.per_second, load.p50, load.p99, load.errors
                ));
                rates.push(load.per_second);
                tails.push(load.p99);
            }
            ratios.push(rates[0] / rates[1]);
        }
        say(format_args!(
            "{clients:3} clients, {sessions} sessions, medians of {ROUNDS} rounds: commit-acked / enqueue-acked {:.3}, p99 {:.0} and {:.0} us",
            median(&ratios),
            median(&tails.iter().copied().step_by(2).collect::<Vec<_>>()),
            median(&tails.iter().copied().skip(1).step_by(2).collect::<Vec<_>>())
        ));
    }
}

/// Builds the daemon that acknowledges before COMMIT, in a target folder of its own so that nobody installs it, unless
/// `ORCH_BENCH_ENQUEUE_DAEMON` names one.
fn enqueue_acking() -> std::path::PathBuf {
    if let Some(given) = std::env::var_os("ORCH_BENCH_ENQUEUE_DAEMON") {
        return given.into();
    }
    let target = target_dir().join("bench-enqueue");
    build(&target, &["build", "--release", "-p", "orchd", "--features", "bench-enqueue-ack"]);
    target.join("release/orchd")
}

fn measure(program: &Path, (clients, sessions): (usize, usize), time: Duration) -> Load {
    let home = TestHome::new();
    let mut command = home.command(program);
    command.args(["run", "--port", "0"]);
    let daemon = TestDaemon::start_command(&home, &mut command);
    let before = process::descriptors(daemon.pid());
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let results: Vec<(Vec<f64>, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn({
                    let (home, stop) = (&home, &stop);
                    move || send(home, (client, sessions), stop)
                })
            })
            .collect();
        e2e_tests::wait::let_pass(time);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().expect("a client does not panic")).collect()
    });
    let took = start.elapsed().as_secs_f64();
    wait_until("descriptors to be let go", Duration::from_secs(15), || {
        process::descriptors(daemon.pid()) <= before + 5
    });
    let times: Vec<f64> = results.iter().flat_map(|(times, _)| times.iter().copied()).collect();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let per_second = times.len() as f64 / took;
    let errors = results.iter().map(|(_, errors)| errors).sum();
    Load { per_second, p50: median(&times), p99: percentile(&times, 0.99), errors }
}

fn send(home: &TestHome, (client, sessions): (usize, usize), stop: &AtomicBool) -> (Vec<f64>, usize) {
    let (mut times, mut errors, mut n) = (Vec::new(), 0, 0_u64);
    let socket = home.paths.socket();
    // Made once: the generator shares the cores with what it measures.
    let template = payload::with_secret(&format!("bench-{}", client % sessions), "toolu_MARK", 1024);
    let template = String::from_utf8(template).expect("own JSON");
    let (head, tail) = template.split_once("MARK").expect("the mark was put in");
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let frame = last_event_frame(format!("{head}{client}_{n}{tail}").as_bytes());
        let start = Instant::now();
        let acked = RawClient::connect(&socket, Duration::from_secs(5)).and_then(|mut connection| {
            connection.send(&frame)?;
            connection.reply()
        });
        match acked {
            Ok(Reply::Ack { .. }) => times.push(micros(start.elapsed())),
            _ => errors += 1,
        }
    }
    (times, errors)
}
