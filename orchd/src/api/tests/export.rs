//! `GET /api/v1/export`: what it answers, and that askers who do not read hold nobody up.

use super::*;

/// Adds requests beyond what the buffers of a connection take.
fn many_requests(daemon: &Daemon, count: u32) {
    let conn = rusqlite::Connection::open(daemon.dir.path().join("orch.db")).expect("opens");
    let insert = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        INSERT INTO api_requests SELECT NULL, 'msg_' || n, NULL, 's', NULL, NULL, NULL, 1, 'm', n, 1, 1, 0, 0, 0, 0, 0, 'transcript', NULL, n FROM n";
    conn.execute(insert, [count]).expect("fills");
    crate::analytics::seed_ledger::roll_up(&conn);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_formats_and_filters() {
    let daemon = Daemon::start();
    for (query, kind, lines) in [
        ("", "text/csv", 61),
        ("?format=jsonl", "application/x-ndjson", 60),
        ("?model=claude-opus-5&agent=main", "text/csv", 16),
        ("?format=jsonl&session=nobody", "application/x-ndjson", 0),
        ("?format=jsonl&since=2026-11-22&until=2026-11-22", "application/x-ndjson", 1),
        ("?table=events", "text/csv", 14),
        ("?table=costs&until=2026-10-23", "text/csv", 2),
        ("?table=sessions&format=jsonl&project=/nowhere", "application/x-ndjson", 0),
    ] {
        let reply = daemon.get(&format!("/api/v1/export{query}")).await;
        assert_eq!(reply.status, 200, "{query}");
        assert!(reply.header("content-type").is_some_and(|given| given.starts_with(kind)), "{query}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let name = reply.header("content-disposition").expect("a name");
        assert!(name.starts_with("attachment; filename=\"orch-") && name.contains("2026-11-22"), "{name}");
        assert_eq!(String::from_utf8_lossy(&reply.body).lines().count(), lines, "{query}");
    }
    for (query, said) in [
        ("?format=parquet", "csv, jsonl"),
        ("?table=secrets", "requests, sessions, events, costs"),
        ("?since=yesterday", "a day"),
        ("?since=2026-11-02&until=2026-11-01", "later"),
        ("?table=events&model=x", "left out"),
    ] {
        let reply = daemon.get(&format!("/api/v1/export{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(reply.json()["detail"].as_str().expect("a sentence").contains(said), "{query}");
    }
    let head = daemon.ask("HEAD", "/api/v1/export", &[], "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn askers_who_do_not_read_leave_the_others_room() {
    let daemon = Daemon::start();
    many_requests(&daemon, 60_000);
    let whole = daemon.get("/api/v1/export?format=jsonl").await;
    assert_eq!(String::from_utf8_lossy(&whole.body).lines().count(), 60_060);
    let mut stalled = Vec::new();
    for _ in 0..2 {
        let mut stream = daemon.connect().await;
        let (port, token) = (daemon.port, &daemon.token);
        let request =
            format!("GET /api/v1/export HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        stalled.push(stream);
    }
    assert_eq!(daemon.get("/api/v1/export").await.status, 503);
    for _ in 0..20 {
        assert_eq!(daemon.get("/api/v1/sessions").await.status, 200);
    }
    drop(stalled);
    let deadline = Instant::now() + Duration::from_secs(5);
    while daemon.get("/api/v1/export?table=costs").await.status != 200 {
        assert!(Instant::now() < deadline, "those who went away still hold their places");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    daemon.stop().await;
}
