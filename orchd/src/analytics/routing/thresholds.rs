//! What other thresholds would have done on the user's own log, by the fit in force.

use shared::decision::{Fit, router_version};

use super::super::costs::usd;
use super::LEAST_JUDGED;
use super::decision::Decision;
use crate::routing::interval::{quality, share};
use crate::view::ThresholdRow;

/// Thresholds: 0, 0.05, ..., 1.
const STEPS: u32 = 20;

/// Returns a row for each threshold. How many of the tasks above it are as good is known of those that were judged alone.
pub(super) fn thresholds(decisions: &[Decision], judged: &[&Decision], fit: Option<&Fit>) -> Vec<ThresholdRow> {
    let weights = router_version();
    let said: Vec<(f64, &Decision)> =
        decisions.iter().filter_map(|decision| Some((decision.said_now(fit, &weights)?, decision))).collect();
    let came_out: Vec<(f64, bool)> =
        judged.iter().filter_map(|decision| decision.said_now(fit, &weights).zip(decision.judged)).collect();
    (0..=STEPS).map(|step| row(f64::from(step) / f64::from(STEPS), &said, &came_out)).collect()
}

fn row(threshold: f64, said: &[(f64, &Decision)], came_out: &[(f64, bool)]) -> ThresholdRow {
    let local: Vec<&Decision> =
        said.iter().filter(|(said, _)| *said >= threshold).map(|(_, decision)| *decision).collect();
    let judged: Vec<bool> =
        came_out.iter().filter(|(said, _)| *said >= threshold).map(|(_, as_good)| *as_good).collect();
    let sent = share(local.len(), said.len());
    let as_good = judged.iter().filter(|as_good| **as_good).count();
    let precision = share(as_good, judged.len()).filter(|_| judged.len() >= LEAST_JUDGED);
    let claudes = local.iter().filter(|decision| decision.ran.as_deref() == Some("claude"));
    let worths: Vec<i64> = claudes.filter_map(|decision| decision.worth_nano_usd).collect();
    ThresholdRow {
        threshold,
        local_tasks: local.len(),
        local_share: sent.map(|share| share.value),
        judged: judged.len(),
        precision,
        quality: sent.zip(precision).map(|(sent, precision)| quality(sent, precision)),
        could_save_usd: (!worths.is_empty()).then(|| usd(worths.iter().sum())),
    }
}
