//! Telemetry over HTTP: what is answered, what is refused, and what it leaves in the ledger.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

const LOGS: &str = include_str!("../../../../tests/fixtures/telemetry/subagent_fg/0009-logs.json");
const POINTS: &str = include_str!("../../../../tests/fixtures/telemetry/tools_basic/0005-metrics.json");
const HELLO: &[u8] = include_bytes!("../../../../tests/fixtures/telemetry/hello/0002-logs.pb");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");
const GZIP: (&str, &str) = ("Content-Encoding", "gzip");

async fn post(daemon: &Daemon, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut bytes = format!(
        "POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n",
        daemon.port, daemon.telemetry_token
    );
    for (name, value) in headers {
        bytes.extend([name, ": ", value, "\r\n"]);
    }
    bytes.extend(["Content-Length: ", &*body.len().to_string(), "\r\n\r\n"]);
    Reply::parse(&daemon.exchange(&[bytes.as_bytes(), body].concat()).await)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("writes memory");
    encoder.finish().expect("writes memory")
}

fn ledger(daemon: &Daemon) -> Vec<(String, String, i64)> {
    let database = rusqlite::Connection::open(daemon.dir.path().join("orch.db")).expect("opens");
    let mut ask = database
        .prepare("SELECT request_id, source, cost_nano_usd FROM api_requests WHERE request_id LIKE 'req_011C%' ORDER BY requested_at")
        .expect("valid");
    let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("asked");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[tokio::test(flavor = "multi_thread")]
async fn both_encodings_are_recorded_once_however_often_they_come() {
    let daemon = Daemon::start();
    for _ in 0..3 {
        for (headers, body) in [(&[JSON][..], LOGS.as_bytes()), (&[JSON, GZIP], &gzip(LOGS.as_bytes()))] {
            let reply = post(&daemon, "/v1/logs", headers, body).await;
            assert_eq!((reply.status, &*reply.body), (200, &b"{}"[..]), "{reply:?}");
            assert_eq!(reply.header("content-type"), Some("application/json"));
        }
        let reply = post(&daemon, "/v1/logs", &[PROTOBUF], HELLO).await;
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/x-protobuf"));
    }
    let rows = ledger(&daemon);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.iter().all(|(_, source, cost)| source == "telemetry" && *cost > 0), "{rows:?}");
    let reply = post(&daemon, "/v1/metrics", &[JSON], POINTS.as_bytes()).await;
    assert_eq!((reply.status, &*reply.body), (200, &b"{}"[..]));
    assert_eq!(ledger(&daemon), rows, "metrics are no second account of the same tokens");
    let text = String::from_utf8(daemon.get("/metrics").await.body).expect("text");
    for line in ["orch_telemetry_total{kind=\"request_new\"} 2", "orch_telemetry_total{kind=\"request_known\"} 7"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("kind=\"metric_point\"} 0"), "{text}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_are_refused_each_in_its_way() {
    let daemon = Daemon::start();
    let bomb = gzip(&vec![b' '; 32 << 20]);
    let large = vec![b' '; (4 << 20) + 1];
    for target in ["/v1/logs", "/v1/metrics"] {
        for (headers, body, status) in [
            (&[JSON][..], &b"{\"resource"[..], 400),
            (&[JSON], b"", 400),
            (&[PROTOBUF], b"{}", 400),
            (&[JSON, GZIP], b"{}", 400),
            (&[JSON, GZIP], &bomb, 413),
            (&[PROTOBUF, GZIP], &bomb, 413),
            (&[JSON], &large, 413),
            (&[JSON, ("Content-Encoding", "br")], b"{}", 415),
            (&[JSON, GZIP, GZIP], b"{}", 415),
            (&[("Content-Type", "text/plain")], b"{}", 415),
        ] {
            let reply = post(&daemon, target, headers, body).await;
            assert_eq!(reply.status, status, "{target} {headers:?} {} bytes", body.len());
            assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{target} {headers:?}");
        }
    }
    assert_eq!(ledger(&daemon), []);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_is_taken_and_the_rest_is_told() {
    let daemon = Daemon::start();
    let broken = LOGS.replace("\"output_tokens\"", "\"x\"").replace("_tokens\"", "_x\"");
    let reply = post(&daemon, "/v1/logs", &[JSON], broken.as_bytes()).await;
    assert_eq!((reply.status, &reply.json()["partialSuccess"]["rejectedLogRecords"]), (200, &"1".into()));
    assert_eq!(ledger(&daemon), []);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_telemetry_reads_nothing() {
    let daemon = Daemon::start();
    for target in ["/", "/metrics", "/openapi.json", "/api/v1/events", "/api/v1/stream", "/v1/logs", "/health/ready"] {
        let ask = format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            daemon.port, daemon.telemetry_token
        );
        assert_eq!(Reply::parse(&daemon.exchange(ask.as_bytes()).await).status, 401, "{target}");
    }
    assert_ne!(daemon.token, daemon.telemetry_token);
    daemon.stop().await;
}

/// Whoever holds the telemetry's token may send nonsense; it must not spoil what others sent.
#[tokio::test(flavor = "multi_thread")]
async fn absurd_counts_are_refused_and_the_largest_overflow_no_sum() {
    let daemon = Daemon::start();
    for (n, model) in [(0, "claude-haiku-5-5"), (1, "claude-haiku-5-5"), (2, "claude-opus-5-5"), (3, "claude-opus-5-5")]
    {
        let of = |count: &str| {
            LOGS.replace("req_011Cd3707534c9944361ac93", &format!("req_011C{n:016}"))
                .replace("\"intValue\":70}", &format!("\"intValue\":\"{count}\"}}"))
                .replace("claude-haiku-5-5", model)
        };
        for (count, refused) in
            [("280000000000000", true), ("4294967297", true), ("-1", true), ("NaN", true), ("4294967296", false)]
        {
            let reply = post(&daemon, "/v1/logs", &[JSON], of(count).as_bytes()).await;
            let told = reply.json()["partialSuccess"]["rejectedLogRecords"] == "1";
            assert_eq!((reply.status, told), (200, refused), "{count}: {reply:?}");
        }
    }
    for target in ["/api/v1/overview", "/api/v1/spending", "/api/v1/costs?period=all", "/api/v1/requests"] {
        assert_eq!(daemon.get(target).await.status, 200, "{target}");
    }
    let costs = daemon.get("/api/v1/costs?session=f6830698-9455-4b15-b1bb-885e15c9de07&period=all").await.json();
    assert_eq!(costs["total"]["requests"], 4, "{costs}");
    assert_eq!(costs["total"]["output_tokens"], 4_u64 << 32, "{costs}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_counts_each_request_once() {
    let daemon = Arc::new(Daemon::start());
    let posts: Vec<_> = (0..40)
        .map(|round| {
            let daemon = Arc::clone(&daemon);
            tokio::spawn(async move {
                // Ten different requests, each brought by four senders at once.
                let id = format!("req_011C{:016}", round % 10);
                let body = LOGS.replace("req_011Cd3707534c9944361ac93", &id);
                post(&daemon, "/v1/logs", &[JSON], body.as_bytes()).await.status
            })
        })
        .collect();
    for post in posts {
        let status = post.await.expect("no panic");
        assert!(matches!(status, 200 | 503), "{status}");
    }
    let rows = ledger(&daemon);
    assert_eq!(rows.len(), 10, "{rows:?}");
    let daemon = Arc::into_inner(daemon).expect("nobody else holds it");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_asks_to_come_again_and_nothing_counts_twice() {
    let daemon = Daemon::start();
    let writer = daemon.store.as_ref().expect("is open").writer();
    // Another process holds the database, and what comes meanwhile fills the queue.
    let lock = rusqlite::Connection::open(daemon.dir.path().join("orch.db")).expect("opens");
    lock.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let (busy, mut full) = tokio::sync::mpsc::channel(1);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..8_000 {
        let (writer, busy) = (writer.clone(), busy.clone());
        waiting.spawn(async move {
            if matches!(writer.mark_lost(Vec::new()).await, Err(crate::store::StoreError::Busy)) {
                let _ = busy.try_send(());
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(5), full.recv()).await.expect("the queue is full").expect("a sender");
    let reply = post(&daemon, "/v1/logs", &[JSON], LOGS.as_bytes()).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
    lock.execute_batch("ROLLBACK").expect("let go");
    while waiting.join_next().await.is_some() {}
    for _ in 0..2 {
        assert_eq!(post(&daemon, "/v1/logs", &[JSON], LOGS.as_bytes()).await.status, 200);
    }
    assert_eq!(ledger(&daemon).len(), 1);
    daemon.stop().await;
}
