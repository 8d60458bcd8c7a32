//! Opening the database file for writing: private, in WAL mode, at this build's schema.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, log_file};
use crate::config::Durability;

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// SQLite before 3.51.3 can lose commits when two connections race a checkpoint.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a writer waits for another connection's lock.
const BUSY: Duration = Duration::from_secs(2);
/// Statements kept prepared, besides those that the writer holds.
const CACHED_STATEMENTS: usize = 64;
/// Page cache, KiB.
pub(super) const CACHE_KIB: i64 = 8 * 1024;
/// Size that the write-ahead log has from the start, bytes: some 200 events.
pub(super) const LOG_BYTES: u64 = 16 << 20;
/// Page size of a new database, bytes. A commit of one event dirties some 13 pages: at 16 KiB it took 1.4 times as long as at 8,
/// and batches gained nothing.
pub(super) const PAGE_BYTES: i64 = 8_192;

/// Returns the newest schema this build knows.
#[must_use]
pub fn schema_version() -> u32 {
    let known = migrations::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max();
    known.map_or(0, |version| u32::try_from(version).unwrap_or(0))
}

/// Opens the file for the writer, made 0600 if absent, and brings its schema up to date.
pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite { found: rusqlite::version() });
    }
    make_private(path).map_err(|source| StoreError::File { path: path.to_path_buf(), source })?;
    let mut connection =
        connect(path, durability).map_err(|source| StoreError::Open { path: path.to_path_buf(), source })?;
    migrate(&mut connection)?;
    log_file::reserve(&log_file::path(path), LOG_BYTES);
    Ok(connection)
}

/// Makes the file with no rights for others before SQLite writes the first byte; the WAL takes over its mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        // Just made: nobody holds a lock that closing it would drop.
        Ok(file) => drop(file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Opens the file read-write with the pragmas of every writing connection.
pub(super) fn connect(path: &Path, durability: Durability) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Only an empty file takes the page size, and only before WAL mode.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let synchronous = if durability == Durability::Power { "full" } else { "normal" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // Checkpoints belong to their own thread, and so does giving the log's space back: here they would delay an
    // acknowledgement.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = applied(connection).map_err(StoreError::Read)?;
    let known = schema_version();
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if found < known {
        let runner = migrations::migrations::runner().set_grouped(true);
        runner.run(connection).map_err(|error| StoreError::Migrate(Box::new(error)))?;
    }
    Ok(())
}

/// Returns the schema of the file, 0 for an empty one.
pub(super) fn applied(connection: &Connection) -> Result<u32, rusqlite::Error> {
    if !connection.table_exists(None, "refinery_schema_history")? {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))
}
