//! What just happened, anywhere: a page of events, and one event with its payload.
//!
//! A page looks at a bounded number of rows, newest first; a search that finds little says how far it got and goes on from there.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

use super::{Clock, HOUR, QUARTER, Scope, like_pattern, name_list, rows};
use crate::fold::unpack;
use crate::view::{EventBody, EventDetail, EventList, SCHEMA};

/// Rows looked at for one page.
pub const MOST_SCANNED: usize = 20_000;
/// How far the clock may have been set back between two events for the search of a range of time to find both.
const CLOCK_SLACK: Micros = HOUR;

/// What is asked of the list.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only rows stored before this one.
    pub before: Option<i64>,
    /// Only rows stored after this one.
    pub after: Option<i64>,
    /// Rows of the page.
    pub limit: usize,
    /// Project directory.
    pub project_dir: Option<String>,
    /// Session.
    pub session_id: Option<String>,
    /// Names of events; empty for all.
    pub events: Vec<String>,
    /// Tool.
    pub tool_name: Option<String>,
    /// Subagent.
    pub agent_id: Option<String>,
    /// Only failures, or only others.
    pub failed: Option<bool>,
    /// Found in summary, tool or name of the event.
    pub text: Option<String>,
    /// Only events that happened at or after.
    pub from_at: Option<Micros>,
    /// Only events that happened at or before.
    pub to_at: Option<Micros>,
}

/// What a scan found.
#[derive(Default)]
struct Scan {
    hits: Vec<i64>,
    /// Set when there may be more below: the last row looked at, and when it happened.
    stopped: Option<(i64, Micros)>,
    /// The page was full before the rows to look at were used up.
    full: bool,
    looked_at: usize,
    last: Option<(i64, Micros)>,
}

/// Answers one page of the list.
pub fn events(conn: &Connection, query: &EventQuery, clock: &Clock) -> rusqlite::Result<EventList> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let mut before = query.before.unwrap_or(i64::MAX);
    if let Some(to_at) = query.to_at.filter(|&to_at| to_at < clock.now_at) {
        // A range in the past: begin at its newest row instead of walking down to it.
        let mut ask = conn.prepare_cached(include_str!("../../queries/newest_in_time.sql"))?;
        let first_bucket_at = query.from_at.unwrap_or(Micros::MIN).saturating_sub(QUARTER);
        let newest: Option<i64> = ask.query_row(params![first_bucket_at, to_at], |row| row.get(0))?;
        before = before.min(newest.map_or(0, |newest| newest.saturating_add(1)));
    }
    let Scan { hits, stopped, full, .. } = scan(conn, query, scope, before)?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/event_row.sql"))?;
    let items = hits.iter().map(|seq| ask.query_row([seq], rows::event)).collect::<rusqlite::Result<_>>()?;
    Ok(EventList {
        schema: SCHEMA,
        items,
        next_before: stopped.map(|(seq, _)| seq),
        searched_to_at: stopped.filter(|_| !full).map(|(_, at)| at),
    })
}

fn scan(conn: &Connection, query: &EventQuery, scope: Scope, before: i64) -> rusqlite::Result<Scan> {
    let after = query.after.unwrap_or(i64::MIN);
    let names = name_list(&query.events);
    let pattern = query.text.as_deref().map(like_pattern);
    let mut ask = conn.prepare_cached(include_str!("../../queries/events_scan.sql"))?;
    let EventQuery { tool_name, agent_id, failed, from_at, to_at, .. } = query;
    let mut look = |above: i64, below: i64, scan: &mut Scan| -> rusqlite::Result<bool> {
        let mut found =
            ask.query(params![above, below, scope.0, names, tool_name, agent_id, failed, from_at, to_at, pattern])?;
        while let Some(row) = found.next()? {
            let received_at: Micros = row.get(2)?;
            if from_at.is_some_and(|from| received_at < from.saturating_sub(CLOCK_SLACK)) {
                // Nothing happens after it was received: all rows below are older than the range.
                return Ok(false);
            }
            if !scan.take(query.limit, row.get(0)?, row.get(1)?, row.get(3)?) {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let mut scan = Scan::default();
    let Some(session_id) = &query.session_id else {
        look(after, before, &mut scan)?;
        return Ok(scan);
    };
    let mut ask = conn.prepare_cached(include_str!("../../queries/session_events.sql"))?;
    // One more than is looked at: whether there is more has to be known.
    let most = i64::try_from(MOST_SCANNED + 1).unwrap_or(i64::MAX);
    let mut found = ask.query(params![session_id, after, before, most])?;
    while let Some(row) = found.next()? {
        let seq: i64 = row.get(0)?;
        if !look(seq - 1, seq + 1, &mut scan)? {
            break;
        }
    }
    Ok(scan)
}

impl Scan {
    /// Takes the next row below; false when it belongs to the next page, which begins below the last one taken.
    fn take(&mut self, limit: usize, seq: i64, occurred_at: Micros, hit: bool) -> bool {
        self.full = self.hits.len() >= limit;
        if self.full || self.looked_at == MOST_SCANNED {
            self.stopped = self.last;
            return false;
        }
        if hit {
            self.hits.push(seq);
        }
        self.last = Some((seq, occurred_at));
        self.looked_at += 1;
        true
    }
}

/// Answers one event with its payload; None when there is no such event.
pub fn event(conn: &Connection, event_id: &str) -> rusqlite::Result<Option<EventDetail>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/event.sql"))?;
    let found = ask.query_row([event_id], |row| {
        let event = rows::event(row)?;
        let encoding: Option<u8> = row.get("encoding")?;
        let stored = row.get_ref("body")?.as_blob_or_null()?;
        let body = encoding.zip(stored).map(|(encoding, stored)| body(encoding, stored));
        Ok(EventDetail { schema: SCHEMA, received_at: row.get("received_at")?, body, event })
    });
    found.optional()
}

/// Returns a stored payload as JSON, or as text when it is cut or not valid JSON.
fn body(encoding: u8, stored: &[u8]) -> EventBody {
    let Ok(bytes) = unpack(encoding, stored) else {
        return EventBody::Text("(this payload cannot be unpacked)".to_owned());
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => EventBody::Json(value),
        Err(_) => EventBody::Text(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;
    use crate::fold::{RAW, ZSTD};

    fn ask(conn: &Connection, query: EventQuery) -> EventList {
        let query = EventQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query };
        events(conn, &query, &seed::clock()).expect("answers")
    }

    #[test]
    fn filters() {
        let conn = seed::database();
        let all = ask(&conn, EventQuery::default()).items.len();
        let some = |text: &str| Some(text.to_owned());
        for (name, query, count) in [
            ("session", EventQuery { session_id: some(seed::WORKING), ..EventQuery::default() }, all - 4),
            ("hostile session", EventQuery { session_id: some("' OR '1'='1"), ..EventQuery::default() }, 0),
            ("tool", EventQuery { tool_name: some("Read"), ..EventQuery::default() }, 1),
            ("agent", EventQuery { agent_id: some("agent-a"), ..EventQuery::default() }, 1),
            ("failed", EventQuery { failed: Some(true), ..EventQuery::default() }, 3),
            ("text", EventQuery { text: some("CARGO TEST"), ..EventQuery::default() }, 6),
            ("wildcard", EventQuery { text: some("%"), ..EventQuery::default() }, 0),
            ("name", EventQuery { text: some("sessionst"), ..EventQuery::default() }, 1),
            ("unknown project", EventQuery { project_dir: some("/nowhere"), ..EventQuery::default() }, 0),
            ("future", EventQuery { from_at: Some(Micros::MAX), ..EventQuery::default() }, 0),
            ("past", EventQuery { to_at: Some(0), ..EventQuery::default() }, 0),
            (
                "names",
                EventQuery { events: vec!["SessionStart".into(), "UserPromptSubmit".into()], ..EventQuery::default() },
                3,
            ),
        ] {
            assert_eq!(ask(&conn, query).items.len(), count, "{name}");
        }
    }

    #[test]
    fn pages_hold_each_event_once_and_after_brings_the_new_ones() {
        let conn = seed::database();
        let all: Vec<i64> = ask(&conn, EventQuery::default()).items.iter().map(|event| event.seq).collect();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = ask(&conn, EventQuery { before, limit: 3, ..EventQuery::default() });
            assert!(page.items.len() <= 3 && page.searched_to_at.is_none());
            seen.extend(page.items.iter().map(|event| event.seq));
            before = page.next_before;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert!(all.is_sorted_by(|a, b| a > b));
        let new = ask(&conn, EventQuery { after: Some(all[2]), ..EventQuery::default() });
        assert_eq!(new.items.iter().map(|event| event.seq).collect::<Vec<_>>(), all[..2]);
    }

    #[test]
    fn a_search_stops_and_goes_on() {
        let conn = seed::empty();
        seed::many_events(&conn, MOST_SCANNED + 10);
        let mut query = EventQuery { text: Some("needle".into()), ..EventQuery::default() };
        let first = ask(&conn, query.clone());
        assert!(first.items.is_empty() && first.searched_to_at.is_some());
        query.before = first.next_before;
        let second = ask(&conn, query);
        assert_eq!((second.items.len(), second.next_before, second.searched_to_at), (1, None, None));
    }

    #[test]
    fn a_range_in_the_past_begins_at_its_newest_row() {
        let conn = seed::empty();
        seed::many_events(&conn, MOST_SCANNED * 2);
        // The event n happened n seconds after the epoch.
        let list = ask(&conn, EventQuery { to_at: Some(5_000_000), ..EventQuery::default() });
        assert_eq!(list.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
        assert_eq!(list.next_before, None);
    }

    #[test]
    fn bodies_are_json_text_or_absent() {
        let packed = zstd::encode_all(&b"{\"a\":1}"[..], 1).expect("packs");
        let json = |body| matches!(body, EventBody::Json(value) if value["a"] == 1);
        assert!(json(body(ZSTD, &packed)));
        assert!(json(body(RAW, b"{\"a\":1}")));
        assert!(matches!(body(RAW, b"{\"a\":\xff"), EventBody::Text(text) if text == "{\"a\":\u{fffd}"));
        assert!(matches!(body(ZSTD, b"not packed"), EventBody::Text(_)));
        let conn = seed::database();
        let id = ask(&conn, EventQuery::default()).items[0].event_id.clone();
        assert!(event(&conn, &id).expect("answers").is_some_and(|event| event.body.is_none()));
        assert!(event(&conn, "nothing").expect("answers").is_none());
    }
}
