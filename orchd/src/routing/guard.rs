//! Whether a new fit may take the place of the one in force: on outcomes that it was not fitted to it must not be worse.
//!
//! The outcomes are cut into parts; each part is predicted by a fit to the others. The fit in force may have seen some of them before,
//! so the comparison errs against the new one.

use serde::{Deserialize, Serialize};
use shared::classify::exact::ln;
use utoipa::ToSchema;

use super::metrics::{as_f64, ece};
use super::refit::{Judged, Line, fit};

/// Parts that the outcomes are cut into.
const PARTS: usize = 10;

/// A probability is taken for at least so far from 0 and 1.
const LEAST_PROBABILITY: f64 = 1e-9;

/// How probabilities did on outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Held {
    /// Mean log loss, nats.
    pub log_loss: f64,
    /// Mean distance of ten bins from the frequencies in them.
    pub ece: f64,
}

/// How a new fit did on held-back outcomes, beside what decisions went by before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Guard {
    /// How many outcomes were held back, each once.
    pub outcomes: usize,
    /// The fit in force, or the weights alone.
    pub before: Held,
    /// The new one.
    pub after: Held,
    /// How much the ECE may differ by chance: the standard error of a share of so many outcomes.
    pub ece_slack: f64,
}

impl Guard {
    /// Whether the new fit is not worse: its log loss is lower, and its ECE is not higher by more than chance would have it.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.after.log_loss < self.before.log_loss && self.after.ece <= self.before.ece + self.ece_slack
    }
}

/// Judges a fit to these outcomes, which stand in the order of their time.
#[must_use]
pub fn guard(judged: &[Judged], before: &Line) -> Guard {
    let mut after = vec![0.5; judged.len()];
    for part in 0..PARTS {
        let others = judged.iter().enumerate().filter(|(at, _)| at % PARTS != part);
        let line = fit(&others.map(|(_, judged)| judged.clone()).collect::<Vec<_>>());
        for (at, judged) in judged.iter().enumerate().filter(|(at, _)| at % PARTS == part) {
            after[at] = line.probability(judged);
        }
    }
    let before: Vec<f64> = judged.iter().map(|judged| before.probability(judged)).collect();
    let count = as_f64(judged.len().max(1));
    Guard {
        outcomes: judged.len(),
        before: held(&before, judged),
        after: held(&after, judged),
        ece_slack: 0.5 / count.sqrt(),
    }
}

/// Returns how probabilities did on outcomes.
#[must_use]
pub fn held(probabilities: &[f64], judged: &[Judged]) -> Held {
    let labels: Vec<bool> = judged.iter().map(|judged| judged.as_good).collect();
    let sum: f64 = probabilities.iter().zip(judged).map(|(probability, judged)| loss(*probability, judged)).sum();
    Held { log_loss: sum / as_f64(judged.len().max(1)), ece: ece(probabilities, &labels).unwrap_or(0.0) }
}

fn loss(probability: f64, judged: &Judged) -> f64 {
    let said = if judged.as_good { probability } else { 1.0 - probability };
    -ln(said.max(LEAST_PROBABILITY))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outcomes at log odds of 0, of which so many in ten are as good.
    fn outcomes(count: usize, good: usize) -> Vec<Judged> {
        let random = &mut crate::routing::random::Random::new(1, 0);
        let mut all: Vec<Judged> =
            (0..count).map(|n| Judged { logit: 0.0, as_good: n % 10 < good, project: String::new() }).collect();
        random.shuffle(&mut all);
        all
    }

    #[test]
    fn a_fit_that_outcomes_ask_for_passes() {
        let found = guard(&outcomes(200, 8), &Line::NONE);
        assert!(found.passes() && found.after.ece < 0.1 && (found.before.ece - 0.3).abs() < 1e-9, "{found:?}");
        assert!((found.before.log_loss - 2.0_f64.ln()).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn what_is_right_already_is_left_alone() {
        assert!(!guard(&outcomes(200, 5), &Line::NONE).passes());
        let all = outcomes(200, 8);
        assert!(!guard(&all, &fit(&all)).passes(), "the same again gains nothing");
    }

    #[test]
    fn no_outcomes_no_fit() {
        assert!(!guard(&[], &Line::NONE).passes());
    }
}
