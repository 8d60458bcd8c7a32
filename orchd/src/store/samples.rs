//! The tool's own speed, on its way from memory into `performance_metrics`.

use std::collections::HashMap;

use rusqlite::params;
use shared::event::Micros;

use super::rollups::bucket_of;
use super::statements::Statements;
use crate::metrics::{Metric, Metrics};

/// Samples taken from [`Metrics`] and not committed yet.
#[derive(Debug, Default)]
pub(super) struct Samples(HashMap<(&'static str, Micros, usize), u64>);

impl Samples {
    /// Takes what was measured since the last call; true when there is anything to write.
    pub(super) fn take(&mut self, metrics: &Metrics, now_at: Micros) -> bool {
        for metric in Metric::ALL {
            for (bin, samples) in metrics.take(metric) {
                *self.0.entry((metric.name(), bucket_of(now_at), bin)).or_default() += samples;
            }
        }
        !self.0.is_empty()
    }

    /// Writes them; they stay until [`Samples::written`], because the transaction may fail.
    pub(super) fn write(&self, statements: &mut Statements<'_>) -> Result<(), rusqlite::Error> {
        for (&(metric, bucket_at, bin), &samples) in &self.0 {
            let samples = i64::try_from(samples).unwrap_or(i64::MAX);
            statements.performance_metric.execute(params![
                metric,
                bucket_at,
                i64::try_from(bin).unwrap_or(0),
                samples
            ])?;
        }
        Ok(())
    }

    /// Forgets what was committed.
    pub(super) fn written(&mut self) {
        self.0.clear();
    }
}
