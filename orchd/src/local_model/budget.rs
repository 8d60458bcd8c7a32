//! How many requests all looks together may send: in no minute more than 30. Pure: the time now is a parameter.

use std::time::Duration;

use tokio::time::Instant;

/// Requests that may be sent at once.
const BURST: u32 = 10;
/// Time until one more may be sent: 20 a minute. With the burst that is 30 in any minute.
const EACH: Duration = Duration::from_secs(3);

/// Requests a minute at most.
pub const PER_MINUTE: u32 = 30;

/// A bucket of requests that fills by itself.
#[derive(Debug)]
pub struct Budget {
    left: u32,
    /// When the bucket held `left`.
    at: Instant,
}

impl Budget {
    /// Returns a full bucket.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { left: BURST, at: now }
    }

    /// Takes `requests`, all or none; returns the time until there are enough otherwise.
    pub fn take(&mut self, requests: u32, now: Instant) -> Result<(), Duration> {
        let requests = requests.min(BURST);
        self.fill(now);
        if self.left >= requests {
            self.left -= requests;
            return Ok(());
        }
        Err((self.at + EACH * (requests - self.left)).saturating_duration_since(now))
    }

    /// Gives back what was taken and not sent.
    pub fn give_back(&mut self, requests: u32, now: Instant) {
        self.fill(now);
        self.left = (self.left + requests).min(BURST);
    }

    fn fill(&mut self, now: Instant) {
        let whole = now.saturating_duration_since(self.at).as_millis() / EACH.as_millis();
        let whole = u32::try_from(whole).unwrap_or(u32::MAX);
        if self.left.saturating_add(whole) >= BURST {
            (self.left, self.at) = (BURST, now);
        } else {
            self.left += whole;
            self.at += EACH * whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as greedily as it can for an hour and returns the most in any minute.
    fn most_in_a_minute(asked: &[u32], sent: fn(u32) -> u32) -> usize {
        let start = Instant::now();
        let mut budget = Budget::new(start);
        let mut now = start;
        let mut times = Vec::new();
        let mut asked = asked.iter().cycle();
        while now < start + Duration::from_hours(1) {
            let requests = *asked.next().expect("cycles");
            while let Err(wait) = budget.take(requests, now) {
                assert!(wait > Duration::ZERO && wait <= EACH * BURST, "{wait:?}");
                now += wait;
            }
            let sent = sent(requests);
            times.extend((0..sent).map(|_| now));
            now += Duration::from_millis(37);
            budget.give_back(requests - sent, now);
        }
        let window =
            |from: &Instant| times.iter().filter(|at| (*from..*from + Duration::from_mins(1)).contains(at)).count();
        times.iter().map(window).max().unwrap_or(0)
    }

    #[test]
    fn no_minute_has_more_than_thirty() {
        for asked in [&[1][..], &[5], &[10], &[1, 5, 2, 2, 1]] {
            let most = most_in_a_minute(asked, |requests| requests);
            assert!((20..=PER_MINUTE as usize).contains(&most), "{asked:?}: {most}");
            let most = most_in_a_minute(asked, |requests| requests.div_ceil(2));
            assert!(most <= PER_MINUTE as usize, "{asked:?}: {most}");
        }
    }
}
