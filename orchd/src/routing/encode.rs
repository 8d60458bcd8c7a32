//! A text's features as the fit sees them: how strongly each word speaks that the head knows, and counts around their means, each times
//! a number that says how freely its weights may move.

use shared::classify::Features;
use shared::classify::features::{About, DENSE, strength};

use super::logistic::Sparse;
use super::metrics::as_f64;
use super::recipe::Recipe;

/// Least deviation a count is divided by, so that what nearly never occurs gets no huge weight.
const LEAST_DEVIATION: f64 = 0.05;

/// Which words a head knows, what the counts were where it is fitted, and how freely the weights move.
#[derive(Debug, Clone)]
pub struct Encoder {
    /// The hashes of the words and pairs of words, in order.
    pub words: Vec<u32>,
    /// Of the counts.
    pub means: [f64; DENSE],
    /// Times the strengths of words.
    pub freedom: f64,
    /// Times the counts less their means: `dense` over the deviation, or 0 where the head does not read the count.
    pub factors: [f64; DENSE],
}

impl Encoder {
    /// Returns the encoder for these rows and words, which stand in order.
    #[must_use]
    pub fn of(words: Vec<u32>, rows: &[&Features], recipe: Recipe) -> Self {
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
        let mut factors = squares.map(|square: f64| recipe.dense / square.sqrt().max(LEAST_DEVIATION));
        for (count, factor) in factors.iter_mut().enumerate() {
            if !recipe.counts.contains(&About::count(count)) {
                *factor = 0.0;
            }
        }
        Self { words, means, freedom: recipe.freedom, factors }
    }

    /// Returns how many features a row has: the words, then the counts.
    #[must_use]
    pub fn features(&self) -> usize {
        self.words.len() + DENSE
    }

    /// Returns the features that are not 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "places far below 2^32, and values in single precision")]
    pub fn encode(&self, features: &Features) -> Sparse {
        let scale = self.freedom / features.length();
        let words = counted(features).into_iter().filter_map(|(gram, count)| {
            let place = self.words.binary_search(&gram).ok()?;
            Some((place as u32, (f64::from(strength(count)) * scale) as f32))
        });
        let dense = (0..DENSE).map(|at| {
            let value = (f64::from(features.dense[at]) - self.means[at]) * self.factors[at];
            ((self.words.len() + at) as u32, value as f32)
        });
        words.chain(dense).filter(|(_, value)| *value != 0.0).collect()
    }
}

/// Returns the words of a text and how often each occurs, in order.
fn counted(features: &Features) -> Vec<(u32, u8)> {
    let mut grams = features.grams().to_vec();
    grams.sort_unstable();
    let count = |same: &[u32]| u8::try_from(same.len()).unwrap_or(u8::MAX);
    grams.chunk_by(|a, b| a == b).map(|same| (same[0], count(same))).collect()
}

/// Returns the words that occur in so many rows at least, in order.
#[must_use]
pub fn words_of(rows: &[&Features], least: usize) -> Vec<u32> {
    let mut grams: Vec<u32> = rows.iter().flat_map(|row| counted(row)).map(|(gram, _)| gram).collect();
    grams.sort_unstable();
    grams.chunk_by(|a, b| a == b).filter(|same| same.len() >= least).map(|same| same[0]).collect()
}

#[cfg(test)]
mod tests {
    use shared::classify::Head;
    use shared::classify::features::pair_hash;
    use shared::classify::murmur::murmur3;

    use super::*;

    #[test]
    fn words_are_known_from_so_many_rows_on() {
        let rows = ["fix fix it", "fix that", "drop it"].map(Features::of);
        let rows: Vec<&Features> = rows.iter().collect();
        let mut both = [murmur3(b"fix"), murmur3(b"it"), pair_hash(murmur3(b"^"), murmur3(b"fix"))];
        both.sort_unstable();
        assert_eq!(words_of(&rows, 2), both);
        assert_eq!(words_of(&rows, 4), Vec::<u32>::new());
    }

    #[test]
    fn a_word_speaks_by_the_root_of_its_share() {
        let text = Features::of("fix fix it fix");
        let words = vec![murmur3(b"fix")];
        let recipe = Recipe { freedom: 2.0, ..Recipe::of(Head::Small) };
        let found = Encoder::of(words, &[&text], recipe).encode(&text);
        // Four words and four pairs; "fix" is three of the eight. The counts lie at their means.
        let expected = 2.0 * (3.0_f32 / 8.0).sqrt();
        assert_eq!(found.len(), 1);
        assert!((found[0].1 - expected).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn a_head_reads_only_the_counts_of_its_recipe() {
        let texts = ["Fix the slow query?", "add SQL"].map(Features::of);
        let rows: Vec<&Features> = texts.iter().collect();
        let read = |counts: &'static [About]| {
            let encoder = Encoder::of(Vec::new(), &rows, Recipe { counts, ..Recipe::of(Head::Small) });
            encoder.encode(&texts[0]).into_iter().map(|(count, _)| About::count(count as usize)).collect::<Vec<_>>()
        };
        for about in [About::Shape, About::Work, About::Trade] {
            let found = read(match about {
                About::Shape => &[About::Shape],
                About::Work => &[About::Work],
                About::Trade => &[About::Trade],
            });
            assert!(!found.is_empty() && found.iter().all(|count| *count == about), "{about:?} {found:?}");
        }
        assert_eq!(read(&[]), []);
    }
}
