//! How far each transcript was read.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use shared::event::Micros;

/// How far a transcript was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMark {
    /// The file.
    pub path: String,
    /// Tells a file that replaced it apart; empty where the system cannot.
    pub file_id: String,
    /// Bytes of whole lines that were read.
    pub read_bytes: i64,
    /// Its time of change before it was read.
    pub modified_at: Micros,
    /// The prompt that the next line serves.
    pub prompt_id: Option<String>,
    /// Lines that could not be read.
    pub skipped_lines: i64,
}

impl FileMark {
    pub(super) fn write(&self, statement: &mut Statement<'_>) -> Result<(), rusqlite::Error> {
        let Self { path, file_id, read_bytes, modified_at, prompt_id, skipped_lines } = self;
        statement.execute(params![path, file_id, read_bytes, modified_at, prompt_id, skipped_lines])?;
        Ok(())
    }
}

/// Returns how far every transcript was read, by its path.
pub fn marks(connection: &Connection) -> Result<HashMap<String, FileMark>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/transcript_files.sql"))?;
    let rows = ask.query_map([], file_mark)?;
    rows.map(|mark| mark.map(|mark| (mark.path.clone(), mark))).collect()
}

/// Returns how far these transcripts were read, by their paths.
pub fn marks_of(connection: &Connection, paths: &[String]) -> Result<HashMap<String, FileMark>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/transcript_file.sql"))?;
    let mut marks = HashMap::with_capacity(paths.len());
    for path in paths {
        let mark = ask.query_row([path], file_mark).optional()?;
        marks.extend(mark.map(|mark| (path.clone(), mark)));
    }
    Ok(marks)
}

/// Returns the transcripts with lines that could not be read, each with how many, the most first.
pub fn skipped_lines(connection: &Connection) -> Result<Vec<(String, u64)>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/skipped_lines.sql"))?;
    let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    rows.collect()
}

fn file_mark(row: &Row<'_>) -> rusqlite::Result<FileMark> {
    Ok(FileMark {
        path: row.get(0)?,
        file_id: row.get(1)?,
        read_bytes: row.get(2)?,
        modified_at: row.get(3)?,
        prompt_id: row.get(4)?,
        skipped_lines: row.get(5)?,
    })
}
