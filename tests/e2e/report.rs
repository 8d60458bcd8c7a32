//! `orchd report`: what was spent, from the database alone, as every other reader of the ledger has it.

use std::path::Path;
use std::process::Output;

use e2e_tests::{TestHome, exclusive};
use serde_json::Value;

/// What `tools_basic` and `subagent_fg` cost together, in micro-dollars, and their requests.
const MICROS: i64 = 121_237 + 144_258;
const REQUESTS: i64 = 16;

fn report(home: &TestHome, args: &[&str]) -> Output {
    home.orchd().arg("report").args(args).output().expect("runs")
}

fn json(home: &TestHome, args: &[&str]) -> Value {
    let output = report(home, &[args, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[expect(clippy::cast_possible_truncation, reason = "some cents")]
fn micros(usd: &Value) -> i64 {
    (usd.as_f64().expect("a known cost") * 1e6).round() as i64
}

#[test]
fn every_grouping_has_the_same_total_and_its_rows_sum_to_it() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    for by in ["daily", "weekly", "monthly", "session", "project", "model", "agent"] {
        let answer = json(&home, &[by]);
        assert_eq!(answer["total"]["requests"], REQUESTS, "{by}");
        assert_eq!(micros(&answer["total"]["cost_usd"]), MICROS, "{by}");
        let rows = answer["rows"].as_array().expect("rows");
        for field in ["requests", "input_tokens", "output_tokens", "cache_read_input_tokens"] {
            let sum: i64 = rows.iter().filter_map(|row| row[field].as_i64()).sum();
            assert_eq!(answer["total"][field], sum, "{by} {field}");
        }
        let csv = text(&report(&home, &[by, "--csv"]));
        assert_eq!(csv.lines().count(), rows.len() + 1, "{by}: {csv}");
        let table = text(&report(&home, &[by]));
        assert!(table.contains("API-equivalent"), "{table}");
    }
}

#[test]
fn the_rows_behind_a_total_sum_to_it() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let answer = json(&home, &["model", "--explain"]);
    let rows = answer["requests"].as_array().expect("rows");
    assert_eq!(rows.len(), 16);
    let sum: f64 = rows.iter().filter_map(|row| row["cost_usd"].as_f64()).sum();
    assert_eq!(micros(&sum.into()), MICROS);
    assert!(rows.iter().all(|row| row["price"].is_string()), "{answer}");
    assert_eq!(text(&report(&home, &["--explain", "--csv"])).lines().count(), 17);
    assert_eq!(text(&report(&home, &["--explain"])).lines().count(), 17);
    let one = rows[0]["model"].as_str().expect("a model");
    let of_model = json(&home, &["daily", "--model", one]);
    let count = rows.iter().filter(|row| row["model"] == one).count();
    assert_eq!(of_model["total"]["requests"], count);
}

#[test]
fn days_are_cut_in_the_zone_that_is_asked_for() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let all = json(&home, &["daily", "--timezone", "Pacific/Auckland"]);
    assert_eq!(all["timezone"], "Pacific/Auckland");
    let day = all["rows"][0]["key"].as_str().expect("a day").to_owned();
    let one = json(&home, &["daily", "--timezone", "Pacific/Auckland", "--since", &day, "--until", &day]);
    assert_eq!(one["total"], all["rows"][0].as_object().map(without_key).expect("a row"));
    let none = json(&home, &["daily", "--since", "2020-01-01", "--until", "2020-01-02"]);
    assert_eq!(none["total"]["requests"], 0);
}

fn without_key(row: &serde_json::Map<String, Value>) -> Value {
    let mut row = row.clone();
    row.remove("key");
    Value::Object(row)
}

#[test]
fn what_cannot_be_answered_says_what_to_do() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    for (args, code, said) in [
        (&[][..], 69, "orchd import"),
        (&["--since", "yesterday"], 64, "2026-11-22"),
        (&["--since", "2026-11-02", "--until", "2026-11-01"], 64, "exchange"),
        (&["--timezone", "Mars/Olympus"], 64, "Europe/Berlin"),
        (&["hourly"], 64, "daily"),
    ] {
        let output = report(&home, args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.contains(said), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    assert!(!Path::new(&home.orch().join("data")).exists(), "a report makes no database");
}
