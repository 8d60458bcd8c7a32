//! The prices that are known, and which of them a request had.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use shared::event::Micros;

use super::model_id::ModelId;

const LITELLM: &str = include_str!("prices.json");
const CLIENT: &str = include_str!("client_prices.json");
/// Parts of a model's price that `prices.json` leaves to a rule: 10 USD per 1,000 searches on the web, in pico-dollars a search.
const WEB_SEARCH_PICO: u64 = 10_000_000_000;

/// Where a price is from, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriceSource {
    /// `prices.toml` of the user.
    User,
    /// The embedded `prices.json`.
    LiteLlm,
    /// The table built into the client.
    Client,
}

impl PriceSource {
    /// Returns its name in answers and in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "prices.toml",
            Self::LiteLlm => "litellm 1.109.1",
            Self::Client => "client 2.1.330",
        }
    }
}

/// Prices of tokens by kind, in pico-dollars a token, which are micro-dollars per million of them; None where none is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of input read anew.
    pub input: u64,
    /// Of output.
    pub output: u64,
    /// Of a read from the prompt cache.
    pub cache_read: Option<u64>,
    /// Of a write to the prompt cache for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Of a write to the prompt cache for an hour.
    pub cache_write_1h: Option<u64>,
}

impl Rates {
    fn times(self, factor: f64) -> Self {
        let times = |rate: u64| {
            #[expect(clippy::cast_precision_loss, reason = "rates are far below 2^52")]
            let product = rate as f64 * factor;
            whole(product)
        };
        Self {
            input: times(self.input),
            output: times(self.output),
            cache_read: self.cache_read.map(times),
            cache_write_5m: self.cache_write_5m.map(times),
            cache_write_1h: self.cache_write_1h.map(times),
        }
    }
}

/// The rates of requests whose prompt is longer than a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Tokens that the prompt exceeds.
    pub prompt_over: u64,
    /// What such a request costs.
    pub rates: Rates,
    /// The same in fast mode; None where the model has none.
    pub fast: Option<Rates>,
}

/// One price row: a model over a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The model, as the table calls it.
    pub model: String,
    /// Where the row is from.
    pub source: PriceSource,
    /// First moment at which it holds; None: always.
    pub from_at: Option<Micros>,
    /// First moment at which it no longer holds; None: still.
    pub until_at: Option<Micros>,
    /// Bands by length of the prompt, shortest first; the first begins at 0.
    pub tiers: Vec<Tier>,
    /// Factor on tokens of requests that were served in the United States on demand, as a fraction.
    pub us_factor: (u32, u32),
    /// A search on the web, pico-dollars.
    pub web_search_pico: u64,
}

impl Price {
    /// Returns the rates for a prompt of a length; None for fast mode where the model has none.
    #[must_use]
    pub fn rates(&self, prompt: u64, fast: bool) -> Option<&Rates> {
        let tier = self.tiers.iter().rev().find(|tier| tier.prompt_over == 0 || prompt > tier.prompt_over)?;
        if fast { tier.fast.as_ref() } else { Some(&tier.rates) }
    }

    /// Returns what tells this row apart from all others: table, model and the day from which it holds. The user's own may be
    /// edited, and say what input and output cost as well.
    #[must_use]
    pub fn name(&self) -> String {
        let day = self.from_at.and_then(|at| jiff::Timestamp::from_microsecond(at).ok());
        let from = day.map(|at| at.strftime(" from %Y-%m-%d").to_string());
        let own = self.tiers.first().filter(|_| self.source == PriceSource::User);
        let at = own.map(|tier| format!(" at {}/{}", usd(tier.rates.input), usd(tier.rates.output)));
        format!("{} {}{}{}", self.source.as_str(), self.model, from.unwrap_or_default(), at.unwrap_or_default())
    }

    fn holds(&self, at: Micros) -> bool {
        self.from_at.is_none_or(|from| at >= from) && self.until_at.is_none_or(|until| at < until)
    }
}

/// Writes pico-dollars per token as US dollars per million tokens.
fn usd(pico: u64) -> String {
    let text = format!("{}.{:06}", pico / 1_000_000, pico % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Two tables that name different prices for one model now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'t> {
    /// The name under which both stand.
    pub model: &'t str,
    /// The row that is used.
    pub used: &'t Price,
    /// The row that says otherwise.
    pub other: &'t Price,
}

/// All known prices.
#[derive(Debug)]
pub struct PriceTable {
    rows: Vec<Price>,
    by_model: HashMap<String, Vec<usize>>,
}

impl PriceTable {
    /// Returns the embedded tables under the user's own rows.
    ///
    /// # Panics
    ///
    /// Never: the embedded tables are read by a test.
    #[must_use]
    pub fn new(user: Vec<Price>) -> Self {
        let client: ClientFile = serde_json::from_str(CLIENT).expect("the embedded table of the client is valid");
        let litellm: LiteLlmFile = serde_json::from_str(LITELLM).expect("the embedded price table is valid");
        let mut rows = user;
        rows.extend(litellm.models.into_iter().map(|model| model.price(&client)));
        let mut aliases = Vec::new();
        for (id, model) in client.models {
            aliases.push((model.first_party_id.clone(), rows.len()));
            rows.push(model.price(id));
        }
        let mut by_model: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            by_model.entry(row.model.clone()).or_default().push(at);
        }
        for (alias, at) in aliases {
            let places = by_model.entry(alias).or_default();
            if !places.contains(&at) {
                places.push(at);
            }
        }
        Self { rows, by_model }
    }

    /// Every row, in order of strength.
    #[must_use]
    pub fn rows(&self) -> &[Price] {
        &self.rows
    }

    /// Returns the price of a model at a moment, and whether its id itself asks for fast mode.
    #[must_use]
    pub fn find(&self, model: &str, at: Micros) -> Option<(&Price, bool)> {
        let id = ModelId::parse(model);
        let named = |name: &str| {
            let places = self.by_model.get(name)?;
            places.iter().map(|place| &self.rows[*place]).filter(|row| row.holds(at)).min_by_key(|row| row.source)
        };
        // A row under the very name, whole or dated, is not outdone by one under a shorter name from the same table.
        let found = [
            named(model).map(|row| (row, false)),
            named(id.dated).map(|row| (row, id.fast)),
            named(id.bare).map(|row| (row, id.fast)),
        ];
        found.into_iter().flatten().min_by_key(|(row, _)| row.source)
    }

    /// Returns where the tables disagree at a moment, by name.
    #[must_use]
    pub fn conflicts(&self, at: Micros) -> Vec<Conflict<'_>> {
        let mut names: Vec<_> = self.by_model.iter().collect();
        names.sort();
        let mut found = Vec::new();
        for (name, places) in names {
            let Some((used, _)) = self.find(name, at) else { continue };
            let others = places.iter().map(|place| &self.rows[*place]).filter(|row| row.holds(at));
            let others = others.filter(|row| row.source > used.source && row.tiers != used.tiers);
            found.extend(others.map(|other| Conflict { model: name, used, other }));
        }
        found
    }
}

/// Returns pico-dollars a token of US dollars per million.
pub(super) fn pico(usd_per_million: f64) -> u64 {
    whole(usd_per_million * 1e6)
}

/// Returns the nearest whole number; 0 for what is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded and not negative; `as` saturates")]
fn whole(number: f64) -> u64 {
    number.round().max(0.0) as u64
}

#[derive(Deserialize)]
struct LiteLlmFile {
    models: Vec<LiteLlmModel>,
}

#[derive(Deserialize)]
struct LiteLlmModel {
    id: String,
    effective_from: Option<jiff::civil::Date>,
    effective_until: Option<jiff::civil::Date>,
    tiers: Vec<LiteLlmTier>,
    us_multiplier: Option<f64>,
    fast_multiplier: Option<f64>,
    web_search_per_1000: Option<f64>,
}

#[derive(Deserialize)]
struct LiteLlmTier {
    prompt_over: u64,
    #[serde(flatten)]
    rates: UsdRates,
}

/// US dollars per million tokens.
#[derive(Deserialize, Clone, Copy)]
struct UsdRates {
    input: f64,
    output: f64,
    cache_read: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
}

impl UsdRates {
    fn rates(self) -> Rates {
        Rates {
            input: pico(self.input),
            output: pico(self.output),
            cache_read: self.cache_read.map(pico),
            cache_write_5m: self.cache_write_5m.map(pico),
            cache_write_1h: self.cache_write_1h.map(pico),
        }
    }
}

impl LiteLlmModel {
    fn price(self, client: &ClientFile) -> Price {
        // LiteLLM knows a factor for some models; the client names the prices of others.
        let named = client.models.get(&self.id).and_then(|model| model.fast).map(UsdRates::rates);
        let factor = self.fast_multiplier;
        let tiers = self.tiers.into_iter().map(|tier| {
            let rates = tier.rates.rates();
            Tier { prompt_over: tier.prompt_over, rates, fast: factor.map(|factor| rates.times(factor)).or(named) }
        });
        Price {
            source: PriceSource::LiteLlm,
            from_at: self.effective_from.map(start_of),
            until_at: self.effective_until.map(start_of),
            tiers: tiers.collect(),
            us_factor: self.us_multiplier.map_or((1, 1), hundredths),
            web_search_pico: self.web_search_per_1000.map_or(WEB_SEARCH_PICO, |usd| pico(usd) * 1000),
            model: self.id,
        }
    }
}

#[derive(Deserialize)]
struct ClientFile {
    models: BTreeMap<String, ClientModel>,
}

#[derive(Deserialize)]
struct ClientModel {
    first_party_id: String,
    #[serde(flatten)]
    rates: UsdRates,
    fast: Option<UsdRates>,
    long_prompt: Option<ClientLongPrompt>,
    web_search: f64,
}

#[derive(Deserialize)]
struct ClientLongPrompt {
    above_prompt_tokens: f64,
    #[serde(flatten)]
    rates: UsdRates,
}

impl ClientModel {
    fn price(self, id: String) -> Price {
        let fast = self.fast.map(UsdRates::rates);
        let mut tiers = vec![Tier { prompt_over: 0, rates: self.rates.rates(), fast }];
        if let Some(long) = self.long_prompt {
            tiers.push(Tier { prompt_over: whole(long.above_prompt_tokens), rates: long.rates.rates(), fast });
        }
        Price {
            model: id,
            source: PriceSource::Client,
            from_at: None,
            until_at: None,
            tiers,
            // The client takes 1.1 for every model.
            us_factor: hundredths(1.1),
            web_search_pico: whole(self.web_search * 1e12),
        }
    }
}

/// Returns a factor as a fraction of 100.
fn hundredths(factor: f64) -> (u32, u32) {
    (u32::try_from(whole(factor * 100.0)).unwrap_or(100), 100)
}

/// Returns the first moment of a day, UTC.
pub(super) fn start_of(day: jiff::civil::Date) -> Micros {
    day.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |start| start.timestamp().as_microsecond())
}
