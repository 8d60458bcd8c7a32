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
