//! The status line's cost beside `/bin/true`, and with a command chained beside that command run alone, all in the same rounds.
//!
//! Prints medians and the median of per-round ratios; never asserts. 500 rounds unless told:
//! `cargo run --release -p e2e-tests --bin bench_statusline [ROUNDS]`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use e2e_tests::bench::shipped;
use e2e_tests::programs::{repository, use_programs};
use e2e_tests::statistics::{median, micros, percentile};
use e2e_tests::{TestDaemon, TestHome, say, wait_until};

/// A command as users have it, about as cheap as they get.
const CHAINED: &str = "read -r line; printf 'mine'";

/// One of the programs that are started in turn.
struct Contender<'a> {
    name: &'a str,
    command: Box<dyn Fn() -> Command + 'a>,
    payload: &'a [u8],
    times: Vec<f64>,
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(500);
    let mut programs = shipped();
    let installed = tempfile::tempdir().expect("a temporary folder");
    let hook = installed.path().join("orch-hook");
    copy(&programs.hook, &hook);
    programs.hook = hook;
    say(format_args!("hook: {} bytes", std::fs::metadata(&programs.hook).map_or(0, |meta| meta.len())));
    use_programs(programs);
    let home = TestHome::new();
    let _daemon = TestDaemon::start(&home);
    let file = home.paths.status_line_file();
    wait_until("the daemon's figures", Duration::from_secs(10), || file.exists());
    let fixtures = repository().join("tests/fixtures/statusline");
    let read = |name| std::fs::read(fixtures.join(name)).expect("a fixture");
    let (key, plan) = (read("04.json"), read("plan.json"));
    let line = |chain: Option<&'static str>| {
        let home = &home;
        Box::new(move || {
            let mut command = home.orch_hook();
            command.arg("statusline").args(chain.iter().flat_map(|chain| ["--chain", chain]));
            command
        })
    };
    let contender = |name, command, payload| Contender { name, command, payload, times: Vec::new() };
    let mut contenders = vec![
        contender("/bin/true", Box::new(|| Command::new("/bin/true")), &key),
        contender("statusline", line(None), &key),
        contender("statusline, limits to the daemon", line(None), &plan),
        contender("sh -c, the chained command alone", Box::new(chained_alone), &key),
        contender("statusline with it chained", line(Some(CHAINED)), &key),
    ];
    let count = contenders.len();
    for round in 0..rounds + 10 {
        // The order turns with the rounds, so that no place in it is always after the same neighbour.
        for place in 0..count {
            let at = (place + round) % count;
            let time = run(&mut (contenders[at].command)(), contenders[at].payload);
            if round >= 10 {
                contenders[at].times.push(time);
            }
        }
    }
    report(&contenders, rounds);
}

fn chained_alone() -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(CHAINED);
    command
}

fn copy(from: &Path, to: &Path) {
    std::fs::write(to, std::fs::read(from).expect("a program")).expect("a file");
    std::fs::set_permissions(to, std::fs::metadata(from).expect("a program").permissions()).expect("its mode");
}

/// Starts the command, feeds it, reads its line and returns the microseconds until it was gone.
fn run(command: &mut Command, payload: &[u8]) -> f64 {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // `/bin/true` may be gone before its pipe is written to.
    let _ = stdin.write_all(payload);
    drop(stdin);
    child.wait_with_output().expect("a child can be waited for");
    micros(start.elapsed())
}

fn report(contenders: &[Contender<'_>], rounds: usize) {
    say(format_args!("{rounds} rounds, recorded payload, programs in turn; microseconds"));
    say(format_args!("{:34} {:>8} {:>8} {:>8} {:>14}", "", "p10", "p50", "p95", "x /bin/true"));
    let [truth, .., alone, chained] = contenders else { return };
    for contender in contenders {
        say(format_args!(
            "{:34} {:8.0} {:8.0} {:8.0} {:14.3}",
            contender.name,
            percentile(&contender.times, 0.1),
            median(&contender.times),
            percentile(&contender.times, 0.95),
            median(&contender.times.iter().zip(&truth.times).map(|(of, to)| of / to).collect::<Vec<_>>()),
        ));
    }
    let both = truth.times.iter().zip(&alone.times).map(|(truth, alone)| truth + alone);
    let ratio: Vec<f64> = chained.times.iter().zip(both).map(|(of, to)| of / to).collect();
    say(format_args!("chained / (/bin/true + the command alone): {:.3}", median(&ratio)));
}
