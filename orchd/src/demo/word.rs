//! What the demo's user says of past tasks: whether the recommended route was right, and how some came out.

use serde::Serialize;
use shared::decision::Route;

use super::random::Random;
use super::{Decider, Moment};

/// The stream of numbers that it is drawn from: beside those of sessions, delegations and local models.
const STREAM: u64 = 1 << 50;

/// A word on a task, as `POST /api/v1/feedback` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Word {
    task: String,
    verdict: &'static str,
    about: &'static str,
}

/// Returns the words on past tasks, the oldest first. The demo's local model is a little worse than the heads take it for, so that there is
/// something to calibrate.
pub(crate) fn words(seed: u64, moments: &[Moment], decider: &Decider) -> Vec<Word> {
    let of_task = |(place, moment): (usize, &Moment)| {
        let decision = decider.decided(moment)?.decision;
        let task = task_id(moment)?;
        let mut random = Random::new(seed, STREAM + place as u64);
        let (said, drawn) = (random.between(1, 10), random.between(0, 999));
        let verdict = |is_good| if is_good { "good" } else { "bad" };
        let word = match said {
            1..=5 => {
                let as_good = drawn < per_mille(decision.as_good) - 30;
                Word { task, verdict: verdict((decision.route == Route::Local) == as_good), about: "route" }
            }
            6 => Word { task, verdict: verdict(drawn < 850), about: "result" },
            _ => return None,
        };
        Some(word)
    };
    moments.iter().enumerate().filter_map(of_task).collect()
}

/// Returns the task that an event begins, by the name it is stored under.
fn task_id(Moment { payload, .. }: &Moment) -> Option<String> {
    match payload["hook_event_name"].as_str()? {
        "UserPromptSubmit" => payload["prompt_id"].as_str().map(|id| format!("prompt:{id}")),
        _ => payload["tool_use_id"].as_str().map(|id| format!("agent:{id}")),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a probability")]
fn per_mille(probability: f64) -> i64 {
    (probability * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use shared::event::Micros;

    use super::super::past;
    use super::*;

    const NOW: Micros = 1_800_000_000_000_000;

    #[test]
    fn there_are_enough_of_both_to_calibrate_and_each_task_is_named_once() {
        let (moments, decider) = (past(1, 60, NOW), Decider::new(1, NOW));
        let made = words(1, &moments, &decider);
        assert_eq!(made, words(1, &moments, &decider));
        assert_eq!(made.iter().map(|word| &word.task).collect::<HashSet<_>>().len(), made.len());
        let of = |about, verdict| made.iter().filter(|word| word.about == about && word.verdict == verdict).count();
        let counts = [of("route", "good"), of("route", "bad"), of("result", "good"), of("result", "bad")];
        assert!(counts[0] > 30 && counts[1] > 15 && counts[2] > 15 && counts[3] > 0, "{counts:?}");
        assert!(words(1, &[], &decider).is_empty());
    }
}
