//! Which rows of the database a command is about, and the database itself: read where it lies, with or without a daemon.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use shared::paths::Paths;

use super::args::Selection;
use super::failure::{Code, Failure};
use super::run::load_config;
use crate::analytics::costs::CostQuery;
use crate::daemon::time_zone;
use crate::store::open_reading;

/// Returns what is asked for.
pub(super) fn query(of: &Selection) -> Result<CostQuery, Failure> {
    let query = CostQuery {
        since: day(of.since.as_deref(), "--since")?,
        until: day(of.until.as_deref(), "--until")?,
        project_dir: of.project.clone(),
        model: of.model.clone(),
        ..CostQuery::default()
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
    if !path.is_file() {
        return Err(Failure::new(Code::Unavailable, "nothing was recorded yet").hint("orchd import, or orchd up"));
    }
    open_reading(&path).map_err(|error| {
        Failure::new(Code::Unavailable, "the database cannot be read")
            .because(error)
            .hint("orchd start, or orchd doctor")
    })
}
