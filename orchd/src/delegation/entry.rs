//! From a record to what the store writes: the row of the ledger, its cost, and the saving. Pure.

use super::electricity::own_cost;
use super::record::Record;
use super::saving::{Displaced, Saving, realised};
use crate::config::LocalMoney;
use crate::ledger::{Request, Source};
use crate::pricing::{PriceTable, Tokens, Usage};

/// The type of agent of what a local model served.
pub(crate) const AGENT_TYPE: &str = "delegation";
/// The model of a ledger row whose server named none.
const NAMELESS: &str = "local model";
/// What stands behind the name of one that is called like a model of Claude, whose requests are not of this machine.
const HERE: &str = "(local)";

/// What money is reckoned by.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The settings.
    pub money: &'a LocalMoney,
    /// List prices.
    pub prices: &'a PriceTable,
}

/// One delegation as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What its maker told.
    pub record: Record,
    /// Its row of the ledger; None where nothing was counted.
    pub request: Option<Request>,
    /// What it saved.
    pub saving: Saving,
}

impl Entry {
    /// Returns the entry of a record that was checked. `displaced` is the model that would have done it, where that is known.
    #[must_use]
    pub fn new(record: Record, displaced: Option<Displaced>, means: Means<'_>) -> Self {
        let (price, cost_nano_usd) = own_cost(means.money, record.local_ms);
        let saving = match &record.tokens {
            // What an answer is worth that somebody has to go on with is not known.
            Some(tokens) if !record.is_partial() => {
                let when = (record.outcome, record.decided_at);
                realised(when, tokens, cost_nano_usd, displaced, means.prices)
            }
            _ => Saving::default(),
        };
        // Work that came to nothing used electricity all the same, whether anybody counted its tokens or not.
        let is_used = record.tokens.is_some() || record.tries > 0 && cost_nano_usd > 0;
        let request = is_used.then(|| {
            let tokens =
                record.tokens.map(|tokens| Tokens { input: tokens.input, output: tokens.output, ..Tokens::default() });
            Request {
                source: Source::Local,
                message_id: Some(record.task_id.clone()),
                model: name_of(record.model.as_deref()),
                session_id: record.session_id.clone().unwrap_or_else(|| record.task_id.clone()),
                agent_id: Some(record.task_id.clone()),
                agent_type: Some(AGENT_TYPE.to_owned()),
                cwd: record.project_dir.clone(),
                // The time of its other row, so that the sums of both agree over any days.
                at: record.decided_at,
                usage: Usage { tokens: tokens.unwrap_or_default(), ..Usage::default() },
                price: Some(price),
                cost_nano_usd: Some(cost_nano_usd),
                ..Request::default()
            }
        });
        Self { record, request, saving }
    }
}

/// Returns the name of a local model in the ledger, whose sums by model know no source.
fn name_of(model: Option<&str>) -> String {
    match model {
        None => NAMELESS.to_owned(),
        Some(model) if model.to_lowercase().contains("claude") => format!("{model} {HERE}"),
        Some(model) => model.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Counted, Outcome, Policy, TokenCount};
    use super::super::saving::DisplacedBy;
    use super::*;

    fn entry(outcome: Outcome, tokens: bool) -> Entry {
        let at = 1_795_338_600_000_000;
        let record = Record {
            local_ms: 10_000,
            tokens: tokens.then_some(TokenCount { input: 7, output: 5, reasoning: 1, source: Counted::Server }),
            ..Record::new(shared::event::DelegationId(uuid::Uuid::nil()), Policy::Command, at - 11_000_000, at, outcome)
        };
        of(record, 120_000)
    }

    fn of(record: Record, milliwatts: u64) -> Entry {
        let money = LocalMoney { milliwatts, nano_usd_per_kwh: 300_000_000, displaced_model: String::new() };
        let displaced = Displaced { model: "claude-opus-5".into(), by: DisplacedBy::MostUsed };
        let prices = PriceTable::new(Vec::new());
        Entry::new(record, Some(displaced), Means { money: &money, prices: &prices })
    }

    #[test]
    fn what_was_used_has_a_row_and_a_known_cost() {
        let Entry { record, request, saving } = entry(Outcome::Completed, true);
        let request = request.expect("a row");
        assert_eq!((request.cost_nano_usd, request.usage.tokens.output), (Some(100_000), 5));
        assert_eq!((&request.session_id, request.message_id.as_ref()), (&record.task_id, Some(&record.task_id)));
        assert_eq!(request.model, "local model");
        // 7 x 5,000 and 4 x 25,000, less 100,000 for the electricity.
        assert_eq!(saving.saving_nano_usd, Some(35_000));
    }

    #[test]
    fn what_came_to_nothing_costs_and_saves_nothing() {
        let used = entry(Outcome::FellBack, true);
        assert_eq!(used.request.and_then(|request| request.cost_nano_usd), Some(100_000));
        assert_eq!(used.saving, Saving::default());
    }

    #[test]
    fn work_that_nobody_counted_costs_its_time() {
        let unasked = entry(Outcome::Failed, false);
        assert_eq!(unasked.request, None, "nobody was asked");
        let request = of(Record { tries: 1, ..unasked.record.clone() }, 120_000).request.expect("a row");
        assert_eq!((request.cost_nano_usd, request.usage.tokens.output), (Some(100_000), 0));
        assert!(request.is_uncounted() && !request.cut, "its electricity is known exactly");
        assert_eq!(of(Record { tries: 1, ..unasked.record }, 0).request, None, "without a price nothing is to be told");
    }

    #[test]
    fn an_answer_that_is_not_whole_saves_nothing_that_is_known() {
        let whole = entry(Outcome::Completed, true).record;
        let partial = of(Record { reason: Some("length".into()), ..whole }, 120_000);
        assert_eq!(partial.saving, Saving::default());
        assert_eq!(partial.request.and_then(|request| request.cost_nano_usd), Some(100_000));
    }

    #[test]
    fn a_local_model_is_told_from_one_of_claude_by_its_name() {
        let record = Record { model: Some("claude-opus-5".into()), ..entry(Outcome::Completed, true).record };
        let request = of(record, 0).request.expect("a row");
        assert_eq!(request.model, "claude-opus-5 (local)");
        assert_ne!(crate::pricing::bare_model(&request.model), "claude-opus-5");
        assert_eq!(name_of(Some("deepseek-r1")), "deepseek-r1");
    }
}
