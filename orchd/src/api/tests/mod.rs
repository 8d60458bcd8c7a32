//! The real server on a free port, asked with real bytes: answers, bad input, the attack cases, the documentation.

mod answers;
mod attacks;
mod behaviours;
mod contract;
mod delegations;
mod export;
mod live;
mod otlp;
mod routing;
mod tasks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use shared::decision::Settings;
use shared::event::Micros;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::context::{ApiContext, ImportWatch, SystemFacts};
use super::{Auth, server};
use crate::analytics::seed;
use crate::calibration::Calibration;
use crate::config::{Budget, Config, LocalMoney};
use crate::delegation_recorder::Recorder;
use crate::local_model::LocalModel;
use crate::metrics::Metrics;
use crate::routing::floor::USUAL_QUALITY_FLOOR;
use crate::store::{Store, StoreOptions};
use crate::telemetry::Intake;
use crate::updates::Updates;
use crate::view::ImportStatus;

/// A daemon's HTTP side over a seeded database; gone with the value.
struct Daemon {
    port: u16,
    token: String,
    telemetry_token: String,
    cookie: String,
    auth: Auth,
    updates: Updates,
    store: Option<Store>,
    shutdown: CancellationToken,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    dir: TempDir,
}

impl Daemon {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let database = dir.path().join("orch.db");
        let updates = Updates::default();
        let open = || {
            // The sessions here are of one fixed day, whenever the tests run.
            let options = StoreOptions { silent_after: Micros::MAX / 2, ..StoreOptions::default() };
            Store::open(&database, options, Metrics::default(), updates.clone()).expect("opens")
        };
        open().close();
        seed::fill(&rusqlite::Connection::open(&database).expect("opens"));
        let store = open();
        let token_file = dir.path().join("token");
        let telemetry_file = dir.path().join("telemetry-token");
        let auth = Auth::load_or_create(&token_file).and_then(|auth| auth.with_telemetry(&telemetry_file));
        let auth = auth.expect("makes the tokens");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("has an address").port();
        let context = ApiContext {
            reader: store.reader(),
            writer: store.writer(),
            updates: updates.clone(),
            metrics: Metrics::default(),
            auth: auth.clone(),
            calibration: Calibration::new(
                (store.reader(), store.writer()),
                LocalModel::off(),
                (Settings::default(), USUAL_QUALITY_FLOOR),
                (LocalMoney::default(), dir.path().join("prices.toml")),
            ),
            delegations: Recorder::new(
                (store.reader(), store.writer()),
                dir.path().join("prices.toml"),
                &Config::default(),
                Some(seed::NOW),
            ),
            intake: Intake::new(store.reader(), store.writer(), dir.path().join("prices.toml"), Vec::new()),
            import: ImportWatch::new(ImportStatus::default),
            timezone: TimeZone::UTC,
            budget: Budget::default(),
            local_model: LocalModel::off(),
            agent_folders: Vec::new(),
            facts: Arc::new(SystemFacts {
                started_at: seed::NOW,
                started: Instant::now(),
                socket: "/run/orchd.sock".into(),
                http: "http://127.0.0.1:6724".to_owned(),
                database,
                spool_dir: dir.path().join("spool"),
                durability: "commit",
            }),
            assets_dir: None,
        };
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let served = tokio::spawn(async move { server::listen(listener, context, &stop, || seed::NOW).await });
        let token = std::fs::read_to_string(token_file).expect("reads it").trim().to_owned();
        let cookie = auth.set_cookie(port).split(';').next().expect("a pair").to_owned();
        let telemetry_token = std::fs::read_to_string(telemetry_file).expect("reads it").trim().to_owned();
        Self { port, token, telemetry_token, cookie, auth, updates, store: Some(store), shutdown, served, dir }
    }

    /// Ends the server and returns how long that took.
    async fn stop(mut self) -> Duration {
        let started = Instant::now();
        self.shutdown.cancel();
        (&mut self.served).await.expect("no panic").expect("no error");
        let took = started.elapsed();
        let store = self.store.take().expect("is open");
        tokio::task::spawn_blocking(move || store.close()).await.expect("closes");
        took
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.expect("connects")
    }

    /// Sends bytes and returns all that comes until the server closes.
    async fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect().await;
        // The server may answer and close before all is sent.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        answer
    }

    /// Asks with the token and these headers besides.
    async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n",
            self.port, self.token
        );
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() {
            request.extend(["Content-Length: ", &*body.len().to_string(), "\r\n"]);
        }
        Reply::parse(&self.exchange(format!("{request}\r\n{body}").as_bytes()).await)
    }

    async fn get(&self, target: &str) -> Reply {
        self.ask("GET", target, &[], "").await
    }

    async fn patch(&self, id: &str, body: &str) -> Reply {
        self.ask("PATCH", &format!("/api/v1/sessions/{id}"), &[("Content-Type", "application/json")], body).await
    }
}

/// One answer; status 0 when the server closed without one.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut reply = Self { status, head, body: bytes[end..].to_vec() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunked(&reply.body);
        }
        reply
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && end + 2 + size <= bytes.len()) else { break };
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = bytes.get(end + 4 + size..).unwrap_or_default();
    }
    body
}
