//! Which rows of the database a command is about, and the database itself: read where it lies, with or without a daemon.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, ErrorCode};
use shared::paths::Paths;

use super::args::Selection;
use super::failure::{Code, Failure};
use super::run::load_config;
use crate::analytics::costs::{self, CostQuery, Group};
use crate::daemon::time_zone;
use crate::logging::line::printable;
use crate::store::{StoreError, open_reading};

/// Returns what is asked for.
pub(super) fn query(of: &Selection) -> Result<CostQuery, Failure> {
    let query = CostQuery {
        since: day(of.since.as_deref(), "--since")?,
        until: day(of.until.as_deref(), "--until")?,
        project_dir: of.project.as_deref().map(|dir| without_slash(dir).to_owned()),
        model: of.model.clone(),
        agent: of.agent.clone(),
        session_id: of.session.clone(),
    };
    if query.since.zip(query.until).is_some_and(|(since, until)| since > until) {
        return Err(Failure::new(Code::Usage, "--since is after --until").hint("exchange the two days"));
    }
    Ok(query)
}

/// Returns the zone that is named, else that of the settings.
pub(super) fn zone(paths: &Paths, of: &Selection) -> Result<TimeZone, Failure> {
    let named = match &of.timezone {
        Some(name) => name.clone(),
        None => load_config(paths)?.display.timezone,
    };
    time_zone(&named).map_err(|error| {
        Failure::new(Code::Usage, "no such time zone").because(error).hint("name it such as Europe/Berlin or UTC")
    })
}

/// Returns a folder as it is recorded: a shell's completion ends it with a slash.
fn without_slash(dir: &str) -> &str {
    match dir.trim_end_matches('/') {
        "" => dir,
        dir => dir,
    }
}

/// Returns what there is no request of at all among what is asked for, in words.
pub(super) fn unknown(conn: &Connection, of: &CostQuery) -> rusqlite::Result<Option<String>> {
    let all = CostQuery::default;
    for (what, name, only) in [
        ("project", &of.project_dir, CostQuery { project_dir: of.project_dir.clone(), ..all() }),
        ("model", &of.model, CostQuery { model: of.model.clone(), ..all() }),
        ("agent", &of.agent, CostQuery { agent: of.agent.clone(), ..all() }),
        ("session", &of.session_id, CostQuery { session_id: of.session_id.clone(), ..all() }),
    ] {
        if let Some(name) = name
            && costs::rows(conn, &only, Group::Day, &TimeZone::UTC)?.is_empty()
        {
            return Ok(Some(format!("No request of {what} `{}` is recorded.", printable(name))));
        }
    }
    Ok(None)
}

/// Reads a day, with or without its dashes.
fn day(text: Option<&str>, name: &str) -> Result<Option<Date>, Failure> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Failure::new(Code::Usage, format!("{name} `{text}` is not a day")).hint("write it such as 2026-11-22")
    })
}

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
pub(super) fn unreadable(error: StoreError) -> Failure {
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
pub(super) fn failed(error: rusqlite::Error) -> Failure {
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
    use crate::analytics::seed;
    use crate::logging::line::Colours;
    use crate::store::schema_version;

    #[test]
    fn what_was_never_seen_is_named() {
        let conn = seed::database();
        let named = |dir: &str, model: Option<&str>| {
            let dir = Some(without_slash(dir).to_owned());
            let query = CostQuery { project_dir: dir, model: model.map(str::to_owned), ..CostQuery::default() };
            unknown(&conn, &query).expect("answers")
        };
        assert_eq!(named("/home/dev/shop/", Some("claude-opus-5")), None);
        assert_eq!(named("/home/x", None).as_deref(), Some("No request of project `/home/x` is recorded."));
        assert_eq!(named("/home/dev/shop", Some("m")).as_deref(), Some("No request of model `m` is recorded."));
        assert_eq!(without_slash("/"), "/");
    }

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
