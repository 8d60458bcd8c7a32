//! The edge: a body is read, its claims are given a project and a price, and the writer takes them.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::Body;
use super::body::{Logs, logs, metrics};
use super::counts::{Counts, Kind};
use crate::clock;
use crate::config::{ProjectRule, Recording, recording_of};
use crate::error::chain;
use crate::ledger::{Request, is_time_of_request};
use crate::pricing::{KeptPrices, PriceTable};
use crate::store::{LedgerBatch, Reader, StoreError, Writer, homes};

/// Bodies that are held in memory at once; more wait.
const AT_ONCE: usize = 4;
/// Time that a body waits for its turn before its sender is told to come again.
const WAIT: Duration = Duration::from_secs(2);
/// Claims recorded together at most.
const BATCH: usize = 1024;

/// Why a body was not taken. Its sender may send it again: what was recorded is known then.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The body is too large, or grows too large when it is inflated.
    #[error("the body is too large")]
    TooLarge,
    /// The body is no OTLP message.
    #[error("the body is no OTLP message of that kind")]
    Malformed,
    /// The claims could not be recorded.
    #[error("the claims were not recorded")]
    Store(#[source] StoreError),
}

/// What became of a body's requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Requests that nobody had told of.
    pub new: u64,
    /// Events that tell of a request, and too little.
    pub unreadable: u64,
}

/// Takes telemetry in; a cheap handle.
#[derive(Debug, Clone)]
pub struct Intake(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    prices: KeptPrices,
    rules: Vec<ProjectRule>,
    turns: Arc<Semaphore>,
    counts: Counts,
}

impl Intake {
    /// Returns the intake of a daemon; `prices_file` is the user's own.
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, prices_file: PathBuf, rules: Vec<ProjectRule>) -> Self {
        let (turns, counts) = (Arc::new(Semaphore::new(AT_ONCE)), Counts::default());
        let prices = KeptPrices::new(prices_file);
        Self(Arc::new(Inner { reader, writer, prices, rules, turns, counts }))
    }

    /// Returns what came in since the start.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Waits for the right to hold a body in memory: `Busy` when others hold theirs for too long.
    pub async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit, StoreError> {
        match tokio::time::timeout(WAIT, Arc::clone(&self.0.turns).acquire_owned()).await {
            Ok(turn) => turn.map_err(|_| StoreError::Closed),
            Err(_elapsed) => Err(StoreError::Busy),
        }
    }

    /// Takes a body of `/v1/logs`; resolves when its claims are committed.
    pub async fn logs(&self, body: Body) -> Result<Taken, IntakeError> {
        let Logs { mut claims, others, mut unreadable } = blocking(move || logs(body)).await??;
        let (told, now) = (claims.len(), clock::now());
        claims.retain(|claim| is_time_of_request(claim.at, now));
        unreadable += (told - claims.len()) as u64;
        let asked = claims.len() as u64;
        let claims = self.with_project(claims).await?;
        let intake = self.clone();
        let mut claims = blocking(move || intake.priced(claims)).await?;
        let (kept, mut taken) = (claims.len() as u64, Taken { new: 0, unreadable });
        while !claims.is_empty() {
            let rest = claims.split_off(claims.len().min(BATCH));
            let batch = LedgerBatch { requests: std::mem::replace(&mut claims, rest), ..LedgerBatch::default() };
            taken.new += self.0.writer.record_now(batch).await.map_err(IntakeError::Store)?.new;
        }
        let counts = &self.0.counts;
        counts.add(Kind::New, taken.new);
        counts.add(Kind::Known, kept - taken.new);
        counts.add(Kind::Excluded, asked - kept);
        counts.add(Kind::Unreadable, unreadable);
        counts.add(Kind::Other, others);
        Ok(taken)
    }

    /// Takes a body of `/v1/metrics`: it is checked and counted, and says nothing that the events do not.
    pub async fn metrics(&self, body: Body) -> Result<(), IntakeError> {
        let points = blocking(move || metrics(body)).await??;
        self.0.counts.add(Kind::Point, points);
        Ok(())
    }

    /// Gives each claim the folder of its session, which telemetry does not tell, and leaves out what is not to be recorded.
    async fn with_project(&self, claims: Vec<Request>) -> Result<Vec<Request>, IntakeError> {
        if claims.is_empty() || self.0.writer.paused() {
            return Ok(Vec::new());
        }
        let sessions: BTreeSet<_> = claims.iter().map(|claim| claim.session_id.clone()).collect();
        let found = self.0.reader.look(move |connection| homes(connection, sessions)).await;
        Ok(placed(claims, &found.map_err(IntakeError::Store)?, &self.0.rules))
    }

    fn priced(&self, mut claims: Vec<Request>) -> Vec<Request> {
        if claims.is_empty() {
            return claims;
        }
        let table = self.prices();
        for claim in &mut claims {
            claim.price(&table);
        }
        claims
    }

    /// Returns the prices. A user's file that cannot be read is told of and left out: what it alone prices has an unknown cost.
    fn prices(&self) -> Arc<PriceTable> {
        let Ok(table) = self.0.prices.table(|error| {
            tracing::warn!(error = %chain(&error), "telemetry is priced without prices.toml");
            Ok::<_, Infallible>(Vec::new())
        });
        table
    }
}

/// Gives claims the folders of their sessions. Where some project is not recorded at all, a session that nobody knows may be one of
/// its: then only the transcript can tell.
fn placed(claims: Vec<Request>, homes: &HashMap<String, String>, rules: &[ProjectRule]) -> Vec<Request> {
    let some_are_off = rules.iter().any(|rule| rule.record == Recording::Off);
    let place = |claim: Request| match homes.get(&claim.session_id) {
        Some(dir) if recording_of(rules, dir) == Recording::Off => None,
        Some(dir) => Some(Request { cwd: Some(dir.clone()), ..claim }),
        None => (!some_are_off).then_some(claim),
    };
    claims.into_iter().filter_map(place).collect()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, IntakeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| IntakeError::Store(StoreError::Closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_go_where_their_session_is_and_nowhere_when_that_is_not_recorded() {
        let claim = |session: &str| Request { session_id: session.to_owned(), ..Request::default() };
        let homes = HashMap::from([("a".to_owned(), "/work/a".to_owned()), ("s".to_owned(), "/secret/x".to_owned())]);
        let off = [ProjectRule { dir: "/secret".into(), record: Recording::Off }];
        let text_only = [ProjectRule { dir: "/secret".into(), record: Recording::Metadata }];
        for (rules, expected) in [
            (&[][..], &[Some("/work/a"), Some("/secret/x"), None][..]),
            (&text_only, &[Some("/work/a"), Some("/secret/x"), None]),
            (&off, &[Some("/work/a")]),
        ] {
            let placed = placed(vec![claim("a"), claim("s"), claim("unknown")], &homes, rules);
            let folders: Vec<_> = placed.iter().map(|claim| claim.cwd.as_deref()).collect();
            assert_eq!(folders, expected, "{rules:?}");
        }
    }
}
