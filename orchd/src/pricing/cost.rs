//! What one request costs, in whole nano-dollars.

use super::table::{Price, Rates};

/// Tokens of a request, or of one of its iterations, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read anew.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Read from the prompt cache.
    pub cache_read: u64,
    /// Written to the prompt cache for five minutes.
    pub cache_write_5m: u64,
    /// Written to the prompt cache for an hour.
    pub cache_write_1h: u64,
}

impl Tokens {
    /// Length of the prompt: it chooses the price band.
    #[must_use]
    pub fn prompt(&self) -> u64 {
        [self.cache_read, self.cache_write_5m, self.cache_write_1h]
            .iter()
            .fold(self.input, |sum, n| sum.saturating_add(*n))
    }
}

/// What the price of a request depends on beside model and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// All tokens of the request.
    pub tokens: Tokens,
    /// The parts of a request that went to the model several times; empty for all others. Each is priced by its own length.
    pub iterations: Vec<Tokens>,
    /// Searches that the provider did on the web.
    pub web_searches: u64,
    /// Served in fast mode.
    pub fast: bool,
    /// Served as part of a batch.
    pub batch: bool,
    /// Served in the United States on demand.
    pub us_only: bool,
}

/// Nano-dollars that a request is believed to have cost at most: 10,000 US dollars.
const MOST_NANO_USD: i64 = 10_000_000_000_000;

/// Returns what a request costs at a price, in nano-dollars; None where the price says nothing of what was used, or the request
/// cannot have used what it claims.
#[must_use]
pub fn cost(price: &Price, usage: &Usage) -> Option<i64> {
    let parts = if iterations_add_up(usage) { &usage.iterations[..] } else { std::slice::from_ref(&usage.tokens) };
    let mut pico: u128 = 0;
    for part in parts {
        pico = pico.checked_add(tokens_pico(price.rates(part.prompt(), usage.fast)?, part)?)?;
    }
    if usage.batch {
        pico /= 2;
    }
    if usage.us_only {
        let (times, by) = price.us_factor;
        pico = pico.checked_mul(times.into())? / u128::from(by);
    }
    let searches = u128::from(usage.web_searches).checked_mul(price.web_search_pico.into())?;
    // Halves of a nano-dollar are rounded up; one rounding per request.
    let nano = i64::try_from(pico.checked_add(searches)?.checked_add(500)? / 1000).ok();
    nano.filter(|nano| *nano <= MOST_NANO_USD)
}

/// Whether the iterations are all of the request: the client prices them apart only then.
fn iterations_add_up(usage: &Usage) -> bool {
    let sum = |of: fn(&Tokens) -> u64| usage.iterations.iter().map(of).fold(0, u64::saturating_add);
    let all = &usage.tokens;
    !usage.iterations.is_empty()
        && sum(|part| part.input) == all.input
        && sum(|part| part.output) == all.output
        && sum(|part| part.cache_read) == all.cache_read
        && sum(|part| part.cache_write_5m.saturating_add(part.cache_write_1h))
            == all.cache_write_5m.saturating_add(all.cache_write_1h)
}

fn tokens_pico(rates: &Rates, tokens: &Tokens) -> Option<u128> {
    let mut pico: u128 = 0;
    for (count, rate) in [
        (tokens.input, Some(rates.input)),
        (tokens.output, Some(rates.output)),
        (tokens.cache_read, rates.cache_read),
        (tokens.cache_write_5m, rates.cache_write_5m),
        (tokens.cache_write_1h, rates.cache_write_1h),
    ] {
        if count > 0 {
            pico = pico.checked_add(u128::from(count).checked_mul(rate?.into())?)?;
        }
    }
    Some(pico)
}

#[cfg(test)]
mod tests {
    use super::super::{PriceSource, PriceTable};
    use super::*;

    const NOON: i64 = 12 * 3_600 * 1_000_000;

    fn at(day: &str) -> i64 {
        super::super::table::start_of(day.parse().expect("a day")) + NOON
    }

    #[test]
    fn every_row_and_factor_costs_what_was_worked_out_apart() {
        let table = PriceTable::new(Vec::new());
        let mut checked = 0;
        let golden = include_str!("../../../tests/fixtures/prices/golden.tsv");
        for line in golden.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<_> = line.split('\t').collect();
            let count = |place: usize| fields[place].parse::<u64>().expect("a count");
            let usage = Usage {
                tokens: Tokens {
                    input: count(5),
                    output: count(6),
                    cache_read: count(7),
                    cache_write_5m: count(8),
                    cache_write_1h: count(9),
                },
                web_searches: count(10),
                fast: fields[2] == "fast",
                batch: fields[3] == "yes",
                us_only: fields[4] == "yes",
                iterations: Vec::new(),
            };
            let (price, _) = table.find(fields[0], at(fields[1])).expect(line);
            assert_eq!(cost(price, &usage), fields[11].parse().ok(), "{line} by {price:?}");
            checked += 1;
        }
        assert!(checked > 300, "{checked}");
        // No row stands outside the golden table.
        for row in table.rows() {
            assert!(
                golden.contains(&format!("\n{}\t", row.model)) || row.source == PriceSource::Client,
                "{}",
                row.model
            );
        }
    }

    #[test]
    fn dates_choose_the_row() {
        let table = PriceTable::new(Vec::new());
        let read = |day: &str| {
            let (price, _) = table.find("claude-sonnet-5-5", at(day)).expect("known");
            price.rates(1, false).and_then(|rates| rates.cache_read)
        };
        assert_eq!((read("2026-10-06"), read("2026-10-07")), (Some(200_000), Some(100_000)));
    }

    #[test]
    fn names_of_every_kind_are_found_and_strangers_are_not() {
        let table = PriceTable::new(Vec::new());
        let source =
            |id: &str| table.find(id, at("2026-11-01")).map(|(price, fast)| (&*price.model, price.source, fast));
        assert_eq!(source("claude-sonnet-4-20250514"), Some(("claude-sonnet-4", PriceSource::LiteLlm, false)));
        assert_eq!(source("claude-opus-4-20250514"), Some(("claude-opus-4-0", PriceSource::Client, false)));
        assert_eq!(
            source("us.anthropic.claude-opus-4-5-20251101-v1:0"),
            Some(("claude-opus-4-5-20251101", PriceSource::LiteLlm, false))
        );
        assert_eq!(source("claude-opus-5-fast[1m]"), Some(("claude-opus-5", PriceSource::LiteLlm, true)));
        for stranger in
            ["", "claude", "claude-opus", "claude-opus-55", "qwen3-coder-30b", "<synthetic>", "claude-opus-5-extra"]
        {
            assert_eq!(source(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn iterations_are_priced_apart_when_they_are_the_whole() {
        let table = PriceTable::new(Vec::new());
        let (price, _) = table.find("claude-haiku-5-5", at("2026-11-01")).expect("known");
        let part = Tokens { input: 60_000, output: 10, ..Tokens::default() };
        let mut usage = Usage {
            tokens: Tokens { input: 120_000, output: 20, ..Tokens::default() },
            iterations: vec![part; 2],
            ..Usage::default()
        };
        assert_eq!(cost(price, &usage), Some(12_010_000));
        usage.iterations.pop();
        assert_eq!(cost(price, &usage), Some(60_050_000));
    }

    #[test]
    fn absurd_counts_overflow_nothing() {
        let table = PriceTable::new(Vec::new());
        let (price, _) = table.find("claude-opus-5", at("2026-11-01")).expect("known");
        let tokens = Tokens { input: u64::MAX, cache_read: u64::MAX, ..Tokens::default() };
        assert_eq!(cost(price, &Usage { tokens, ..Usage::default() }), None);
    }
}
