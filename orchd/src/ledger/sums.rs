//! What requests used and cost together.

use std::ops::AddAssign;

use super::{MOST_TOKENS, Request};

/// Sums over requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many there are.
    pub requests: i64,
    /// Tokens read anew.
    pub input: i64,
    /// Tokens written.
    pub output: i64,
    /// Tokens read from the cache.
    pub cache_read: i64,
    /// Tokens written into the cache.
    pub cache_creation: i64,
    /// Cost of those whose cost is known, nano-dollars.
    pub cost_nano_usd: i64,
    /// How many have no known cost.
    pub unknown: i64,
}

impl Sums {
    /// Adds a request, or takes it away again where `sign` is -1.
    pub fn add(&mut self, request: &Request, sign: i64) {
        let tokens = &request.usage.tokens;
        self.requests += sign;
        self.input += sign * whole(tokens.input);
        self.output += sign * whole(tokens.output);
        self.cache_read += sign * whole(tokens.cache_read);
        self.cache_creation += sign * whole(tokens.cache_write_5m.saturating_add(tokens.cache_write_1h));
        self.cost_nano_usd += sign * request.cost_nano_usd.unwrap_or(0);
        self.unknown += sign * i64::from(request.cost_nano_usd.is_none());
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.input += more.input;
        self.output += more.output;
        self.cache_read += more.cache_read;
        self.cache_creation += more.cache_creation;
        self.cost_nano_usd += more.cost_nano_usd;
        self.unknown += more.unknown;
    }
}

/// Returns a count of tokens as it is stored: no more than is believed of any.
#[must_use]
pub fn whole(count: u64) -> i64 {
    i64::try_from(count.min(MOST_TOKENS)).unwrap_or(i64::MAX)
}
