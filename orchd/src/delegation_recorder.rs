//! From the record of a delegation to the store: it is measured against the settings, given its money, and the writer takes it.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use shared::event::Micros;

use crate::config::{Config, LocalMoney, ProjectRule, Recording, recording_of};
use crate::delegation::saving::{Displaced, DisplacedBy};
use crate::delegation::{Entry, Means, Outcome, Record};
use crate::error::chain;
use crate::pricing::{KeptPrices, PriceTable};
use crate::store::{Reader, StoreError, Writer};

/// How far back it is looked which model the main thread uses most: 30 days, microseconds.
const USED_WITHIN: Micros = 30 * 24 * 3_600 * 1_000_000;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recorded {
    /// It is stored.
    New,
    /// It was stored before, and nothing changed.
    Known,
    /// Its project is not recorded.
    Excluded,
    /// Recording is paused.
    Paused,
}

/// Takes records in; a cheap handle.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    prices: KeptPrices,
    rules: Vec<ProjectRule>,
    bodies: bool,
    money: LocalMoney,
    /// From when on the states of the local model are known: what an earlier daemon saw last may be long over.
    looked_since: Option<Micros>,
}

impl Recorder {
    /// Returns the recorder of a store; `prices_file` is the user's own, `looked_since` when the local model began to be looked at.
    #[must_use]
    pub fn new(
        (reader, writer): (Reader, Writer),
        prices_file: PathBuf,
        config: &Config,
        looked_since: Option<Micros>,
    ) -> Self {
        Self(Arc::new(Inner {
            reader,
            writer,
            prices: KeptPrices::new(prices_file),
            rules: config.capture.projects.clone(),
            bodies: config.capture.bodies,
            money: config.local.money.clone(),
            looked_since,
        }))
    }

    /// Stores a record that was checked; resolves after COMMIT.
    pub async fn record(&self, record: Record) -> Result<Recorded, StoreError> {
        let inner = &self.0;
        if inner.writer.paused() {
            return Ok(Recorded::Paused);
        }
        let Some(mut record) = allowed(record, &inner.rules, inner.bodies) else { return Ok(Recorded::Excluded) };
        let (decided_at, since_at) = (record.decided_at, inner.looked_since);
        let endpoint = record.endpoint.clone();
        let is_displacing = record.outcome == Outcome::Completed && inner.money.displaced_model.is_empty();
        let (most_used, state) = inner
            .reader
            .look(move |conn| {
                let most_used = if is_displacing { most_used(conn, decided_at)? } else { None };
                Ok((most_used, state_at(conn, (since_at, decided_at), endpoint.as_deref())?))
            })
            .await?;
        record.local_model_state = record.local_model_state.or(state);
        let displaced = match &*inner.money.displaced_model {
            "" => most_used.map(|model| Displaced { model, by: DisplacedBy::MostUsed }),
            model => Some(Displaced { model: model.to_owned(), by: DisplacedBy::Setting }),
        };
        let prices = inner.prices();
        let entry = Entry::new(record, displaced, Means { money: &inner.money, prices: &prices });
        let is_new = inner.writer.record_delegation(entry).await?;
        Ok(if is_new { Recorded::New } else { Recorded::Known })
    }
}

/// Returns what may be kept of a record, by the rules for projects and whether texts are kept; None where its project is not
/// recorded.
pub(crate) fn allowed(record: Record, rules: &[ProjectRule], bodies: bool) -> Option<Record> {
    match recording_of(rules, record.project_dir.as_deref().unwrap_or_default()) {
        Recording::Full if bodies => Some(record),
        Recording::Full => Some(Record { answer: None, ..record }),
        Recording::Metadata => Some(Record { task: None, answer: None, ..record }),
        Recording::Off => None,
    }
}

impl Inner {
    /// Returns the prices. A user's file that cannot be read is told of and left out.
    fn prices(&self) -> Arc<PriceTable> {
        let Ok(table) = self.prices.table(|error| {
            tracing::warn!(error = %chain(&error), "a delegation is priced without prices.toml");
            Ok::<_, Infallible>(Vec::new())
        });
        table
    }
}

/// Returns the model of Claude that the main thread used most before a moment.
pub(crate) fn most_used(conn: &Connection, at: Micros) -> rusqlite::Result<Option<String>> {
    let mut ask = conn.prepare_cached(include_str!("../queries/most_used_model.sql"))?;
    ask.query_row([at - USED_WITHIN, at], |row| row.get(0)).optional()
}

/// Returns how the local model was at a moment; None where nobody looked then, or at another server.
fn state_at(
    conn: &Connection,
    (since_at, at): (Option<Micros>, Micros),
    endpoint: Option<&str>,
) -> rusqlite::Result<Option<String>> {
    let Some(since_at) = since_at else { return Ok(None) };
    let mut ask = conn.prepare_cached(include_str!("../queries/local_model_state_at.sql"))?;
    let found: Option<(String, String)> =
        ask.query_row(params![since_at, at], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.filter(|(_, url)| endpoint.is_none_or(|endpoint| endpoint == url)).map(|(state, _)| state))
}

#[cfg(test)]
mod tests;
