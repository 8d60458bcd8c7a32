//! The database: one writer thread that folds events as it stores them, and read-only connections for questions.
//!
//! An event is acknowledged after COMMIT and never before; everything one event changes is in one transaction. When a
//! transaction fails nobody is acknowledged, what memory knew is dropped, and the next one starts from the database.

mod batch;
mod books;
mod checkpoint;
mod command;
mod delegations;
mod error;
mod feedback;
mod fits;
mod handle;
mod hash;
mod ledger;
mod local_model;
mod log_file;
mod open;
mod plan_limits;
mod projects;
mod reader;
mod rollups;
mod samples;
mod sessions;
mod state;
mod statements;
mod tasks;
mod thread;
mod writer;

pub use books::open_imports;
pub use error::StoreError;
pub use feedback::{About, Feedback};
pub use fits::NewFit;
pub use handle::{Store, StoreOptions};
pub use ledger::{
    FileMark, LedgerBatch, LedgerOutcome, homes, marks, marks_of, skipped_lines, unpriced_models, unpriced_requests,
};
pub use open::schema_version;
pub use reader::{Reader, at_one_moment, open_reading};
pub use writer::{Arrival, Writer};

#[cfg(test)]
mod tests;
