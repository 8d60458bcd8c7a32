//! What shows of how a task went, before it is judged.

use super::Answer;
use super::Verdict;
use super::check::{Checked, checked};
use super::evidence::Evidence;
use super::facts::{Call, CallStatus};

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// It came to its end.
    #[default]
    Completed,
    /// The client gave up: StopFailure.
    StopFailure,
    /// The subagent failed.
    AgentFailed,
    /// Somebody ended it: a turn without Stop, or a subagent that was cut.
    Interrupted,
    /// Its client was found gone.
    Lost,
    /// The call was refused: it never began.
    Denied,
    /// Of a delegation: neither the local model nor Claude could, or Claude did it in the local model's place.
    NotLocal,
    /// Of a delegation: somebody ended it.
    Cancelled,
}

impl End {
    /// Returns the words of `task_outcomes.outcome` and `reason`.
    pub(super) fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Completed => ("completed", None),
            Self::StopFailure => ("failed", Some("stop_failure")),
            Self::AgentFailed => ("failed", Some("agent_failed")),
            Self::NotLocal => ("failed", None),
            Self::Interrupted | Self::Cancelled => ("cancelled", Some("interrupted")),
            Self::Lost => ("cancelled", Some("lost")),
            Self::Denied => ("cancelled", Some("denied")),
        }
    }
}

/// What shows of how a task went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// How it ended.
    pub(super) end: End,
    /// Tool calls that ran to an end.
    pub(super) calls: u32,
    /// Of them, failed.
    pub(super) failed_calls: u32,
    /// The last of them failed.
    pub(super) last_call_failed: bool,
    /// Tool calls that were refused.
    pub(super) denied_calls: u32,
    /// Subagents that failed under way.
    pub(super) failed_agents: u32,
    /// The last check.
    pub(super) check: Option<Checked>,
    /// What the user's next prompt says.
    pub(super) answer: Option<Answer>,
    /// What the user said when asked.
    pub(super) feedback: Option<Verdict>,
}

impl Signs {
    /// Takes in the calls of the task, by start.
    pub(super) fn with_calls<'c>(mut self, calls: impl Iterator<Item = &'c Call>) -> Self {
        let mut last = None;
        for call in calls {
            let failed = call.status == CallStatus::Failed;
            match call.status {
                CallStatus::Ok | CallStatus::Failed => {
                    self.calls += 1;
                    self.failed_calls += u32::from(failed);
                    last = last.max(Some((call.ended_at, failed)));
                }
                CallStatus::Denied => self.denied_calls += 1,
                CallStatus::Open | CallStatus::Interrupted | CallStatus::Lost => {}
            }
            self.check = checked(call).or(self.check);
        }
        self.last_call_failed = last.is_some_and(|(_, failed)| failed);
        self
    }

    /// Returns what shows, in the order of its weight.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let end = match self.end {
            End::Completed | End::NotLocal | End::Cancelled => None,
            End::StopFailure => Some(Evidence::StopFailure),
            End::AgentFailed => Some(Evidence::AgentFailed),
            End::Interrupted => Some(Evidence::Interrupted),
            End::Lost => Some(Evidence::Lost),
            End::Denied => Some(Evidence::Denied),
        };
        let counted = |count: u32, evidence| (count > 0).then_some(evidence);
        [
            self.feedback.map(Evidence::Feedback),
            end,
            self.check.map(Evidence::Check),
            self.answer.map(Evidence::Answer),
            counted(self.failed_agents, Evidence::FailedAgents(self.failed_agents)),
            counted(self.failed_calls, Evidence::FailedCalls { failed: self.failed_calls, of: self.calls }),
            self.last_call_failed.then_some(Evidence::LastCallFailed),
            counted(self.denied_calls, Evidence::DeniedCalls(self.denied_calls)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
