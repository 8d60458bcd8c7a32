//! What can go wrong in the store.

use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database file could not be opened or made.
    #[error("failed to open database `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The database file or its folder could not be prepared.
    #[error("failed to prepare database file `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The linked SQLite has a known defect that loses commits.
    #[error("SQLite {found} is too old; 3.51.3 or newer is needed")]
    OldSqlite {
        /// The linked version.
        found: &'static str,
    },
    /// The database was written by a newer build.
    #[error("database is at schema {found}; this build knows up to {known}: install the newer orchd")]
    NewerSchema {
        /// The file's schema.
        found: u32,
        /// This build's newest.
        known: u32,
    },
    /// The database was written by an older build, and this process may not bring it up to date.
    #[error("database is at schema {found}; this build needs {known}")]
    OlderSchema {
        /// The file's schema.
        found: u32,
        /// This build's newest.
        known: u32,
    },
    /// A migration failed; the database is as it was.
    #[error("failed to migrate the database")]
    Migrate(#[source] Box<refinery::Error>),
    /// The thread could not be started.
    #[error("failed to start a store thread")]
    Thread(#[source] std::io::Error),
    /// The bounded queue is full; nothing was taken.
    #[error("the writer's queue is full")]
    Busy,
    /// Recording is paused and an import was asked for; what was recorded before stays.
    #[error("recording is paused: orchd resume")]
    Paused,
    /// The store is closing or its writer is gone.
    #[error("the store is closed")]
    Closed,
    /// The transaction failed and nothing of it was kept; the reason is in the log.
    #[error("the transaction failed; nothing was written")]
    Failed,
    /// A question to the database failed.
    #[error("failed to read the database")]
    Read(#[source] rusqlite::Error),
}
