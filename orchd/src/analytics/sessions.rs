//! Which sessions there are: a page of a sorted, filtered list.

use std::str::FromStr;

use rusqlite::{Connection, params};

use super::{Scope, like_pattern, name_list, rows};
use crate::view::{SCHEMA, SessionList, SessionRow};

/// What a list of sessions is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Last event.
    #[default]
    Last,
    /// First event.
    Started,
    /// Number of events.
    Events,
    /// Number of tool calls.
    Tools,
    /// Number of failed tool calls.
    Failures,
}

impl Sort {
    /// Every sort with its name.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("last", Self::Last),
        ("started", Self::Started),
        ("events", Self::Events),
        ("tools", Self::Tools),
        ("failures", Self::Failures),
    ];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    fn key(self, session: &SessionRow) -> i64 {
        match self {
            Self::Last => session.last_event_at,
            Self::Started => session.started_at,
            Self::Events => session.events,
            Self::Tools => session.tool_calls,
            Self::Failures => session.tool_failures,
        }
    }
}

/// The place in a list after which a page begins: the key and the id of the row before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    key: i64,
    session_id: String,
}

/// The text is not a cursor that this program gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct BadCursor;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1-{:x}-", self.key)?;
        self.session_id.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (key, id) = text.strip_prefix("1-").and_then(|rest| rest.split_once('-')).ok_or(BadCursor)?;
        if id.len() > 2 * shared::event::MAX_ID_BYTES || id.len() % 2 != 0 || !id.is_ascii() || key.starts_with('+') {
            return Err(BadCursor);
        }
        let key = u64::from_str_radix(key, 16).map_err(|_| BadCursor)?.cast_signed();
        let pairs = (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16));
        let bytes = pairs.collect::<Result<Vec<_>, _>>().map_err(|_| BadCursor)?;
        Ok(Self { key, session_id: String::from_utf8(bytes).map_err(|_| BadCursor)? })
    }
}

/// What is asked of the list.
#[derive(Debug, Clone)]
pub struct SessionQuery {
    /// Found in label, title, id or directory.
    pub text: Option<String>,
    /// States; empty for all.
    pub states: Vec<String>,
    /// Project directory.
    pub project_dir: Option<String>,
    /// Only pinned, or only others.
    pub pinned: Option<bool>,
    /// The sort.
    pub sort: Sort,
    /// Smallest first.
    pub ascending: bool,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// Rows of the page.
    pub limit: usize,
}

/// Answers one page of the list.
pub fn sessions(conn: &Connection, query: &SessionQuery) -> rusqlite::Result<SessionList> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let pattern = query.text.as_deref().map(like_pattern);
    let states = name_list(&query.states);
    let key = query.cursor.as_ref().map(|cursor| cursor.key);
    let before = query.cursor.as_ref().map(|cursor| &cursor.session_id);
    // One more than asked tells whether there is a next page.
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut items: Vec<SessionRow> = if query.sort == Sort::Last && !query.ascending {
        let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_newest.sql"))?;
        let rows = ask.query_map(params![pattern, states, scope.0, query.pinned, key, before, limit], rows::session)?;
        rows.collect::<rusqlite::Result<_>>()?
    } else {
        let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_sorted.sql"))?;
        let direction = if query.ascending { -1 } else { 1 };
        let values = params![pattern, states, scope.0, query.pinned, key, before, limit, query.sort.name(), direction];
        ask.query_map(values, rows::session)?.collect::<rusqlite::Result<_>>()?
    };
    let more = items.len() > query.limit;
    items.truncate(query.limit);
    let cursor = |last: &SessionRow| Cursor { key: query.sort.key(last), session_id: last.session_id.clone() };
    let next_cursor = items.last().filter(|_| more).map(|last| cursor(last).to_string());
    let mut ask = conn.prepare_cached(include_str!("../../queries/sessions_total.sql"))?;
    let total = ask.query_row(params![pattern, states, scope.0, query.pinned], |row| row.get(0))?;
    Ok(SessionList { schema: SCHEMA, items, next_cursor, total })
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;
    use proptest::prelude::*;

    fn query() -> SessionQuery {
        SessionQuery {
            text: None,
            states: Vec::new(),
            project_dir: None,
            pinned: None,
            sort: Sort::Last,
            ascending: false,
            cursor: None,
            limit: 2,
        }
    }

    /// Walks every page and returns the ids.
    fn walk(conn: &Connection, mut query: SessionQuery) -> Vec<String> {
        let mut ids = Vec::new();
        loop {
            let page = sessions(conn, &query).expect("answers");
            ids.extend(page.items.into_iter().map(|session| session.session_id));
            assert!(ids.len() <= 100, "the pages do not end");
            let Some(next) = page.next_cursor else { return ids };
            query.cursor = Some(next.parse().expect("our own cursor"));
        }
    }

    #[test]
    fn pages_of_any_sort_hold_each_session_once() {
        let conn = seed::database();
        for (name, sort) in Sort::NAMES {
            assert_eq!(sort.name(), name);
            let down = walk(&conn, SessionQuery { sort, ..query() });
            let mut up = walk(&conn, SessionQuery { sort, ascending: true, ..query() });
            let mut sorted = down.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!((down.len(), sorted.len()), (5, 5), "{name}");
            up.sort();
            assert_eq!(sorted, up, "{name}");
        }
    }

    #[test]
    fn filters_and_totals_agree() {
        let conn = seed::database();
        for (asked, total) in [
            (query(), 5),
            (SessionQuery { text: Some("checkout".into()), ..query() }, 1),
            (SessionQuery { text: Some("%".into()), ..query() }, 0),
            (SessionQuery { states: vec!["working".into(), "waiting".into()], ..query() }, 2),
            (SessionQuery { project_dir: Some("/home/dev/shop".into()), ..query() }, 3),
            (SessionQuery { project_dir: Some("/nowhere".into()), ..query() }, 0),
            (SessionQuery { pinned: Some(true), ..query() }, 1),
        ] {
            let list = sessions(&conn, &asked).expect("answers");
            assert_eq!(list.total, total, "{asked:?}");
            assert_eq!(walk(&conn, asked).len(), usize::try_from(total).expect("small"));
        }
    }

    #[test]
    fn foreign_cursors_are_refused() {
        for text in ["", "AAAA", "1-", "1-zz-00", "1-1-0", "1-1-zz", "1-1-ff", "2-1-61", "1-+1-61", "1-1-aé", "-1-1"] {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn cursors_round_trip(key in any::<i64>(), session_id in "\\PC{0,40}") {
            let cursor = Cursor { key, session_id };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Cursor>();
        }
    }
}
