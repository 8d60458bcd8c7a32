//! How long a decision takes on a text of 1,500 bytes, and on others.
//!
//! `cargo bench -p shared --bench decision`. Prints microseconds.

#![expect(clippy::print_stdout, reason = "the table is the point of it")]

use std::hint::black_box;
use std::time::Instant;

use shared::classify::{Features, Head, Weights, classify, explain};
use shared::decision::{Fit, Money, Route, Rule, SensitivePath, Settings, Task, decide, router_version};
use shared::snapshot::LocalModel;

const RUNS: usize = 20_000;

/// A task as people write them; words, paths, code and numbers.
const TASK: &str = "Fix the login page: when a user submits the form twice, `POST /api/session` returns 500 and the page \
hangs. Steps to reproduce:\n1. open src/pages/login.tsx, line 42\n2. click twice within 300 ms\n\nExpected: one request, \
the button is disabled. Please add a test and do not touch the database schema.\n```ts\nconst [busy, setBusy] = \
useState(false);\n```\n";

fn main() {
    let long: String = TASK.chars().cycle().take(1_500).collect();
    let foreign = "修复登录页面的错误 ".repeat(200);
    let huge = TASK.repeat(2_000);
    let (settings, local) = (settings(), local());
    println!("{:34} {:>8} {:>8} {:>8}", "decision (us)", "p50", "p99", "bytes");
    for (name, text) in
        [("one line", &TASK[..60]), ("1,500 bytes", &long), ("1,500 characters of Chinese", &foreign), ("1 MB", &huge)]
    {
        time(name, text, |text| {
            black_box(decide(
                &Task { text, project: "/home/dev/app", agent: None, tool: None },
                &settings,
                Some(&local),
            ));
        });
    }
    time("1,500 bytes, heads alone", &long, |text| {
        black_box(classify(text));
    });
    time("1,500 bytes, features alone", &long, |text| {
        black_box(Features::of(text));
    });
    time("1,500 bytes, with reasons", &long, |text| {
        black_box(explain(text, &Weights::embedded(), Head::AsGood, 0, 5));
    });
}

/// What a user has who uses all of it.
fn settings() -> Settings {
    let rule = |pattern: &str| Rule {
        route: Route::Claude,
        project: None,
        agent: None,
        pattern: Some(pattern.into()),
        tool: None,
    };
    Settings {
        rules: ["deploy to production", "security*review", "database migration"].map(rule).into(),
        sensitive_paths: vec![SensitivePath { path: "*/secrets/*".into(), route: Route::Local }],
        fit: Some(Fit {
            id: 1,
            weights: router_version(),
            slope: 0.9,
            intercept: -0.3,
            projects: Vec::new(),
            outcomes: 200,
        }),
        money: Some(Money { claude_input: 4_000.0, claude_output: 20_000.0, local_output: 50.0 }),
        ..Settings::default()
    }
}

fn local() -> LocalModel {
    LocalModel { state: "ready".into(), available: true, model: Some("deepseek-r1".into()), context_tokens: Some(8192) }
}

fn time(name: &str, text: &str, decide: impl Fn(&str)) {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            decide(black_box(text));
            started.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    println!("{name:34} {:8.1} {:8.1} {:8}", times[RUNS / 2], times[RUNS * 99 / 100], text.len());
}
