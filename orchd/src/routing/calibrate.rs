//! From scores on rows that were not fitted to probabilities: a slope for all scores of a head, an offset for each (Platt).

use shared::classify::exact::{exp, ln, sigmoid};

use super::lbfgs;
use super::metrics::as_f64;

/// The calibrated logit is slope times score plus offset.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// One for all scores; above 0.
    pub slope: f64,
    /// Of each score.
    pub offsets: Vec<f64>,
}

/// Strength of the pull of the offsets to 0 and of the slope's logarithm to 0, as if of one row.
const PRIOR: f64 = 1.0;

/// Fits to scores of rows and which class each is; with a single score, class 1 is yes.
#[must_use]
pub fn platt(scores: &[Vec<f64>], classes: &[usize]) -> Calibration {
    let outputs = scores.first().map_or(1, Vec::len);
    // The logarithm of the slope, so that it stays above 0; then the offsets.
    let mut at = vec![0.0; outputs + 1];
    let count = as_f64(scores.len()).max(1.0);
    lbfgs::minimise(&mut at, 200, 1e-10, |at, gradient| {
        let slope = exp(at[0]);
        let mut loss = 0.0;
        gradient.fill(0.0);
        let mut errors = vec![0.0; outputs];
        for (scores, &class) in scores.iter().zip(classes) {
            for ((error, score), offset) in errors.iter_mut().zip(scores).zip(&at[1..]) {
                *error = slope * score + offset;
            }
            loss += probabilities(&mut errors, class);
            for (output, error) in errors.iter().enumerate() {
                gradient[0] += error * slope * scores[output];
                gradient[1 + output] += error;
            }
        }
        for (gradient, at) in gradient.iter_mut().zip(at) {
            loss += PRIOR * at * at / 2.0;
            *gradient = (*gradient + PRIOR * at) / count;
        }
        loss / count
    });
    Calibration { slope: exp(at[0]), offsets: at[1..].to_vec() }
}

/// Turns logits into probability less truth; returns the log loss.
fn probabilities(logits: &mut [f64], class: usize) -> f64 {
    if let [logit] = logits {
        let truth = if class == 0 { 0.0 } else { 1.0 };
        let loss = logit.max(0.0) - *logit * truth + ln(1.0 + exp(-logit.abs()));
        *logit = sigmoid(*logit) - truth;
        return loss;
    }
    let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let whole = highest + ln(logits.iter().map(|logit| exp(logit - highest)).sum());
    let loss = whole - logits[class];
    for (at, logit) in logits.iter_mut().enumerate() {
        *logit = exp(*logit - whole) - if at == class { 1.0 } else { 0.0 };
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_found() {
        // Score 1: three of four yes; score -1: one of four.
        let scores: Vec<Vec<f64>> = (0..800).map(|n| vec![if n % 2 == 0 { 1.0 } else { -1.0 }]).collect();
        let classes: Vec<usize> = (0..800).map(|n| usize::from((n / 2 % 4 != 0) == (n % 2 == 0))).collect();
        let found = platt(&scores, &classes);
        assert!((found.slope - 3.0_f64.ln()).abs() < 0.02 && found.offsets[0].abs() < 0.02, "{found:?}");
    }

    #[test]
    fn classes_get_their_shares() {
        let scores = vec![vec![0.0; 3]; 600];
        let classes: Vec<usize> = (0..600).map(|n| [0, 0, 0, 1, 1, 2][n % 6]).collect();
        let found = platt(&scores, &classes);
        let odds = exp(found.offsets[0] - found.offsets[2]);
        assert!((odds - 3.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn no_rows_leave_scores_as_they_are() {
        assert_eq!(platt(&[], &[]), Calibration { slope: 1.0, offsets: vec![0.0] });
    }
}
