//! Rows summed by what is asked for, and by time.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::facts::{self, Facts};
use super::{CostQuery, Group, MAIN};
use crate::analytics::Scope;
use crate::ledger::Sums;

/// Sums of each key within each stretch of time, the oldest first.
type OverTime = Vec<(String, HashMap<String, Sums>)>;

/// Says how a number of days is cut.
type Width<'w> = &'w dyn Fn(i64) -> Group;

/// What rows sum to.
pub(super) struct Folded {
    /// Sums by key.
    pub(super) rows: Vec<(String, Sums)>,
    /// Over time, where that was asked for.
    pub(super) times: OverTime,
    /// What `times` are.
    pub(super) bucket: Group,
}

/// Sums by key; over time too where `width` says how wide a number of days is cut.
pub(super) fn sums(
    conn: &Connection,
    query: &CostQuery,
    (group, width): (Group, Option<Width<'_>>),
    timezone: &TimeZone,
) -> rusqlite::Result<Folded> {
    let (mut by_key, mut by_day) = (HashMap::new(), BTreeMap::<String, HashMap<String, Sums>>::new());
    let mut each = |key: &str, day: &str, sums: Sums| {
        add(&mut by_key, key, sums);
        if width.is_some() && !day.is_empty() {
            if !by_day.contains_key(day) {
                by_day.insert(day.to_owned(), HashMap::new());
            }
            if let Some(keys) = by_day.get_mut(day) {
                add(keys, key, sums);
            }
        }
    };
    let projects = if group == Group::Project { project_dirs(conn)? } else { HashMap::new() };
    let mut keyed = |facts: &Facts<'_>, sums: Sums| each(&key_of(group, facts, &projects), facts.day, sums);
    match group {
        Group::Session if query.session_id.is_none() && query.agent.is_none() => {
            sessions(conn, query, timezone, &mut |session, sums| {
                keyed(&Facts { session_id: session, ..Facts::default() }, sums);
            })?;
            if width.is_some() {
                facts::of_rollups(conn, query, timezone, |facts, sums| {
                    add_to_day(&mut by_day, facts.day, sums);
                })?;
            }
        }
        Group::Session | Group::Prompt => facts::of_requests(conn, query, timezone, keyed)?,
        _ if query.session_id.is_some() => facts::of_requests(conn, query, timezone, keyed)?,
        _ => facts::of_rollups(conn, query, timezone, keyed)?,
    }
    by_key.retain(|_, sums| sums.requests != 0);
    let mut rows: Vec<_> = by_key.into_iter().collect();
    if group.is_time() {
        rows.sort_by(|a, b| a.0.cmp(&b.0));
    } else {
        rows.sort_by(|a, b| (b.1.cost_nano_usd, b.1.requests, &a.0).cmp(&(a.1.cost_nano_usd, a.1.requests, &b.0)));
    }
    let bucket = width.map_or(Group::Day, |width| width(days_of(query, &by_day)));
    Ok(Folded { rows, times: widen(by_day, bucket), bucket })
}

fn add(sums: &mut HashMap<String, Sums>, key: &str, more: Sums) {
    match sums.get_mut(key) {
        Some(sum) => *sum += more,
        None => drop(sums.insert(key.to_owned(), more)),
    }
}

fn add_to_day(by_day: &mut BTreeMap<String, HashMap<String, Sums>>, day: &str, sums: Sums) {
    add(by_day.entry(day.to_owned()).or_default(), "", sums);
}

fn key_of(group: Group, facts: &Facts<'_>, projects: &HashMap<i64, String>) -> String {
    match group {
        Group::Day | Group::Week | Group::Month => stretch_of(group, facts.day),
        Group::Session => facts.session_id.to_owned(),
        Group::Project => projects.get(&facts.project_id).cloned().unwrap_or_default(),
        Group::Model => facts.model.to_owned(),
        Group::Agent if facts.agent_type.is_empty() => MAIN.to_owned(),
        Group::Agent => facts.agent_type.to_owned(),
        Group::Prompt => facts.prompt_id.to_owned(),
    }
}

/// Returns the day, week or month that a day lies in.
fn stretch_of(width: Group, day: &str) -> String {
    match width {
        Group::Month => day.get(..7).unwrap_or(day).to_owned(),
        Group::Week => day.parse::<Date>().map_or_else(
            |_| day.to_owned(),
            |date| {
                let since_monday = i64::from(date.weekday().to_monday_zero_offset());
                date.checked_sub(jiff::Span::new().days(since_monday)).unwrap_or(date).to_string()
            },
        ),
        _ => day.to_owned(),
    }
}

/// Returns how many days are asked for, or lie between the first and the last with requests.
fn days_of(query: &CostQuery, by_day: &BTreeMap<String, HashMap<String, Sums>>) -> i64 {
    let day = |found: Option<(&String, &HashMap<String, Sums>)>| found.and_then(|(day, _)| day.parse::<Date>().ok());
    let first = query.since.or_else(|| day(by_day.first_key_value()));
    let last = day(by_day.last_key_value()).or(query.until);
    first.zip(last).and_then(|(first, last)| last.since(first).ok()).map_or(0, |span| i64::from(span.get_days()) + 1)
}

fn widen(by_day: BTreeMap<String, HashMap<String, Sums>>, width: Group) -> OverTime {
    let mut wide = OverTime::new();
    for (day, keys) in by_day {
        let name = stretch_of(width, &day);
        if wide.last().is_none_or(|(last, _)| *last != name) {
            wide.push((name, HashMap::new()));
        }
        if let Some((_, sums)) = wide.last_mut() {
            for (key, part) in keys {
                add(sums, &key, part);
            }
        }
    }
    wide.retain(|(_, keys)| keys.values().any(|sums| sums.requests != 0));
    wide
}

/// Sums whole sessions from their rollup, and the few that reach over an end of the range from their requests.
fn sessions(
    conn: &Connection,
    query: &CostQuery,
    timezone: &TimeZone,
    each: &mut impl FnMut(&str, Sums),
) -> rusqlite::Result<()> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let (from_at, before_at) = query.range(timezone);
    let mut ask = conn.prepare_cached(include_str!("../../../queries/cost_session.sql"))?;
    let mut rows = ask.query(params![from_at, before_at, scope.0, query.model])?;
    let mut over = Vec::new();
    while let Some(row) = rows.next()? {
        let (session, model) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        if row.get(2)? {
            each(session, facts::sums(row, 3)?);
        } else {
            over.push((session.to_owned(), model.to_owned()));
        }
    }
    for (session, model) in over {
        let of = CostQuery { session_id: Some(session.clone()), model: Some(model), ..query.clone() };
        facts::of_requests(conn, &of, timezone, |_, sums| each(&session, sums))?;
    }
    Ok(())
}

fn project_dirs(conn: &Connection) -> rusqlite::Result<HashMap<i64, String>> {
    let mut ask = conn.prepare_cached(include_str!("../../../queries/project_dirs.sql"))?;
    let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
