//! Logistic regression over sparse features: one output through a sigmoid, several through a softmax.

use shared::classify::exact::{exp, ln, sigmoid};

use super::lbfgs;

/// A row's features that are not 0.
pub type Sparse = Vec<(u32, f32)>;

/// One row to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// What is known.
    pub features: &'a Sparse,
    /// What should come out: of each output, the probability.
    pub target: &'a [f32],
    /// How much the row counts.
    pub weight: f64,
}

/// A linear model.
#[derive(Debug, Clone)]
pub struct Linear {
    /// How many outputs.
    pub outputs: usize,
    /// Of each feature, the weight for each output; then the intercepts.
    pub weights: Vec<f64>,
}

impl Linear {
    /// Fits to the examples: mean log loss plus `ridge` / 2 times the sum of squares (the intercepts go free).
    #[must_use]
    pub fn fit(examples: &[Example<'_>], features: usize, ridge: f64, rounds: usize) -> Self {
        let outputs = examples.first().map_or(1, |example| example.target.len());
        let mut weights = vec![0.0; (features + 1) * outputs];
        let total: f64 = examples.iter().map(|example| example.weight).sum::<f64>().max(f64::MIN_POSITIVE);
        let mut scores = vec![0.0; outputs];
        lbfgs::minimise(&mut weights, rounds, 1e-6, |weights, slope| {
            slope.fill(0.0);
            let mut loss = 0.0;
            for example in examples {
                score(weights, outputs, example.features, &mut scores);
                loss += example.weight * errors(&mut scores, example.target);
                for error in &mut scores {
                    *error *= example.weight / total;
                }
                for &(feature, value) in example.features {
                    let row = &mut slope[feature as usize * outputs..][..outputs];
                    for (slope, error) in row.iter_mut().zip(&scores) {
                        *slope += f64::from(value) * error;
                    }
                }
                for (slope, error) in slope[features * outputs..].iter_mut().zip(&scores) {
                    *slope += error;
                }
            }
            let mut squares = 0.0;
            for (slope, weight) in slope.iter_mut().zip(weights).take(features * outputs) {
                *slope += ridge * weight;
                squares += weight * weight;
            }
            loss / total + ridge * squares / 2.0
        });
        Self { outputs, weights }
    }

    /// Returns the score of each output, before sigmoid or softmax.
    #[must_use]
    pub fn scores(&self, features: &Sparse) -> Vec<f64> {
        let mut scores = vec![0.0; self.outputs];
        score(&self.weights, self.outputs, features, &mut scores);
        scores
    }
}

fn score(weights: &[f64], outputs: usize, features: &Sparse, scores: &mut [f64]) {
    scores.copy_from_slice(&weights[weights.len() - outputs..]);
    for &(feature, value) in features {
        let row = &weights[feature as usize * outputs..][..outputs];
        for (score, weight) in scores.iter_mut().zip(row) {
            *score += f64::from(value) * weight;
        }
    }
}

/// Turns scores into probability minus target; returns the log loss.
fn errors(scores: &mut [f64], target: &[f32]) -> f64 {
    if let ([score], [target]) = (&mut *scores, target) {
        let target = f64::from(*target);
        // ln(1 + e^-|s|) does not run over.
        let loss = score.max(0.0) - *score * target + ln(1.0 + exp(-score.abs()));
        *score = sigmoid(*score) - target;
        return loss;
    }
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| exp(score - highest)).sum();
    let whole = highest + ln(sum);
    let mut loss = 0.0;
    for (score, &target) in scores.iter_mut().zip(target) {
        let target = f64::from(target);
        loss += target * (whole - *score);
        *score = exp(*score - whole) - target;
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intercept_alone_is_the_share() {
        let (none, yes, no) = (Sparse::new(), [1.0], [0.0]);
        let row = |target| Example { features: &none, target, weight: 1.0 };
        let model = Linear::fit(&[row(&yes), row(&yes), row(&yes), row(&no)], 0, 0.1, 50);
        assert!((model.scores(&none)[0] - 3.0_f64.ln()).abs() < 1e-3, "{model:?}");
    }

    #[test]
    fn several_outputs_tell_their_features_apart() {
        let features: Vec<Sparse> = (0..3).map(|n| vec![(n, 1.0)]).collect();
        let targets = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let examples: Vec<_> =
            features.iter().zip(&targets).map(|(features, target)| Example { features, target, weight: 1.0 }).collect();
        let model = Linear::fit(&examples, 3, 1e-3, 100);
        for (n, features) in features.iter().enumerate() {
            let scores = model.scores(features);
            let best = (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            assert_eq!(best, Some(n), "{scores:?}");
        }
    }
}
