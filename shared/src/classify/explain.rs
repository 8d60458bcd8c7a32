//! Which features moved a head's answer most. Reads the text a second time; not for the hook's path.

use std::collections::BTreeMap;

use super::features::{DENSE, Features, Token, dense_name, prefix, strength, tokens};
use super::heads::Head;
use super::weights::Weights;

/// A feature and how far it moved the log odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// A count by its name, or words of the text in quotes.
    pub feature: String,
    /// For the answer (above 0) or against it.
    pub moved: f64,
}

/// Returns the features that moved a score of a head most, strongest first. `output` counts within the head.
#[must_use]
pub fn explain(text: &str, weights: &Weights<'_>, head: Head, output: usize, limit: usize) -> Vec<Reason> {
    let features = Features::of(text);
    let output = head.outputs().start + output.min(head.outputs().len() - 1);
    let slope = f64::from(weights.scale(output).slope);
    let mut reasons: Vec<Reason> = (0..DENSE)
        .map(|count| Reason {
            feature: dense_name(count),
            moved: slope
                * weights.dense(count, output)
                * (f64::from(features.dense[count]) - weights.mean(count, head)),
        })
        .collect();
    for (slot, (words, count)) in known(text, *weights) {
        let moved = slope * weights.word(slot, output) * f64::from(strength(count)) / features.length();
        reasons.push(Reason { feature: format!("\"{words}\""), moved });
    }
    reasons.retain(|reason| reason.moved != 0.0);
    // The name decides between equals, so that the answer is the same every time.
    reasons.sort_by(|a, b| b.moved.abs().total_cmp(&a.moved.abs()).then_with(|| a.feature.cmp(&b.feature)));
    reasons.truncate(limit);
    reasons
}

/// Returns the words of the text that the heads know, by their slots, and how often each occurs.
fn known(text: &str, weights: Weights<'_>) -> BTreeMap<usize, (String, u8)> {
    let mut known = BTreeMap::new();
    tokens(prefix(text), |&Token { word, pair, hash, pair_hash }| {
        for (gram, hash) in [(word, hash), (pair, pair_hash)] {
            if let Some(slot) = weights.slot(hash) {
                let (_, count) =
                    known.entry(slot).or_insert_with(|| (String::from_utf8_lossy(gram).into_owned(), 0_u8));
                *count = count.saturating_add(1);
            }
        }
    });
    known
}
