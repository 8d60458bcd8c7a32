//! The database: one writer thread that folds events as it stores them, and read-only connections for questions.
//!
//! An event is acknowledged after COMMIT and never before; everything one event changes is in one transaction.

mod error;
mod handle;
mod reader;
mod writer;

pub use error::StoreError;
pub use handle::{Store, StoreOptions};
pub use reader::Reader;
pub use writer::{Arrival, Writer};
