//! How far the daemon is with the transcripts of Claude Code.

use serde::{Deserialize, Serialize};
use shared::event::Micros;
use utoipa::ToSchema;

/// How far reading the client's transcripts is. Small changes that are read as they come do not count as an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportStatus {
    /// Of the import that runs, else of the last one.
    pub state: ImportState,
    /// How much of its bytes is read, 0 to 100.
    pub percent: u64,
    /// Bytes of the files that hold something new.
    pub bytes: u64,
    /// Of these, how many are read.
    pub bytes_done: u64,
    /// Files that hold something new.
    pub files: u64,
    /// Of these, how many are read.
    pub files_done: u64,
    /// Requests that it found and nobody had told of.
    pub requests: u64,
    /// Files and folders that could not be read.
    pub unread: u64,
    /// Lines of the transcripts that could not be read and are not counted.
    #[serde(default)]
    pub skipped_lines: u64,
    /// Where they stand: some of the files, each with how many.
    #[serde(default)]
    pub skipped_in: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Option<Micros>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Folders of Claude Code whose transcripts are followed.
    pub roots: Vec<String>,
    /// How they are followed.
    pub following: Following,
    /// Why they are polled and not watched.
    pub reason: Option<String>,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// There was none yet.
    #[default]
    Idle,
    /// It reads.
    Running,
    /// All is read.
    Done,
    /// It broke off; what was recorded stays.
    Failed,
}

/// How transcripts are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Following {
    /// Not at all: `ledger.transcripts` is false.
    #[default]
    Off,
    /// The system tells of changes; now and then all files are looked at beside it.
    Watching,
    /// The system does not tell; files are looked at again and again.
    Polling,
}
