//! What was recorded, as rows to take elsewhere: a table read page by page, and each page written in a format.
//!
//! A page is read whole before any of it is written, so no lock on the database waits for a slow reader, and memory holds one
//! page (of Parquet one row group) however many rows there are.

mod cells;
mod pages;
mod parquet_file;
mod table;
mod text;

use jiff::tz::TimeZone;

pub use cells::{Cell, dollars};
pub use pages::Pages;
pub use parquet_file::ParquetFile;
pub use table::{Column, Kind, Table};
pub use text::TextFormat;

use crate::analytics::costs::CostQuery;

/// What is exported.
#[derive(Debug, Clone)]
pub struct Export {
    /// The table.
    pub table: Table,
    /// Which of its rows.
    pub of: CostQuery,
    /// The zone that days are cut in and times are written in.
    pub timezone: TimeZone,
    /// Events with their redacted payloads.
    pub bodies: bool,
}

impl Export {
    /// Returns the columns.
    #[must_use]
    pub fn columns(&self) -> &'static [Column] {
        self.table.columns(self.bodies)
    }

    /// Returns the name of a filter that is given and means nothing for this table.
    #[must_use]
    pub fn misfit(&self) -> Option<&'static str> {
        let given = [
            ("model", self.of.model.is_some(), self.table == Table::Events),
            ("agent", self.of.agent.is_some(), self.table == Table::Sessions),
        ];
        given.into_iter().find(|&(_, given, means_nothing)| given && means_nothing).map(|(name, ..)| name)
    }
}

#[cfg(test)]
mod tests;
