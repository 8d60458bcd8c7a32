//! What a delegation saved. Four figures exist, and none is ever added to another; of them a delegation knows two: what was realised,
//! and the estimate of the seed. Pure.

use shared::event::Micros;

use super::record::{Outcome, TokenCount};
use crate::pricing::{self, PriceTable, Usage, cost};

/// The seed's price of a token that Claude did not have to process: 0.015 US dollars per thousand, nano-dollars.
pub const SEED_NANO_USD_PER_TOKEN: i64 = 15_000;

/// Why a model is taken for the displaced one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplacedBy {
    /// The user said so.
    Setting,
    /// The user's main thread used it most in the 30 days before.
    MostUsed,
}

impl DisplacedBy {
    /// Returns the word of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::MostUsed => "most_used",
        }
    }
}

/// The model that would have done the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displaced {
    /// Its name.
    pub model: String,
    /// Why it is taken for that.
    pub by: DisplacedBy,
}

/// What was saved, with the assumption behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saving {
    /// What was displaced; None where nothing was, or nobody knows what.
    pub displaced: Option<Displaced>,
    /// The price row that it is reckoned by; None where there is none.
    pub price: Option<String>,
    /// What it would have cost.
    pub displaced_cost_nano_usd: Option<i64>,
    /// That, less its own cost; negative where electricity is dearer. None where it is not known.
    pub saving_nano_usd: Option<i64>,
}

/// Returns what was saved by a task: something only where the local model completed it.
///
/// What is set against the displaced model's price is the prompt and the answer. The reasoning is not: how much another model would
/// have thought is not known.
#[must_use]
pub fn realised(
    (outcome, at): (Outcome, Micros),
    tokens: &TokenCount,
    own_cost_nano_usd: i64,
    displaced: Option<Displaced>,
    prices: &PriceTable,
) -> Saving {
    let (Outcome::Completed, Some(displaced)) = (outcome, displaced) else { return Saving::default() };
    let counts = pricing::Tokens { input: tokens.input, output: tokens.answer(), ..pricing::Tokens::default() };
    let found = prices.find(&displaced.model, at);
    let would = found.and_then(|(price, fast)| cost(price, &Usage { tokens: counts, fast, ..Usage::default() }));
    Saving {
        displaced: Some(displaced),
        price: found.map(|(price, _)| price.name()),
        displaced_cost_nano_usd: would,
        saving_nano_usd: would.map(|would| would.saturating_sub(own_cost_nano_usd)),
    }
}

/// Returns the seed's estimate for tokens that Claude did not have to process, nano-dollars.
#[must_use]
pub fn seed_estimate(tokens: i64) -> i64 {
    tokens.saturating_mul(SEED_NANO_USD_PER_TOKEN)
}

/// Returns the percentage of tasks that ran locally of those that ran; None without any.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 tasks")]
pub fn optimization_rate(local: i64, ran: i64) -> Option<f64> {
    (ran > 0).then(|| local as f64 / ran as f64 * 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::record::Counted;
    use super::*;

    /// A day in November 2026.
    const AT: Micros = 1_795_338_600_000_000;

    fn of(outcome: Outcome, model: Option<&str>, own: i64) -> Saving {
        let tokens = TokenCount { input: 1_000, output: 500, reasoning: 300, source: Counted::Server };
        let displaced = model.map(|model| Displaced { model: model.to_owned(), by: DisplacedBy::MostUsed });
        realised((outcome, AT), &tokens, own, displaced, &PriceTable::new(Vec::new()))
    }

    #[test]
    fn prompt_and_answer_at_the_list_price_less_its_own_cost() {
        // Opus 5: 5 USD per million in, 25 out; 1,000 read and 200 written without the reasoning.
        let saving = of(Outcome::Completed, Some("claude-opus-5"), 1_000_000);
        assert_eq!(saving.displaced_cost_nano_usd, Some(10_000_000));
        assert_eq!(saving.saving_nano_usd, Some(9_000_000));
        assert!(saving.price.expect("a price").contains("claude-opus-5"));
        assert_eq!(of(Outcome::Completed, Some("claude-opus-5"), 11_000_000).saving_nano_usd, Some(-1_000_000));
    }

    #[test]
    fn what_is_not_known_is_null_and_never_0() {
        assert_eq!(of(Outcome::Completed, None, 0), Saving::default());
        let unpriced = of(Outcome::Completed, Some("claude-of-tomorrow"), 0);
        assert!(unpriced.displaced.is_some());
        assert_eq!((unpriced.price, unpriced.saving_nano_usd), (None, None));
    }

    #[test]
    fn what_did_not_run_here_saved_nothing() {
        for outcome in [Outcome::FellBack, Outcome::Failed, Outcome::Cancelled] {
            assert_eq!(of(outcome, Some("claude-opus-5"), 0), Saving::default(), "{outcome:?}");
        }
    }

    #[test]
    fn the_seed_and_the_rate() {
        assert_eq!(seed_estimate(1_000), 15_000_000);
        assert_eq!(seed_estimate(i64::MAX), i64::MAX);
        assert_eq!(optimization_rate(0, 0), None);
        assert_eq!(optimization_rate(3, 4), Some(75.0));
        assert_eq!(optimization_rate(0, 4), Some(0.0));
    }
}
