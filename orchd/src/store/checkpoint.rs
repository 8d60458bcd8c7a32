//! Moves the write-ahead log into the database and syncs it, on a thread of its own, so that no acknowledgement waits.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::log_file;
use super::open::{LOG_BYTES, PAGE_BYTES, connect};
use super::state::Shared;
use crate::config::Durability;

/// How often the thread looks.
const TICK: Duration = Duration::from_millis(200);
/// How far behind the acknowledgements the log may reach the disk: all that a power cut may cost.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// How often the file at the path is compared with the open one.
const WATCH_EVERY: Duration = Duration::from_secs(5);
/// Once nobody asked for a write for this long, what is worth it is moved and space is given back.
const QUIET: Duration = Duration::from_secs(20);
/// Pages that are worth moving when nobody writes: 4 MiB. The commit that starts the log again waits for the disk.
const WORTH_PAGES: i64 = (4 << 20) / PAGE_BYTES;
/// Pages at which the log is moved in the first calm moment, so that the next write starts it again: as long as it is made.
const FULL_PAGES: i64 = (16 << 20) / PAGE_BYTES;
/// Pages at which it starts again whoever writes: 256 MiB, which only a flood reaches. The writer is held for two syncs of the
/// disk, and whoever waits for an ack feels that.
const LONGEST_PAGES: i64 = (256 << 20) / PAGE_BYTES;
/// A page in the log: its header stands before it.
const FRAME_BYTES: i64 = 24 + PAGE_BYTES;
/// Looks ahead for which the log's file is given its blocks, at the rate of the last one.
const LOOKS_AHEAD: i64 = 16;
/// Size of the log's file above which its space is given back once nobody writes: what a flood made of it.
const QUIET_BYTES: u64 = 24 << 20;
/// Pages that are moved when the store closes: 64 MiB.
const LEFT_PAGES: i64 = (64 << 20) / PAGE_BYTES;
/// Pages that may be left to move while the writer is held, and how often they are made fewer before that.
const HELD_PAGES: i64 = 128;
const ROUNDS: usize = 4;

/// The thread's own view of one database file.
#[derive(Debug)]
pub(super) struct Checkpointer {
    path: PathBuf,
    log: PathBuf,
    durability: Durability,
    shared: Arc<Shared>,
    connection: Option<Connection>,
    /// The database file, to sync it outside SQLite. POSIX drops every lock of a process on a file when any descriptor of it
    /// is closed, so this one outlives all connections: [`Checkpointer::run`] hands it back.
    database: Option<File>,
    identity: Option<(u64, u64)>,
    seen_commits: u64,
    seen_asked: u64,
    synced_commits: u64,
    asked_at: Instant,
    /// Pages in the log at the last look.
    seen_pages: i64,
    /// Nobody asked for a write since the last look.
    calm: bool,
    synced_at: Instant,
    watched_at: Instant,
    settled: bool,
}

impl Checkpointer {
    pub(super) fn new(path: &Path, durability: Durability, shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            path: path.to_path_buf(),
            log: log_file::path(path),
            durability,
            shared,
            connection: None,
            database: File::open(path).ok(),
            identity: identity(path),
            seen_commits: 0,
            seen_asked: 0,
            synced_commits: 0,
            asked_at: now,
            seen_pages: 0,
            calm: true,
            synced_at: now,
            watched_at: now,
            settled: true,
        }
    }

    /// Works until the other end of `stop` is dropped. What is returned must be kept until the writer's connection is closed.
    pub(super) fn run(mut self, stop: &Receiver<()>) -> Option<File> {
        while stop.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            self.watch();
            if self.shared.is_gone() {
                // The writer opens the path anew; this connection must not touch the files meanwhile.
                self.connection = None;
                continue;
            }
            self.sync();
            if let Err(error) = self.checkpoint() {
                tracing::warn!(%error, "checkpoint failed");
                self.connection = None;
            }
        }
        self.database
    }

    /// Notices that the path names another file, or none: what is written then goes nowhere.
    fn watch(&mut self) {
        if self.watched_at.elapsed() < WATCH_EVERY && self.identity.is_some() {
            return;
        }
        self.watched_at = Instant::now();
        let now = identity(&self.path);
        match (self.identity, now) {
            (Some(was), now) if now != Some(was) => {
                tracing::error!(path = %self.path.display(), "the database file was removed or replaced");
                self.identity = None;
                self.connection = None;
                self.shared.gone.store(true, Ordering::Release);
            }
            (None, Some(_)) if !self.shared.is_gone() => {
                // The descriptor of the old file may go: nothing is open on that file any more.
                self.database = File::open(&self.path).ok();
                self.identity = now;
            }
            _ => {}
        }
    }

    fn sync(&mut self) {
        let commits = self.shared.commits.load(Ordering::Acquire);
        if commits != self.seen_commits {
            self.seen_commits = commits;
            self.settled = false;
        }
        let asked = self.shared.asked.load(Ordering::Acquire);
        self.calm = asked == self.seen_asked;
        if !self.calm {
            self.seen_asked = asked;
            self.asked_at = Instant::now();
        }
        let due = commits != self.synced_commits && self.synced_at.elapsed() >= SYNC_EVERY;
        if self.durability == Durability::Power || !due {
            return;
        }
        self.synced_at = Instant::now();
        match File::open(&self.log).and_then(|log| log.sync_data()) {
            Ok(()) => self.synced_commits = commits,
            Err(error) => tracing::warn!(%error, "syncing the write-ahead log failed"),
        }
    }

    fn checkpoint(&mut self) -> Result<(), rusqlite::Error> {
        if self.settled {
            return Ok(());
        }
        if self.connection.is_none() {
            let connection = connect(&self.path, self.durability)?;
            connection.busy_timeout(Duration::from_millis(100))?;
            self.connection = Some(connection);
        }
        let Some(connection) = &self.connection else { return Ok(()) };
        let mut pages = run(connection, "NOOP")?;
        let grown = pages.log - std::mem::replace(&mut self.seen_pages, pages.log);
        let soon = (pages.log + grown.max(0) * LOOKS_AHEAD).min(LONGEST_PAGES);
        log_file::reserve(&self.log, (soon * FRAME_BYTES).unsigned_abs());
        let quiet = self.asked_at.elapsed() >= QUIET;
        let left = pages.log - pages.moved;
        if left > 0 && pages.log >= LONGEST_PAGES && !self.calm {
            self.reset(connection)?;
        } else if left > 0 && (self.calm && pages.log >= FULL_PAGES || quiet && left >= WORTH_PAGES) {
            pages = self.move_pages(connection)?;
        }
        self.settled = quiet && pages.log - pages.moved < WORTH_PAGES;
        if self.settled && self.is_long() {
            let _no_writer = self.shared.gate();
            if run(connection, "TRUNCATE")?.busy {
                self.settled = false;
            } else {
                log_file::reserve(&self.log, LOG_BYTES);
            }
        }
        Ok(())
    }

    fn is_long(&self) -> bool {
        std::fs::metadata(&self.log).is_ok_and(|log| log.len() > QUIET_BYTES)
    }

    /// Moves pages while the writer goes on, and syncs them here: the checkpoint that moves the last page syncs the whole
    /// database file, and would do so with the writer held.
    fn move_pages(&self, connection: &Connection) -> Result<Pages, rusqlite::Error> {
        let pages = run(connection, "PASSIVE")?;
        if let Some(Err(error)) = self.database.as_ref().map(File::sync_data) {
            tracing::warn!(%error, "syncing the database failed");
        }
        Ok(pages)
    }

    /// Makes the next write start the log from its beginning. The file keeps some of its size: writing over it costs less
    /// than growing it again.
    fn reset(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        for _ in 0..ROUNDS {
            let pages = self.move_pages(connection)?;
            if pages.log - pages.moved <= HELD_PAGES {
                break;
            }
        }
        let _no_writer = self.shared.gate();
        run(connection, "RESTART").map(|_| ())
    }
}

/// How a checkpoint found the log.
#[derive(Debug, Clone, Copy)]
struct Pages {
    /// Another connection was in the way; nothing says that it is done.
    busy: bool,
    /// Pages in the log.
    log: i64,
    /// Of these, the ones in the database.
    moved: i64,
}

/// Closes the writer's connection and empties the log, so that a closed database is one file. What a flood has just left may
/// take longer than a stop may: then the next start reads it, unless the caller is patient.
pub(super) fn close(connection: Connection, patient: bool) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(Duration::from_millis(500))?;
    let pages = run(&connection, "NOOP")?;
    if !patient && pages.log - pages.moved > LEFT_PAGES {
        tracing::info!(pages = pages.log - pages.moved, "the write-ahead log stays for the next start");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    } else if run(&connection, "TRUNCATE")?.busy {
        tracing::warn!("somebody reads the database; the write-ahead log stays for the next start");
    }
    connection.close().map_err(|(_, error)| error)
}

/// Runs a checkpoint.
fn run(connection: &Connection, mode: &str) -> Result<Pages, rusqlite::Error> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Pages { busy: row.get(0)?, log: row.get(1)?, moved: row.get(2)? })
    })
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

// Windows keeps an open file at its path.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|_| (0, 0))
}
