//! Decisions by what was said of them: ten bins of equal width.

use super::decision::Decision;
use crate::routing::interval::share;
use crate::routing::metrics::ece;
use crate::view::{HistogramBin, ReliabilityBin};

/// Upper ends of the bins; what lies on one belongs to the next, but for the last.
const ENDS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

fn bin_of(probability: f64) -> usize {
    ENDS.iter().position(|end| probability < *end).unwrap_or(ENDS.len() - 1)
}

fn bounds(bin: usize) -> (f64, f64) {
    (if bin == 0 { 0.0 } else { ENDS[bin - 1] }, ENDS[bin])
}

/// Counts decisions by what was said and recommended.
pub(super) fn histogram(decisions: &[Decision]) -> Vec<HistogramBin> {
    let mut counts = [[0; 2]; ENDS.len()];
    for decision in decisions {
        if let Some(as_good) = decision.as_good {
            counts[bin_of(as_good)][usize::from(decision.is_local())] += 1;
        }
    }
    let row = |(bin, [claude, local]): (usize, [usize; 2])| {
        let (from, to) = bounds(bin);
        HistogramBin { from, to, local, claude }
    };
    counts.into_iter().enumerate().map(row).collect()
}

/// Returns what was said of judged tasks against what came out.
pub(super) fn reliability(judged: &[&Decision]) -> Vec<ReliabilityBin> {
    let mut bins: [Vec<(f64, bool)>; ENDS.len()] = Default::default();
    for (as_good, came_out) in said(judged) {
        bins[bin_of(as_good)].push((as_good, came_out));
    }
    let row = |(bin, judged): (usize, Vec<(f64, bool)>)| {
        let (from, to) = bounds(bin);
        let observed = share(judged.iter().filter(|(_, came_out)| *came_out).count(), judged.len());
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let predicted = judged.iter().map(|(as_good, _)| as_good).sum::<f64>() / judged.len() as f64;
        ReliabilityBin {
            from,
            to,
            n: judged.len(),
            predicted: observed.map(|_| predicted),
            observed: observed.map(|share| share.value),
            low: observed.map(|share| share.low),
            high: observed.map(|share| share.high),
        }
    };
    bins.into_iter().enumerate().map(row).collect()
}

/// Returns the mean distance of the bins from what came out; None where nothing was said.
pub(super) fn ece_of(judged: &[&Decision]) -> Option<f64> {
    let (said, came_out): (Vec<f64>, Vec<bool>) = said(judged).unzip();
    ece(&said, &came_out)
}

fn said<'a>(judged: &'a [&Decision]) -> impl Iterator<Item = (f64, bool)> + 'a {
    judged.iter().filter_map(|decision| decision.as_good.zip(decision.judged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probability_has_one_bin() {
        for (probability, bin) in [(0.0, 0), (0.0999, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.95, 9), (1.0, 9)] {
            assert_eq!(bin_of(probability), bin, "{probability}");
        }
        assert_eq!((bounds(0), bounds(9)), ((0.0, 0.1), (0.9, 1.0)));
    }
}
