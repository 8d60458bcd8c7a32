//! Read-only connections for questions: a few, each used by one question at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::StoreError;
use super::open::{applied, schema_version};
use crate::metrics::{Metric, Metrics};

/// Questions that run at once; more wait.
const CONNECTIONS: usize = 4;
/// How long a question waits for a lock; in WAL mode readers all but never do.
const BUSY: Duration = Duration::from_secs(2);
/// Statements a connection keeps prepared.
const CACHED_STATEMENTS: usize = 128;

/// A cheap handle for questions.
#[derive(Debug, Clone)]
pub struct Reader(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    metrics: Metrics,
    slots: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

/// Connections that wait for a question. Those of an older generation were opened on a file that is gone.
#[derive(Debug, Default)]
struct Idle {
    generation: u64,
    connections: Vec<Connection>,
}

impl Reader {
    pub(super) fn new(path: &Path, metrics: Metrics) -> Self {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        Self(Arc::new(Pool { path: path.to_path_buf(), metrics, slots, idle: Mutex::default() }))
    }

    /// Runs a question on a thread that may block and returns its answer; measured. Use `prepare_cached` inside. All that one
    /// question reads is of one moment.
    pub async fn query<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let metrics = self.0.metrics.clone();
        self.look(move |connection| {
            let started = Instant::now();
            let answer = ask(connection);
            metrics.record(Metric::Query, started.elapsed());
            answer
        })
        .await
    }

    /// Like [`Reader::query`] for the daemon's own watch: no sample, whose writing would keep an idle daemon awake.
    pub async fn look<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let slot = self.0.slots.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let pool = self.0.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let (generation, connection) = pool.take()?;
            let answer = at_one_moment(&connection, ask).map_err(StoreError::Read);
            pool.put_back(generation, connection);
            answer
        });
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Closes every connection: idle ones now, those in use after their question. The next question opens the path anew.
    pub(super) fn reset(&self) {
        let mut idle = self.0.lock();
        idle.generation += 1;
        idle.connections.clear();
    }
}

impl Pool {
    fn lock(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<(u64, Connection), StoreError> {
        let mut idle = self.lock();
        let generation = idle.generation;
        if let Some(connection) = idle.connections.pop() {
            return Ok((generation, connection));
        }
        drop(idle);
        let opened = open(&self.path).map_err(|source| StoreError::Open { path: self.path.clone(), source })?;
        Ok((generation, opened))
    }

    fn put_back(&self, generation: u64, connection: Connection) {
        let mut idle = self.lock();
        if idle.generation == generation {
            idle.connections.push(connection);
        }
    }
}

/// Reads in one transaction: what is committed meanwhile is in no part of the answer. It ends with the question, because the
/// write-ahead log cannot start again before.
pub fn at_one_moment<T>(
    connection: &Connection,
    ask: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    let moment = connection.unchecked_transaction()?;
    let answer = ask(connection)?;
    moment.commit()?;
    Ok(answer)
}

/// Opens a database that another process may be writing, for questions of this process; refuses one of another schema.
pub fn open_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path).map_err(|source| StoreError::Open { path: path.to_path_buf(), source })?;
    let (found, known) = (applied(&connection).map_err(StoreError::Read)?, schema_version());
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        std::cmp::Ordering::Equal => Ok(connection),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
    }
}

fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "mmap_size", 256 << 20)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_of_one_moment_and_the_next_of_a_later_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orch.db");
        let writer = Connection::open(&path).expect("opens");
        writer.pragma_update(None, "journal_mode", "wal").expect("set");
        writer.execute_batch("CREATE TABLE requests (n INTEGER); INSERT INTO requests VALUES (0)").expect("made");
        let reader = Reader::new(&path, Metrics::default());
        let count = |conn: &Connection| {
            let mut ask = conn.prepare_cached("SELECT count(*) FROM requests")?;
            ask.query_row([], |row| row.get::<_, i64>(0))
        };
        for round in 1..=3 {
            let beside = Connection::open(&path).expect("opens");
            let twice = reader.query(move |conn| {
                let before = count(conn)?;
                beside.execute_batch("INSERT INTO requests VALUES (1)")?;
                Ok((before, count(conn)?))
            });
            assert_eq!(twice.await.expect("an answer"), (round, round));
        }
        let failed = reader.query(|conn| conn.execute("DELETE FROM requests", [])).await;
        assert!(failed.is_err(), "readers do not write");
        assert_eq!(reader.query(count).await.expect("an answer"), 4);
        let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        assert_eq!(busy, Ok(0), "no question holds the log when it is answered");
    }
}
