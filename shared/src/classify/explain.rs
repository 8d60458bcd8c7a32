//! Which features moved a head's answer most. Reads the text a second time; not for the hook's path.

use super::features::{BUCKETS, DENSE, Features, dense_name, prefix, tokens};
use super::heads::Head;
use super::murmur::murmur3;
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
    let squares: i32 = features.buckets().map(|(_, count)| i32::from(count).pow(2)).sum();
    let norm = f64::from(squares.max(1)).sqrt();
    let named = names(text);
    for (bucket, count) in features.buckets() {
        let moved = slope * weights.hashed(bucket, output) * f64::from(count) / norm;
        if let Some(words) = &named[bucket] {
            reasons.push(Reason { feature: format!("\"{words}\""), moved });
        }
    }
    reasons.retain(|reason| reason.moved != 0.0);
    // The name decides between equals, so that the answer is the same every time.
    reasons.sort_by(|a, b| b.moved.abs().total_cmp(&a.moved.abs()).then_with(|| a.feature.cmp(&b.feature)));
    reasons.truncate(limit);
    reasons
}

/// Returns the first words of the text in each bucket.
fn names(text: &str) -> Vec<Option<String>> {
    let mut names = vec![None; BUCKETS];
    tokens(prefix(text), |token, pair| {
        for gram in [token, pair] {
            let name = &mut names[murmur3(gram) as usize % BUCKETS];
            if name.is_none() {
                *name = Some(String::from_utf8_lossy(gram).into_owned());
            }
        }
    });
    names
}
