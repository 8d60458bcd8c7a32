//! The stream of changes, and the end.

use super::*;
use crate::updates::Update;

/// An open stream of changes.
struct Reader(TcpStream, Vec<u8>);

impl Reader {
    async fn open(daemon: &Daemon, last: Option<&str>) -> Self {
        let mut stream = daemon.connect().await;
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let request = format!(
            "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {}\r\nAccept-Encoding: gzip\r\n{last}\r\n",
            daemon.port, daemon.cookie
        );
        stream.write_all(request.as_bytes()).await.expect("sends");
        Self(stream, Vec::new())
    }

    /// Reads until the text was seen and returns all since the last call.
    async fn until(&mut self, text: &str) -> String {
        let read = async {
            loop {
                let seen = String::from_utf8_lossy(&self.1).into_owned();
                if seen.contains(text) {
                    self.1.clear();
                    return seen;
                }
                assert!(self.0.read_buf(&mut self.1).await.expect("reads") > 0, "ended before {text:?}: {seen}");
            }
        };
        tokio::time::timeout(Duration::from_secs(5), read).await.unwrap_or_else(|_| panic!("no {text:?}"))
    }

    async fn ends(&mut self) -> bool {
        let mut rest = Vec::new();
        tokio::time::timeout(Duration::from_secs(3), self.0.read_to_end(&mut rest)).await.is_ok()
    }
}

fn update(seq: i64) -> Update {
    Update {
        seq,
        events: 1,
        sessions: Arc::new(["s".to_owned()]),
        all: false,
        ledger: false,
        local_model: false,
        delegations: false,
        tasks: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_arrive_and_a_returning_reader_misses_nothing() {
    let daemon = Daemon::start();
    let mut reader = Reader::open(&daemon, None).await;
    let head = reader.until("event:hello\ndata:{\"seq\":13}").await;
    assert!(head.contains("text/event-stream") && head.contains("no-store") && !head.contains("content-encoding"));
    let sent = Instant::now();
    daemon.updates.publish(update(14));
    let text = reader.until("id:14\n").await;
    assert!(text.contains("event:changed") && text.contains("\"sessions\":[\"s\"]"), "{text}");
    assert!(sent.elapsed() < Duration::from_millis(200), "{:?}", sent.elapsed());
    let mut back = Reader::open(&daemon, Some("10")).await;
    assert!(back.until("id:13\n").await.contains("\"events\":3"));
    for id in ["99", "x", "-1"] {
        Reader::open(&daemon, Some(id)).await.until("event:resync").await;
    }
    assert!(daemon.stop().await < Duration::from_millis(500), "streams end at once");
    assert!(reader.ends().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_counted_and_given_back() {
    let daemon = Daemon::start();
    let mut readers = Vec::new();
    for _ in 0..64 {
        let mut reader = Reader::open(&daemon, None).await;
        reader.until("hello").await;
        readers.push(reader);
    }
    let over = daemon.get("/api/v1/stream").await;
    assert_eq!((over.status, over.header("retry-after")), (503, Some("1")));
    assert_eq!(daemon.get("/api/v1/system").await.json()["process"]["streams"], 64);
    drop(readers);
    let deadline = Instant::now() + Duration::from_secs(5);
    while daemon.get("/api/v1/system").await.json()["process"]["streams"] != 0 {
        assert!(Instant::now() < deadline, "places of readers that left are given back");
    }
    daemon.stop().await;
}
