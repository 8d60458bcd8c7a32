//! Settles tasks: a moment after a session changed, what became of its tasks is worked out from its rows and written where it differs.
//!
//! Requests of the ledger come late, so a task is looked at again whenever its session changes. Nothing is remembered but which sessions
//! to look at: a daemon that was killed works out the same.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::event::Micros;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::analytics::task_facts::{sessions_to_settle, sessions_with_tasks, task_facts};
use crate::clock::now;
use crate::error::chain;
use crate::pricing::{KeptPrices, PriceTable};
use crate::store::{Reader, StoreError, Writer};
use crate::task_outcome::settle;
use crate::updates::Updates;

mod queue;

use queue::Queue;

/// Pause between a change and the look at it: changes come in bunches.
const PAUSE: Duration = Duration::from_millis(300);
/// Pause after the question for all sessions failed.
const ASK_AGAIN: Duration = Duration::from_secs(5);
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
            Err(error) => {
                tracing::error!(error = %chain(&error), "which tasks to settle could not be asked");
                queue.all = true;
            }
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
            self.look(&mut queue).await;
            let rest = began.elapsed() * REST;
            tokio::time::sleep(if queue.is_blind { rest.max(ASK_AGAIN) } else { rest }).await;
        }
    }

    /// Looks at the session that waits longest. What fails again and again is told of once, and when it is over.
    async fn look(&self, queue: &mut Queue) {
        if queue.all {
            let found = self.reader.look(sessions_with_tasks).await;
            let error = found.as_ref().err().map(|error| chain(error));
            let is_news = queue.swept(found.ok());
            match error {
                Some(error) if is_news => tracing::error!(%error, "which sessions have tasks could not be asked"),
                None if is_news => tracing::info!("which sessions have tasks could be asked again"),
                _ => {}
            }
        }
        let Some(session_id) = queue.sessions.pop_front() else { return };
        let settled = self.settle(session_id.clone()).await;
        let is_news = queue.looked_at(&session_id, settled.is_ok());
        match settled {
            Err(error) if is_news => tracing::error!(session_id, error = %chain(&error), "tasks could not be settled"),
            Ok(()) if is_news => tracing::info!(session_id, "tasks could be settled again"),
            _ => {}
        }
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
