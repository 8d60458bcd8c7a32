//! What a router has to be better than: words, length, the most frequent class, chance.

use shared::classify::keyword;
use shared::classify::{Agent, TaskType};

/// Parts of the rows by length.
const QUANTILES: usize = 5;

/// The most obvious words of each kind of work, asked in this order.
const TYPE_WORDS: [(TaskType, &[&str]); 7] = [
    (TaskType::Bugfix, &["fix", "bug", "error", "crash"]),
    (TaskType::Docs, &["docs", "document", "readme", "typo"]),
    (TaskType::Test, &["test"]),
    (TaskType::Performance, &["perf", "faster", "speed", "optimize"]),
    (TaskType::Refactor, &["refactor", "rename", "move", "simplify"]),
    (TaskType::Chore, &["bump", "update", "release", "ci"]),
    (TaskType::Feature, &["add", "implement", "support", "feature"]),
];

/// Returns the class by the first word found, as a keyword rule would; features for the rest.
#[must_use]
pub fn task_type_by_words(text: &str) -> usize {
    let text = text.to_lowercase();
    let found = TYPE_WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
    found.map_or(TaskType::Feature, |(class, _)| *class) as usize
}

/// Returns the class by the trigger phrases of the first design; general purpose for the rest.
#[must_use]
pub fn agent_by_words(text: &str) -> usize {
    keyword::agent(text).unwrap_or(Agent::General) as usize
}

/// Returns the most frequent class for every row. It has seen the truth, which flatters it.
#[must_use]
pub fn majority(truths: &[usize]) -> Vec<usize> {
    vec![most_frequent(truths.iter().copied()); truths.len()]
}

/// Returns the most frequent class among rows of about the same length. It has seen the truth, which flatters it.
#[must_use]
pub fn by_length(lengths: &[usize], truths: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&row| (lengths[row], row));
    let mut guesses = vec![0; lengths.len()];
    for part in order.chunks(lengths.len().div_ceil(QUANTILES).max(1)) {
        let class = most_frequent(part.iter().map(|&row| truths[row]));
        for &row in part {
            guesses[row] = class;
        }
    }
    guesses
}

/// Returns the class that occurs most; of equals the first.
fn most_frequent(classes: impl Iterator<Item = usize>) -> usize {
    let mut counts: Vec<usize> = Vec::new();
    for class in classes {
        counts.resize(counts.len().max(class + 1), 0);
        counts[class] += 1;
    }
    let best = counts.iter().enumerate().max_by_key(|(class, count)| (**count, std::cmp::Reverse(*class)));
    best.map_or(0, |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (text, class) in [
            ("Fix the login", TaskType::Bugfix),
            ("readme: badge", TaskType::Docs),
            ("a new button", TaskType::Feature),
            ("bump deps", TaskType::Chore),
        ] {
            assert_eq!(task_type_by_words(text), class as usize, "{text}");
        }
        assert_eq!(agent_by_words("load test"), Agent::Performance as usize);
        assert_eq!(agent_by_words("hello"), Agent::General as usize);
        assert_eq!(majority(&[2, 1, 2]), [2; 3]);
        assert_eq!(majority(&[1, 2]), [1; 2]);
        assert_eq!(
            by_length(&[1, 2, 3, 4, 5, 60, 70, 80, 90, 99], &[0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
            // Pairs of neighbours; in the middle one, each class once.
            [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
        );
        assert_eq!(by_length(&[], &[]), [0; 0]);
    }
}
