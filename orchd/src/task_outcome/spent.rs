//! What a task took: the rows of the ledger that are its own. A row belongs to one task at most.

use super::facts::Request;

/// What requests sum to. None throughout where there is none: what is not known is not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests.
    pub requests: Option<i64>,
    /// The model that wrote most.
    pub model: Option<String>,
    /// Read anew.
    pub input_tokens: Option<i64>,
    /// Written.
    pub output_tokens: Option<i64>,
    /// Read from the cache.
    pub cache_read_input_tokens: Option<i64>,
    /// Written to the cache.
    pub cache_creation_input_tokens: Option<i64>,
    /// What those cost whose price is known; None where none is.
    pub cost_nano_usd: Option<i64>,
    /// How many have no known price.
    pub unknown_cost_requests: Option<i64>,
}

impl Spent {
    /// Sums requests up.
    pub(super) fn of(requests: &[&Request]) -> Self {
        if requests.is_empty() {
            return Self::default();
        }
        let sum = |of: fn(&Request) -> u64| {
            let sum = requests.iter().map(|request| of(request)).fold(0, u64::saturating_add);
            Some(i64::try_from(sum).unwrap_or(i64::MAX))
        };
        let costs = requests.iter().filter_map(|request| request.cost_nano_usd);
        let unknown = requests.iter().filter(|request| request.cost_nano_usd.is_none()).count();
        Self {
            requests: i64::try_from(requests.len()).ok(),
            model: most(requests, |request| request.usage.tokens.output).map(str::to_owned),
            input_tokens: sum(|request| request.usage.tokens.input),
            output_tokens: sum(|request| request.usage.tokens.output),
            cache_read_input_tokens: sum(|request| request.usage.tokens.cache_read),
            cache_creation_input_tokens: sum(|request| {
                request.usage.tokens.cache_write_5m.saturating_add(request.usage.tokens.cache_write_1h)
            }),
            cost_nano_usd: costs.fold(None, |sum: Option<i64>, cost| Some(sum.unwrap_or(0).saturating_add(cost))),
            unknown_cost_requests: i64::try_from(unknown).ok(),
        }
    }
}

/// Returns the model with most of something; of equals the first by name.
pub(super) fn most<'r>(requests: &[&'r Request], of: impl Fn(&Request) -> u64) -> Option<&'r str> {
    let mut sums = std::collections::BTreeMap::<&str, u64>::new();
    for request in requests {
        let sum = sums.entry(&request.model).or_default();
        *sum = sum.saturating_add(of(request));
    }
    let best = sums.values().max().copied()?;
    sums.into_iter().find_map(|(model, sum)| (sum == best).then_some(model))
}
