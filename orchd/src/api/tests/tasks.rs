//! Tasks over HTTP: listed, narrowed, judged by the user; and the subagents.

use serde_json::{Value, json};

use super::*;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Stores three tasks beside the daemon: a prompt recommended local that ran on Claude, a subagent's call, and one that runs still.
fn fill(daemon: &Daemon) {
    let conn = rusqlite::Connection::open(daemon.dir.path().join("orch.db")).expect("opens");
    for (id, kind, route, ran, label, minutes) in [
        ("prompt:p1", "prompt", "local", Some("claude"), Some("success"), 50),
        ("agent:t1", "agent", "claude", Some("claude"), Some("failure"), 40),
        ("prompt:p2", "prompt", "claude", None, None, 30),
    ] {
        let at = seed::NOW - minutes * 60_000_000;
        conn.execute(
            "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, recommended_route, as_good, reasons, tries, local_ms, ran,
               settled_at, cost_nano_usd)
             VALUES (?1, ?2, 1, ?3, 'observe', ?4, 0.75, '[\"why\"]', 0, 0, ?5, ?6, 2000000)",
            (id, kind, at, route, ran, label.map(|_| at)),
        )
        .expect("stores a task");
        if let Some(label) = label {
            conn.execute(
                "INSERT INTO task_outcomes (task_id, outcome, ended_at, duration_ms, label, evidence, quality_score, quality_parts)
                 VALUES (?1, 'completed', ?2, 5, ?3, '[\"approved: your next prompt takes it\"]', 1.0,
                   '{\"completion\": {\"value\": 1.0, \"weight\": 1.0}}')",
                (id, at, label),
            )
            .expect("stores an outcome");
        }
    }
}

fn ids(list: &Value) -> Vec<&str> {
    list["rows"].as_array().expect("rows").iter().filter_map(|row| row["task_id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_newest_first_and_narrowed() {
    let daemon = Daemon::start();
    fill(&daemon);
    for (query, found) in [
        ("", &["prompt:p2", "agent:t1", "prompt:p1"][..]),
        ("?kind=agent", &["agent:t1"]),
        ("?kind=delegation", &[]),
        ("?route=local", &["prompt:p1"]),
        ("?ran=nobody", &["prompt:p2"]),
        ("?label=unknown", &["prompt:p2"]),
        ("?label=failure&project=/home/dev/shop", &["agent:t1"]),
        ("?project=/home/dev/api", &[]),
        ("?disagree=true", &["prompt:p1"]),
        ("?disagree=false", &["prompt:p2", "agent:t1"]),
        ("?until=2026-11-21", &[]),
        ("?since=2026-11-22&until=2026-11-22&limit=3", &["prompt:p2", "agent:t1", "prompt:p1"]),
    ] {
        let list = daemon.get(&format!("/api/v1/tasks{query}")).await.json();
        assert_eq!(ids(&list), found, "{query}");
    }
    let mut cursor = String::new();
    let mut turned = Vec::new();
    for _ in 0..3 {
        let page = daemon.get(&format!("/api/v1/tasks?limit=1&cursor={cursor}")).await.json();
        turned.extend(ids(&page).into_iter().map(str::to_owned));
        cursor = page["next_cursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((turned.len(), &*turned[2], &*cursor), (3, "prompt:p1", ""));
    let row = &daemon.get("/api/v1/tasks?route=local").await.json()["rows"][0];
    assert_eq!((&row["cost_usd"], &row["reasons"][0]), (&json!(0.002), &json!("why")));
    assert_eq!(row["quality_parts"]["completion"]["weight"], 1.0);
    let running = &daemon.get("/api/v1/tasks?ran=nobody").await.json()["rows"][0];
    assert!(
        running["outcome"].is_null() && running["quality_score"].is_null() && running["ended_at"].is_null(),
        "{running}"
    );
    for query in ["?kind=x", "?route=moon", "?disagree=maybe", "?cursor=x", "?limit=201", "?label=good"] {
        assert_eq!(daemon.get(&format!("/api/v1/tasks{query}")).await.status, 400, "{query}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_word_is_taken_and_the_task_follows_it() {
    let daemon = Daemon::start();
    fill(&daemon);
    let say = async |body: Value| daemon.ask("POST", "/api/v1/feedback", &[JSON], &body.to_string()).await;
    for (body, label, feedback, as_good) in [
        (json!({"task": "prompt:p1", "verdict": "bad"}), "failure", json!("bad"), Value::Null),
        (json!({"task": "prompt:p1", "verdict": "good", "about": "result"}), "success", json!("good"), Value::Null),
        // Local was recommended.
        (json!({"task": "prompt:p1", "verdict": "bad", "about": "route"}), "success", json!("good"), json!(false)),
        (json!({"task": "prompt:p1", "verdict": "good", "about": "route"}), "success", json!("good"), json!(true)),
        // Claude was.
        (json!({"task": "agent:t1", "verdict": "good", "about": "route"}), "failure", Value::Null, json!(false)),
        // It runs still.
        (json!({"task": "prompt:p2", "verdict": "bad", "about": "route"}), "unknown", Value::Null, json!(true)),
        (json!({"task": "prompt:p2", "verdict": "good"}), "success", json!("good"), json!(true)),
    ] {
        let reply = say(body.clone()).await;
        assert_eq!(reply.status, 200, "{body}");
        let row = reply.json();
        assert_eq!(
            (&row["label"], &row["feedback"], &row["judged_as_good"]),
            (&json!(label), &feedback, &as_good),
            "{body}"
        );
        assert_eq!(row["judged_by"].is_null(), as_good.is_null(), "{body}");
    }
    let row = say(json!({"task": "prompt:p1", "verdict": "bad"})).await.json();
    assert!(row["quality_score"].as_f64().is_some_and(|score| score < 0.5), "{row}");
    assert!(row["evidence"][0].as_str().is_some_and(|text| text.starts_with("feedback_bad")), "{row}");
    let missing = say(json!({"task": "prompt:none", "verdict": "bad"})).await;
    assert!(missing.status == 404 && missing.json()["hint"].is_string(), "{missing:?}");
    for body in [
        json!({}),
        json!({"task": "prompt:p1", "verdict": "fine"}),
        json!({"task": "prompt:p1", "verdict": "bad", "x": 1}),
    ] {
        assert_eq!(say(body.clone()).await.status, 400, "{body}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_that_ran_here_is_judged_with_its_result() {
    let daemon = Daemon::start();
    let id = "delegation:0199cccc-0000-7000-8000-000000000001";
    let told = json!({"task_id": id, "policy": "command", "decided_at": seed::NOW - 60_000_000, "ended_at": seed::NOW - 48_000_000,
        "outcome": "completed", "tries": 1, "local_ms": 12_000, "tokens": {"input": 12, "output": 5, "reasoning": 3, "source": "server"}});
    assert_eq!(daemon.ask("POST", "/api/v1/delegations", &[JSON], &told.to_string()).await.status, 200);
    let word = |verdict, about| json!({"task": id, "verdict": verdict, "about": about}).to_string();
    let reply = daemon.ask("POST", "/api/v1/feedback", &[JSON], &word("good", "result")).await;
    let row = reply.json();
    assert_eq!(
        (&row["label"], &row["judged_as_good"], &row["judged_by"]),
        (&json!("success"), &json!(true), &json!("user"))
    );
    assert_eq!((&row["outcome"], &row["duration_ms"]), (&json!("completed"), &json!(12_000)));
    assert_eq!(
        daemon.ask("POST", "/api/v1/feedback", &[JSON], &word("good", "route")).await.status,
        400,
        "none was asked"
    );
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subagents_are_those_that_ran_and_those_that_are_defined() {
    let daemon = Daemon::start();
    let all = daemon.get("/api/v1/subagents?period=all").await.json();
    let agents = all["agents"].as_array().expect("agents");
    let ran: i64 = agents.iter().filter_map(|agent| agent["runs"].as_i64()).sum();
    assert_eq!(ran, 2, "{all}");
    let seeds = agents.iter().filter(|agent| agent["source"] == "seed").count();
    assert_eq!(seeds, 4, "{all}");
    assert_eq!(all["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(daemon.get("/api/v1/subagents?period=1y").await.status, 400);
    daemon.stop().await;
}
