//! A text's features as the fit sees them: hashed words of length 1, and counts around their means, each times a number that
//! says how freely its weights may move.

use shared::classify::Features;
use shared::classify::features::{BUCKETS, DENSE};

use super::logistic::Sparse;
use super::metrics::as_f64;

/// How many features a row has: the buckets, then the counts.
pub const FEATURES: usize = BUCKETS + DENSE;

/// Least deviation a count is divided by, so that what nearly never occurs gets no huge weight.
const LEAST_DEVIATION: f64 = 0.05;

/// What the counts were where a head is fitted, and how freely the weights move.
#[derive(Debug, Clone)]
pub struct Encoder {
    /// Of the counts.
    pub means: [f64; DENSE],
    /// Times the hashed words.
    pub hashed: f64,
    /// Times the counts less their means: `dense` over the deviation.
    pub factors: [f64; DENSE],
}

impl Encoder {
    /// Returns the encoder for these rows.
    #[must_use]
    pub fn of(rows: &[&Features], hashed: f64, dense: f64) -> Self {
        let count = as_f64(rows.len().max(1));
        let mut means = [0.0; DENSE];
        let mut squares = [0.0; DENSE];
        for row in rows {
            for (mean, &value) in means.iter_mut().zip(&row.dense) {
                *mean += f64::from(value) / count;
            }
        }
        for row in rows {
            for ((square, mean), &value) in squares.iter_mut().zip(&means).zip(&row.dense) {
                let apart = f64::from(value) - mean;
                *square += apart * apart / count;
            }
        }
        Self { means, hashed, factors: squares.map(|square: f64| dense / square.sqrt().max(LEAST_DEVIATION)) }
    }

    /// Returns the features that are not 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "places below 5,000, and values in single precision")]
    pub fn encode(&self, features: &Features) -> Sparse {
        let squares: i32 = features.buckets().map(|(_, count)| i32::from(count).pow(2)).sum();
        let scale = self.hashed / f64::from(squares.max(1)).sqrt();
        let hashed = features.buckets().map(|(bucket, count)| (bucket as u32, (f64::from(count) * scale) as f32));
        let dense = (0..DENSE).map(|at| {
            let value = (f64::from(features.dense[at]) - self.means[at]) * self.factors[at];
            ((BUCKETS + at) as u32, value as f32)
        });
        hashed.chain(dense).filter(|(_, value)| *value != 0.0).collect()
    }
}
