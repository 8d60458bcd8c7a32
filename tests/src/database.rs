//! Looks into a database from outside: read-only while the daemon runs, on a copy where the file itself is in doubt.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// A read-only connection, or one to a copy.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    copy: Option<tempfile::TempDir>,
}

impl Database {
    /// Opens the file for reading.
    ///
    /// # Panics
    ///
    /// When it cannot be opened.
    #[must_use]
    pub fn open(file: &Path) -> Self {
        let connection =
            Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database can be opened");
        connection.busy_timeout(Duration::from_secs(5)).expect("a timeout can be set");
        Self { connection, copy: None }
    }

    /// Copies the file and its WAL, as a dead daemon left them, and opens the copy.
    ///
    /// # Panics
    ///
    /// When they cannot be copied.
    #[must_use]
    pub fn copy(file: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("copy.db");
        std::fs::copy(file, &target).expect("the database can be copied");
        let wal = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push("-wal");
            std::path::PathBuf::from(name)
        };
        if wal(file).exists() {
            std::fs::copy(wal(file), wal(&target)).expect("the WAL can be copied");
        }
        let connection = Connection::open(&target).expect("the copy can be opened");
        Self { connection, copy: Some(folder) }
    }

    /// Returns the number a query gives.
    ///
    /// # Panics
    ///
    /// When the query fails.
    #[must_use]
    pub fn number(&self, query: &str) -> i64 {
        self.connection.query_row(query, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Returns the first column of a query as text.
    ///
    /// # Panics
    ///
    /// When the query fails.
    #[must_use]
    pub fn texts(&self, query: &str) -> Vec<String> {
        let mut statement = self.connection.prepare(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).expect("the query runs");
        rows.map(|row| row.expect("a row").unwrap_or_default()).collect()
    }

    /// Rows in `events`.
    #[must_use]
    pub fn events(&self) -> i64 {
        self.number("SELECT count(*) FROM events")
    }

    /// Checks the file with SQLite's own means; only for a copy, since a live file changes under it.
    ///
    /// # Panics
    ///
    /// When the file is damaged.
    pub fn assert_sound(&self) {
        assert!(self.copy.is_some(), "check a copy");
        assert_eq!(self.texts("PRAGMA integrity_check"), ["ok"]);
        assert_eq!(self.number("SELECT count(*) FROM pragma_foreign_key_check"), 0, "foreign keys");
    }

    /// Calls `look` with the event id, the tool use id and the payload of every event that has a body.
    ///
    /// # Panics
    ///
    /// When a body cannot be read.
    pub fn each_body(&self, mut look: impl FnMut(&str, &str, &[u8])) {
        let query = "SELECT e.event_id, coalesce(e.tool_use_id, ''), b.encoding, b.body \
                     FROM events e JOIN event_bodies b USING (seq)";
        let mut statement = self.connection.prepare(query).expect("the documented tables");
        let mut rows = statement.query([]).expect("the query runs");
        while let Some(row) = rows.next().expect("a row") {
            let id: String = row.get(0).expect("event_id");
            let tool_use_id: String = row.get(1).expect("tool_use_id");
            let stored: Vec<u8> = row.get(3).expect("body");
            let body = match row.get::<_, i64>(2).expect("encoding") {
                0 => stored,
                1 => zstd::decode_all(&stored[..]).expect("a stored body can be unpacked"),
                2 => lz4_flex::decompress_size_prepended(&stored).expect("a stored body can be unpacked"),
                other => panic!("unknown encoding {other}"),
            };
            look(&id, &tool_use_id, &body);
        }
    }
}
