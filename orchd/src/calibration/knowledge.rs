//! What is known for decisions: the fit of the local model that counts, and the threshold that keeps the quality floor.

use rusqlite::Connection;
use shared::classify::exact::sigmoid;
use shared::decision::{Fit, Money, Settings, USUAL_THRESHOLD, router_version};

use super::log::{fit_in_force, newest_log_odds};
use crate::routing::floor::{LEAST_DECISIONS, threshold};

/// Where a threshold comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThresholdSource {
    /// The rows that the heads were fitted to.
    #[default]
    Usual,
    /// The user's own decisions.
    OwnLog,
}

impl ThresholdSource {
    /// Returns the word of answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::OwnLog => "own log",
        }
    }
}

/// What is known for decisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Knowledge {
    /// The fit in force of the local model that counts, for the weights of this build.
    pub fit: Option<Fit>,
    /// From which probability on the quality floor holds.
    pub threshold: f64,
    /// Where that is from.
    pub threshold_source: ThresholdSource,
    /// What tokens cost; None where the displaced model or its price is not known.
    pub money: Option<Money>,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self { fit: None, threshold: USUAL_THRESHOLD, threshold_source: ThresholdSource::Usual, money: None }
    }
}

impl Knowledge {
    /// Returns what the log says about a local model, without money.
    pub fn of(conn: &Connection, model: Option<&str>, quality_floor: f64) -> rusqlite::Result<Self> {
        let weights = router_version();
        let kept = model.map(|model| fit_in_force(conn, model)).transpose()?.flatten();
        let fit = kept.map(|kept| kept.fit).filter(|fit| fit.weights == weights);
        let newest = newest_log_odds(conn, &weights)?;
        if newest.len() < LEAST_DECISIONS {
            return Ok(Self { fit, ..Self::default() });
        }
        let fitted = |logit: f64, project: &str| fit.as_ref().map_or(logit, |fit| fit.apply(logit, project));
        let as_good = newest.iter().map(|(logit, project)| sigmoid(fitted(*logit, project))).collect();
        let threshold = threshold(as_good, quality_floor);
        Ok(Self { fit, threshold, threshold_source: ThresholdSource::OwnLog, money: None })
    }

    /// Returns the user's settings with what is known in them.
    #[must_use]
    pub fn settings(&self, users: &Settings) -> Settings {
        Settings { fit: self.fit.clone(), threshold: self.threshold, money: self.money, ..users.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::routing::tests::{Seeded, fill};
    use crate::analytics::seed;

    #[test]
    fn the_usual_threshold_holds_until_the_log_is_long_enough() {
        let conn = seed::database();
        let known = || Knowledge::of(&conn, Some("r1"), 0.98).expect("answers");
        let decisions: Vec<Seeded<'_>> = vec![(3.0, "r1", None, None); 49];
        fill(&conn, &decisions);
        assert_eq!(known(), Knowledge::default());
        // One more that is nearly never as good: the others lose 2.3 % of all, so that only none would do.
        fill(&conn, &[(-3.0, "r1", None, None); 1]);
        let strict = known();
        assert_eq!((strict.threshold_source, strict.threshold), (ThresholdSource::OwnLog, 1.0));
        // At 95 % the floor holds from where those begin.
        let lax = Knowledge::of(&conn, Some("r1"), 0.95).expect("answers").threshold;
        assert!((lax - sigmoid(3.0)).abs() < 2e-6, "{lax}");
    }

    #[test]
    fn what_is_known_goes_into_the_users_settings() {
        let users = Settings { min_confidence: 0.7, threshold: 0.1, ..Settings::default() };
        let money = Money { claude_input: 1.0, claude_output: 2.0, local_output: 3.0 };
        let known = Knowledge { threshold: 0.9, money: Some(money), ..Knowledge::default() };
        let settings = known.settings(&users);
        assert_eq!((settings.min_confidence, settings.threshold, settings.money), (0.7, 0.9, Some(money)));
    }
}
