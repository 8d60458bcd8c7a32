//! The rows of the ledger behind a number, a page at a time.

use std::str::FromStr;

use jiff::tz::TimeZone;
use rusqlite::{CachedStatement, Connection, Row, ToSql, params};
use shared::event::Micros;

use super::costs::{self, CostQuery, usd};
use super::{QUARTER, Scope};
use crate::ledger::flags;
use crate::view::{CostSums, RequestList, RequestRow, SCHEMA};

/// Where a page begins: below this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Its time.
    pub(crate) requested_at: Micros,
    /// Its number.
    pub(crate) request_seq: i64,
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, seq) = text.split_once('.').ok_or(())?;
        Ok(Self { requested_at: at.parse().map_err(drop)?, request_seq: seq.parse().map_err(drop)? })
    }
}

/// Which rows are asked for.
#[derive(Debug, Clone, Default)]
pub struct RequestQuery {
    /// Days, project, model, agent and session.
    pub of: CostQuery,
    /// Only those that served this prompt, of a session; empty for those that belong to none.
    pub prompt_id: Option<String>,
    /// Where the page begins; None for the first.
    pub cursor: Option<Cursor>,
    /// Rows of the page.
    pub limit: usize,
}

/// Answers one page, the newest first.
pub fn requests(conn: &Connection, query: &RequestQuery, timezone: &TimeZone) -> rusqlite::Result<RequestList> {
    // One more than is shown: whether there is a next page has to be known.
    let mut items = rows(conn, query, query.limit + 1, timezone, row)?;
    let more = items.len() > query.limit;
    items.truncate(query.limit);
    let last = items.last().filter(|_| more);
    let total = match query.cursor {
        None => Some(total(conn, query, timezone)?),
        Some(_) => None,
    };
    Ok(RequestList {
        schema: SCHEMA,
        next_cursor: last.map(|row| format!("{}.{}", row.requested_at, row.request_seq)),
        items,
        total,
    })
}

/// Answers at most `most` rows below the cursor, the newest first, each as `each` takes it.
pub(crate) fn rows<T>(
    conn: &Connection,
    query: &RequestQuery,
    most: usize,
    timezone: &TimeZone,
    mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let (from_at, before_at) = query.of.range(timezone);
    // The index is entered at one bound alone: without this a page would walk through all pages before it.
    let before_at = query.cursor.map_or(before_at, |cursor| before_at.min(cursor.requested_at.saturating_add(1)));
    if query.of.session_id.is_some() {
        let ask = conn.prepare_cached(include_str!("../../queries/session_requests.sql"))?;
        return read(ask, conn, query, ((from_at, before_at), most), each);
    }
    // A rare model, agent or project would have the whole ledger read: the rollup says in which quarters of an hour there is any.
    let scope = Scope::of(conn, query.of.project_dir.as_deref())?;
    let first = from_at.saturating_sub(from_at.rem_euclid(QUARTER));
    let mut ask = conn.prepare_cached(include_str!("../../queries/cost_quarters.sql"))?;
    let mut quarters = ask.query(params![first, before_at, scope.0, query.of.model, query.of.agent_type()])?;
    let mut items = Vec::new();
    while let Some(quarter) = quarters.next()? {
        let at: Micros = quarter.get(0)?;
        let range = (from_at.max(at), before_at.min(at + QUARTER));
        let ask = conn.prepare_cached(include_str!("../../queries/requests.sql"))?;
        items.extend(read(ask, conn, query, (range, most - items.len()), &mut each)?);
        if items.len() >= most {
            break;
        }
    }
    Ok(items)
}

fn read<T>(
    mut ask: CachedStatement<'_>,
    conn: &Connection,
    query: &RequestQuery,
    ((from_at, before_at), most): ((Micros, Micros), usize),
    each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let scope = Scope::of(conn, query.of.project_dir.as_deref())?;
    let start = query.cursor.unwrap_or(Cursor { requested_at: Micros::MAX, request_seq: i64::MAX });
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let agent_type = query.of.agent_type();
    let mut values: Vec<&dyn ToSql> = vec![
        &from_at,
        &before_at,
        &start.requested_at,
        &start.request_seq,
        &scope.0,
        &query.of.model,
        &agent_type,
        &query.prompt_id,
        &most,
    ];
    if let Some(session) = &query.of.session_id {
        values.push(session);
    }
    ask.query_map(&*values, each)?.collect()
}

fn total(conn: &Connection, query: &RequestQuery, timezone: &TimeZone) -> rusqlite::Result<CostSums> {
    let group = if query.prompt_id.is_some() { costs::Group::Prompt } else { costs::Group::Day };
    let rows = costs::rows(conn, &query.of, group, timezone)?;
    let wanted = |(key, _): &(String, _)| query.prompt_id.as_ref().is_none_or(|prompt| prompt == key);
    let matching: Vec<_> = rows.into_iter().filter(wanted).collect();
    Ok(costs::view(&costs::total(&matching)))
}

fn row(row: &Row<'_>) -> rusqlite::Result<RequestRow> {
    let set: i64 = row.get("flags")?;
    Ok(RequestRow {
        request_seq: row.get("request_seq")?,
        requested_at: row.get("requested_at")?,
        message_id: row.get("message_id")?,
        request_id: row.get("request_id")?,
        session_id: row.get("session_id")?,
        agent_id: row.get("agent_id")?,
        agent_type: row.get("agent_type")?,
        prompt_id: row.get("prompt_id")?,
        project_dir: row.get("dir")?,
        model: row.get("model")?,
        input_tokens: row.get("input_tokens")?,
        output_tokens: row.get("output_tokens")?,
        cache_creation_input_tokens: row.get("cache_creation_input_tokens")?,
        cache_creation_1h_input_tokens: row.get("cache_creation_1h_input_tokens")?,
        cache_read_input_tokens: row.get("cache_read_input_tokens")?,
        web_searches: row.get("web_searches")?,
        marks: flags::NAMES.iter().filter(|(bit, _)| set & bit != 0).map(|(_, name)| (*name).to_owned()).collect(),
        source: row.get("source")?,
        price: row.get("price")?,
        cost_usd: row.get::<_, Option<i64>>("cost_nano_usd")?.map(usd),
    })
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn pages_hold_every_row_once_and_the_total_is_their_sum() {
        let conn = seed::database();
        for of in [
            CostQuery::default(),
            CostQuery { session_id: Some(seed::WORKING.to_owned()), ..CostQuery::default() },
            CostQuery { model: Some("claude-opus-5".into()), agent: Some("main".into()), ..CostQuery::default() },
            CostQuery { since: Some(jiff::civil::date(2026, 11, 22)), ..CostQuery::default() },
        ] {
            let (mut seen, mut cursor, mut total) = (Vec::new(), None, None);
            loop {
                let query = RequestQuery { of: of.clone(), cursor, limit: 7, ..RequestQuery::default() };
                let page = requests(&conn, &query, &TimeZone::UTC).expect("answers");
                total = total.or(page.total);
                seen.extend(page.items);
                match page.next_cursor {
                    Some(next) => cursor = Some(next.parse().expect("our own cursor")),
                    None => break,
                }
            }
            let total = total.expect("on the first page");
            let count = i64::try_from(seen.len()).expect("few");
            assert!(count > 0, "{of:?}");
            assert_eq!(count, total.requests, "{of:?}");
            assert_eq!(seen.iter().map(|row| row.output_tokens).sum::<i64>(), total.output_tokens);
            let usd: f64 = seen.iter().filter_map(|row| row.cost_usd).sum();
            assert!((usd - total.cost_usd.expect("known")).abs() < 1e-9);
            assert!(seen.windows(2).all(|two| two[0].requested_at >= two[1].requested_at));
            let mut places: Vec<_> = seen.iter().map(|row| row.request_seq).collect();
            places.dedup();
            assert_eq!(places.len(), seen.len());
        }
    }

    #[test]
    fn requests_of_no_prompt_can_be_asked_for() {
        let conn = seed::database();
        conn.execute_batch("UPDATE api_requests SET prompt_id = NULL WHERE request_seq % 5 = 0").expect("updates");
        let query = RequestQuery { prompt_id: Some(String::new()), limit: 100, ..RequestQuery::default() };
        let page = requests(&conn, &query, &TimeZone::UTC).expect("answers");
        assert_eq!(page.items.len(), 12);
        assert!(page.items.iter().all(|row| row.prompt_id.is_none()));
        assert_eq!(page.total.expect("on the first page").requests, 12);
    }

    #[test]
    fn cursors_of_strangers_are_refused() {
        for text in ["", "1", "a.b", "1.", ".1", "1.2.3"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
