//! What the model is doing, in the words of a line of progress. Pure.

use std::time::Duration;

use crate::command::number::counted;

/// What the model is doing, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Waiting,
    Loading(Option<u8>),
    Thinking,
    Answering,
}

impl Doing {
    /// Returns the line after so much time and so many tokens.
    pub(crate) fn line(self, spent: Duration, tokens: u64) -> String {
        let seconds = spent.as_secs();
        let tokens = counted(tokens, "token");
        match self {
            Self::Waiting => format!("waiting for the first token… {seconds} s"),
            Self::Loading(None) => format!("loading the model… {seconds} s"),
            Self::Loading(Some(percent)) => format!("loading the model… {percent} %, {seconds} s"),
            Self::Thinking => format!("thinking… {seconds} s, {tokens}"),
            Self::Answering => format!("answering… {seconds} s, {tokens}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_progress() {
        let s = Duration::from_secs;
        for (doing, tokens, expected) in [
            (Doing::Waiting, 0, "waiting for the first token… 42 s"),
            (Doing::Loading(Some(40)), 0, "loading the model… 40 %, 42 s"),
            (Doing::Thinking, 1234, "thinking… 42 s, 1,234 tokens"),
        ] {
            assert_eq!(doing.line(s(42), tokens), expected);
        }
    }
}
