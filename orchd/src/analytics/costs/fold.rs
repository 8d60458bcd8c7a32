//! Rows summed by what is asked for, and by time.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::facts::{self, Facts};
use super::tally::Tally;
use super::{CostQuery, Group, MAIN, sessions};
use crate::ledger::Sums;

/// Sums within each stretch of time, the oldest first, by the place of their key.
type OverTime = Vec<(String, HashMap<usize, Sums>)>;

/// Says how a number of days is cut.
type Width<'w> = &'w dyn Fn(i64) -> Group;

/// What rows sum to.
pub(super) struct Folded {
    /// Sums by key: by time the oldest first, else the most expensive first.
    pub(super) rows: Vec<(String, Sums)>,
    /// Over time, where that was asked for: by the place in `rows`, or all at the first where the group is not parted.
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
    let projects = if group == Group::Project { project_dirs(conn)? } else { HashMap::new() };
    let (mut by_key, mut by_day) = (Tally::<Sums>::default(), Tally::<HashMap<usize, Sums>>::default());
    let mut sessions = Vec::new();
    let add_to_day = |by_day: &mut Tally<HashMap<usize, Sums>>, day: &str, place, sums: Sums| {
        *by_day.at(day).1.entry(place).or_default() += sums;
    };
    let add = |facts: &Facts<'_>, sums: Sums| {
        let (place, sum) = by_key.at(key_of(group, facts, &projects));
        *sum += sums;
        add_to_day(&mut by_day, facts.day, if group.is_parted() { place } else { 0 }, sums);
    };
    match group {
        Group::Session if query.session_id.is_none() => {
            sessions = sessions::of_sessions(conn, query, timezone)?;
            if width.is_some() {
                facts::of_rollups(conn, (query, false), timezone, |facts, sums| {
                    add_to_day(&mut by_day, facts.day, 0, sums);
                })?;
            }
        }
        Group::Session | Group::Prompt => facts::of_requests(conn, query, timezone, add)?,
        _ if query.session_id.is_some() => facts::of_requests(conn, query, timezone, add)?,
        _ => facts::of_rollups(conn, (query, !group.is_time()), timezone, add)?,
    }
    let mut days = by_day.into_values();
    days.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut by_key = by_key.into_values();
    by_key.append(&mut sessions);
    let (rows, places) = if group.is_time() { (of_time(&days, group), Vec::new()) } else { ranked(by_key) };
    let Some(width) = width else { return Ok(Folded { rows, times: Vec::new(), bucket: Group::Day }) };
    let bucket = width(days_of(query, &days));
    let mut times = widen(days, bucket);
    if group.is_parted() {
        for (_, sums) in &mut times {
            *sums = sums.drain().filter_map(|(place, sums)| Some((places[place]?, sums))).collect();
        }
    }
    Ok(Folded { rows, times, bucket })
}

/// Sorts the most expensive first. Tells where each went, None for those without a request.
fn ranked(by_key: Vec<(String, Sums)>) -> (Vec<(String, Sums)>, Vec<Option<usize>>) {
    let mut places = vec![None; by_key.len()];
    let mut rows: Vec<_> = by_key.into_iter().enumerate().filter(|(_, (_, sums))| sums.requests != 0).collect();
    rows.sort_unstable_by(|(_, (a_key, a)), (_, (b_key, b))| {
        (b.cost_nano_usd, b.requests, a_key).cmp(&(a.cost_nano_usd, a.requests, b_key))
    });
    for (place, (was, _)) in rows.iter().enumerate() {
        places[*was] = Some(place);
    }
    (rows.into_iter().map(|(_, row)| row).collect(), places)
}

/// Sums days into stretches of time.
fn of_time(days: &OverTime, group: Group) -> Vec<(String, Sums)> {
    let total = |keys: &HashMap<usize, Sums>| {
        keys.values().fold(Sums::default(), |mut total, sums| {
            total += *sums;
            total
        })
    };
    widen(days.clone(), group).into_iter().map(|(key, keys)| (key, total(&keys))).collect()
}

/// Names the key of a row; those of time are told by their days.
fn key_of<'f>(group: Group, facts: &Facts<'f>, projects: &'f HashMap<i64, String>) -> &'f str {
    match group {
        Group::Day | Group::Week | Group::Month => "",
        Group::Session => facts.session_id,
        Group::Project => projects.get(&facts.project_id).map_or("", |dir| dir),
        Group::Model => facts.model,
        Group::Agent if facts.agent_type.is_empty() => MAIN,
        Group::Agent => facts.agent_type,
        Group::Prompt => facts.prompt_id,
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
fn days_of(query: &CostQuery, days: &OverTime) -> i64 {
    let day = |found: Option<&(String, _)>| found.and_then(|(day, _)| day.parse::<Date>().ok());
    let first = query.since.or_else(|| day(days.first()));
    let last = day(days.last()).or(query.until);
    first.zip(last).and_then(|(first, last)| last.since(first).ok()).map_or(0, |span| i64::from(span.get_days()) + 1)
}

fn widen(days: OverTime, width: Group) -> OverTime {
    let mut wide = OverTime::new();
    for (day, keys) in days {
        let name = stretch_of(width, &day);
        match wide.last_mut() {
            Some((last, sums)) if *last == name => {
                for (place, part) in keys {
                    *sums.entry(place).or_default() += part;
                }
            }
            _ => wide.push((name, keys)),
        }
    }
    wide.retain(|(_, keys)| keys.values().any(|sums| sums.requests != 0));
    wide
}

fn project_dirs(conn: &Connection) -> rusqlite::Result<HashMap<i64, String>> {
    let mut ask = conn.prepare_cached(include_str!("../../../queries/project_dirs.sql"))?;
    let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
