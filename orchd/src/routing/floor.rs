//! The quality floor: from which probability on tasks may go to the local model, so that overall quality stays near Claude's.

use super::metrics::as_f64;

/// Part of Claude-only quality that is to be kept, unless the settings say otherwise.
pub const USUAL_QUALITY_FLOOR: f64 = 0.98;
/// With fewer decisions the usual threshold holds.
pub const LEAST_DECISIONS: usize = 50;
/// The newest decisions that are looked at.
pub const MOST_DECISIONS: usize = 1_000;

/// Returns the smallest threshold at which the tasks at or above it are expected to lose no more than the floor allows: the sum of
/// `1 - as_good` over them, divided by all tasks, is at most `1 - floor`. 1 where no task is good enough.
#[must_use]
pub fn threshold(mut as_good: Vec<f64>, floor: f64) -> f64 {
    as_good.sort_unstable_by(|a, b| b.total_cmp(a));
    let allowed = (1.0 - floor) * as_f64(as_good.len());
    let (mut lost, mut threshold) = (0.0, 1.0);
    for equals in as_good.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        lost += equals.iter().map(|as_good| 1.0 - as_good).sum::<f64>();
        // A sum that should be the allowed part may lie above it by a rounding.
        if lost > allowed + 1e-9 {
            // Cut so that the probabilities it is of stay at or above it.
            return (threshold * 1e6_f64).floor() / 1e6;
        }
        threshold = equals[0];
    }
    if as_good.is_empty() { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_that_keeps_the_floor() {
        for (as_good, floor, expected) in [
            (vec![], 0.98, 1.0),
            // One of two lost tasks in ten is allowed: the first loses 0.1, the next 0.1 more.
            (vec![0.9, 0.9, 0.5, 0.5], 0.95, 0.9),
            (vec![0.9, 0.8, 0.5, 0.5], 0.925, 0.8),
            (vec![0.9, 0.8, 0.5, 0.5], 0.93, 0.9),
            (vec![0.9, 0.9, 0.9], 0.95, 1.0),
            (vec![1.0, 1.0], 0.98, 0.0),
            (vec![0.5; 100], 0.5, 0.0),
            (vec![0.5; 100], 0.51, 1.0),
        ] {
            let found = threshold(as_good.clone(), floor);
            assert!((found - expected).abs() < 1e-9, "{as_good:?} {floor}: {found}");
        }
    }

    #[test]
    fn a_higher_floor_asks_for_more() {
        let as_good: Vec<f64> = (0..500).map(|n| f64::from(n) / 500.0).collect();
        let found = [0.5, 0.9, 0.98, 0.999].map(|floor| threshold(as_good.clone(), floor));
        assert!(found.is_sorted() && found[2] > 0.7, "{found:?}");
    }
}
