//! Training and judging as a whole, on small rows written here.

mod refit;

use shared::classify::weights::FILE_BYTES;
use shared::classify::{Head, Weights, classify};

use super::eval::{Draws, evaluate};
use super::rows::{Row, read};
use super::train::{fit, weights};

/// Rows of every task whose words tell the label.
fn rows() -> Vec<Row> {
    let mut lines = Vec::new();
    for n in 0..60 {
        let (yes, weak) = (n % 2, n % 3 / 2);
        let text = if yes == 1 { "rename a small label" } else { "rewrite the whole scheduler" };
        let task = [("bugfix", "fix the crash"), ("docs", "explain in the readme"), ("feature", "add a button")][n % 3];
        let agent =
            [("general-purpose", "write a letter"), ("database-testing-specialist", "tune the sql schema")][n % 2];
        let size = if yes == 1 { (1, 5) } else { (9, 500) };
        let common = format!(r#""source":"s{}","domain":"d","text""#, n % 2);
        lines.push(format!(
            r#"{{"id":"r{n}",{common}:"{text} {n}","label":{yes},"weak_score":{weak},"strong_score":1,"task":"route"}}"#
        ));
        lines.push(format!(
            r#"{{"id":"c{n}",{common}:"{text} {n}","label":{yes},"files":{},"lines":{},"task":"complexity"}}"#,
            size.0, size.1
        ));
        lines.push(format!(r#"{{"id":"t{n}",{common}:"{} {n}","label":"{}","task":"type"}}"#, task.1, task.0));
        lines.push(format!(r#"{{"id":"a{n}",{common}:"{} {n}","label":"{}","task":"agent"}}"#, agent.1, agent.0));
    }
    read(lines.join("\n").as_bytes()).expect("rows")
}

fn trained(rows: &[Row], heads: &[Head], seed: u64) -> Vec<u8> {
    weights(&heads.iter().map(|&head| fit(rows, head, seed).expect("rows")).collect::<Vec<_>>()).bytes
}

#[test]
fn what_the_words_tell_is_learned_and_written() {
    let rows = rows();
    let bytes = trained(&rows, &Head::ALL, 7);
    assert_eq!(bytes.len(), FILE_BYTES);
    let weights = Weights::parse(&bytes).expect("whole");
    let found = evaluate(&rows, &weights, Draws { seed: 7, resamples: 20 });
    for (judged, figure, least) in [
        (&found.route, "auroc_as_good", 0.99),
        (&found.change_size, "auroc", 0.99),
        (&found.change_size, "auroc_not_large", 0.99),
        (&found.task_type, "macro_f1", 0.99),
        (&found.agent, "macro_f1", 0.99),
    ] {
        let judged = judged.as_ref().expect("judged");
        let value = judged.pooled.figures[figure].estimate.value;
        assert!(value >= least, "{figure}: {value}");
        assert_eq!((judged.pooled.n, judged.sources.len(), judged.sources["s1"].n), (60, 2, 30));
    }
    let json = serde_json::to_value(&found.route).expect("JSON");
    for pointer in [
        "/apgr/low",
        "/sources/s0/n",
        "/baselines/oracle/cpt95/value",
        "/baselines/keyword/apgr/router_minus_this/high",
    ] {
        assert!(json.pointer(pointer).is_some_and(serde_json::Value::is_number), "{pointer}: {json:#}");
    }
    assert!(json.pointer("/baselines/keyword/ece").is_none());
}

#[test]
fn the_same_rows_in_any_order_and_the_same_seed_give_the_same_bytes() {
    let rows = rows();
    let mut turned = rows.clone();
    turned.reverse();
    let of = |rows: &[Row], seed| trained(rows, &Head::ALL, seed);
    let first = of(&rows, 7);
    assert!(first == of(&turned, 7));
    assert!(first != of(&rows, 8));
}

#[test]
fn heads_without_rows_stay_silent() {
    assert!(fit(&[], Head::Agent, 7).is_none());
    let bytes = weights(&[]).bytes;
    let weights = Weights::parse(&bytes).expect("whole");
    let said = shared::classify::Classification::of(&shared::classify::Features::of("anything"), &weights);
    assert_eq!(said.as_good.probability.to_bits(), 0.5_f64.to_bits());
    assert_eq!(evaluate(&[], &weights, Draws { seed: 7, resamples: 20 }), super::eval::Evaluation::default());
}

#[test]
fn the_embedded_weights_and_a_file_of_them_say_the_same() {
    let text = "Fix a typo in the readme";
    let said = shared::classify::Classification::of(&shared::classify::Features::of(text), &Weights::embedded());
    assert_eq!(said, classify(text));
}
