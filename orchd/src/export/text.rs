//! Rows as lines of text: comma-separated values for spreadsheets, JSON for programs.

use ::csv::WriterBuilder;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cells::{Cell, dollars};
use super::{Column, Export, Kind};
use crate::csv;
use crate::ledger::flags;

/// A format of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Comma-separated values with a head. Times stand in the export's zone; what is not known is empty.
    Csv,
    /// One object of JSON a line, with the names and units of the API's answers; what is not known is null.
    Jsonl,
}

impl TextFormat {
    /// Every one by its name.
    pub const NAMES: [(&'static str, Self); 2] = [("csv", Self::Csv), ("jsonl", Self::Jsonl)];

    /// Returns the name, which is a file's ending too.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// Returns the content type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/x-ndjson",
        }
    }

    /// Returns what stands above the rows.
    #[must_use]
    pub fn head(self, export: &Export) -> Vec<u8> {
        match self {
            Self::Csv => {
                let names: Vec<_> = export.columns().iter().map(|column| column.name).collect();
                format!("{}\n", names.join(",")).into_bytes()
            }
            Self::Jsonl => Vec::new(),
        }
    }

    /// Returns the lines of rows.
    #[must_use]
    pub fn lines(self, export: &Export, rows: &[Vec<Cell>]) -> Vec<u8> {
        match self {
            Self::Csv => separated(export, rows),
            Self::Jsonl => objects(export.columns(), rows),
        }
    }
}

fn separated(export: &Export, rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut lines = WriterBuilder::new().from_writer(Vec::new());
    for row in rows {
        let cells = export.columns().iter().zip(row).map(|(column, cell)| shown(*column, cell, &export.timezone));
        // Memory takes every row, and every row has as many cells as there are columns.
        let _ = lines.write_record(cells);
    }
    lines.into_inner().unwrap_or_default()
}

fn shown(column: Column, cell: &Cell, timezone: &TimeZone) -> String {
    if *cell == Cell::Nothing {
        return String::new();
    }
    match column.kind {
        Kind::Text | Kind::Json => csv::text(cell.text()),
        Kind::Whole => cell.whole().to_string(),
        Kind::Time => time(cell.whole(), timezone),
        Kind::Dollars => dollars(cell.whole()),
        Kind::Flag => (cell.whole() != 0).to_string(),
        Kind::Marks => marks(cell.whole()).join(" "),
    }
}

/// Writes a moment as RFC 3339 has it, with the zone's offset.
fn time(at: i64, timezone: &TimeZone) -> String {
    let at = at.clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(timezone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string()
}

pub(super) fn marks(set: i64) -> Vec<&'static str> {
    flags::NAMES.iter().filter(|(bit, _)| set & bit != 0).map(|(_, name)| *name).collect()
}

fn objects(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in rows {
        for (place, (column, cell)) in columns.iter().zip(row).enumerate() {
            lines.extend_from_slice(if place == 0 { b"{\"" } else { b",\"" });
            lines.extend_from_slice(column.name.as_bytes());
            lines.extend_from_slice(b"\":");
            value(&mut lines, *column, cell);
        }
        lines.extend_from_slice(b"}\n");
    }
    lines
}

fn value(line: &mut Vec<u8>, column: Column, cell: &Cell) {
    if *cell == Cell::Nothing {
        return line.extend_from_slice(b"null");
    }
    match column.kind {
        // Texts and lists of names are always JSON, and memory takes it.
        Kind::Text => drop(serde_json::to_writer(line, cell.text())),
        Kind::Marks => drop(serde_json::to_writer(line, &marks(cell.whole()))),
        Kind::Json => line.extend_from_slice(cell.text().as_bytes()),
        Kind::Whole | Kind::Time => line.extend_from_slice(cell.whole().to_string().as_bytes()),
        Kind::Dollars => line.extend_from_slice(dollars(cell.whole()).as_bytes()),
        Kind::Flag => line.extend_from_slice((cell.whole() != 0).to_string().as_bytes()),
    }
}
