//! How long an answer may take and how large it may be. Pure: which limit ends next.

use std::time::Duration;

/// Largest reply as it comes over the wire, in bytes. A streamed token takes some 200, so this is more than any local model's
/// context holds.
pub const REPLY_BYTES_MAX: usize = 32 << 20;

/// Longest until the first token unless told otherwise: R1 thinks long, and a large model loads for minutes.
pub const FIRST_TOKEN: Duration = Duration::from_mins(10);
/// Longest silence inside of an answer.
pub const IDLE: Duration = Duration::from_secs(45);
/// Longest the whole answer may take unless told otherwise.
pub const WHOLE: Duration = Duration::from_hours(1);
/// How long a server may keep the last figures back after it said that the answer is whole.
const AFTER_THE_END: Duration = Duration::from_secs(2);

/// The limits of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the request to the first token, of reasoning or answer. Not for an answer that is asked for in one piece.
    pub first_token: Duration,
    /// From one piece of bytes to the next.
    pub idle: Duration,
    /// From the request to the end.
    pub whole: Duration,
    /// Bytes over the wire.
    pub reply_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_token: FIRST_TOKEN, idle: IDLE, whole: WHOLE, reply_bytes: REPLY_BYTES_MAX }
    }
}

/// Which limit it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// No token at all.
    FirstToken,
    /// It fell silent.
    Idle,
    /// It never ended.
    Whole,
    /// It said that it is whole, and nothing came after: no failure.
    AfterTheEnd,
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No token has come.
    Waiting {
        /// Whether tokens come one by one.
        streamed: bool,
    },
    /// Tokens come.
    Answering,
    /// The server said that there are no more.
    Ended,
}

impl Limits {
    /// Returns the limits for a user's own `--timeout`.
    #[must_use]
    pub fn within(whole: Duration) -> Self {
        Self { first_token: whole, idle: IDLE.min(whole), whole, ..Self::default() }
    }

    /// Returns what is left of them after some time. Silence between two pieces is limited as before.
    #[must_use]
    pub fn after(&self, spent: Duration) -> Self {
        let left = |limit: Duration| limit.saturating_sub(spent);
        Self { first_token: left(self.first_token), whole: left(self.whole), ..*self }
    }

    /// Returns when the wait that began at `waiting_since` must end, and by which limit. Both times are since the request.
    #[must_use]
    pub fn deadline(&self, phase: Phase, waiting_since: Duration) -> (Duration, Limit) {
        let next = match phase {
            Phase::Waiting { streamed: true } => (self.first_token, Limit::FirstToken),
            // The answer is made before its first byte is sent.
            Phase::Waiting { streamed: false } => (self.whole, Limit::Whole),
            Phase::Answering => (waiting_since + self.idle, Limit::Idle),
            Phase::Ended => (waiting_since + AFTER_THE_END, Limit::AfterTheEnd),
        };
        // Of two that end together the narrower one says more.
        if self.whole < next.0 { (self.whole, Limit::Whole) } else { next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_ends_first_holds() {
        let limits = Limits::default();
        let s = Duration::from_secs;
        for (phase, since, expected) in [
            (Phase::Waiting { streamed: true }, s(500), (s(600), Limit::FirstToken)),
            (Phase::Waiting { streamed: false }, s(500), (s(3600), Limit::Whole)),
            (Phase::Answering, s(500), (s(545), Limit::Idle)),
            (Phase::Answering, s(3590), (s(3600), Limit::Whole)),
            (Phase::Ended, s(500), (s(502), Limit::AfterTheEnd)),
        ] {
            assert_eq!(limits.deadline(phase, since), expected, "{phase:?}");
        }
        let rest = limits.after(s(590));
        assert_eq!(rest.deadline(Phase::Waiting { streamed: true }, s(0)), (s(10), Limit::FirstToken));
        assert_eq!((rest.idle, rest.whole, limits.after(s(9999)).whole), (limits.idle, s(3010), s(0)));
        let short = Limits::within(s(5));
        assert_eq!(short.deadline(Phase::Waiting { streamed: true }, s(0)), (s(5), Limit::FirstToken));
        assert_eq!(short.deadline(Phase::Answering, s(4)), (s(5), Limit::Whole));
    }
}
