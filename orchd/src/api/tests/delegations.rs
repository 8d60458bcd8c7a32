//! Delegations over HTTP: told, told again, refused, and asked for.

use serde_json::{Value, json};

use super::*;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn told(number: u32, more: &Value) -> String {
    let mut body = json!({
        "task_id": format!("delegation:0199cccc-0000-7000-8000-{number:012}"),
        "policy": "command",
        "session_id": seed::WORKING,
        "project_dir": "/home/dev/shop",
        "decided_at": seed::NOW - 60_000_000,
        "ended_at": seed::NOW - 48_000_000,
        "local_model_state": "ready",
        "outcome": "completed",
        "endpoint": "http://127.0.0.1:1234",
        "model": "deepseek-r1",
        "tries": 1,
        "local_ms": 12_000,
        "first_token_ms": 850.5,
        "tokens_per_second": 42.25,
        "tokens": {"input": 1200, "output": 500, "reasoning": 300, "source": "server"},
        "task": "Name three fields of a user.",
        "answer": "id, name, email",
    });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body.to_string()
}

async fn tell(daemon: &Daemon, body: &str) -> Value {
    let reply = daemon.ask("POST", "/api/v1/delegations", &[JSON], body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["recorded"].clone()
}

async fn fill(daemon: &Daemon) {
    let fell_back = json!({"outcome": "fell_back", "reason": "stalled", "tokens": null, "answer": null,
        "decided_at": seed::NOW - 30_000_000, "ended_at": seed::NOW - 10_000_000});
    for body in [told(1, &json!({})), told(2, &fell_back)] {
        assert_eq!(tell(daemon, &body).await, "new");
        assert_eq!(tell(daemon, &body).await, "known");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_about_two_delegations() {
    let daemon = Daemon::start();
    fill(&daemon).await;
    for (name, target) in [
        ("delegations", "/api/v1/delegations"),
        ("savings", "/api/v1/savings?period=7d&project=/home/dev/shop"),
        ("local_model_speed", "/api/v1/local-model/speed?period=today"),
    ] {
        let reply = daemon.get(target).await;
        assert_eq!(reply.status, 200, "{target}");
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_json_snapshot!(name, reply.json());
        });
        let tag = reply.header("etag").expect("a tag").to_owned();
        assert_eq!(daemon.ask("GET", target, &[("If-None-Match", &tag)], "").await.status, 304, "{target}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_narrowed_and_turned() {
    let daemon = Daemon::start();
    fill(&daemon).await;
    for (query, found) in [
        ("", 2),
        ("?ran=local", 1),
        ("?ran=claude", 1),
        ("?ran=nobody", 0),
        ("?outcome=fell_back&reason=stalled", 1),
        ("?reason=busy", 0),
        (&format!("?session={}", seed::WORKING), 2),
        ("?session=other", 0),
        ("?project=/home/dev/api", 0),
        ("?project=/nowhere", 0),
        ("?period=today", 2),
        ("?until=2026-11-21", 0),
    ] {
        let list = daemon.get(&format!("/api/v1/delegations{query}")).await.json();
        assert_eq!(list["items"].as_array().expect("rows").len(), found, "{query}");
        assert_eq!(list["total"]["tasks"], found, "{query}");
    }
    let first = daemon.get("/api/v1/delegations?limit=1").await.json();
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    let second = daemon.get(&format!("/api/v1/delegations?limit=1&cursor={cursor}")).await.json();
    assert!(second["next_cursor"].is_null() && second["total"].is_null(), "{second}");
    assert_ne!(first["items"][0]["task_id"], second["items"][0]["task_id"]);
    for query in ["?ran=moon", "?outcome=won", "?cursor=x", "?limit=0", "?since=yesterday", "?period=1y"] {
        assert_eq!(daemon.get(&format!("/api/v1/delegations{query}")).await.status, 400, "{query}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_record_is_kept_and_what_is_not_known_is_null() {
    let daemon = Daemon::start();
    let secret = format!("sk-ant-api03-{}", "a1B2".repeat(24));
    let keys = [
        "session_id",
        "tool_use_id",
        "parent_task",
        "project_dir",
        "router_version",
        "model",
        "local_model_state",
        "reason",
    ];
    let mut more = json!({"reasons": [secret], "endpoint": format!("http://127.0.0.1:1/{secret}"), "task": secret, "answer": secret});
    for key in keys {
        more[key] = json!(secret);
    }
    assert_eq!(tell(&daemon, &told(1, &more)).await, "new");
    assert_eq!(tell(&daemon, &told(2, &json!({"project_dir": null}))).await, "new");
    for target in ["/api/v1/delegations", "/api/v1/requests", "/api/v1/local-model/speed", "/api/v1/projects"] {
        let answer = daemon.get(target).await.json().to_string();
        assert!(!answer.contains("a1B2"), "{target}: {answer}");
    }
    let list = daemon.get("/api/v1/delegations").await.json();
    let of = |end: &str| {
        list["items"]
            .as_array()
            .expect("rows")
            .iter()
            .find(|row| row["task_id"].as_str().is_some_and(|id| id.ends_with(end)))
            .expect("there")
            .clone()
    };
    for key in keys.into_iter().chain(["endpoint", "task_preview", "answer_preview"]) {
        assert!(of("1")[key].as_str().is_some_and(|text| text.contains("[redacted:")), "{key}: {list}");
    }
    assert!(of("2")["project_dir"].is_null(), "{list}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_record_is_refused_and_leaves_nothing() {
    let daemon = Daemon::start();
    for body in [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        told(1, &json!({"task_id": "delegation:1"})),
        told(1, &json!({"ended_at": 1})),
        told(1, &json!({"tokens": null})),
    ] {
        let reply = daemon.ask("POST", "/api/v1/delegations", &[JSON], &body).await;
        assert_eq!(reply.status, 400, "{body}");
    }
    let large = told(1, &json!({"task": "x".repeat(70_000)}));
    assert_eq!(daemon.ask("POST", "/api/v1/delegations", &[JSON], &large).await.status, 413);
    assert_eq!(daemon.ask("POST", "/api/v1/delegations", &[], &told(1, &json!({}))).await.status, 415);
    assert_eq!(daemon.ask("PUT", "/api/v1/delegations", &[JSON], "{}").await.status, 405);
    assert_eq!(daemon.get("/api/v1/delegations").await.json()["total"]["tasks"], 0);
    daemon.stop().await;
}
