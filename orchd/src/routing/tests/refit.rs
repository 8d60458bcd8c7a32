//! What a refit on 200 outcomes is worth where the tasks are another mix: 20 seeds, fresh draws.

use shared::classify::exact::{ln, sigmoid};

use super::super::guard::{guard, held};
use super::super::metrics::as_f64;
use super::super::random::Random;
use super::super::refit::{Judged, Line, fit};

/// Outcomes that are fitted to.
const OUTCOMES: usize = 200;
/// Fresh draws that the ECE is taken of.
const FRESH: usize = 20_000;

/// A user whose tasks and whose local model differ from what the heads were fitted to.
struct User {
    /// The log odds are truly times this,
    slope: f64,
    /// plus this.
    intercept: f64,
    /// Where the heads' log odds lie.
    mean: f64,
    /// How far they spread.
    deviation: f64,
}

impl User {
    fn drawn(random: &mut Random) -> Self {
        let mut between = |low: f64, high: f64| low + (high - low) * random.unit();
        Self {
            slope: between(0.6, 1.4),
            intercept: between(-1.5, 1.0),
            mean: between(-0.5, 1.0),
            deviation: between(0.5, 0.9),
        }
    }

    fn outcomes(&self, count: usize, random: &mut Random) -> Vec<Judged> {
        let mut one = || {
            let logit = self.mean + self.deviation * normal(random);
            let as_good = random.unit() < sigmoid(self.slope * logit + self.intercept);
            Judged { logit, as_good, project: String::new() }
        };
        (0..count).map(|_| one()).collect()
    }
}

/// Returns a draw around 0 with a deviation of 1: the sum of twelve, which is near enough and the same everywhere.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}

/// What one seed shows.
#[derive(Debug)]
struct Shown {
    is_taken: bool,
    ece_before: f64,
    ece_after: f64,
    /// Log loss on a separate draw: before less after.
    gain: f64,
}

fn experiment(seed: u64) -> Shown {
    let mut random = Random::new(seed, 1);
    let user = User::drawn(&mut random);
    let outcomes = user.outcomes(OUTCOMES, &mut random);
    let is_taken = guard(&outcomes, &Line::NONE).passes();
    let line = if is_taken { fit(&outcomes) } else { Line::NONE };
    let [before, after] = [&Line::NONE, &line].map(|line| {
        let mut random = Random::new(seed, 2);
        let [fresh, apart] = [FRESH; 2].map(|count| user.outcomes(count, &mut random));
        let of = |rows: &[Judged]| held(&rows.iter().map(|row| line.probability(row)).collect::<Vec<_>>(), rows);
        (of(&fresh).ece, of(&apart).log_loss)
    });
    Shown { is_taken, ece_before: before.0, ece_after: after.0, gain: before.1 - after.1 }
}

#[test]
fn two_hundred_outcomes_of_another_mix_bring_the_ece_down_and_hurt_nothing() {
    let shown: Vec<Shown> = (0..20).map(experiment).collect();
    let mean = |of: fn(&Shown) -> f64| shown.iter().map(of).sum::<f64>() / as_f64(shown.len());
    let table: Vec<String> = shown
        .iter()
        .enumerate()
        .map(|(seed, one)| {
            format!(
                "seed {seed:2}: ECE {:.3} -> {:.3}, log loss lower by {:.4}, {}",
                one.ece_before,
                one.ece_after,
                one.gain,
                if one.is_taken { "taken" } else { "refused" }
            )
        })
        .collect();
    let summary =
        format!("{}\nmean ECE {:.4} -> {:.4}", table.join("\n"), mean(|one| one.ece_before), mean(|one| one.ece_after));
    assert!(mean(|one| one.ece_after) <= 0.04, "{summary}");
    assert!(shown.iter().all(|one| one.gain >= 0.0), "{summary}");
    assert!(mean(|one| one.ece_before) > 0.1, "the mix is not shifted\n{summary}");
    // Seen with `cargo test -p orchd two_hundred -- --nocapture`.
    crate::command::output::say(&summary);
}

#[test]
fn a_fit_is_the_same_bits_for_the_same_outcomes() {
    let mut random = Random::new(3, 1);
    let user = User::drawn(&mut random);
    let outcomes = user.outcomes(OUTCOMES, &mut random);
    assert_eq!(fit(&outcomes), fit(&outcomes.clone()));
    let line = fit(&outcomes);
    assert!(ln(line.slope.max(0.1)).abs() < 1.5, "{line:?}");
}
