//! Comma-separated values that a spreadsheet opens as text, never as a formula.

use ::csv::Writer;

/// A table in memory.
pub(crate) struct Table(Writer<Vec<u8>>);

impl Default for Table {
    fn default() -> Self {
        Self(Writer::from_writer(Vec::new()))
    }
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(head);
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        // Memory takes every row, and every row has the length of the head.
        let _ = self.0.write_record(cells);
    }

    pub(crate) fn finish(self) -> String {
        String::from_utf8(self.0.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// Returns foreign text as a cell: a leading `=`, `+`, `-`, `@`, tab or return would start a formula.
pub(crate) fn text(text: &str) -> String {
    let starts_formula = |letter: char| matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r');
    if text.trim_start_matches(' ').starts_with(starts_formula) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_formulas() {
        let mut table = Table::new(&["a", "b"]);
        table.row(["x,y", "say \"z\""]);
        table.row([text("=1+1"), text("plain")]);
        assert_eq!(table.finish(), "a,b\n\"x,y\",\"say \"\"z\"\"\"\n'=1+1,plain\n");
    }
}
