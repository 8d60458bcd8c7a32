//! The label of a task: the user's word decides; else any sign of failure; else a sign of success; else nobody knows.

use super::Answer;
use super::signs::{End, Signs};

/// What the user says of a task when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It came out well.
    Good,
    /// It did not.
    Bad,
}

impl Verdict {
    /// Returns the word of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// Returns the verdict of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Good, Self::Bad].into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// How a task came out, as far as that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Something says that it is done, and nothing that it is not.
    Success,
    /// Something says that it is not.
    Failure,
    /// Nothing says either.
    Unknown,
}

impl Label {
    /// Returns the word of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Unknown => "unknown",
        }
    }
}

/// Returns the label. Failed tool calls alone decide nothing: an agent tries, fails and goes on. That a delegation was cancelled says
/// nothing of the local model, as it was recorded.
pub(super) fn label(signs: &Signs) -> Label {
    match signs.feedback {
        Some(Verdict::Good) => return Label::Success,
        Some(Verdict::Bad) => return Label::Failure,
        None => {}
    }
    let ended_badly = !matches!(signs.end, End::Completed | End::Cancelled | End::Denied);
    let check = signs.check.map(|check| check.passed);
    if ended_badly || check == Some(false) || signs.answer == Some(Answer::Rejected) {
        Label::Failure
    } else if signs.end == End::Completed && (check == Some(true) || signs.answer == Some(Answer::Approved)) {
        Label::Success
    } else {
        Label::Unknown
    }
}
