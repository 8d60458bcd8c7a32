//! Opening and closing the store.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{Builder, JoinHandle};

use shared::event::Micros;
use tokio::runtime::{self, Handle};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::checkpoint::Checkpointer;
use super::command::Command;
use super::open::{CACHE_KIB, open_writer};
use super::state::Shared;
use super::thread::{Worker, prepare};
use super::writer::RETRY;
use super::{Reader, StoreError, Writer};
use crate::config::{Config, Durability, ProjectRule};
use crate::metrics::Metrics;
use crate::updates::Updates;

/// Commands that wait at most; more are refused as busy.
const QUEUE: usize = 4096;

/// How the store behaves.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The zone `activity_day` is cut in.
    pub timezone: jiff::tz::TimeZone,
    /// What an acknowledged event survives.
    pub durability: Durability,
    /// Projects with a rule of their own.
    pub rules: Vec<ProjectRule>,
    /// Whether payloads are kept.
    pub bodies: bool,
    /// Days that they are kept; 0 for ever.
    pub body_days: u32,
    /// A session that said nothing for this long is lost, microseconds.
    pub silent_after: Micros,
    /// Closing moves all of the log, however long that takes; else a long one is left to the next start.
    pub patient: bool,
    /// Page cache of the writer, KiB: the index pages that a large import comes back to again and again.
    pub cache_kib: i64,
}

impl StoreOptions {
    /// Returns how the settings want it, with days cut in this zone.
    #[must_use]
    pub fn new(config: &Config, timezone: &jiff::tz::TimeZone) -> Self {
        Self {
            timezone: timezone.clone(),
            durability: config.ingest.durability,
            rules: config.capture.projects.clone(),
            bodies: config.capture.bodies,
            body_days: config.retention.body_days,
            ..Self::default()
        }
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            timezone: jiff::tz::TimeZone::UTC,
            durability: Durability::Commit,
            rules: Vec::new(),
            bodies: true,
            body_days: 0,
            silent_after: 24 * 3600 * 1_000_000,
            patient: false,
            cache_kib: CACHE_KIB,
        }
    }
}

/// An open database.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    reader: Reader,
    sender: mpsc::Sender<Command>,
    thread: Handle,
    stop_checkpoints: std::sync::mpsc::Sender<()>,
    checkpoints: JoinHandle<Option<File>>,
    writing: JoinHandle<()>,
}

impl Store {
    /// Opens the database, made if absent, brings its schema up to date and starts its threads.
    pub fn open(
        database: &Path,
        options: StoreOptions,
        metrics: Metrics,
        updates: Updates,
    ) -> Result<Self, StoreError> {
        let connection = open_writer(database, options.durability)?;
        connection.pragma_update(None, "cache_size", -options.cache_kib).map_err(StoreError::Read)?;
        let shared = Arc::new(Shared::default());
        prepare(&connection, &options.timezone, &shared).map_err(StoreError::Read)?;
        let reader = Reader::new(database, metrics.clone());
        let (sender, receiver) = mpsc::channel(QUEUE);
        let worker = Worker {
            path: database.to_path_buf(),
            durability: options.durability,
            body_days: options.body_days,
            silent_after: options.silent_after,
            patient: options.patient,
            timezone: options.timezone,
            receiver,
            shared: shared.clone(),
            reader: reader.clone(),
            metrics,
            updates,
            closing: false,
        };
        let checkpointer = Checkpointer::new(database, options.durability, shared.clone());
        let (stop_checkpoints, stop) = channel();
        let checkpoints = Builder::new().name("checkpoint".into()).spawn(move || checkpointer.run(&stop));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(StoreError::Thread)?;
        let thread = runtime.handle().clone();
        let writing = Builder::new().name("writer".into()).spawn(move || runtime.block_on(worker.run(connection)));
        let (checkpoints, writing) = (checkpoints.map_err(StoreError::Thread)?, writing.map_err(StoreError::Thread)?);
        let writer = Writer::new(sender.clone(), shared, options.rules, options.bodies);
        Ok(Self { writer, reader, sender, thread, stop_checkpoints, checkpoints, writing })
    }

    /// Returns a handle that writes.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Returns a handle that reads.
    #[must_use]
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Returns the runtime of the writer thread, for what waits for COMMIT and nothing else. It ends with the store.
    #[must_use]
    pub fn thread(&self) -> Handle {
        self.thread.clone()
    }

    /// Whether both threads run; one that ended took the store's work with it.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.writing.is_finished() && !self.checkpoints.is_finished()
    }

    /// Writes what is queued, moves the write-ahead log into the database and ends the threads. Blocks, far below 3 s.
    pub fn close(self) {
        let Self { reader, sender, stop_checkpoints, checkpoints, writing, .. } = self;
        drop(stop_checkpoints);
        // Each join fails only if its thread panicked, which is in the log.
        let database = checkpoints.join();
        reader.reset();
        // A writer that is gone already needs no word. Polled, because the channel's own wait panics inside a runtime.
        while let Err(TrySendError::Full(_)) = sender.try_send(Command::Close) {
            std::thread::sleep(RETRY);
        }
        let _ = writing.join();
        // Last of all: closing a descriptor of the file drops the locks of every connection to it.
        drop(database);
    }
}
