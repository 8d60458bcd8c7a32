//! How each head is fitted: which rows, which targets, which strengths. Found on train and val rows alone, by leaving out whole
//! sources, repositories and collections as well as rows.

use shared::classify::features::About;
use shared::classify::{Agent, Head, TaskType};

use super::rows::{Label, Row, Task};

/// The strengths of one head.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Raised when the head means something else, or is made in another way.
    pub version: u16,
    /// Of which rows.
    pub task: Task,
    /// How many words and pairs of words the head knows.
    pub vocabulary: usize,
    /// How freely the weights of words move.
    pub freedom: f64,
    /// Which counts the head reads: others fit by chance where it learns, and mislead elsewhere.
    pub counts: &'static [About],
    /// How freely the weights of counts move.
    pub dense: f64,
    /// Pull of all weights to 0.
    pub ridge: f64,
    /// Rare classes count more, by their frequency to this power.
    pub balance: f64,
    /// How much of a route target is what other local models made of the row.
    pub others: f64,
    /// How much of the target of `as_good` is whether the local model solves the row: that carries over to other sources better.
    pub solves: f64,
}

impl Recipe {
    /// Returns the recipe of a head.
    #[must_use]
    pub fn of(head: Head) -> Self {
        let route = Self {
            version: 3,
            task: Task::Route,
            vocabulary: 3_000,
            freedom: 2.5,
            counts: &[About::Shape],
            dense: 0.15,
            ridge: 1e-3,
            balance: 0.0,
            others: 0.3,
            solves: 0.0,
        };
        let size = Self {
            task: Task::Complexity,
            vocabulary: 14_000,
            freedom: 3.2,
            counts: &[About::Shape, About::Work],
            dense: 0.3,
            ridge: 2e-4,
            others: 0.0,
            ..route
        };
        match head {
            Head::AsGood => Self { solves: 0.2, ..route },
            Head::LocalSolves => route,
            Head::Small | Head::NotLarge => size,
            Head::TaskType => Self {
                task: Task::Type,
                vocabulary: 3_000,
                freedom: 4.0,
                dense: 0.6,
                ridge: 3e-4,
                balance: 0.5,
                ..size
            },
            Head::Agent => Self {
                task: Task::Agent,
                vocabulary: 400,
                freedom: 3.0,
                counts: &[About::Trade],
                dense: 0.8,
                ridge: 2e-3,
                balance: 0.5,
                ..size
            },
        }
    }
}

/// Returns which class a row has for a head; None where the row says nothing about it. Of a head with one score, 1 is yes.
#[must_use]
pub fn class_of(row: &Row, head: Head) -> Option<usize> {
    if row.task != Recipe::of(head).task {
        return None;
    }
    match (head, &row.label) {
        (Head::AsGood | Head::Small, Label::Bit(bit)) => Some(usize::from(*bit)),
        (Head::LocalSolves, _) => Some(usize::from(row.weak_score? >= 0.5)),
        (Head::NotLarge, _) => row.is_not_large().map(usize::from),
        (Head::TaskType, Label::Name(name)) => TaskType::ALL.iter().position(|class| class.name() == name),
        (Head::Agent, Label::Name(name)) => Agent::ALL.iter().position(|class| class.name() == name),
        _ => None,
    }
}

/// Returns what the fit aims at: of each score, the probability.
#[must_use]
pub fn target(row: &Row, head: Head, class: usize) -> Vec<f32> {
    let outputs = head.outputs().len();
    if outputs > 1 {
        return (0..outputs).map(|output| f32::from(u8::from(output == class))).collect();
    }
    let recipe = Recipe::of(head);
    let label = if class > 0 { 1.0 } else { 0.0 };
    let (weak, strong) = (row.weak_score.unwrap_or(label), row.strong_score.unwrap_or(1.0));
    // The row is as good locally unless the strong model solves it and the local one does not.
    let (solves, as_good) = match other_local_models(row) {
        Some(others) => (mix(weak, others, recipe.others), mix(label, 1.0 - strong * (1.0 - others), recipe.others)),
        None => (weak, label),
    };
    let probability = match head {
        Head::AsGood => mix(as_good, solves, recipe.solves),
        Head::LocalSolves => solves,
        _ => label,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a probability")]
    let target = vec![probability as f32];
    target
}

/// Returns `a` moved by a part of the way to `b`.
fn mix(a: f64, b: f64, part: f64) -> f64 {
    a + part * (b - a)
}

/// Models of the rows that no one runs beside an editor.
const LARGE: [&str; 4] = ["32B", "deepseek", "gpt", "gemini"];

/// Returns the mean score of the local models that tried the row.
fn other_local_models(row: &Row) -> Option<f64> {
    let is_local = |name: &str| !LARGE.iter().any(|part| name.contains(part));
    let scores: Vec<f64> = row.scores.iter().filter(|(name, _)| is_local(name)).map(|(_, score)| *score).collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / super::metrics::as_f64(scores.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> Row {
        serde_json::from_str(json).expect("a row")
    }

    #[test]
    fn classes_of_each_head() {
        let route = row(r#"{"id":"a","text":"t","label":0,"weak_score":0.5,"strong_score":1,"task":"route"}"#);
        let commit = row(r#"{"id":"b","text":"t","label":1,"task":"complexity","files":1,"lines":9}"#);
        let story = row(r#"{"id":"c","text":"t","label":1,"task":"complexity"}"#);
        let typed = row(r#"{"id":"d","text":"t","label":"docs","task":"type","files":1,"lines":9}"#);
        for (row, head, class) in [
            (&route, Head::AsGood, Some(0)),
            (&route, Head::LocalSolves, Some(1)),
            (&route, Head::Small, None),
            (&commit, Head::Small, Some(1)),
            (&commit, Head::NotLarge, Some(1)),
            (&story, Head::NotLarge, None),
            (&typed, Head::TaskType, Some(3)),
            (&typed, Head::NotLarge, None),
            (&typed, Head::Agent, None),
        ] {
            assert_eq!(class_of(row, head), class, "{} {}", row.id, head.name());
        }
    }

    #[test]
    fn other_models_soften_the_target() {
        let row = row(
            r#"{"id":"a","text":"t","label":0,"weak_score":0,"strong_score":1,"task":"route","scores":{"a-7B":1,"b-8B":0,"x-32B":1}}"#,
        );
        let Recipe { others, solves, .. } = Recipe::of(Head::AsGood);
        for (head, expected) in [
            // Half of the local models solve it, and the strong one does: as good half the time.
            (Head::LocalSolves, others * 0.5),
            (Head::AsGood, (1.0 - solves) * others * 0.5 + solves * others * 0.5),
        ] {
            let found = f64::from(target(&row, head, 0)[0]);
            assert!((found - expected).abs() < 1e-6, "{}: {found}", head.name());
        }
    }
}
