//! Which projects are known, for the filter.

use rusqlite::Connection;

use crate::view::{ProjectItem, ProjectList, SCHEMA};

/// Answers every project by name.
pub fn projects(conn: &Connection) -> rusqlite::Result<ProjectList> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/projects.sql"))?;
    let items = ask.query_map([], |row| Ok(ProjectItem { project: row.get(1)?, project_dir: row.get(2)? }))?;
    Ok(ProjectList { schema: SCHEMA, items: items.collect::<rusqlite::Result<_>>()? })
}
