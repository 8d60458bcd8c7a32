//! What a cheaper model saved: the requested model's price less the cheaper one's, on the tokens that were really used.

use super::facts::Request;
use super::spent::most;
use crate::pricing::{PriceTable, Usage, cost};

/// What a downshifted call displaced, and what that saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downshift {
    /// The model that would have done it: the one that the session's main thread used most.
    pub displaced_model: String,
    /// The price row that it is reckoned by; None where there is none.
    pub price: Option<String>,
    /// What the requests would have cost there; None where that is not known.
    pub displaced_cost_nano_usd: Option<i64>,
    /// That, less what they cost; None where either is not known.
    pub saving_nano_usd: Option<i64>,
}

/// Returns what was saved by `requests`, which ran on a cheaper model; None where they are not there yet, or the session's own model is
/// not known.
pub(super) fn of(requests: &[&Request], session: &[Request], prices: &PriceTable) -> Option<Downshift> {
    let main: Vec<&Request> = session.iter().filter(|request| request.agent_id.is_none()).collect();
    let first = requests.first()?;
    let displaced_model = most(&main, |_| 1)?.to_owned();
    let would = |request: &&Request| {
        let (price, fast) = prices.find(&displaced_model, request.requested_at)?;
        cost(price, &Usage { fast: fast || request.usage.fast, ..request.usage.clone() })
    };
    let sum = |costs: Option<Vec<i64>>| costs.map(|costs| costs.into_iter().fold(0, i64::saturating_add));
    let displaced_cost_nano_usd = sum(requests.iter().map(would).collect());
    let own = sum(requests.iter().map(|request| request.cost_nano_usd).collect());
    Some(Downshift {
        price: prices.find(&displaced_model, first.requested_at).map(|(price, _)| price.name()),
        displaced_cost_nano_usd,
        saving_nano_usd: displaced_cost_nano_usd.zip(own).map(|(would, own)| would.saturating_sub(own)),
        displaced_model,
    })
}
