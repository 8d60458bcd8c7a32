//! `orchd export` and `GET /api/v1/export` by the two real programs: the same rows as every other reader of the ledger has.

use std::io::Read;
use std::process::{Output, Stdio};

use e2e_tests::{TestDaemon, TestHome, exclusive, http, process, say};
use rusqlite::Connection;
use serde_json::Value;

fn export(home: &TestHome, args: &[&str]) -> Output {
    home.orchd().arg("export").args(args).output().expect("runs")
}

fn rows(lines: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(lines).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Nano-dollars of an amount in decimal digits.
fn nano(line: &str) -> i64 {
    let amount = line.split("\"cost_usd\":").nth(1).expect("a cost").trim_end_matches('}');
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{rest:0<9}").parse().expect("digits")
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "some cents")]
fn an_export_sums_to_the_report_with_and_without_a_daemon() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let report = home.orchd().args(["report", "--json"]).output().expect("runs");
    let total = serde_json::from_slice::<Value>(&report.stdout).expect("JSON")["total"].clone();
    let cold = export(&home, &["jsonl"]).stdout;
    let daemon = TestDaemon::start(&home);
    let warm = export(&home, &["jsonl", "requests"]).stdout;
    let served = http::get(&daemon, "/api/v1/export?format=jsonl");
    assert_eq!(served.status, 200);
    assert!(cold == warm && warm == served.body, "three exports of the same rows");
    let rows = rows(&cold);
    assert_eq!(total["requests"], rows.len());
    for name in ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"] {
        assert_eq!(total[name], rows.iter().filter_map(|row| row[name].as_i64()).sum::<i64>(), "{name}");
    }
    let cost: i64 = std::str::from_utf8(&cold).expect("text").lines().map(nano).sum();
    assert_eq!(cost, (total["cost_usd"].as_f64().expect("a cost") * 1e9).round() as i64);
    let csv = http::get(&daemon, "/api/v1/export?format=csv&table=sessions");
    assert_eq!(csv.body, export(&home, &["csv", "sessions"]).stdout);
}

#[test]
fn a_file_is_whole_private_and_never_replaced_unasked() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let file = home.around().join("out.parquet");
    let name = file.to_str().expect("a plain path");
    assert!(export(&home, &["parquet", "-o", name]).status.success());
    let bytes = std::fs::read(&file).expect("the file");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("a file").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let again = export(&home, &["parquet", "-o", name]);
    assert_eq!(again.status.code(), Some(73));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    assert!(export(&home, &["parquet", "-o", name, "--force"]).status.success());
    assert_eq!(export(&home, &["parquet"]).stdout, bytes, "a pipe gets what a file gets");
    let beside = std::fs::read_dir(home.around()).expect("lists").flatten();
    assert!(!beside.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".part")));
}

#[test]
fn what_cannot_be_exported_says_what_to_do() {
    let _turn = exclusive::shared();
    let empty = TestHome::new();
    let home = TestHome::with_ledger();
    for (home, args, code, said) in [
        (&empty, &["csv"][..], 69, "orchd import"),
        (&home, &[], 64, "FORMAT"),
        (&home, &["xlsx"], 64, "jsonl"),
        (&home, &["csv", "secrets"], 64, "requests"),
        (&home, &["csv", "events", "--bodies"], 64, "jsonl"),
        (&home, &["jsonl", "events", "--model", "x"], 64, "leave it out"),
        (&home, &["csv", "--since", "yesterday"], 64, "2026-11-22"),
        (&home, &["csv", "-o", "/nonexistent/x.csv"], 73, "/nonexistent/x.csv"),
        (&home, &["csv", "--force"], 64, "--output"),
    ] {
        let output = export(home, args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.contains(said), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    let none = export(&home, &["csv", "--since", "2030-01-01"]).stdout;
    assert!(none.starts_with(b"request_seq,") && none.ends_with(b",cost_usd\n"));
    assert_eq!(memchr::memchr_iter(b'\n', &none).count(), 1);
}

/// Makes the rollup anew that tells in which quarters of an hour there are requests.
fn roll_up(conn: &Connection) {
    conn.execute_batch(
        "DELETE FROM cost_metrics;
         INSERT INTO cost_metrics SELECT requested_at / 900000000 * 900000000, project_id, model, coalesce(agent_type, ''), count(*),
           sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens),
           coalesce(sum(cost_nano_usd), 0), sum(cost_nano_usd IS NULL) FROM api_requests GROUP BY 1, 2, 3, 4",
    )
    .expect("rolls up");
}

#[test]
fn two_hundred_thousand_rows_need_no_more_memory_than_a_page() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let conn = Connection::open(home.paths.database()).expect("opens");
    conn.execute_batch(
        "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 200000)
         INSERT INTO api_requests SELECT NULL, 'msg_0123456789abcdefghij' || n, 'req_0123456789abcdefghij' || n,
           '0199aaaa-0000-7000-8000-' || printf('%012d', n / 40), NULL, NULL, '0199bbbb-0000-7000-8000-' || printf('%012d', n / 4), 1,
           'claude-opus-5-5', 1795366689948000 + n * 1000000, n, n, n, n, 0, 0, 0, 'transcript', NULL, n * 1001 FROM n",
    )
    .expect("fills");
    roll_up(&conn);
    for (format, most) in [("csv", 24.0), ("jsonl", 24.0), ("parquet", 72.0)] {
        let mut child = home.orchd().args(["export", format]).stdout(Stdio::piped()).spawn().expect("starts");
        let mut stdout = child.stdout.take().expect("a pipe");
        let (mut block, mut bytes, mut peak, mut sampled) = (vec![0; 1 << 16], 0_usize, 0.0_f64, 0);
        loop {
            let count = stdout.read(&mut block).expect("reads");
            if count == 0 {
                break;
            }
            bytes += count;
            if bytes - sampled > 1 << 18 {
                sampled = bytes;
                peak = peak.max(process::private_mib(child.id()));
            }
        }
        assert!(child.wait().expect("ends").success());
        say(format_args!("export: 200,000 rows as {format}: {bytes} bytes, {peak:.1} MiB of its own memory"));
        assert!(peak > 0.0 && peak < most, "{format}: {peak:.1} MiB");
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let _turn = exclusive::shared();
    let home = TestHome::with_ledger();
    let conn = Connection::open(home.paths.database()).expect("opens");
    conn.execute_batch(
        "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
         INSERT INTO api_requests SELECT NULL, NULL, NULL, 's', NULL, NULL, NULL, 1, 'm', n, 1, 1, 0, 0, 0, 0, 0, 'telemetry', NULL, n FROM n",
    )
    .expect("fills");
    roll_up(&conn);
    for format in ["csv", "jsonl", "parquet"] {
        let mut command = home.orchd();
        command.args(["export", format]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let mut first = [0; 16];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some bytes");
        let output = child.wait_with_output().expect("ends");
        assert!(output.status.success(), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}
