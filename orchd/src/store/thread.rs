//! The writer thread: takes what is queued, writes it in one transaction, answers, publishes.
//!
//! It runs a small runtime of its own, on which the hooks' socket is served too (`daemon`): an event goes from the socket
//! into the database and its ack back without ever waiting for another thread to wake. While a transaction runs, what
//! arrives waits in the kernel and makes the next batch.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use rusqlite::Connection;
use shared::event::Micros;
use tokio::sync::mpsc::Receiver;
use tokio::time::MissedTickBehavior;

use super::batch::Memory;
use super::books;
use super::checkpoint::close;
use super::command::Command;
use super::ledger::Ledger;
use super::open::open_writer;
use super::projects::Projects;
use super::rollups::Rollups;
use super::samples::Samples;
use super::sessions::Sessions;
use super::state::Shared;
use super::statements::Statements;
use super::{Reader, StoreError};
use crate::clock;
use crate::config::Durability;
use crate::metrics::Metrics;
use crate::updates::Updates;

/// Most events in one transaction.
pub(super) const BATCH: usize = 1024;
/// How often the thread looks for what is due. It bounds every other timer of its runtime from below, so that a hook's
/// connection never has to shorten a sleep.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often samples are written.
const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// How often silent sessions and bodies past their time are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
const DAY: Micros = 24 * 3600 * 1_000_000;
/// Pause between tries to open a database that is gone.
const REOPEN_EVERY: Duration = Duration::from_millis(200);

/// Everything the thread needs besides its connection.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) path: PathBuf,
    pub(super) durability: Durability,
    pub(super) body_days: u32,
    /// A session that said nothing for this long is lost.
    pub(super) silent_after: Micros,
    /// Nobody waits for the end.
    pub(super) patient: bool,
    pub(super) timezone: TimeZone,
    pub(super) receiver: Receiver<Command>,
    pub(super) shared: Arc<Shared>,
    pub(super) reader: Reader,
    pub(super) metrics: Metrics,
    pub(super) updates: Updates,
    /// The store was told to close: nothing is to be opened again.
    pub(super) closing: bool,
}

/// Why the thread stopped serving one database file.
enum End {
    Closed,
    Gone,
}

/// Prepares a freshly opened database: days in the configured zone, counters and switches into `shared`.
pub(super) fn prepare(connection: &Connection, timezone: &TimeZone, shared: &Shared) -> Result<(), rusqlite::Error> {
    books::cut_days(connection, timezone)?;
    shared.set_counters(books::read_counters(connection)?);
    shared.paused.store(books::is_paused(connection)?, Ordering::Release);
    Ok(())
}

impl Worker {
    /// Serves until the store closes; a database that is removed under way is opened anew.
    pub(super) async fn run(mut self, connection: Connection) {
        let mut connection = connection;
        loop {
            match self.serve(&connection).await {
                Ok(End::Closed) => return self.finish(connection),
                Ok(End::Gone) => {}
                Err(error) => {
                    tracing::error!(%error, "the writer lost its database");
                    if self.closing {
                        return self.finish(connection);
                    }
                }
            }
            drop(connection);
            self.reader.reset();
            match self.reopen().await {
                Some(opened) => connection = opened,
                None => return,
            }
        }
    }

    /// Opens the path again, refusing commands until that works; None when the store closes first.
    async fn reopen(&mut self) -> Option<Connection> {
        loop {
            match self.open() {
                Ok(connection) => {
                    self.shared.gone.store(false, Ordering::Release);
                    self.shared.ledger_changes.fetch_add(1, Ordering::Release);
                    tracing::warn!(path = %self.path.display(), "the database was opened anew");
                    return Some(connection);
                }
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "opening the database failed"),
            }
            let retry = tokio::time::sleep(REOPEN_EVERY);
            tokio::pin!(retry);
            loop {
                let command = tokio::select! {
                    () = &mut retry => break,
                    command = self.receiver.recv() => command,
                };
                match command {
                    None | Some(Command::Close) => return None,
                    Some(command) => {
                        self.shared.depth.fetch_sub(1, Ordering::Relaxed);
                        command.refuse(|| StoreError::Failed);
                    }
                }
            }
        }
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let connection = open_writer(&self.path, self.durability)?;
        prepare(&connection, &self.timezone, &self.shared).map_err(StoreError::Read)?;
        Ok(connection)
    }

    fn memory(&self, connection: &Connection) -> Result<Memory, rusqlite::Error> {
        Ok(Memory {
            counters: self.shared.counters(),
            paused: self.shared.paused.load(Ordering::Acquire),
            seq: books::last_seq(connection)?,
            projects: Projects::default(),
            sessions: Sessions::default(),
            rollups: Rollups::new(self.timezone.clone()),
            ledger: Ledger::new(self.timezone.clone()),
            samples: Samples::default(),
            local_model_changed: false,
            delegated: false,
            settled: false,
        })
    }

    async fn serve(&mut self, connection: &Connection) -> Result<End, rusqlite::Error> {
        let mut statements = Statements::prepare(connection)?;
        let mut memory = self.memory(connection)?;
        let mut flushed = Instant::now();
        let mut swept: Option<Instant> = None;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let first = tokio::select! {
                command = self.receiver.recv() => Some(command.unwrap_or(Command::Close)),
                _ = look.tick() => None,
            };
            let commands = self.take(first);
            if self.shared.is_gone() {
                for command in commands {
                    command.refuse(|| StoreError::Failed);
                }
                return Ok(if self.closing { End::Closed } else { End::Gone });
            }
            let due = self.closing || flushed.elapsed() >= FLUSH_EVERY;
            let samples = due && memory.samples.take(&self.metrics, clock::now());
            if due {
                flushed = Instant::now();
            }
            if swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY) {
                swept = Some(Instant::now());
                self.sweep(&mut statements, &mut memory)?;
            }
            if samples || !commands.is_empty() {
                self.transact(&mut statements, &mut memory, commands)?;
            }
            if self.closing {
                return Ok(End::Closed);
            }
        }
    }

    /// Takes what is queued behind the first command, up to a batch or the end.
    fn take(&mut self, first: Option<Command>) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut events = 0;
        let mut next = first;
        while let Some(command) = next {
            if matches!(command, Command::Close) {
                self.closing = true;
                break;
            }
            self.shared.depth.fetch_sub(1, Ordering::Relaxed);
            events += command.events();
            commands.push(command);
            next = if events < BATCH { self.receiver.try_recv().ok() } else { None };
        }
        commands
    }

    fn transact(
        &self,
        statements: &mut Statements<'_>,
        memory: &mut Memory,
        commands: Vec<Command>,
    ) -> Result<(), rusqlite::Error> {
        let mut pending = Vec::with_capacity(commands.len());
        let asked = u64::from(!commands.is_empty());
        let done = {
            let _gate = self.shared.gate();
            memory.write(statements, commands, &mut pending, &self.metrics)
        };
        match done {
            Ok(done) => {
                self.shared.asked.fetch_add(asked, Ordering::Release);
                self.shared.commits.fetch_add(1, Ordering::Release);
                self.shared.ledger_changes.fetch_add(u64::from(done.ledger), Ordering::Release);
                self.shared.set_counters(memory.counters);
                self.shared.paused.store(memory.paused, Ordering::Release);
                done.measure(&self.metrics, clock::now());
                done.pending.into_iter().for_each(super::command::Pending::committed);
                if let Some(update) = done.update {
                    self.updates.publish(update);
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a transaction failed");
                if !statements.connection.is_autocommit() {
                    // SQLite rolls back by itself after the worst errors; then this is a no-op that fails.
                    let _ = statements.connection.execute_batch("ROLLBACK");
                }
                pending.into_iter().for_each(super::command::Pending::failed);
                let samples = std::mem::take(&mut memory.samples);
                *memory = Memory { samples, ..self.memory(statements.connection)? };
                Ok(())
            }
        }
    }

    /// Marks the sessions lost that said nothing for too long, as of the end of that time, and forgets old bodies.
    fn sweep(&self, statements: &mut Statements<'_>, memory: &mut Memory) -> Result<(), rusqlite::Error> {
        let now = clock::now();
        if self.body_days > 0 {
            let _gate = self.shared.gate();
            let mut forget = statements.connection.prepare_cached(include_str!("sql/forget_bodies.sql"))?;
            let days = Micros::from(self.body_days).saturating_mul(DAY);
            if forget.execute([now.saturating_sub(days)])? > 0 {
                self.shared.commits.fetch_add(1, Ordering::Release);
            }
        }
        let silent: Vec<(String, Micros)> = {
            let mut ask = statements.connection.prepare_cached(include_str!("sql/silent_sessions.sql"))?;
            let lost = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Micros>(1)? + self.silent_after));
            let found = ask.query_map([now - self.silent_after], lost)?;
            found.collect::<Result<_, _>>()?
        };
        if silent.is_empty() {
            return Ok(());
        }
        let (answer, _) = tokio::sync::oneshot::channel();
        self.transact(statements, memory, vec![Command::MarkLost(silent, answer)])
    }

    fn finish(&self, connection: Connection) {
        let _gate = self.shared.gate();
        if let Err(error) = close(connection, self.patient) {
            tracing::warn!(%error, "the write-ahead log stays for the next start");
        }
    }
}
