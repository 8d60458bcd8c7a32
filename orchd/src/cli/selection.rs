//! Which rows of the database a command is about.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use shared::paths::Paths;

use super::args::Selection;
use crate::analytics::costs::{self, CostQuery, Group};
use crate::command::settings::load_config;
use crate::command::{Code, Failure};
use crate::config::time_zone;
use crate::logging::line::printable;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;

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
}
