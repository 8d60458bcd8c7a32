//! The rows of a table, a page at a time, each page from where the one before ended.

use rusqlite::{Connection, params};

use super::cells::{Cell, read};
use super::{Export, Table};
use crate::analytics::Scope;
use crate::analytics::costs::{self, Group};
use crate::analytics::requests::{self, Cursor, RequestQuery};
use crate::fold::unpack;

/// Rows looked at for one page: some 20 ms, and a megabyte.
pub(super) const ROWS: usize = 2_000;
/// The same, as a parameter of a question.
const MOST: i64 = 2_000;
/// Bytes of payloads after which a page of events ends.
const BODY_BYTES: usize = 4 << 20;

/// The pages of an export, and how far they are.
#[derive(Debug)]
pub struct Pages {
    export: Export,
    place: Place,
}

/// Where the next page begins.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Start,
    Below(Cursor),
    AfterSession(String),
    AfterEvent(i64),
    End,
}

impl Pages {
    /// Returns the pages from the first on.
    #[must_use]
    pub fn new(export: Export) -> Self {
        Self { export, place: Place::Start }
    }

    /// Returns what is exported.
    #[must_use]
    pub fn export(&self) -> &Export {
        &self.export
    }

    /// Reads the next page, which may hold no rows; None behind the last one.
    pub fn next(&mut self, conn: &Connection) -> rusqlite::Result<Option<Vec<Vec<Cell>>>> {
        if self.place == Place::End {
            return Ok(None);
        }
        let rows = match self.export.table {
            Table::Requests => self.requests(conn),
            Table::Sessions => self.sessions(conn),
            Table::Events => self.events(conn),
            Table::Costs => self.costs(conn),
        };
        rows.map(Some)
    }

    /// The newest first: what is stored meanwhile does not come in.
    fn requests(&mut self, conn: &Connection) -> rusqlite::Result<Vec<Vec<Cell>>> {
        let cursor = if let Place::Below(cursor) = self.place { Some(cursor) } else { None };
        let query = RequestQuery { of: self.export.of.clone(), cursor, ..RequestQuery::default() };
        let columns = self.export.columns();
        let rows = requests::rows(conn, &query, ROWS, &self.export.timezone, |row| read(row, columns))?;
        let below =
            |row: &Vec<Cell>| Place::Below(Cursor { request_seq: row[0].whole(), requested_at: row[1].whole() });
        self.place = rows.last().filter(|_| rows.len() == ROWS).map_or(Place::End, below);
        Ok(rows)
    }

    fn sessions(&mut self, conn: &Connection) -> rusqlite::Result<Vec<Vec<Cell>>> {
        let of = &self.export.of;
        let after = if let Place::AfterSession(id) = &self.place { id } else { "" };
        let (from_at, before_at) = of.range(&self.export.timezone);
        let scope = Scope::of(conn, of.project_dir.as_deref())?;
        let mut ask = conn.prepare_cached(include_str!("../../queries/export_sessions.sql"))?;
        let columns = self.export.columns();
        let values = params![after, from_at, before_at, scope.0, of.model, of.session_id, MOST];
        let mut found = ask.query(values)?;
        let (mut rows, mut last, mut looked_at) = (Vec::new(), None, 0);
        while let Some(row) = found.next()? {
            looked_at += 1;
            if row.get("matches")? {
                rows.push(read(row, columns)?);
            }
            if looked_at == ROWS {
                last = Some(row.get(0)?);
            }
        }
        self.place = last.map_or(Place::End, Place::AfterSession);
        Ok(rows)
    }

    fn events(&mut self, conn: &Connection) -> rusqlite::Result<Vec<Vec<Cell>>> {
        let of = &self.export.of;
        let after = if let Place::AfterEvent(seq) = self.place { seq } else { 0 };
        let newest: i64 =
            conn.prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?.query_row([], |row| row.get(0))?;
        // A range of numbers and not of rows: a filter that few rows pass still ends.
        let end = after.saturating_add(MOST);
        let (from_at, before_at) = of.range(&self.export.timezone);
        let scope = Scope::of(conn, of.project_dir.as_deref())?;
        let mut ask = conn.prepare_cached(if self.export.bodies {
            include_str!("../../queries/export_event_bodies.sql")
        } else {
            include_str!("../../queries/export_events.sql")
        })?;
        let values = params![after, end, from_at, before_at, scope.0, of.agent_type(), of.session_id];
        let mut found = ask.query(values)?;
        let (columns, mut rows, mut bytes) = (self.export.columns(), Vec::new(), 0);
        while let Some(row) = found.next()? {
            let mut cells = read(row, columns)?;
            if self.export.bodies
                && let Some(last) = cells.last_mut()
            {
                *last = body(row.get("encoding")?, row.get_ref("body")?.as_blob_or_null()?);
                bytes += last.text().len();
            }
            rows.push(cells);
            if bytes >= BODY_BYTES {
                break;
            }
        }
        let full = bytes >= BODY_BYTES;
        self.place = match rows.last().filter(|_| full) {
            Some(last) => Place::AfterEvent(last[0].whole()),
            None if end >= newest => Place::End,
            None => Place::AfterEvent(end),
        };
        Ok(rows)
    }

    /// A row a day: all of them are one page.
    fn costs(&mut self, conn: &Connection) -> rusqlite::Result<Vec<Vec<Cell>>> {
        self.place = Place::End;
        let days = costs::rows(conn, &self.export.of, Group::Day, &self.export.timezone)?;
        let row = |(day, sums): (String, crate::ledger::Sums)| {
            let cost = if sums.unknown < sums.requests { Cell::Whole(sums.cost_nano_usd) } else { Cell::Nothing };
            vec![
                Cell::Text(day),
                Cell::Whole(sums.requests),
                Cell::Whole(sums.input),
                Cell::Whole(sums.output),
                Cell::Whole(sums.cache_creation),
                Cell::Whole(sums.cache_read),
                cost,
                Cell::Whole(sums.unknown),
            ]
        };
        Ok(days.into_iter().map(row).collect())
    }
}

/// Returns a stored payload as JSON on one line; one that is cut, or is not JSON, as a string of it.
fn body(encoding: Option<u8>, stored: Option<&[u8]>) -> Cell {
    let Some((encoding, stored)) = encoding.zip(stored) else { return Cell::Nothing };
    let Ok(bytes) = unpack(encoding, stored) else { return Cell::Nothing };
    let text = String::from_utf8_lossy(&bytes);
    let one_line = !text.contains(['\n', '\r']);
    let json = match serde_json::from_str::<&serde_json::value::RawValue>(&text) {
        Ok(_) if one_line => Ok(text.clone().into_owned()),
        Ok(_) => serde_json::from_str::<serde_json::Value>(&text).map(|value| value.to_string()),
        Err(error) => Err(error),
    };
    Cell::Text(json.unwrap_or_else(|_| serde_json::Value::from(&*text).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::RAW;

    #[test]
    fn payloads_are_one_line_of_json_whatever_they_were() {
        for (stored, expected) in [
            (&b"{\"a\":1.10}"[..], Some("{\"a\":1.10}")),
            (b"{\"a\":\n 1}", Some("{\"a\":1}")),
            (b"{\"a\": cut\n", Some("\"{\\\"a\\\": cut\\n\"")),
            (b"\xff", Some("\"\u{fffd}\"")),
        ] {
            let expected = expected.map_or(Cell::Nothing, |text| Cell::Text(text.to_owned()));
            assert_eq!(body(Some(RAW), Some(stored)), expected);
        }
        assert_eq!(body(None, None), Cell::Nothing);
    }
}
