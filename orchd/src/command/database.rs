//! The database, as a command reads it: where it lies, with or without a daemon.

use rusqlite::{Connection, ErrorCode};
use shared::paths::Paths;

use super::failure::{Code, Failure};
use crate::store::{StoreError, open_reading};

/// Opens the database for reading.
pub(crate) fn connect(paths: &Paths) -> Result<Connection, Failure> {
    let path = paths.database();
    // A file of no bytes is what a start leaves that was killed before its first write.
    if !path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0) {
        return Err(Failure::new(Code::Unavailable, "nothing was recorded yet").hint("orchd import, or orchd up"));
    }
    open_reading(&path).map_err(unreadable)
}

/// Returns the failure of a database that cannot be opened, with what to do about it.
pub(crate) fn unreadable(error: StoreError) -> Failure {
    let (code, hint) = match &error {
        StoreError::OlderSchema { .. } => {
            (Code::TryAgain, "orchd start, or orchd import: either brings the database up to date, and keeps all")
        }
        StoreError::NewerSchema { .. } => (Code::Data, "git pull in the clone, then: sh .scripts/up"),
        StoreError::Open { source, .. } | StoreError::Read(source) if is_damaged(source) => {
            (Code::Data, "orchd doctor")
        }
        _ => (Code::Unavailable, "orchd doctor"),
    };
    Failure::new(code, "the database cannot be read").because(error).hint(hint)
}

/// Returns the failure of a question to the database.
pub(crate) fn failed(error: rusqlite::Error) -> Failure {
    if is_damaged(&error) {
        return unreadable(StoreError::Read(error));
    }
    Failure::new(Code::Internal, "the database cannot be read").because(error)
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::line::Colours;
    use crate::store::schema_version;

    #[test]
    fn a_database_that_cannot_be_read_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orch.db");
        let schema = |version: u32| {
            let _ = std::fs::remove_file(&path);
            let conn = Connection::open(&path).expect("opens");
            conn.execute_batch("CREATE TABLE refinery_schema_history (version INTEGER)").expect("made");
            conn.execute("INSERT INTO refinery_schema_history VALUES (?1)", [version]).expect("stored");
        };
        let said = || {
            let failure = unreadable(open_reading(&path).expect_err("refused"));
            (failure.code(), failure.text(Colours::Off))
        };
        schema(schema_version() - 1);
        let (code, text) = said();
        assert!(code == Code::TryAgain && text.contains("try: orchd start, or orchd import"), "{text}");
        schema(schema_version() + 1);
        let (code, text) = said();
        assert!(code == Code::Data && text.contains("sh .scripts/up") && !text.contains("orchd start"), "{text}");
        std::fs::write(&path, [7; 9_000]).expect("written");
        let (code, text) = said();
        assert!(code == Code::Data && text.ends_with("try: orchd doctor\n"), "{text}");
    }
}
