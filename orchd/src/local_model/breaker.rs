//! When a server is asked again: a circuit breaker with its waits. Pure: the time now is a parameter.
//!
//! *Closed*: it answered the last time; one failure is tried again twice, soon, before it counts. *Open*: it does not answer; nobody
//! asks until the wait is over, and each wait is longer than the one before. *Half open*: one single try decides.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

/// Tries before a server that answered counts as failed.
pub const TRIES: u32 = 3;
/// Time between two looks at a server that is being changed: loading a model.
pub const WHILE_LOADING: Duration = Duration::from_secs(5);
/// Longest wait, with its jitter: 28 s, so that a server is known to be back within 35 s even if the last look took all of its time.
pub const LONGEST_WAIT: Duration = Duration::from_secs(28);

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It answered, and may go on as it is.
    Answered,
    /// It answered that it will be another soon.
    Changing,
    /// It did not answer.
    Failed,
    /// Something else answered: trying at once again would find the same.
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed { failed: u32 },
    Open,
    HalfOpen,
}

/// The breaker of one server.
#[derive(Debug)]
pub struct Breaker {
    phase: Phase,
    due: Instant,
    /// Time between two looks at a server that answers.
    interval: Duration,
    waits: ExponentialBackoff,
    retries: ExponentialBackoff,
}

impl Breaker {
    /// Returns a breaker that lets the first look through now.
    #[must_use]
    pub fn new(now: Instant, interval: Duration) -> Self {
        Self { phase: Phase::Closed { failed: 0 }, due: now, interval, waits: waits(), retries: retries() }
    }

    /// Returns when the next look is due.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Whether one look may go now; while the single one of a half-open breaker is under way no other may.
    pub fn begin(&mut self, now: Instant) -> bool {
        if now < self.due {
            return false;
        }
        match self.phase {
            Phase::Closed { .. } => true,
            Phase::Open => {
                self.phase = Phase::HalfOpen;
                true
            }
            Phase::HalfOpen => false,
        }
    }

    /// Takes in what a look came to; true when that counts, false when it is tried again first.
    pub fn end(&mut self, now: Instant, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Answered | Outcome::Changing => {
                self.phase = Phase::Closed { failed: 0 };
                (self.waits, self.retries) = (waits(), retries());
                self.due = now + if outcome == Outcome::Changing { WHILE_LOADING } else { self.interval };
                true
            }
            Outcome::Failed => match self.phase {
                Phase::Closed { failed } if failed + 1 < TRIES => {
                    self.phase = Phase::Closed { failed: failed + 1 };
                    self.due = now + self.retries.next().unwrap_or_default();
                    false
                }
                _ => self.open(now),
            },
            Outcome::Foreign => self.open(now),
        }
    }

    fn open(&mut self, now: Instant) -> bool {
        self.phase = Phase::Open;
        self.retries = retries();
        self.due = now + self.waits.next().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        true
    }
}

/// Half a second, then one, each up to twice as long: many programs that lost one server must not come back as one.
fn retries() -> ExponentialBackoff {
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(500)).with_jitter().build()
}

/// Two seconds to 14, each up to twice as long.
fn waits() -> ExponentialBackoff {
    let growing = ExponentialBuilder::new().with_min_delay(Duration::from_secs(2)).with_max_delay(LONGEST_WAIT / 2);
    growing.without_max_times().with_jitter().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);

    #[test]
    fn a_failure_counts_after_three_tries() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(now, INTERVAL);
        assert!(breaker.begin(now));
        for (least, most) in [(500, 1_000), (1_000, 2_000)] {
            assert!(!breaker.end(now, Outcome::Failed), "not yet");
            let wait = breaker.due() - now;
            assert!((least..=most).contains(&wait.as_millis()), "{wait:?}");
            assert!(!breaker.begin(now), "not before it is due");
            now = breaker.due();
            assert!(breaker.begin(now));
        }
        assert!(breaker.end(now, Outcome::Failed), "now it counts");
    }

    #[test]
    fn one_single_try_decides_whether_it_is_back() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(now, INTERVAL);
        assert!(breaker.end(now, Outcome::Foreign), "what answers wrongly is not tried again at once");
        let mut longest = Duration::ZERO;
        for _ in 0..1_000 {
            longest = longest.max(breaker.due() - now);
            now = breaker.due();
            assert!(breaker.begin(now) && !breaker.begin(now), "a single one");
            assert!(breaker.end(now, Outcome::Failed), "it counts at once");
        }
        assert!(longest > LONGEST_WAIT / 2 && longest <= LONGEST_WAIT, "{longest:?}");
        now = breaker.due();
        assert!(breaker.begin(now) && breaker.end(now, Outcome::Answered));
        assert_eq!(breaker.due(), now + INTERVAL);
        assert!(!breaker.end(now, Outcome::Failed), "closed again: a failure is tried again first");
    }

    #[test]
    fn a_model_that_loads_is_looked_at_more_often() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now, INTERVAL);
        assert!(breaker.end(now, Outcome::Changing));
        assert_eq!(breaker.due(), now + WHILE_LOADING);
    }
}
