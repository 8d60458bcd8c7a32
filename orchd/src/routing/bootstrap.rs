//! How far a figure could have fallen elsewhere had other rows of the same kind come: the bootstrap, paired between lines.

use serde::Serialize;
use utoipa::ToSchema;

use super::random::Random;

/// How often the rows are drawn anew.
pub const RESAMPLES: usize = 1_000;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Estimate {
    /// On all rows.
    pub value: f64,
    /// 2.5 % of the draws lie below.
    pub low: f64,
    /// 2.5 % of the draws lie above.
    pub high: f64,
}

/// A line's figure, and how far the first line lies above it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// The figure itself.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// The first line's figure less this one, on the same draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router_minus_this: Option<Estimate>,
}

/// Returns the figures of each line over `rows` rows, in the order `measure` gives them; None where one cannot be taken.
///
/// `measure` returns the figures of a line on the rows of a draw. The first line is the one the others are compared with.
pub fn compare(
    rows: usize,
    lines: usize,
    seed: u64,
    resamples: usize,
    mut measure: impl FnMut(usize, &[usize], &mut Random) -> Vec<Option<f64>>,
) -> Vec<Vec<Option<Compared>>> {
    let all: Vec<usize> = (0..rows).collect();
    let mut random = Random::new(seed, 0);
    let values: Vec<Vec<Option<f64>>> = (0..lines).map(|line| measure(line, &all, &mut random)).collect();
    let mut draws: Vec<Vec<Vec<f64>>> = values.iter().map(|figures| vec![Vec::new(); figures.len()]).collect();
    let mut differences = draws.clone();
    let mut sample = vec![0; rows];
    for _ in 0..if rows == 0 { 0 } else { resamples } {
        sample.fill_with(|| random.below(rows));
        let mut first = Vec::new();
        for line in 0..lines {
            let figures = measure(line, &sample, &mut random);
            for (place, figure) in figures.iter().enumerate() {
                draws[line][place].extend(*figure);
                if let (Some(figure), Some(Some(first))) = (figure, first.get(place)) {
                    let first: f64 = *first;
                    differences[line][place].push(first - figure);
                }
            }
            if line == 0 {
                first = figures;
            }
        }
    }
    let estimate = |line: usize, place: usize| {
        let value = values[line][place]?;
        let difference = (line > 0).then(|| values[0][place].map(|first| first - value)).flatten();
        Some(Compared {
            estimate: interval(value, draws[line][place].clone()),
            router_minus_this: difference.map(|value| interval(value, differences[line][place].clone())),
        })
    };
    (0..lines).map(|line| (0..values[line].len()).map(|place| estimate(line, place)).collect()).collect()
}

fn interval(value: f64, mut draws: Vec<f64>) -> Estimate {
    draws.sort_unstable_by(f64::total_cmp);
    let at = |per_mille: usize| draws.get((draws.len() * per_mille / 1_000).min(draws.len().saturating_sub(1)));
    Estimate { value, low: at(25).copied().unwrap_or(value), high: at(975).copied().unwrap_or(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::metrics::as_f64;

    #[test]
    fn a_mean_lies_in_its_interval_and_pairs_cancel_what_they_share() {
        let values: Vec<f64> = (0..400).map(|n| f64::from(n % 10)).collect();
        let mean = |rows: &[usize], add: f64| {
            Some(rows.iter().map(|&row| values[row] - add).sum::<f64>() / as_f64(rows.len()))
        };
        let found = compare(400, 2, 7, 500, |line, rows, _| vec![mean(rows, as_f64(line)), None]);
        let [first, second] = [0, 1].map(|line| found[line][0].expect("a figure"));
        // The deviation of the mean of 400 numbers from 0 to 9 is 0.144.
        let Estimate { value, low, high } = first.estimate;
        assert!(
            (value - 4.5).abs() < 1e-9 && (4.5 - low - 0.28).abs() < 0.06 && (high - 4.5 - 0.28).abs() < 0.06,
            "{first:?}"
        );
        assert_eq!(first.router_minus_this, None);
        let gap = second.router_minus_this.expect("a difference");
        assert!((gap.low - 1.0).abs() < 1e-9 && (gap.high - 1.0).abs() < 1e-9, "{gap:?}");
        assert_eq!(found[0][1], None);
    }

    #[test]
    fn no_rows_no_draws() {
        assert_eq!(compare(0, 1, 7, 500, |_, _, _| vec![None]), vec![vec![None]]);
    }
}
