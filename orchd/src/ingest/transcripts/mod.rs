//! Transcripts into the ledger: which files there are, what is new in them, and all of it to the writer.
//!
//! [`Import`] reads a set of files; [`Importer`] is the daemon's handle on the one thread (`tail`) that runs imports and
//! follows what the client writes.

mod excluded;
mod file;
mod files;
mod import;
mod importer;
mod inbox;
mod own_session;
mod roots;
mod state;
mod tail;
mod watch;

pub use files::Transcripts;
pub use import::{Import, Progress, Summary};
pub use importer::Importer;
pub use roots::{Root, roots_of_environment};
