//! `GET /metrics`: the books, the queue, the sizes and the speed of the last hour, as Prometheus reads them.

use std::fmt::Write as _;

use warp::reply::Response;

use super::context::Shared;
use super::reject::ApiError;
use super::reply::text;
use super::router::Ask;
use crate::analytics::{HOUR, QUARTER, latency};
use crate::histogram::quantile;
use crate::metrics::Metric;

/// The tool's own figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "system", responses((status = 200, content_type = "text/plain")))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    Ok(text("text/plain; version=0.0.4; charset=utf-8", render(&ask.shared).await?))
}

/// One metric: name, type, help, and a value per set of labels.
type Family<'a> = (&'a str, &'a str, &'a str, Vec<(String, f64)>);

async fn render(shared: &Shared) -> Result<String, ApiError> {
    let system = super::system::view(shared).await?;
    let now_at = system.now_at;
    let speeds = shared.context.reader.query(move |conn| {
        Metric::ALL
            .into_iter()
            .map(|metric| Ok((metric, latency::samples(conn, metric, now_at - HOUR - QUARTER, now_at)?)))
            .collect::<rusqlite::Result<Vec<_>>>()
    });
    let speeds = speeds.await?;
    let quantiles = speeds.iter().flat_map(|(metric, samples)| {
        [0.5, 0.95, 0.99].into_iter().filter_map(move |q| {
            Some((format!("metric=\"{}\",quantile=\"{q}\"", metric.name()), quantile(samples, q)? / 1e6))
        })
    });
    let one = |value| vec![(String::new(), value)];
    let books = [
        ("received", system.counters.received),
        ("stored", system.counters.stored),
        ("duplicate", system.counters.duplicate),
        ("rejected", system.counters.rejected),
        ("dropped", system.counters.dropped),
    ];
    let books = books.into_iter().map(|(name, count)| (format!("outcome=\"{name}\""), float(count))).collect();
    let optional = |value: Option<u64>| value.map(|value| (String::new(), float(value))).into_iter().collect();
    let taken = shared.context.intake.counts().all();
    let taken = taken.into_iter().map(|(name, count)| (format!("kind=\"{name}\""), float(count))).collect();
    let families: [Family<'_>; 13] = [
        ("orch_events_total", "counter", "Events by outcome; received is the sum of the others.", books),
        ("orch_telemetry_total", "counter", "What telemetry brought since the start.", taken),
        ("orch_queue_depth", "gauge", "Events waiting for the writer.", one(float(system.process.queue_depth))),
        ("orch_spool_pending_events", "gauge", "Events waiting in the spool.", one(float(system.spool.pending))),
        ("orch_spool_size_bytes", "gauge", "Size of the spool.", one(float(system.spool.size_bytes))),
        ("orch_database_size_bytes", "gauge", "Size of the database.", one(float(system.database.size_bytes))),
        ("orch_wal_size_bytes", "gauge", "Size of its write-ahead log.", one(float(system.database.wal_bytes))),
        ("orch_paused", "gauge", "1 while recording is paused.", one(f64::from(u8::from(system.paused)))),
        ("orch_streams", "gauge", "Open SSE streams.", one(float(system.process.streams))),
        ("orch_uptime_seconds", "gauge", "Time since the start.", one(float(system.uptime_s))),
        ("process_resident_memory_bytes", "gauge", "Resident memory.", optional(system.process.rss_bytes)),
        ("process_open_fds", "gauge", "Open descriptors.", optional(system.process.open_fds)),
        ("orch_latency_seconds", "gauge", "Speed of the last hour, within 12.5 %.", quantiles.collect()),
    ];
    Ok(families.iter().map(family).collect())
}

fn family((name, kind, help, samples): &Family<'_>) -> String {
    let mut text = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
    for (labels, value) in samples {
        // Writing into a String cannot fail.
        let _ = if labels.is_empty() {
            writeln!(text, "{name} {value}")
        } else {
            writeln!(text, "{name}{{{labels}}} {value}")
        };
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows floats only")]
fn float(value: u64) -> f64 {
    value as f64
}
