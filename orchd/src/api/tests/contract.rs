//! The documentation, the health and the metrics.

use std::collections::BTreeSet;

use super::super::documentation::Documentation;
use super::super::{context::Shared, routes::routes};
use super::*;
use utoipa::OpenApi;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_documented_and_every_documented_path_answers() {
    let daemon = Daemon::start();
    let store = daemon.store.as_ref().expect("is open");
    let context = ApiContext {
        reader: store.reader(),
        writer: store.writer(),
        updates: daemon.updates.clone(),
        metrics: Metrics::default(),
        auth: daemon.auth.clone(),
        calibration: Calibration::new(
            (store.reader(), store.writer()),
            LocalModel::off(),
            (Settings::default(), USUAL_QUALITY_FLOOR),
            (LocalMoney::default(), "prices.toml".into()),
        ),
        delegations: Recorder::new((store.reader(), store.writer()), "prices.toml".into(), &Config::default(), None),
        intake: Intake::new(store.reader(), store.writer(), "prices.toml".into(), Vec::new()),
        import: ImportWatch::new(ImportStatus::default),
        timezone: TimeZone::UTC,
        budget: Budget::default(),
        local_model: LocalModel::off(),
        agent_folders: Vec::new(),
        facts: Arc::new(SystemFacts {
            started_at: 0,
            started: Instant::now(),
            socket: "s".into(),
            http: String::new(),
            database: "d".into(),
            spool_dir: "p".into(),
            durability: "commit",
        }),
        assets_dir: None,
    };
    let (_, list) = routes(&Shared::new(context, 1, CancellationToken::new(), || 0));
    let routed: BTreeSet<_> = list.iter().map(|(method, path)| (method.to_string(), path.replace("{*", "{"))).collect();
    let json = serde_json::to_value(Documentation::openapi()).expect("is JSON");
    let paths = json["paths"].as_object().expect("paths");
    let methods = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("methods");
        item.keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    let documented: BTreeSet<_> = methods.collect();
    assert_eq!(routed, documented);
    for (method, path) in documented {
        let target = path
            .replace("{id}", seed::WORKING)
            .replace("{event_id}", "0199bbbb-0000-7000-8000-000000000004")
            .replace("{path}", "js/main.js");
        let expected = if path == "/login" { 401 } else { 200 };
        if path == "/api/v1/stream" {
            // A stream does not end; its answers are tried in `live`.
            continue;
        }
        let json: &[(&str, &str)] = if method == "GET" { &[] } else { &[("Content-Type", "application/json")] };
        let body = match &*method {
            "GET" => "",
            "POST" if target == "/api/v1/delegations" => {
                r#"{"task_id": "delegation:0199cccc-0000-7000-8000-000000000001", "policy": "command", "decided_at": 1795338590000000,
                    "ended_at": 1795338600000000, "outcome": "failed", "local_ms": 0}"#
            }
            // Of the delegation before.
            "POST" if target == "/api/v1/feedback" => {
                r#"{"task": "delegation:0199cccc-0000-7000-8000-000000000001", "verdict": "bad"}"#
            }
            _ => "{}",
        };
        let reply = daemon.ask(&method, &target, json, body).await;
        assert_eq!(reply.status, expected, "{method} {target}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_metrics_and_system() {
    let daemon = Daemon::start();
    let bare = format!("GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", daemon.port);
    let health = Reply::parse(&daemon.exchange(bare.as_bytes()).await);
    assert_eq!((health.status, &*health.body), (200, &b"{\"status\":\"ok\"}"[..]));
    let metrics = daemon.get("/metrics").await;
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4")));
    let text = String::from_utf8(metrics.body).expect("is text");
    for line in [
        "orch_events_total{outcome=\"received\"} ",
        "orch_queue_depth 0",
        "orch_latency_seconds{metric=\"hook_latency\",quantile=\"0.95\"} ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit_once(' ').expect("a value").1;
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let system = daemon.get("/api/v1/system").await.json();
    assert!(system["database"]["size_bytes"].as_u64().expect("a size") > 0);
    assert_eq!(
        (&system["database"]["sessions"], &system["latencies"][0]["metric"]),
        (&5.into(), &"hook_latency".into())
    );
    assert_eq!((&system["import"]["state"], &system["import"]["following"]), (&"idle".into(), &"off".into()));
    assert!(system["schema_version"].as_u64().expect("a version") >= 1);
    assert!(daemon.dir.path().exists());
    daemon.stop().await;
}
