//! The values of a row, and how those are written that formats agree on.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::Column;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Not known.
    Nothing,
    /// A number: what it counts is the column's kind.
    Whole(i64),
    /// Text.
    Text(String),
}

impl Cell {
    /// Returns the number, 0 for what is none.
    pub(super) fn whole(&self) -> i64 {
        if let Self::Whole(number) = self { *number } else { 0 }
    }

    /// Returns the text, empty for what is none.
    pub(super) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }
}

/// Reads a row whose columns stand in this order.
pub(super) fn read(row: &Row<'_>, columns: &[Column]) -> rusqlite::Result<Vec<Cell>> {
    let cell = |place| {
        Ok(match row.get_ref(place)? {
            ValueRef::Integer(number) => Cell::Whole(number),
            ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Cell::Nothing,
        })
    };
    (0..columns.len()).map(cell).collect()
}

/// Writes nano-dollars as US dollars, every digit of them.
#[must_use]
pub fn dollars(nano: i64) -> String {
    let (whole, rest) = (nano.unsigned_abs() / 1_000_000_000, nano.unsigned_abs() % 1_000_000_000);
    let sign = if nano < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_lose_no_digit() {
        for (nano, text) in [
            (0, "0"),
            (1, "0.000000001"),
            (1_000_000_000, "1"),
            (10_000_000_000, "10"),
            (120_000_000, "0.12"),
            (-1_500_000_000, "-1.5"),
            (i64::MAX, "9223372036.854775807"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(dollars(nano), text);
        }
    }
}
