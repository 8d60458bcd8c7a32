//! From the user's judged outcomes to a slope, an intercept and offsets of projects on top of the log odds of `as_good`.
//!
//! Logistic regression at its most probable point given a prior: the weights of the build are right (slope 1, nothing added) until
//! outcomes say otherwise. Few outcomes move it little, many move it to where they are. Newton's steps in a fixed order with
//! functions of our own: the same outcomes give the same bits everywhere.

use std::collections::BTreeMap;

use shared::classify::exact::{exp, ln, sigmoid};
use shared::decision::is_in;

use super::newton::{self, Curvature};

/// Fewer outcomes are not fitted to.
pub const LEAST_OUTCOMES: usize = 30;
/// Each of both, as good and not, is seen at least this often.
pub const LEAST_OF_EACH: usize = 5;
/// From so many outcomes on projects get offsets of their own,
pub const OUTCOMES_FOR_PROJECTS: usize = 200;
/// those of at least so many outcomes,
pub const OUTCOMES_OF_PROJECT: usize = 40;
/// and of these the ones with the most: the hook's snapshot is small.
pub const MOST_PROJECTS: usize = 6;
/// A longer folder gets none, bytes.
const MOST_FOLDER_BYTES: usize = 200;

/// Standard deviation of the slope around 1 before any outcome: other tasks tell the heads apart a little better or worse.
const SLOPE_DEVIATION: f64 = 0.3;
/// Standard deviation of the intercept around 0. Which local model it is moves it most: three of them were as good as Claude on 81, 54
/// and 38 % of the same tasks, log odds of 1.4, 0.2 and -0.5.
const INTERCEPT_DEVIATION: f64 = 1.0;
/// Standard deviation of a project's offset around 0.
const OFFSET_DEVIATION: f64 = 0.5;

/// A decision that was judged later.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The log odds of `as_good`, before any fit.
    pub logit: f64,
    /// Whether the local model's answer was, or would have been, as good.
    pub as_good: bool,
    /// The project's folder; empty where it is not known.
    pub project: String,
}

/// What was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The log odds times this,
    pub slope: f64,
    /// plus this.
    pub intercept: f64,
    /// Plus this in some projects: folder and offset, the longest folder first.
    pub projects: Vec<(String, f64)>,
}

impl Line {
    /// What decisions go by without a fit.
    pub const NONE: Self = Self { slope: 1.0, intercept: 0.0, projects: Vec::new() };

    /// Returns the fitted probability of an outcome's task.
    #[must_use]
    pub fn probability(&self, judged: &Judged) -> f64 {
        let offset =
            self.projects.iter().find(|(project, _)| is_in(&judged.project, project)).map_or(0.0, |found| found.1);
        sigmoid(self.slope * judged.logit + self.intercept + offset)
    }
}

/// Too little to fit to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    /// How many there are.
    pub outcomes: usize,
    /// Of them as good.
    pub as_good: usize,
}

impl std::fmt::Display for TooFew {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.outcomes < LEAST_OUTCOMES {
            return write!(f, "too few outcomes yet: {} of {LEAST_OUTCOMES}", self.outcomes);
        }
        let rarer = self.as_good.min(self.outcomes - self.as_good);
        let kind = if self.as_good == rarer { "as good" } else { "not as good" };
        write!(f, "too few outcomes yet: {rarer} of {LEAST_OF_EACH} that were {kind}")
    }
}

/// Returns whether there is enough to fit to.
pub fn is_enough(judged: &[Judged]) -> Result<(), TooFew> {
    let outcomes = judged.len();
    let as_good = judged.iter().filter(|judged| judged.as_good).count();
    let enough = outcomes >= LEAST_OUTCOMES && as_good.min(outcomes - as_good) >= LEAST_OF_EACH;
    enough.then_some(()).ok_or(TooFew { outcomes, as_good })
}

/// Fits to outcomes, whatever their number: none leave [`Line::NONE`].
#[must_use]
pub fn fit(judged: &[Judged]) -> Line {
    let projects = projects_of(judged);
    let rows: Vec<Row> = judged
        .iter()
        .map(|judged| Row {
            logit: judged.logit,
            project: projects.iter().position(|project| *project == judged.project),
            truth: f64::from(u8::from(judged.as_good)),
        })
        .collect();
    let mut at = vec![0.0; 2 + projects.len()];
    at[0] = 1.0;
    newton::minimise(&mut at, |at, curvature| posterior(&rows, at, curvature));
    let offsets = at.split_off(2);
    Line { slope: at[0], intercept: at[1], projects: projects.into_iter().map(str::to_owned).zip(offsets).collect() }
}

/// Returns the projects that get an offset, the longest folder first.
fn projects_of(judged: &[Judged]) -> Vec<&str> {
    if judged.len() < OUTCOMES_FOR_PROJECTS {
        return Vec::new();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in judged {
        *counts.entry(&judged.project).or_default() += 1;
    }
    let mut found: Vec<(&str, usize)> = counts
        .into_iter()
        .filter(|(project, count)| *count >= OUTCOMES_OF_PROJECT && (1..=MOST_FOLDER_BYTES).contains(&project.len()))
        .collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.truncate(MOST_PROJECTS);
    // Of folders inside each other the inner one counts.
    found.sort_by_key(|(project, _)| std::cmp::Reverse(project.len()));
    found.into_iter().map(|(project, _)| project).collect()
}

/// An outcome as the fit sees it.
struct Row {
    logit: f64,
    project: Option<usize>,
    truth: f64,
}

/// Returns the negative logarithm of the posterior, and writes its slope and curvature.
fn posterior(rows: &[Row], at: &[f64], curvature: &mut Curvature) -> f64 {
    let mut loss = 0.0;
    for (place, &value) in at.iter().enumerate() {
        let (mean, deviation) = match place {
            0 => (1.0, SLOPE_DEVIATION),
            1 => (0.0, INTERCEPT_DEVIATION),
            _ => (0.0, OFFSET_DEVIATION),
        };
        let strength = 1.0 / (deviation * deviation);
        loss += strength * (value - mean) * (value - mean) / 2.0;
        curvature.add_to_slope(place, strength * (value - mean));
        curvature.add(place, place, strength);
    }
    for row in rows {
        let offset = row.project.map_or(0.0, |project| at[2 + project]);
        let score = at[0] * row.logit + at[1] + offset;
        loss += log_loss(score, row.truth);
        let probability = sigmoid(score);
        let (error, weight) = (probability - row.truth, probability * (1.0 - probability));
        let parts = [Some((0, row.logit)), Some((1, 1.0)), row.project.map(|project| (2 + project, 1.0))];
        for (place, value) in parts.into_iter().flatten() {
            curvature.add_to_slope(place, error * value);
            for (other, factor) in parts.into_iter().flatten() {
                curvature.add(place, other, weight * value * factor);
            }
        }
    }
    loss
}

/// Returns how much a truth surprises who believed in these log odds, in nats.
#[must_use]
pub fn log_loss(score: f64, truth: f64) -> f64 {
    score.max(0.0) - score * truth + ln(1.0 + exp(-score.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(logit: f64, as_good: bool, project: &str) -> Judged {
        Judged { logit, as_good, project: project.to_owned() }
    }

    /// Outcomes of which a part of `good` in ten is as good.
    fn outcomes(count: usize, good: usize, project: &str) -> Vec<Judged> {
        (0..count).map(|n| judged(if n / 10 % 2 == 0 { 0.4 } else { -0.4 }, n % 10 < good, project)).collect()
    }

    #[test]
    fn nothing_known_changes_nothing() {
        assert_eq!(fit(&[]), Line::NONE);
    }

    #[test]
    fn many_outcomes_are_believed() {
        let line = fit(&outcomes(20_000, 8, ""));
        // Eight in ten at both logits: a slope of 0 and the log odds of 4.
        assert!(line.slope.abs() < 0.03 && (line.intercept - 4.0_f64.ln()).abs() < 0.03, "{line:?}");
        let few = fit(&outcomes(30, 8, ""));
        assert!(few.slope > 0.7 && (0.7..1.4).contains(&few.intercept), "{few:?}");
    }

    #[test]
    fn projects_get_offsets_where_they_have_the_outcomes() {
        let mut all = outcomes(150, 8, "/w/good");
        all.extend(outcomes(100, 3, "/w/bad/inner"));
        all.extend(outcomes(39, 3, "/w/few"));
        all.extend(outcomes(60, 5, ""));
        let line = fit(&all);
        let names: Vec<&str> = line.projects.iter().map(|(project, _)| project.as_str()).collect();
        assert_eq!(names, ["/w/bad/inner", "/w/good"]);
        assert!(line.projects[0].1 < -0.3 && line.projects[1].1 > 0.3, "{line:?}");
        let at = |project| line.probability(&judged(0.0, true, project));
        assert!(at("/w/bad/inner") < at("/w/few") && at("/w/few") < at("/w/good"), "{line:?}");
        assert!(fit(&all[..199]).projects.is_empty());
    }

    #[test]
    fn any_outcomes_give_numbers() {
        for all in [
            vec![judged(1e6, true, ""); 50],
            vec![judged(-1e6, true, ""); 50],
            vec![judged(0.0, false, ""); 5_000],
            vec![judged(30.0, false, ""), judged(-30.0, true, "")],
        ] {
            let line = fit(&all);
            assert!(line.slope.is_finite() && line.intercept.is_finite(), "{line:?}");
        }
    }

    #[test]
    fn what_is_enough() {
        let of = |count, good| is_enough(&outcomes(count, good, "")).map_err(|few| few.to_string());
        assert_eq!(of(30, 5), Ok(()));
        assert_eq!(of(29, 5), Err("too few outcomes yet: 29 of 30".to_owned()));
        assert_eq!(of(40, 1), Err("too few outcomes yet: 4 of 5 that were as good".to_owned()));
        assert_eq!(of(40, 9), Err("too few outcomes yet: 4 of 5 that were not as good".to_owned()));
    }
}
