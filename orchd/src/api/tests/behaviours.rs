//! The attack cases that are a behaviour: slow, idle, endless, many.

use super::attacks::cases;
use super::*;
use crate::updates::Update;

/// Returns the kinds of behaviour in the attack data, so that a new one is noticed here.
#[test]
fn every_behaviour_is_tried() {
    let cases = cases();
    let mut kinds: Vec<_> = cases.iter().filter_map(|case| case["behaviour"]["kind"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "big_body",
            "check_listeners",
            "drip_body",
            "drip_headers",
            "half_request",
            "idle",
            "long_url",
            "many_headers",
            "many_idle",
            "sse_no_read"
        ]
    );
}

/// Writes `first`, then a drop per `every`, and returns how long until the server closes.
async fn dripped(daemon: &Daemon, first: &str, drop: &str, every: Duration) -> Duration {
    let started = Instant::now();
    let (mut read, mut write) = daemon.connect().await.into_split();
    write.write_all(first.as_bytes()).await.expect("sends");
    let drips = async {
        loop {
            tokio::time::sleep(every).await;
            if drop.is_empty() || write.write_all(drop.as_bytes()).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        _ = read.read_to_end(&mut rest) => {}
        () = drips => {}
        () = tokio::time::sleep(Duration::from_secs(40)) => {}
    }
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_idle_connections_are_closed() {
    let daemon = Daemon::start();
    let head = |method: &str, more: &str| {
        let (port, token) = (daemon.port, &daemon.token);
        format!(
            "{method} /api/v1/sessions/{} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n{more}",
            seed::WORKING
        )
    };
    let second = Duration::from_secs(1);
    let body = head("PATCH", "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
    let refused = head("POST", "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
    let slow = head("GET", "");
    let kept = format!("{slow}\r\n");
    let (drip_headers, half, idle, drip_body, drip_refused, kept) = tokio::join!(
        dripped(&daemon, &slow, "X-A: b\r\n", second),
        dripped(&daemon, "GET /api/v1", "", second),
        dripped(&daemon, "", "", second),
        dripped(&daemon, &body, " ", second),
        dripped(&daemon, &refused, " ", second),
        dripped(&daemon, &kept, "", second),
    );
    for (name, took, most) in [
        ("090 drip_headers", drip_headers, 10),
        ("091 half_request", half, 10),
        ("092 idle", idle, 30),
        ("093 drip_body", drip_body, 15),
        ("093 drip_body, refused", drip_refused, 15),
        ("kept alive and idle", kept, 30),
    ] {
        assert!(took < Duration::from_secs(most), "{name}: {took:?}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_starve_others() {
    let daemon = Daemon::start();
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(daemon.connect().await);
    }
    let mut took = Vec::new();
    for _ in 0..100 {
        let started = Instant::now();
        assert_eq!(daemon.get("/api/v1/events").await.status, 200);
        took.push(started.elapsed());
    }
    took.sort_unstable();
    assert!(took[98] < Duration::from_millis(500), "094: p99 {:?}", took[98]);
    drop(idle);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_requests_are_refused() {
    let daemon = Daemon::start();
    let (port, token) = (daemon.port, &daemon.token);
    let host = format!("Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n");
    let target = format!("/api/v1/sessions/{}", seed::WORKING);
    let patch = format!("PATCH {target} HTTP/1.1\r\n{host}Content-Type: application/json\r\n");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(65_536));
    let headers: String = (0..2_000).flat_map(|n| ["X-".to_owned(), n.to_string(), ": a\r\n".to_owned()]).collect();
    for (name, bytes, allowed) in [
        ("096 declared", format!("{patch}Content-Length: 104857600\r\n\r\n{}", " ".repeat(1 << 20)), &[0, 413][..]),
        ("096 chunked", format!("{patch}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(64)), &[0, 413]),
        ("097 header", format!("GET / HTTP/1.1\r\n{host}X-A: {}\r\n\r\n", "A".repeat(131_072)), &[0, 400, 431]),
        ("098 headers", format!("GET / HTTP/1.1\r\n{host}{headers}\r\n"), &[0, 400, 431]),
        ("099 address", format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(1 << 20)), &[0, 400, 414, 431]),
    ] {
        let reply = Reply::parse(&daemon.exchange(bytes.as_bytes()).await);
        assert!(allowed.contains(&reply.status), "{name}: {reply:?}");
    }
    assert_eq!(daemon.get("/health").await.status, 200);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_read_holds_nothing() {
    let daemon = Daemon::start();
    let mut stuck = daemon.connect().await;
    let request =
        format!("GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {}\r\n\r\n", daemon.port, daemon.cookie);
    stuck.write_all(request.as_bytes()).await.expect("sends");
    while daemon.get("/api/v1/system").await.json()["process"]["streams"] != 1 {}
    let before = super::super::process::process(0, 0).rss_bytes;
    let sessions: Arc<[String]> = (0..32).map(|n| format!("{n:0>200}")).collect();
    let mut slowest = Duration::ZERO;
    for seq in 14..20_014 {
        let started = Instant::now();
        daemon.updates.publish(Update {
            seq,
            events: 1,
            sessions: Arc::clone(&sessions),
            all: false,
            ledger: false,
            local_model: false,
            delegations: false,
            tasks: false,
        });
        slowest = slowest.max(started.elapsed());
    }
    let after = super::super::process::process(0, 0).rss_bytes;
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after.saturating_sub(before) <= 16 << 20, "095: {before} to {after}");
    }
    assert!(slowest < Duration::from_millis(100), "095: publishing waited {slowest:?}");
    daemon.stop().await;
}

/// The daemon binds the port itself (`daemon::listen_http`); here the loop must not open any other.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn only_loopback_is_listened_to() {
    let daemon = Daemon::start();
    let table = std::fs::read_to_string("/proc/net/tcp").expect("reads");
    let port = format!(":{:04X}", daemon.port);
    let local = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    let ours: Vec<_> = table.lines().filter_map(local).filter(|local| local.ends_with(&port)).collect();
    assert!(!ours.is_empty() && ours.iter().all(|local| local.starts_with("0100007F:")), "103: {ours:?}");
    daemon.stop().await;
}
