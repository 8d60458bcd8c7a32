//! How often a server was asked, and how long its model had the question: to be read at any time, for asking may be dropped half-way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What one question came to so far.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    tries: u32,
    before: Duration,
    since: Option<Instant>,
}

impl Meter {
    /// Says that the server is asked.
    pub(super) fn begins(&self) {
        let mut count = self.count();
        count.tries += 1;
        count.since = Some(Instant::now());
    }

    /// Says that the asking which began last is over, and whether a model had it. What is over stays so.
    pub fn ends(&self, had_a_model: bool) {
        let mut count = self.count();
        if let Some(since) = count.since.take().filter(|_| had_a_model) {
            count.before += since.elapsed();
        }
    }

    /// Returns how often the server was asked.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.count().tries
    }

    /// Returns how long a model had the question: without the pauses between, and without what never reached one. An asking that is
    /// not over counts, for nobody knows better.
    #[must_use]
    pub fn worked(&self) -> Duration {
        let count = self.count();
        count.before + count.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_model_had_is_time_of_it() {
        let meter = Meter::default();
        assert_eq!((meter.tries(), meter.worked()), (0, Duration::ZERO), "nothing was asked");
        let pass = || {
            let from = Instant::now();
            while from.elapsed().is_zero() {}
        };
        meter.begins();
        pass();
        meter.ends(false);
        assert_eq!((meter.tries(), meter.worked()), (1, Duration::ZERO));
        meter.begins();
        pass();
        assert!(meter.worked() > Duration::ZERO, "it may be read half-way");
        meter.ends(true);
        let worked = meter.worked();
        pass();
        meter.ends(false);
        assert_eq!((meter.tries(), meter.worked()), (2, worked), "a pause is no work, and what is over stays so");
    }
}
