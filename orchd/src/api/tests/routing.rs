//! The router over HTTP: what it did, a refit with its guard, and the way back.

use serde_json::{Value, json};

use super::*;
use crate::analytics::routing::tests::{Seeded, fill};

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn refit(daemon: &Daemon, body: &Value) -> Value {
    let reply = daemon.ask("POST", "/api/v1/routing/refit", &[JSON], &body.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

async fn routing(daemon: &Daemon) -> Value {
    let reply = daemon.get("/api/v1/routing?period=7d").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn seeded(daemon: &Daemon, decisions: &[Seeded<'_>]) {
    let conn = rusqlite::Connection::open(daemon.dir.path().join("orch.db")).expect("opens");
    fill(&conn, decisions);
}

/// Outcomes of a model that is as good in two of ten tasks, of which the heads say 0.73.
fn outcomes(count: usize) -> Vec<Seeded<'static>> {
    (0..count).map(|n| (1.0, "r1", Some("claude"), Some(n * 7 % 11 < 2))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fit_is_made_counts_at_once_and_is_taken_back() {
    let daemon = Daemon::start();
    let ask = |more: &Value| {
        let mut body = json!({"model": "r1"});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    assert_eq!(refit(&daemon, &json!({})).await["result"], "no_model");
    seeded(&daemon, &outcomes(29));
    let few = refit(&daemon, &json!({})).await;
    assert_eq!((&few["result"], &few["model"]), (&json!("too_few"), &json!("r1")));
    assert_eq!(few["message"], "too few outcomes yet: 29 of 30");
    seeded(&daemon, &outcomes(91));
    let dry = refit(&daemon, &ask(&json!({"dry_run": true}))).await;
    assert_eq!((&dry["result"], &dry["fit_id"]), (&json!("passes"), &Value::Null), "{dry}");
    assert!(routing(&daemon).await["fit"].is_null());
    let fitted = refit(&daemon, &ask(&json!({}))).await;
    assert_eq!((&fitted["result"], &fitted["fit_id"], &fitted["slope"]), (&json!("fitted"), &json!(1), &dry["slope"]));
    let guard = &fitted["guard"];
    assert!(guard["after"]["log_loss"].as_f64() < guard["before"]["log_loss"].as_f64(), "{fitted}");
    let shown = routing(&daemon).await;
    assert_eq!((&shown["fit"]["fit_id"], &shown["fit"]["guard"], &shown["judged"]), (&json!(1), guard, &json!(120)));
    assert!(shown["router_version"].as_str().is_some_and(|version| version.ends_with("+1")), "{shown}");
    // The same outcomes again gain nothing.
    let again = refit(&daemon, &ask(&json!({}))).await;
    assert_eq!((&again["result"], &again["fit_id"]), (&json!("refused"), &Value::Null), "{again}");
    assert_eq!(routing(&daemon).await["fit"]["fit_id"], 1);
    let back = refit(&daemon, &ask(&json!({"rollback": true}))).await;
    assert_eq!((&back["result"], &back["fit_id"]), (&json!("rolled_back"), &Value::Null));
    assert!(routing(&daemon).await["fit"].is_null());
    assert_eq!(refit(&daemon, &ask(&json!({"rollback": true}))).await["result"], "nothing_to_roll_back");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_its_shape_and_refuses_what_it_does_not_know() {
    let daemon = Daemon::start();
    seeded(&daemon, &outcomes(40));
    let reply = daemon.get("/api/v1/routing").await;
    let mut shown = reply.json();
    // The version of the weights changes with them.
    shown["router_version"] = json!("[weights]");
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("routing", shown);
    });
    let tag = reply.header("etag").expect("a tag").to_owned();
    assert_eq!(daemon.ask("GET", "/api/v1/routing", &[("If-None-Match", &tag)], "").await.status, 304);
    for query in ["?since=yesterday", "?until=2026-11-01&since=2026-11-02", "?model=r1", "?period=1y"] {
        assert_eq!(daemon.get(&format!("/api/v1/routing{query}")).await.status, 400, "{query}");
    }
    assert_eq!(daemon.get("/api/v1/routing?project=/nowhere").await.json()["decisions"], 0);
    for body in ["", "[]", r#"{"model": ""}"#, r#"{"model": 7}"#, r#"{"dry_run": "yes"}"#] {
        assert_eq!(daemon.ask("POST", "/api/v1/routing/refit", &[JSON], body).await.status, 400, "{body}");
    }
    assert_eq!(daemon.ask("POST", "/api/v1/routing/refit", &[], "{}").await.status, 415);
    daemon.stop().await;
}
