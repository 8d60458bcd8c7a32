//! What is kept of a delegation.

use super::caller::Caller;
use super::outcome::{Claude, Delegation, Local};
use crate::delegation::{Outcome, Policy, Record};

impl Delegation {
    /// Returns the record of it.
    pub(crate) fn record(&self, policy: Policy, caller: &Caller) -> Record {
        let record = Record::new(self.id, policy, self.started_at, self.ended_at, self.outcome(policy));
        let record = caller.sign(Record {
            local_model_state: self.state.map(|state| state.word().to_owned()),
            endpoint: Some(self.endpoint.clone()).filter(|url| !url.is_empty()),
            tries: self.tries,
            local_ms: i64::try_from(self.local_time.as_millis()).unwrap_or(i64::MAX),
            ..record
        });
        let record = record.asked(&self.request).decided(&self.decision);
        match &self.local {
            Local::Answered(reply) => record.answered(&self.request, reply),
            Local::Failed(error) => record.failed(&self.request, error),
            Local::Cancelled(_) => Record { reason: Some("interrupted".to_owned()), ..record },
            Local::Unwritten(_) => Record { reason: Some("unwritten".to_owned()), ..record },
        }
    }

    fn outcome(&self, policy: Policy) -> Outcome {
        match (&self.local, &self.claude) {
            // The client's model is told to do it itself.
            (Local::Failed(_), _) if policy == Policy::Mcp => Outcome::FellBack,
            (Local::Answered(_), _) => Outcome::Completed,
            (Local::Failed(_), Some(Claude::Answered(_))) => Outcome::FellBack,
            (Local::Cancelled(_) | Local::Unwritten(_), _) | (_, Some(Claude::Cancelled(_))) => Outcome::Cancelled,
            (Local::Failed(_), _) => Outcome::Failed,
        }
    }
}
