//! What was spent, on what, and when: from the rollups where they hold the answer, else from the ledger's rows.

mod facts;
mod fold;
mod period;
mod sessions;
mod tally;

use std::collections::HashMap;

use fold::Folded;
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use period::Period;
use rusqlite::Connection;
use shared::event::Micros;

use super::calendar;
use crate::ledger::Sums;
use crate::view::{CostBucket, CostRow, CostSums, Costs, SCHEMA};

/// The word for requests of the main thread, which have no type of agent.
pub const MAIN: &str = "main";
/// Rows whose cost over time is told apart; all others are one.
const PARTS: usize = 8;
/// Days up to which the time is cut into days, and into weeks.
const MOST_DAYS: i64 = 100;
const MOST_WEEK_DAYS: i64 = 7 * 110;

/// What costs are summed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Days of the zone.
    Day,
    /// Weeks, which begin on Monday.
    Week,
    /// Months.
    Month,
    /// Sessions.
    Session,
    /// Projects.
    Project,
    /// Models.
    Model,
    /// Types of agents.
    Agent,
    /// Prompts.
    Prompt,
}

impl Group {
    /// Every one by its name.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("session", Self::Session),
        ("project", Self::Project),
        ("model", Self::Model),
        ("agent", Self::Agent),
        ("prompt", Self::Prompt),
    ];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, group)| *group == self).map_or("", |(name, _)| name)
    }

    fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }

    /// Whether its rows are told apart over time.
    fn is_parted(self) -> bool {
        matches!(self, Self::Project | Self::Model | Self::Agent)
    }
}

/// Which requests are meant; None for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostQuery {
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Project directory.
    pub project_dir: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Type of agent, [`MAIN`] for the main thread.
    pub agent: Option<String>,
    /// Session.
    pub session_id: Option<String>,
}

impl CostQuery {
    /// Returns the range in time: from the first, before the second.
    pub(crate) fn range(&self, timezone: &TimeZone) -> (Micros, Micros) {
        (
            self.since.map_or(Micros::MIN, |day| calendar::start_of(day, timezone)),
            self.until.map_or(Micros::MAX, |day| calendar::start_of(calendar::next(day), timezone)),
        )
    }

    /// Returns the type of agent as tables hold it.
    pub(crate) fn agent_type(&self) -> Option<&str> {
        self.agent.as_deref().map(|agent| if agent == MAIN { "" } else { agent })
    }
}

/// Answers what was spent by `group`, every row of it: by time the oldest first, else the most expensive first.
pub fn rows(
    conn: &Connection,
    query: &CostQuery,
    group: Group,
    timezone: &TimeZone,
) -> rusqlite::Result<Vec<(String, Sums)>> {
    Ok(fold::sums(conn, query, (group, None), timezone)?.rows)
}

/// Answers what was spent by `group`, at most `limit` rows of it, and over time.
pub fn costs(
    conn: &Connection,
    query: &CostQuery,
    (group, limit): (Group, usize),
    timezone: &TimeZone,
) -> rusqlite::Result<Costs> {
    let Folded { mut rows, times, bucket } = fold::sums(conn, query, (group, Some(&width)), timezone)?;
    let total = total(&rows);
    let most = limit.min(rows.len());
    // What is left out is the cheapest, or the longest ago.
    let beyond = if group.is_time() {
        let kept = rows.split_off(rows.len() - most);
        std::mem::replace(&mut rows, kept)
    } else {
        rows.split_off(most)
    };
    let other = (!beyond.is_empty()).then(|| view(&self::total(&beyond)));
    // Where rows were left out, and they alone would not fill the parts, they have a part of their own.
    let parts = if group.is_parted() { (rows.len() + usize::from(other.is_some())).min(PARTS) } else { 0 };
    let over_time = times.into_iter().map(|(key, by_place)| bucket_of(key, &by_place, parts)).collect();
    let name = |day: Option<Date>| day.map(|day| day.to_string());
    Ok(Costs {
        schema: SCHEMA,
        timezone: name_of(timezone),
        since: name(query.since),
        until: name(query.until),
        group: group.name().to_owned(),
        rows: rows.iter().map(|(key, sums)| CostRow { key: key.clone(), sums: view(sums) }).collect(),
        other,
        total: view(&total),
        bucket: bucket.name().to_owned(),
        over_time,
    })
}

/// The cheapest rows share the last part.
fn bucket_of(key: String, by_place: &HashMap<usize, Sums>, parts: usize) -> CostBucket {
    let (mut sums, mut nano) = (Sums::default(), vec![0; parts]);
    for (place, part) in by_place {
        sums += *part;
        if let Some(last) = parts.checked_sub(1) {
            nano[last.min(*place)] += part.cost_nano_usd;
        }
    }
    CostBucket { key, sums: view(&sums), parts_usd: nano.into_iter().map(usd).collect() }
}

/// Returns the width that shows a number of days in a readable number of buckets.
fn width(days: i64) -> Group {
    if days <= MOST_DAYS {
        Group::Day
    } else if days <= MOST_WEEK_DAYS {
        Group::Week
    } else {
        Group::Month
    }
}

/// Returns the sum of rows.
#[must_use]
pub fn total(rows: &[(String, Sums)]) -> Sums {
    rows.iter().fold(Sums::default(), |mut total, (_, sums)| {
        total += *sums;
        total
    })
}

/// Returns sums as they are shown.
#[must_use]
pub fn view(sums: &Sums) -> CostSums {
    let Sums { requests, input, output, cache_read, cache_creation, cost_nano_usd, unknown } = *sums;
    CostSums {
        requests,
        input_tokens: input,
        output_tokens: output,
        cache_creation_input_tokens: cache_creation,
        cache_read_input_tokens: cache_read,
        cost_usd: (unknown < requests || requests == 0).then(|| usd(cost_nano_usd)),
        unknown_cost_requests: unknown,
    }
}

/// Returns US dollars.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact up to 9 million dollars, and then right to 16 digits")]
pub fn usd(nano: i64) -> f64 {
    nano as f64 / 1e9
}

/// Returns the zone's name.
#[must_use]
pub fn name_of(timezone: &TimeZone) -> String {
    timezone.iana_name().unwrap_or("system").to_owned()
}

#[cfg(test)]
mod tests;
