//! The tool's own speed, gathered in memory and taken by the writer for `performance_metrics`.
//!
//! Recording is one atomic addition, so every path may record; only the writer's tick touches the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::histogram::{BINS, bin_of};

/// What is measured, each in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// From the hook's start to the ack after commit, both on this machine's clock.
    HookLatency,
    /// From the hook's start to commit; spooled events included.
    IngestLag,
    /// One write transaction.
    Commit,
    /// One read of the database.
    Query,
    /// One HTTP answer; streams are not counted.
    Http,
    /// One look at a local model's server that answered.
    LocalProbe,
    /// One that found no server of models.
    LocalProbeFailed,
}

impl Metric {
    /// Every metric, in the order they are shown.
    pub const ALL: [Self; 7] = [
        Self::HookLatency,
        Self::IngestLag,
        Self::Commit,
        Self::Query,
        Self::Http,
        Self::LocalProbe,
        Self::LocalProbeFailed,
    ];

    /// Returns the name in `performance_metrics`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HookLatency => "hook_latency",
            Self::IngestLag => "ingest_lag",
            Self::Commit => "commit",
            Self::Query => "query",
            Self::Http => "http",
            Self::LocalProbe => "local_probe",
            Self::LocalProbeFailed => "local_probe_failed",
        }
    }

    /// Returns what it measures, a sentence for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::HookLatency => "From the hook's start to the daemon's acknowledgement.",
            Self::IngestLag => "From the hook's start to the row being committed, spooled events included.",
            Self::Commit => "One write transaction.",
            Self::Query => "One read of the database.",
            Self::Http => "One HTTP answer, streams not counted.",
            Self::LocalProbe => "One look at a local model's server that answered.",
            Self::LocalProbeFailed => "One look at a local model's address where no server of models answered.",
        }
    }
}

/// A cheap handle to all histograms since the last [`Metrics::take`].
#[derive(Debug, Clone)]
pub struct Metrics(Arc<[[AtomicU64; BINS]; Metric::ALL.len()]>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0)))))
    }
}

impl Metrics {
    /// Counts one sample.
    pub fn record(&self, metric: Metric, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0[metric as usize][bin_of(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the counts by bin of one metric and starts again at zero.
    #[must_use]
    pub fn take(&self, metric: Metric) -> Vec<(usize, u64)> {
        let bins = self.0[metric as usize].iter().map(|bin| bin.swap(0, Ordering::Relaxed)).enumerate();
        bins.filter(|&(_, samples)| samples > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_empties() {
        let metrics = Metrics::default();
        metrics.record(Metric::Query, Duration::from_micros(3));
        metrics.clone().record(Metric::Query, Duration::from_micros(3));
        assert_eq!(metrics.take(Metric::Query), [(3, 2)]);
        assert_eq!(metrics.take(Metric::Query), []);
    }
}
