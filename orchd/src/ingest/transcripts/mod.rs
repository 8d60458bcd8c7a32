//! Transcripts into the ledger: which files there are, what is new in them, and all of it to the writer.

mod file;
mod files;
mod import;
mod importer;
mod own_session;

pub use files::{Root, roots};
pub use import::{Import, Progress, Summary};
pub use importer::Importer;
