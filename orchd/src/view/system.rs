//! Whether the tool itself is healthy and small.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

use super::ImportStatus;

/// The System page, and the base of `orchd status --json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SystemView {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// When this answer was made.
    pub now_at: Micros,
    /// Process id.
    pub pid: u32,
    /// Version of orchd.
    pub version: &'static str,
    /// Version of the database schema.
    pub schema_version: u32,
    /// Version of the bundled SQLite.
    pub sqlite_version: String,
    /// Seconds since start.
    pub uptime_s: u64,
    /// The local socket.
    pub socket: String,
    /// The dashboard's address.
    pub http: String,
    /// Recording is paused.
    pub paused: bool,
    /// `commit` or `power`.
    pub durability: String,
    /// Since the database was made.
    pub counters: Counters,
    /// What waits on disk.
    pub spool: SpoolView,
    /// The database.
    pub database: DatabaseView,
    /// The process.
    pub process: ProcessView,
    /// How far reading transcripts is.
    pub import: ImportStatus,
    /// Histograms of the last 24 hours.
    pub latencies: Vec<LatencyView>,
}

/// Books: received = stored + duplicate + rejected + dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counters {
    /// Events that reached the writer.
    pub received: u64,
    /// Rows written.
    pub stored: u64,
    /// Delivered before.
    pub duplicate: u64,
    /// Without a usable session or event name.
    pub rejected: u64,
    /// Recording paused, project excluded, or spool full.
    pub dropped: u64,
}

/// The spool.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct SpoolView {
    /// Events not taken yet.
    pub pending: u64,
    /// Their size.
    pub size_bytes: u64,
}

/// The database.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DatabaseView {
    /// Where it lies.
    pub path: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// Size of its write-ahead log.
    pub wal_bytes: u64,
    /// Events stored.
    pub events: i64,
    /// Sessions stored.
    pub sessions: i64,
    /// The oldest event.
    pub oldest_at: Option<Micros>,
    /// Mean growth over the last 7 days (or since the oldest event), bytes per day; null on the first day.
    pub growth_bytes_per_day: Option<u64>,
    /// Free space on its disk.
    pub disk_free_bytes: Option<u64>,
}

/// The process.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct ProcessView {
    /// Resident memory.
    pub rss_bytes: Option<u64>,
    /// CPU seconds used since start.
    pub cpu_s: Option<f64>,
    /// Open descriptors.
    pub open_fds: Option<u64>,
    /// Open SSE streams.
    pub streams: u64,
    /// Events waiting for the writer.
    pub queue_depth: u64,
}

/// One histogram of `performance_metrics`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LatencyView {
    /// `hook_latency`, `ingest_lag`, `commit`, `query`, `http`, `local_probe`, `local_probe_failed`.
    pub metric: String,
    /// What it measures, a sentence.
    pub meaning: &'static str,
    /// Samples.
    pub samples: u64,
    /// Median, microseconds, within 12.5 %.
    pub p50_us: Option<f64>,
    /// 95th percentile.
    pub p95_us: Option<f64>,
    /// 99th percentile.
    pub p99_us: Option<f64>,
    /// p95 by hour, oldest first, 24 values; null where an hour has no sample.
    pub p95_us_by_hour: Vec<Option<f64>>,
}
