//! `orchd router refit` and `status`: without a daemon, through it, and into what the hook decides by.

use std::process::Output;
use std::time::Duration;

use e2e_tests::chat_server::{ChatServer, Listed, stream};
use e2e_tests::local_model::MODELS;
use e2e_tests::{TestDaemon, TestHome, exclusive, wait_until};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use shared::decision::router_version;
use shared::snapshot::Snapshot;

const MODEL: &str = "deepseek-r1";

fn router(home: &TestHome, args: &[&str]) -> Output {
    home.orchd().arg("router").args(args).output().expect("runs")
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Writes judged decisions beside whoever has the database: as good in two of eleven tasks, where the heads say 0.73.
fn judge(home: &TestHome, count: i64) {
    let mut conn = Connection::open(home.paths.database()).expect("opens");
    conn.busy_timeout(Duration::from_secs(5)).expect("set");
    let tx = conn.transaction().expect("begins");
    tx.execute(
        "INSERT OR IGNORE INTO projects (project_id, dir, name, first_seen_at) VALUES (1, '/w/app', 'app', 0)",
        [],
    )
    .expect("stored");
    let known: i64 = tx.query_row("SELECT count(*) FROM handoff_events", [], |row| row.get(0)).expect("counted");
    for n in known..known + count {
        tx.execute(
            "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, recommended_route, as_good, as_good_logit,
               router_version, reasons, local_model, ran, tries, local_ms)
             VALUES (?1, 'prompt', 1, ?2, 'observe', 'local', 0.731059, 1.0, ?3, '[]', ?4, 'claude', 0, 0)",
            params![format!("prompt:{n}"), 1_795_338_600_000_000 + n, router_version(), MODEL],
        )
        .expect("stored");
        tx.execute(
            "INSERT INTO task_outcomes (task_id, outcome, ended_at, duration_ms, label, evidence, quality_parts, as_good, judged_by, judged_at)
             VALUES (?1, 'completed', ?2, 1, 'unknown', '[]', '{}', ?3, 'user', ?2)",
            params![format!("prompt:{n}"), 1_795_338_600_000_000 + n, n * 7 % 11 < 2],
        )
        .expect("stored");
    }
    tx.commit().expect("commits");
}

#[test]
fn a_refit_is_made_taken_back_and_reaches_the_hook() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let nothing = router(&home, &["status"]);
    assert!(nothing.status.code() == Some(69) && text_of(&nothing).contains("orchd up"), "{}", text_of(&nothing));
    assert_eq!(router(&home, &["refit"]).status.code(), Some(69));
    TestDaemon::start(&home).terminate();

    judge(&home, 29);
    let status = text_of(&router(&home, &["status"]));
    assert!(status.contains("not yet calibrated for deepseek-r1"), "{status}");
    assert!(status.contains("too few outcomes yet: 29 of 30") && status.contains(&router_version()), "{status}");
    let few = router(&home, &["refit"]);
    assert_eq!((few.status.code(), text_of(&few).trim()), (Some(75), "too few outcomes yet: 29 of 30"));
    judge(&home, 91);
    let fitted = router(&home, &["refit", "--json"]);
    assert!(fitted.status.success(), "{}", text_of(&fitted));
    assert_eq!((&json_of(&fitted)["result"], &json_of(&fitted)["fit_id"]), (&json!("fitted"), &json!(1)));
    let status = json_of(&router(&home, &["status", "--json"]));
    assert_eq!(
        (&status["fit"]["fit_id"], &status["judged"], &status["weights"]),
        (&json!(1), &json!(120), &json!(router_version()))
    );
    assert_eq!((status["heads"].as_array().map(Vec::len), &status["needed_outcomes"]), (Some(6), &json!(30)));
    assert!(status["precision"]["low"].is_number() && status["quality"]["value"].is_number(), "{status}");

    let server =
        ChatServer::start_listed(vec![stream(&["ok"])], Some(Listed { models: MODELS.to_owned(), token: None }));
    let daemon = TestDaemon::start_with(&home, |command| {
        command.env("ORCH_LOCAL__ENDPOINTS", format!("[{{ url = \"{}\" }}]", server.url));
    });
    let in_force = || {
        let told = std::fs::read(home.paths.snapshot_file()).ok()?;
        let now_at =
            i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_micros());
        Some(Snapshot::decode(&told, now_at.ok()?)?.router)
    };
    let id = || in_force().and_then(|router| router.fit).map(|fit| fit.id);
    let soon = Duration::from_secs(10);
    wait_until("the fit reaches the hook's snapshot", soon, || id() == Some(1));
    // 120 decisions are enough for a threshold of their own.
    wait_until("and the threshold", soon, || in_force().is_some_and(|router| router.threshold > 0.99));
    let back = json_of(&router(&home, &["refit", "--rollback", "--json"]));
    assert_eq!(
        (&back["result"], &back["fit_id"], &back["model"]),
        (&json!("rolled_back"), &Value::Null, &json!(MODEL))
    );
    wait_until("the snapshot is without it", soon, || in_force().is_some() && id().is_none());
    let again = text_of(&router(&home, &["refit"]));
    assert!(again.contains("fit 2 of deepseek-r1 is in force") && again.contains("slope"), "{again}");
    wait_until("the new fit reaches it", soon, || id() == Some(2));
    assert_eq!(router(&home, &["refit"]).status.code(), Some(75), "the same outcomes again gain nothing");
    let other = text_of(&router(&home, &["refit", "--model", "qwen"]));
    assert!(other.contains("too few outcomes yet: 0 of 30"), "{other}");
    let status = text_of(&router(&home, &["status"]));
    assert!(status.contains("2, made 20") && status.contains("slope") && status.contains("(own log)"), "{status}");
    drop(daemon);
}
