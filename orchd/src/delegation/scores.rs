//! What the router said of a task that was handed over: the part of its decision that later fits and figures rest on.

use serde::{Deserialize, Serialize};
use shared::classify::{Agent, ChangeSize, TaskType};
use shared::decision::{self, Decision};
use utoipa::ToSchema;

use super::record::{MOST_NAME, MOST_REASONS, MOST_TOKENS, Record, Route};

/// Log odds beyond this are none: the heads' stay far below.
const MOST_LOGIT: f64 = 100.0;
/// US dollars that no task costs.
const MOST_USD: f64 = 1e6;

/// What the heads said of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DelegationScores)]
pub struct Scores {
    /// Probability that the local model's answer is as good as Claude's.
    pub as_good: f64,
    /// Its log odds before any fit to the user's outcomes.
    pub as_good_logit: f64,
    /// Whether it was fitted to outcomes of this local model.
    pub is_calibrated: bool,
    /// small, medium or large.
    pub change_size: String,
    /// The kind of work.
    pub task_type: String,
    /// How likely that is it.
    pub task_type_confidence: f64,
    /// The subagent that the task is for.
    pub suggested_agent: String,
    /// How likely that is it.
    pub suggested_agent_confidence: f64,
    /// How many tokens it would probably take.
    pub estimated_tokens: u64,
    /// What the local model would save, US dollars; null where no prices were known.
    #[serde(default)]
    pub expected_saving_usd: Option<f64>,
    /// What it would lose; null likewise.
    #[serde(default)]
    pub expected_loss_usd: Option<f64>,
    /// The local model that it is about.
    #[serde(default)]
    pub local_model: Option<String>,
}

impl From<&Decision> for Scores {
    fn from(decision: &Decision) -> Self {
        Self {
            as_good: decision.as_good,
            as_good_logit: decision.as_good_logit,
            is_calibrated: decision.is_calibrated,
            change_size: decision.change_size.clone(),
            task_type: decision.task_type.clone(),
            task_type_confidence: decision.task_type_confidence,
            suggested_agent: decision.agent.clone(),
            suggested_agent_confidence: decision.agent_confidence,
            estimated_tokens: decision.estimated_tokens.total(),
            expected_saving_usd: decision.expected_saving_usd,
            expected_loss_usd: decision.expected_loss_usd,
            local_model: decision.local_model.clone(),
        }
    }
}

impl Scores {
    /// Whether the heads could have said so. A maker that says something else is not believed; the rest of its record is.
    pub(super) fn can_be(&self) -> bool {
        let shares = [self.as_good, self.task_type_confidence, self.suggested_agent_confidence];
        let sums = [self.expected_saving_usd, self.expected_loss_usd];
        let is_size = [ChangeSize::Small, ChangeSize::Medium, ChangeSize::Large]
            .iter()
            .any(|size| size.name() == self.change_size);
        shares.iter().all(|share| (0.0..=1.0).contains(share))
            && self.as_good_logit.abs() <= MOST_LOGIT
            && sums.iter().flatten().all(|usd| usd.abs() <= MOST_USD)
            && self.estimated_tokens <= 2 * MOST_TOKENS
            && is_size
            && TaskType::ALL.iter().any(|class| class.name() == self.task_type)
            && Agent::ALL.iter().any(|class| class.name() == self.suggested_agent)
            && self.local_model.as_ref().is_none_or(|model| model.len() <= MOST_NAME)
    }
}

impl Record {
    /// Returns the record with what the router said of its task.
    #[must_use]
    pub fn decided(self, decision: &Decision) -> Self {
        let cut = |text: &str| text[..text.floor_char_boundary(MOST_NAME)].to_owned();
        Self {
            recommended_route: Some(match decision.route {
                decision::Route::Local => Route::Local,
                decision::Route::Claude => Route::Claude,
            }),
            confidence: decision.confidence,
            router_version: Some(decision.router_version.clone()),
            reasons: decision.reasons.iter().take(MOST_REASONS).map(|reason| cut(&reason.text)).collect(),
            scores: Some(Box::new(decision.into())),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Outcome, Policy};
    use super::*;
    use shared::decision::{Settings, Task, decide};
    use shared::event::DelegationId;

    const AT: i64 = 1_795_338_600_000_000;

    fn record() -> Record {
        let task = Task { text: "fix the typo in the readme", ..Task::default() };
        let decision = decide(&task, &Settings::default(), None);
        Record::new(DelegationId(uuid::Uuid::nil()), Policy::Mcp, AT, AT, Outcome::Failed).decided(&decision)
    }

    #[test]
    fn what_the_router_says_is_taken_and_comes_back() {
        let record = record().checked(AT).expect("a record");
        assert!(record.scores.is_some() && record.router_version.is_some() && !record.reasons.is_empty(), "{record:?}");
        let again: Record = serde_json::from_value(serde_json::json!(record)).expect("a record");
        assert_eq!(again, record);
    }

    #[test]
    fn what_no_head_says_is_left_out_and_the_record_kept() {
        let scores = record().scores.expect("some");
        for wrong in [
            Scores { as_good: 1.1, ..*scores.clone() },
            Scores { as_good_logit: f64::NAN, ..*scores.clone() },
            Scores { change_size: "huge".into(), ..*scores.clone() },
            Scores { task_type: String::new(), ..*scores.clone() },
            Scores { suggested_agent: "x".into(), ..*scores.clone() },
            Scores { estimated_tokens: u64::MAX, ..*scores.clone() },
            Scores { expected_loss_usd: Some(f64::INFINITY), ..*scores.clone() },
            Scores { local_model: Some("x".repeat(300)), ..*scores.clone() },
        ] {
            let record = Record { scores: Some(Box::new(wrong.clone())), ..record() };
            assert_eq!(record.checked(AT).expect("a record").scores, None, "{wrong:?}");
        }
    }
}
