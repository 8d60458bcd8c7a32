//! `prices.toml` in the config folder: prices of the user's own, which stand above the embedded ones.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::table::{Price, PriceSource, Rates, Tier, pico, start_of};

/// Dearest price taken, US dollars per million tokens: above it a figure is a slip of the pen.
const DEAREST: f64 = 100_000.0;

/// Why `prices.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// The file is there and cannot be read.
    #[error("failed to read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is no TOML of the known form.
    #[error("`{path}` is not a list of prices")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A price makes no sense.
    #[error("`{path}`: model `{model}`: {reason}")]
    BadPrice {
        /// The file.
        path: PathBuf,
        /// The row.
        model: String,
        /// What is wrong with it, and what is expected.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Row>,
}

/// One `[[model]]`: US dollars per million tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    input: f64,
    output: f64,
    cache_read: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    #[serde(default)]
    prompt_over: u64,
    fast_factor: Option<f64>,
    web_search_per_1000: Option<f64>,
    effective_from: Option<jiff::civil::Date>,
    effective_until: Option<jiff::civil::Date>,
}

/// Reads the user's prices; none when there is no file.
pub fn read(path: &Path) -> Result<Vec<Price>, PricesError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(PricesError::Read { path: path.to_owned(), source }),
    };
    let file: File = toml::from_str(&text)
        .map_err(|source| PricesError::Syntax { path: path.to_owned(), source: Box::new(source) })?;
    let bad = |model: &str, reason| PricesError::BadPrice { path: path.to_owned(), model: model.to_owned(), reason };
    let mut prices: Vec<Price> = Vec::new();
    for row in file.model {
        row.check().map_err(|reason| bad(&row.id, reason))?;
        let tier = row.tier();
        let (from_at, until_at) = (row.effective_from.map(start_of), row.effective_until.map(start_of));
        let same = |price: &&mut Price| (&price.model, price.from_at, price.until_at) == (&row.id, from_at, until_at);
        if let Some(price) = prices.iter_mut().find(same) {
            if price.tiers.iter().any(|known| known.prompt_over == tier.prompt_over) {
                return Err(bad(
                    &row.id,
                    "stands twice; give one of the rows other dates or another `prompt_over`".to_owned(),
                ));
            }
            price.tiers.push(tier);
            price.tiers.sort_by_key(|tier| tier.prompt_over);
            continue;
        }
        prices.push(Price {
            model: row.id.clone(),
            source: PriceSource::User,
            from_at,
            until_at,
            tiers: vec![tier],
            us_factor: (1, 1),
            web_search_pico: pico(row.web_search_per_1000.unwrap_or(0.0)) * 1000,
        });
    }
    match prices.iter().find(|price| price.tiers.first().is_none_or(|tier| tier.prompt_over > 0)) {
        Some(price) => Err(bad(&price.model, "has no row without `prompt_over`, for short prompts".to_owned())),
        None => Ok(prices),
    }
}

impl Row {
    fn check(&self) -> Result<(), String> {
        let figures = [
            ("input", Some(self.input)),
            ("output", Some(self.output)),
            ("cache_read", self.cache_read),
            ("cache_write_5m", self.cache_write_5m),
            ("cache_write_1h", self.cache_write_1h),
            ("web_search_per_1000", self.web_search_per_1000),
            ("fast_factor", self.fast_factor),
        ];
        for (name, figure) in figures {
            if figure.is_some_and(|figure| !(0.0..=DEAREST).contains(&figure)) {
                return Err(format!("`{name}` must be from 0 to {DEAREST}, in US dollars per million tokens"));
            }
        }
        match (self.effective_from, self.effective_until) {
            (Some(from), Some(until)) if from >= until => {
                Err("`effective_until` must be later than `effective_from`".to_owned())
            }
            _ if self.id.trim().is_empty() => Err("`id` must name a model".to_owned()),
            _ => Ok(()),
        }
    }

    fn tier(&self) -> Tier {
        let rates = |factor: f64| Rates {
            input: pico(self.input * factor),
            output: pico(self.output * factor),
            cache_read: self.cache_read.map(|usd| pico(usd * factor)),
            cache_write_5m: self.cache_write_5m.map(|usd| pico(usd * factor)),
            cache_write_1h: self.cache_write_1h.map(|usd| pico(usd * factor)),
        };
        Tier { prompt_over: self.prompt_over, rates: rates(1.0), fast: self.fast_factor.map(rates) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Price>, PricesError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("prices.toml");
        std::fs::write(&path, text).expect("written");
        read(&path)
    }

    #[test]
    fn rows_of_one_model_are_its_bands() {
        let prices = parse(
            "[[model]]\nid = \"local\"\ninput = 0.1\noutput = 0.5\n\n[[model]]\nid = \"local\"\nprompt_over = 1000\ninput = 1\noutput = 5\n",
        )
        .expect("valid");
        assert_eq!(prices.len(), 1);
        assert_eq!(prices[0].name(), "prices.toml local at 0.1/0.5");
        assert_eq!(prices[0].rates(1000, false).map(|rates| rates.input), Some(100_000));
        assert_eq!(prices[0].rates(1001, false).map(|rates| rates.input), Some(1_000_000));
        assert_eq!(prices[0].rates(1, true), None);
        assert!(read(Path::new("/nonexistent/prices.toml")).expect("no file is no error").is_empty());
    }

    #[test]
    fn slips_are_named() {
        for (text, named) in [
            ("[[model]]\nid = \"m\"\ninput = -1\noutput = 1\n", "`input` must be from 0"),
            ("[[model]]\nid = \"m\"\ninput = nan\noutput = 1\n", "`input` must be from 0"),
            ("[[model]]\nid = \" \"\ninput = 1\noutput = 1\n", "must name a model"),
            ("[[model]]\nid = \"m\"\ninput = 1\noutput = 1\nprompt_over = 5\n", "no row without `prompt_over`"),
            (
                "[[model]]\nid = \"m\"\ninput = 1\noutput = 1\n[[model]]\nid = \"m\"\ninput = 2\noutput = 1\n",
                "stands twice",
            ),
            (
                "[[model]]\nid = \"m\"\ninput = 1\noutput = 1\neffective_from = \"2026-02-02\"\neffective_until = \"2026-02-01\"\n",
                "must be later",
            ),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(named), "{error}");
        }
        assert!(matches!(parse("[[model]]\nid = \"m\"\nprice = 1\n"), Err(PricesError::Syntax { .. })));
    }
}
