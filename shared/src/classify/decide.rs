//! From scores to probabilities and choices.

use super::exact::{exp, sigmoid};
use super::features::Features;
use super::heads::{Agent, ChangeSize, Head, OUTPUTS, TaskType};
use super::weights::Weights;

/// What the heads say of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classification {
    /// Will the local model's answer be as good as the cloud model's?
    pub as_good: Chance,
    /// Will the local model solve it?
    pub local_solves: Chance,
    /// Is it a small change?
    pub small: Chance,
    /// Is it less than a large change?
    pub not_large: Chance,
    /// What kind of work is it?
    pub task_type: Choice<TaskType, 7>,
    /// Which subagent is it for?
    pub agent: Choice<Agent, 5>,
}

/// A calibrated answer to yes or no.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The log odds, for a calibration on top of this one.
    pub logit: f64,
    /// Of yes, 0 to 1.
    pub probability: f64,
}

/// A calibrated answer to which.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice<T, const N: usize> {
    /// The one that is chosen. Rare ones are chosen sooner than their probability alone would say.
    pub value: T,
    /// The chosen one's probability, 0 to 1.
    pub confidence: f64,
    /// Of each, in the order of `ALL`; they add up to 1.
    pub probabilities: [f64; N],
}

impl Classification {
    /// Returns what the weights say of a text.
    #[must_use]
    pub fn of(features: &Features, weights: &Weights<'_>) -> Self {
        let scores = weights.scores(features);
        let mut logits = scores;
        for (output, logit) in logits.iter_mut().enumerate() {
            let scale = weights.scale(output);
            *logit = f64::from(scale.slope) * *logit + f64::from(scale.offset);
        }
        let chance = |head: Head| {
            let logit = logits[head.outputs().start];
            Chance { logit, probability: sigmoid(logit) }
        };
        Self {
            as_good: chance(Head::AsGood),
            local_solves: chance(Head::LocalSolves),
            small: chance(Head::Small),
            not_large: chance(Head::NotLarge),
            task_type: choose(TaskType::ALL, Head::TaskType, &scores, &logits),
            agent: choose(Agent::ALL, Head::Agent, &scores, &logits),
        }
    }

    /// Returns the likelier side of both questions about the size.
    #[must_use]
    pub fn change_size(&self) -> ChangeSize {
        if self.not_large.probability < 0.5 {
            ChangeSize::Large
        } else if self.small.probability < 0.5 {
            ChangeSize::Medium
        } else {
            ChangeSize::Small
        }
    }
}

/// Chooses by the score, which was fitted for all classes to matter; the calibrated logits say how sure that is.
fn choose<T: Copy, const N: usize>(
    all: [T; N],
    head: Head,
    scores: &[f64; OUTPUTS],
    logits: &[f64; OUTPUTS],
) -> Choice<T, N> {
    let from = head.outputs().start;
    let mut best = 0;
    for class in 1..N {
        if scores[from + class] > scores[from + best] {
            best = class;
        }
    }
    let mut probabilities = [0.0; N];
    let highest = logits[head.outputs()].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (probability, logit) in probabilities.iter_mut().zip(&logits[from..]) {
        *probability = exp(logit - highest);
        sum += *probability;
    }
    for probability in &mut probabilities {
        *probability /= sum;
    }
    Choice { value: all[best], confidence: probabilities[best], probabilities }
}
