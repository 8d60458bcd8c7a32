//! Project directories as numbers.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

use super::hash::FastMap;

/// Directories kept in memory; more start the dictionary anew.
const KEPT: usize = 4096;

/// The dictionary of `projects`.
#[derive(Debug, Default)]
pub(super) struct Projects {
    ids: FastMap<String, i64>,
    nowhere: Option<i64>,
    /// The database was asked for `nowhere`; since then it could only be made here.
    asked: bool,
}

impl Projects {
    /// Returns the number of a directory, given a new one if it is new.
    pub(super) fn id(&mut self, connection: &Connection, dir: &str, seen_at: Micros) -> Result<i64, rusqlite::Error> {
        if let Some(&id) = self.ids.get(dir) {
            return Ok(id);
        }
        let mut find = connection.prepare_cached("SELECT project_id FROM projects WHERE dir = ?1")?;
        let known = find.query_row([dir], |row| row.get(0)).optional()?;
        let id = if let Some(id) = known {
            id
        } else {
            let add = "INSERT INTO projects (dir, name, first_seen_at) VALUES (?1, ?2, ?3)";
            connection.prepare_cached(add)?.insert(params![dir, name(dir), seen_at])?
        };
        if self.ids.len() >= KEPT {
            self.ids.clear();
        }
        self.ids.insert(dir.to_owned(), id);
        if dir.is_empty() {
            self.nowhere = Some(id);
        }
        Ok(id)
    }

    /// Returns the number of what has no directory; None as long as nothing stands under it.
    pub(super) fn nowhere(&mut self, connection: &Connection) -> Result<Option<i64>, rusqlite::Error> {
        if !self.asked && self.nowhere.is_none() {
            let mut find = connection.prepare_cached("SELECT project_id FROM projects WHERE dir = ''")?;
            self.nowhere = find.query_row([], |row| row.get(0)).optional()?;
        }
        self.asked = true;
        Ok(self.nowhere)
    }
}

/// Returns the last part of a directory, of either system's kind.
fn name(dir: &str) -> &str {
    let last = dir.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    match (last, dir) {
        ("", "") => "no project",
        ("", _) => dir,
        (last, _) => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (dir, expected) in [
            ("/home/dev/app", "app"),
            ("/home/dev/app/", "app"),
            ("/", "/"),
            ("", "no project"),
            (r"C:\work\app", "app"),
        ] {
            assert_eq!(name(dir), expected, "{dir}");
        }
    }
}
