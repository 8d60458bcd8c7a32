//! Settles tasks: a moment after a session changed, what became of its tasks is worked out from its rows and written where it differs.
//!
//! Requests of the ledger come late, so a task is looked at again whenever its session changes. Nothing is remembered but which sessions
//! to look at: a daemon that was killed works out the same.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::event::Micros;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use crate::analytics::task_facts::{sessions_to_settle, sessions_with_tasks, task_facts};
use crate::clock::now;
use crate::error::chain;
use crate::pricing::{KeptPrices, PriceTable};
use crate::store::{Reader, StoreError, Writer};
use crate::task_outcome::settle;
use crate::updates::{Update, Updates};

/// Pause between a change and the look at it: changes come in bunches.
const PAUSE: Duration = Duration::from_millis(300);
/// A look is followed by a pause of at least this many times as long: settling takes a twentieth of a core at most.
const REST: u32 = 20;
/// Tasks in one transaction: hooks wait behind it.
const TASKS: usize = 32;
/// How far back a start looks at sessions whose tasks are settled: what came last may not have been looked at.
const LOOK_BACK: Micros = 2 * 24 * 3_600 * 1_000_000;
/// How many of the newest requests a start looks at likewise.
const NEWEST_REQUESTS: i64 = 5_000;

/// What settling needs.
#[derive(Debug)]
pub struct Settler {
    reader: Reader,
    writer: Writer,
    updates: Updates,
    prices: Arc<KeptPrices>,
}

/// Sessions to look at, each once, in the order in which they changed.
#[derive(Debug, Default)]
struct Queue {
    sessions: VecDeque<String>,
    /// More changed than was told: every session is to be looked at.
    all: bool,
}

impl Queue {
    fn add(&mut self, session_id: &str) {
        if !self.sessions.iter().any(|known| known == session_id) {
            self.sessions.push_back(session_id.to_owned());
        }
    }

    fn add_all(&mut self, sessions: Vec<String>) {
        let known: std::collections::HashSet<String> = self.sessions.iter().cloned().collect();
        self.sessions.extend(sessions.into_iter().filter(|session| !known.contains(session)));
    }

    fn note(&mut self, update: &Update) {
        self.all |= update.all;
        update.sessions.iter().for_each(|session| self.add(session));
    }

    /// Takes in what was published meanwhile.
    fn drain(&mut self, updates: &mut Receiver<Update>) {
        loop {
            match updates.try_recv() {
                Ok(update) => self.note(&update),
                Err(TryRecvError::Lagged(_)) => self.all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.sessions.is_empty() && !self.all
    }
}

impl Settler {
    /// Returns what settles the tasks of a store; `prices_file` is the user's own.
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, updates: Updates, prices_file: PathBuf) -> Self {
        Self { reader, writer, updates, prices: Arc::new(KeptPrices::new(prices_file)) }
    }

    /// Settles until `shutdown`.
    pub async fn keep(self, shutdown: CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.work() => {}
        }
    }

    async fn work(self) {
        // Subscribed before the question, so that no change falls between the two.
        let mut updates = self.updates.subscribe();
        let mut queue = Queue::default();
        let from_at = now() - LOOK_BACK;
        match self.reader.look(move |conn| sessions_to_settle(conn, from_at, NEWEST_REQUESTS)).await {
            Ok(sessions) => queue.add_all(sessions),
            Err(error) => tracing::error!(error = %chain(&error), "which tasks to settle could not be asked"),
        }
        loop {
            if queue.is_empty() {
                match updates.recv().await {
                    Ok(update) => queue.note(&update),
                    Err(RecvError::Lagged(_)) => queue.all = true,
                    Err(RecvError::Closed) => return,
                }
                tokio::time::sleep(PAUSE).await;
            }
            queue.drain(&mut updates);
            let began = Instant::now();
            if let Err(error) = self.look(&mut queue).await {
                tracing::error!(error = %chain(&error), "tasks could not be settled");
                tokio::time::sleep(PAUSE).await;
            }
            tokio::time::sleep(began.elapsed() * REST).await;
        }
    }

    /// Looks at the session that waits longest.
    async fn look(&self, queue: &mut Queue) -> Result<(), StoreError> {
        if std::mem::take(&mut queue.all) {
            queue.add_all(self.reader.look(sessions_with_tasks).await?);
        }
        let Some(session_id) = queue.sessions.pop_front() else { return Ok(()) };
        let settled = self.settle(session_id.clone()).await;
        if settled.is_err() {
            queue.add(&session_id);
        }
        settled
    }

    async fn settle(&self, session_id: String) -> Result<(), StoreError> {
        let kept = Arc::clone(&self.prices);
        let facts = move |conn: &rusqlite::Connection| {
            let Some(facts) = task_facts(conn, &session_id)? else { return Ok(Vec::new()) };
            // A table of prices takes megabytes, and few need one.
            let prices = facts.needs_prices().then(|| prices(&kept));
            Ok(settle(&facts, prices.as_deref()))
        };
        let mut tasks = self.reader.look(facts).await?.into_iter().peekable();
        while tasks.peek().is_some() {
            self.writer.settle_tasks(tasks.by_ref().take(TASKS).collect()).await?;
        }
        Ok(())
    }
}

/// Returns the prices. A user's file that cannot be read is told of and left out.
fn prices(kept: &KeptPrices) -> Arc<PriceTable> {
    let Ok(table) = kept.table(|error| {
        tracing::warn!(error = %chain(&error), "what cheaper models save is reckoned without prices.toml");
        Ok::<_, Infallible>(Vec::new())
    });
    table
}

#[cfg(test)]
mod tests;
