//! What a label rests on, as a code and a few words of ours: never the user's.

use super::check::Checked;
use super::{Answer, Verdict};

/// One sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The user said how it came out.
    Feedback(Verdict),
    /// The client gave the turn up.
    StopFailure,
    /// The subagent reported a failure.
    AgentFailed,
    /// Somebody ended it.
    Interrupted,
    /// The client was gone.
    Lost,
    /// The call was refused.
    Denied,
    /// The last test, build or type check.
    Check(Checked),
    /// The user's next prompt.
    Answer(Answer),
    /// Subagents that it called failed.
    FailedAgents(u32),
    /// Tool calls failed.
    FailedCalls {
        /// So many.
        failed: u32,
        /// Of so many.
        of: u32,
    },
    /// The last tool call failed.
    LastCallFailed,
    /// Tool calls were refused.
    DeniedCalls(u32),
}

impl Evidence {
    /// Returns its code.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Feedback(Verdict::Good) => "feedback_good",
            Self::Feedback(Verdict::Bad) => "feedback_bad",
            Self::StopFailure => "stop_failure",
            Self::AgentFailed => "agent_failed",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
            Self::Denied => "denied",
            Self::Check(Checked { passed: true, .. }) => "check_passed",
            Self::Check(Checked { passed: false, .. }) => "check_failed",
            Self::Answer(Answer::Approved) => "approved",
            Self::Answer(Answer::Rejected) => "rejected",
            Self::FailedAgents(_) => "subagents_failed",
            Self::FailedCalls { .. } => "tools_failed",
            Self::LastCallFailed => "last_tool_failed",
            Self::DeniedCalls(_) => "tools_denied",
        }
    }

    fn words(self) -> String {
        let count =
            |count: u32, one: &str, many: &str| if count == 1 { one.to_owned() } else { format!("{count} {many}") };
        match self {
            Self::Feedback(Verdict::Good) => "you said it is good".to_owned(),
            Self::Feedback(Verdict::Bad) => "you said it is bad".to_owned(),
            Self::StopFailure => "the client gave up on an error of the API".to_owned(),
            Self::AgentFailed => "the subagent reported a failure".to_owned(),
            Self::Interrupted => "it was ended before it was done".to_owned(),
            Self::Lost => "the client was gone before it was done".to_owned(),
            Self::Denied => "the call was refused".to_owned(),
            Self::Check(Checked { name, exit_code, .. }) => match exit_code {
                Some(code) => format!("{name} ended with exit code {code}"),
                None => format!("{name} ended"),
            },
            Self::Answer(Answer::Approved) => "your next prompt takes it".to_owned(),
            Self::Answer(Answer::Rejected) => "your next prompt turns it down".to_owned(),
            Self::FailedAgents(agents) => count(agents, "a subagent failed", "subagents failed"),
            Self::FailedCalls { failed, of } => format!("{failed} of {of} tool calls failed"),
            Self::LastCallFailed => "the last tool call failed".to_owned(),
            Self::DeniedCalls(calls) => count(calls, "a tool call was refused", "tool calls were refused"),
        }
    }

    /// Returns the code with a few words, as it is stored: `check_failed: cargo ended with exit code 101`.
    pub(super) fn text(self) -> String {
        format!("{}: {}", self.code(), self.words())
    }
}
