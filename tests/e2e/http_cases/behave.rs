//! The cases that are a way of behaving and not one request: slow, idle, huge, many, never reading.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use e2e_tests::http::{connect, exchange, get, read_answer};
use e2e_tests::socket::{RawClient, event_frame};
use e2e_tests::statistics::{median, percentile};
use e2e_tests::{payload, process, run_hook, say};
use serde_json::Value;

use super::judge::status_fits;
use super::{SESSION, Server};

impl Server<'_> {
    pub(super) fn behave(&self, kind: &str, behaviour: &Value, expect: &Value) -> Result<(), String> {
        let limit = expect["closed_within_ms"].as_u64().map(Duration::from_millis);
        let head = |method: &str, path: &str| {
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n", self.address, self.token)
        };
        match kind {
            "drip_headers" | "half_request" | "idle" | "drip_body" => {
                let limit = limit.expect("a limit");
                let write = format!("/api/v1/sessions/{SESSION}");
                let (first, drop_by_drop) = match kind {
                    "drip_headers" => (head("GET", "/api/v1/events"), Some("X-A: b\r\n")),
                    "half_request" => ("GET /api/v1".to_owned(), None),
                    "idle" => (String::new(), None),
                    _ => (
                        format!(
                            "{}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
                            head("PATCH", &write)
                        ),
                        Some("{"),
                    ),
                };
                let after = closed_after(&self.address, first.as_bytes(), drop_by_drop, limit + Duration::from_secs(2));
                match after {
                    Some(after) if after <= limit => Ok(()),
                    after => Err(format!("closed after {after:?}, must be within {limit:?}")),
                }
            }
            "many_idle" => {
                let idle: Vec<TcpStream> = (0..500).filter_map(|_| connect(&self.address).ok()).collect();
                let mut times = Vec::new();
                for n in 0..50 {
                    let start = Instant::now();
                    assert_eq!(get(&self.daemon, "/api/v1/overview").status, 200);
                    times.push(start.elapsed().as_secs_f64() * 1e3);
                    run_hook(self.home, &payload::pre_tool_use("idle", &format!("toolu_{n}")))
                        .assert_silent("500 idle");
                }
                drop(idle);
                let p99 = percentile(&times, 0.99);
                if self.home.spooled() > 0 {
                    return Err("hooks had to spool".into());
                }
                if p99 <= 500.0 { Ok(()) } else { Err(format!("p99 {p99:.0} ms")) }
            }
            "sse_no_read" => self.reader_that_never_reads(behaviour, expect),
            "big_body" => {
                let before = process::resident_mib(self.daemon.pid());
                let start = format!(
                    "{}Content-Type: application/json\r\nContent-Length: 104857600\r\n\r\n",
                    head("PATCH", &format!("/api/v1/sessions/{SESSION}"))
                );
                let mut stream = connect(&self.address).map_err(|error| error.to_string())?;
                let _ = stream.write_all(start.as_bytes());
                let block = vec![b'A'; 1 << 20];
                for _ in 0..100 {
                    if stream.write_all(&block).is_err() {
                        break;
                    }
                }
                let status = read_answer(&mut BufReader::new(stream)).map(|answer| answer.status);
                let grown = process::resident_mib(self.daemon.pid()) - before;
                if grown > 16.0 {
                    return Err(format!("memory grew by {grown:.1} MiB"));
                }
                match status {
                    Ok(status) if status_fits(expect, status) => Ok(()),
                    Ok(status) => Err(format!("status {status}")),
                    Err(_) => Ok(()),
                }
            }
            "many_headers" | "long_url" => {
                let request = if kind == "long_url" {
                    format!("{}\r\n", head("GET", &format!("/{}", "a".repeat(1 << 20))))
                } else {
                    let many: Vec<String> = (0..2000).map(|n| format!("X-{n}: 1\r\n")).collect();
                    format!("{}{}\r\n", head("GET", "/api/v1/events"), many.concat())
                };
                match exchange(&self.address, request.as_bytes()) {
                    Ok(answer) if status_fits(expect, answer.status) => Ok(()),
                    Ok(answer) => Err(format!("status {}", answer.status)),
                    Err(_) => Ok(()),
                }
            }
            "check_listeners" => {
                let foreign = listening_addresses(self.daemon.pid()).into_iter().find(|address| address != "0100007F");
                foreign.map_or(Ok(()), |address| Err(format!("listens on {address} (hex)")))
            }
            other => Err(format!("an unknown behaviour: {other}")),
        }
    }

    /// One reader stalls over all events, for the memory; then rounds with and without one in turn, for the tail of the
    /// acks, since neighbouring rounds see the same machine.
    fn reader_that_never_reads(&self, behaviour: &Value, expect: &Value) -> Result<(), String> {
        let events = behaviour["events"].as_u64().expect("a number");
        // The page cache and the sessions in memory fill first: what grows after that is the reader's doing.
        self.ingest_p99_ms("warm", 10_000);
        let before = process::resident_mib(self.daemon.pid());
        let reader = self.stalled_reader().map_err(|error| error.to_string())?;
        self.ingest_p99_ms("one", events);
        let grown = process::resident_mib(self.daemon.pid()) - before;
        drop(reader);
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for round in 0..7 {
            without.push(self.ingest_p99_ms(&format!("without-{round}"), 500));
            let reader = self.stalled_reader().map_err(|error| error.to_string())?;
            with.push(self.ingest_p99_ms(&format!("with-{round}"), 500));
            drop(reader);
        }
        let (without, with) = (median(&without), median(&with));
        say(format_args!("http: a stream nobody reads: +{grown:.1} MiB, ingest p99 {without:.2} -> {with:.2} ms"));
        let ratio = expect["ingest_p99_ratio_max"].as_f64().expect("a ratio");
        if grown > 16.0 {
            return Err(format!("memory grew by {grown:.1} MiB"));
        }
        // Far below the 10 ms an ack may take, the ratio of two tails is noise of the machine.
        if with > (without * ratio).max(5.0) {
            return Err(format!("ingest p99 {without:.2} -> {with:.2} ms"));
        }
        Ok(())
    }

    fn stalled_reader(&self) -> std::io::Result<TcpStream> {
        let mut stream = connect(&self.address)?;
        let (address, token) = (&self.address, &self.token);
        let head = "GET /api/v1/stream HTTP/1.1\r\nHost: ";
        stream.write_all(format!("{head}{address}\r\nAuthorization: Bearer {token}\r\n\r\n").as_bytes())?;
        Ok(stream)
    }

    /// Sends events over one connection, a hundred to a session, and returns the 99th percentile until the ack.
    fn ingest_p99_ms(&self, name: &str, events: u64) -> f64 {
        let limit = Duration::from_secs(5);
        let mut client = RawClient::connect(&self.home.paths.socket(), limit).expect("the daemon listens");
        let times: Vec<f64> = (0..events)
            .map(|n| {
                let frame = event_frame(&payload::pre_tool_use(&format!("{name}-{}", n / 100), &format!("toolu_{n}")));
                let start = Instant::now();
                client.send(&frame).expect("bytes can be sent");
                client.reply().expect("an answer");
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        percentile(&times, 0.99)
    }
}

/// Sends `first`, then `drop_by_drop` every second, and returns when the server closed the connection.
fn closed_after(address: &str, first: &[u8], drop_by_drop: Option<&str>, limit: Duration) -> Option<Duration> {
    let start = Instant::now();
    let mut stream = connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let _ = stream.write_all(first);
    let mut waste = [0; 4096];
    while start.elapsed() < limit {
        match stream.read(&mut waste) {
            Ok(0) => return Some(start.elapsed()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                if let Some(text) = drop_by_drop
                    && stream.write_all(text.as_bytes()).is_err()
                {
                    return Some(start.elapsed());
                }
            }
            Err(_) => return Some(start.elapsed()),
        }
    }
    None
}

/// The local addresses, as the kernel writes them, on which `pid` listens for TCP.
fn listening_addresses(pid: u32) -> Vec<String> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the process runs")
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut addresses = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // Field 3 is the state, 0A for listening; field 9 the inode.
            if fields.get(3) == Some(&"0A") && fields.get(9).is_some_and(|inode| sockets.iter().any(|own| own == inode))
            {
                addresses.push(fields[1].split(':').next().unwrap_or_default().to_owned());
            }
        }
    }
    addresses
}
