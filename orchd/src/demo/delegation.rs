//! What the demo's sessions would have handed to a local model, and what came of it.

use shared::event::DelegationId;

use super::random::Random;
use super::{MODELS, Moment, SECOND};
use crate::delegation::{Counted, Outcome, Policy, Record, TokenCount};

/// Delegations of all past sessions together.
const DELEGATIONS: usize = 60;
/// The stream of numbers that they are drawn from: beside those of sessions.
const STREAM: u64 = 1 << 48;

/// Tasks of the kind that a small model does well, with what it says.
const TASKS: [(&str, &str); 6] = [
    (
        "Write a docstring for each function of this file.",
        "\"\"\"Return the sum of all articles, rounded once at the end.\"\"\"",
    ),
    (
        "Turn this table into JSON, an object for each row.",
        "[{\"name\": \"queue-a\", \"size\": 4}, {\"name\": \"queue-b\", \"size\": 2}]",
    ),
    (
        "Sum up this log in three sentences.",
        "The load began at 02:00. Two batches were tried again. All rows were there by 02:41.",
    ),
    (
        "Give five names for a test of negative discounts.",
        "rejects_negative_discounts, negative_discount_is_an_error, …",
    ),
    ("Write a regular expression for dates such as 2026-11-22.", "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$"),
    (
        "Say in a line what each of these commits does.",
        "1. Books a refund once. 2. Counts late webhooks. 3. Names the states.",
    ),
];
/// Why Claude did it.
const REASONS: [&str; 5] = ["unreachable", "unreachable", "slow_first_token", "busy", "too_long"];

/// Returns some sixty delegations of past sessions, the oldest first. `moments` stand in the order of time.
pub(crate) fn delegations(seed: u64, moments: &[Moment]) -> Vec<Record> {
    let is_turn = |moment: &&Moment| moment.payload["hook_event_name"] == "Stop";
    let turns: Vec<_> = moments.iter().filter(is_turn).collect();
    let count = turns.len().min(DELEGATIONS);
    // Spread over all of them, up to the newest.
    let chosen = (1..=count).map(|place| turns[place * turns.len() / count - 1]);
    chosen.enumerate().map(|(place, turn)| delegation(seed, turn, (place, count))).collect()
}

fn delegation(seed: u64, turn: &Moment, (place, count): (usize, usize)) -> Record {
    let mut random = Random::new(seed, STREAM + place as u64);
    let id = DelegationId(random.uuid().parse().unwrap_or_default());
    let outcome = match random.between(1, 30) {
        1 => Outcome::Cancelled,
        2 => Outcome::Failed,
        3..=6 => Outcome::FellBack,
        _ => Outcome::Completed,
    };
    let newer = place * 3 > count;
    let (task, answer) = *random.pick(&TASKS);
    let input = random.between(300, 9_000);
    let (reasoning, said) = (random.between(80, 1_500), random.between(20, 600));
    // In tenths, so that they look measured.
    let tokens_per_second = if newer { random.between(380, 520) } else { random.between(240, 360) };
    let first_token = 2_500 + input * 4 + random.between(0, 9_000);
    let local_ms = first_token / 10 + (reasoning + said) * 10_000 / tokens_per_second;
    let is_done = outcome == Outcome::Completed;
    let local_ms = if is_done { local_ms } else { random.between(40, 20_000) };
    let ended_at = turn.occurred_at - random.between(1, 20) * SECOND;
    let whole = |count: i64| count.unsigned_abs();
    Record {
        session_id: turn.payload["session_id"].as_str().map(str::to_owned),
        project_dir: turn.payload["cwd"].as_str().map(str::to_owned),
        local_model_state: Some(if is_done { "ready" } else { "down" }.to_owned()),
        reason: match outcome {
            Outcome::Completed => None,
            Outcome::Cancelled => Some("interrupted".to_owned()),
            _ => Some((*random.pick(&REASONS)).to_owned()),
        },
        endpoint: Some("http://127.0.0.1:1234".to_owned()),
        model: Some(MODELS[usize::from(newer)].to_owned()),
        tries: 1,
        local_ms,
        first_token_ms: is_done.then(|| tenths(first_token)),
        tokens_per_second: is_done.then(|| tenths(tokens_per_second)),
        tokens: is_done.then(|| TokenCount {
            input: whole(input),
            output: whole(reasoning + said),
            reasoning: whole(reasoning),
            source: Counted::Server,
        }),
        task: Some(task.to_owned()),
        answer: is_done.then(|| answer.to_owned()),
        ..Record::new(id, Policy::Command, ended_at - local_ms * 1_000, ended_at, outcome)
    }
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn tenths(count: i64) -> f64 {
    count as f64 / 10.0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use shared::event::Micros;

    use super::super::past;
    use super::*;

    const NOW: Micros = 1_800_000_000_000_000;

    #[test]
    fn they_are_the_same_for_the_same_seed_and_all_can_be_recorded() {
        let moments = past(1, 40, NOW);
        let made = delegations(1, &moments);
        assert_eq!(made, delegations(1, &moments));
        assert_ne!(made, delegations(2, &moments));
        assert_eq!(made.len(), DELEGATIONS);
        assert!(NOW - made[DELEGATIONS - 1].ended_at < 24 * 3600 * SECOND, "up to the last day");
        assert_eq!(made.iter().map(|record| &record.task_id).collect::<HashSet<_>>().len(), DELEGATIONS);
        for record in made {
            record.clone().checked(NOW).unwrap_or_else(|wrong| panic!("{wrong}: {record:?}"));
        }
    }

    #[test]
    fn few_sessions_have_few_and_most_of_them_run_here() {
        assert!(delegations(1, &past(1, 1, NOW)).len() < 10);
        let made = delegations(1, &past(1, 40, NOW));
        let of = |outcome| made.iter().filter(|record| record.outcome == outcome).count();
        assert!(
            of(Outcome::Completed) > 35 && of(Outcome::FellBack) > 2,
            "{} {}",
            of(Outcome::Completed),
            of(Outcome::FellBack)
        );
        assert!(delegations(1, &[]).is_empty());
    }
}
