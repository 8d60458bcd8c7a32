//! The database, looked at read-only and for a bounded time.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Check;
use crate::error::chain;
use crate::store::schema_version;

const NAME: &str = "database";

/// Longest the integrity check may take; a large database is checked in part.
const CHECK_WITHIN: Duration = Duration::from_secs(5);

/// Checks that the file opens, is whole and has a schema this build knows.
pub(super) fn check(file: &Path) -> Check {
    if !file.exists() {
        return Check::warn(NAME, format!("{} is not there yet", file.display()), "orchd start makes it");
    }
    match look(file) {
        Ok((integrity, schema)) => judge(file, &integrity, schema, size_bytes(file)),
        Err(error) => Check::fail(NAME, format!("{} cannot be read: {}", file.display(), chain(&error)), "orchd logs"),
    }
}

fn look(file: &Path) -> Result<(String, i64), rusqlite::Error> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(1))?;
    let schema = connection.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0))?;
    let interrupt = connection.get_interrupt_handle();
    let (done, ended) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if ended.recv_timeout(CHECK_WITHIN) == Err(mpsc::RecvTimeoutError::Timeout) {
            interrupt.interrupt();
        }
    });
    let integrity = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    drop(done);
    // The thread ends with the channel; it holds nothing anybody waits for.
    let _ = watch.join();
    match integrity {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(("ok as far as looked at".to_owned(), schema))
        }
        other => Ok((other?, schema)),
    }
}

fn judge(file: &Path, integrity: &str, schema: i64, size_bytes: u64) -> Check {
    let known = i64::from(schema_version());
    if !integrity.starts_with("ok") {
        let fix = "orchd stop, keep a copy of the folder, then move the file away";
        return Check::fail(NAME, format!("{} is damaged: {integrity}", file.display()), fix);
    }
    if schema > known {
        let message = format!("schema {schema} is newer than this build knows ({known})");
        return Check::fail(NAME, message, "use the newer orchd again");
    }
    if schema < known {
        return Check::warn(NAME, format!("schema {schema}; this build has {known}"), "orchd restart");
    }
    Check::ok(NAME, format!("{}, schema {schema}, {} MB, {integrity}", file.display(), size_bytes / 1_000_000))
}

fn size_bytes(file: &Path) -> u64 {
    let of = |suffix: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        std::fs::metadata(name).map_or(0, |found| found.len())
    };
    of("") + of("-wal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_missing_a_broken_and_a_newer_database_are_told_apart() {
        let dir = tempfile::tempdir().expect("temp folder");
        let file = dir.path().join("orch.db");
        assert_eq!(check(&file).state, State::Warn);
        std::fs::write(&file, "this is no database at all, only a text that is long enough").expect("writes");
        assert_eq!(check(&file).state, State::Fail);
        std::fs::remove_file(&file).expect("removes");
        let connection = Connection::open(&file).expect("opens");
        connection.execute_batch("CREATE TABLE refinery_schema_history(version INTEGER)").expect("creates");
        for (version, expected) in
            [(i64::from(schema_version()), State::Ok), (i64::from(schema_version()) + 1, State::Fail)]
        {
            connection.execute("INSERT INTO refinery_schema_history VALUES (?1)", [version]).expect("inserts");
            assert_eq!(check(&file).state, expected, "{version}");
        }
    }
}
