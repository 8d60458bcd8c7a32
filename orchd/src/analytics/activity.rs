//! What happened over a range, from the rollups: one pass over their rows, folded here.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use shared::event::Micros;

use super::memory::Memory;
use super::{Clock, DAY, HOUR, QUARTER, SECOND, Scope, calendar};
use crate::histogram::quantile;
use crate::view::{Activity, ActivityBucket, ProjectActivity, SCHEMA, ToolActivity};

/// Tools and projects named in one answer.
const NAMED: usize = 50;
/// Days in one answer; longer ranges keep their newest.
const MOST_DAYS: Micros = 1_100;

/// A range and the width of its buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Start of every bucket, ascending; never empty.
    starts: Vec<Micros>,
    /// End of the last one.
    to_at: Micros,
    /// Seconds; 86,400 means days of the zone.
    bucket_s: i64,
}

impl Range {
    /// Returns the range cut into quarters of an hour up to 2 days, hours up to 14 days, and days beyond.
    #[must_use]
    pub fn new(from_at: Micros, to_at: Micros, clock: &Clock) -> Self {
        let to_at = to_at.clamp(0, clock.now_at.saturating_add(DAY));
        let from_at = from_at.clamp(to_at.saturating_sub(MOST_DAYS * DAY).max(0), to_at.saturating_sub(1).max(0));
        match to_at - from_at {
            width if width <= 2 * DAY => Self::even(from_at.div_euclid(QUARTER) * QUARTER, to_at, QUARTER),
            width if width <= 14 * DAY => Self::even(calendar::start_of_hour(from_at, &clock.timezone), to_at, HOUR),
            _ => Self::days(from_at, to_at, clock),
        }
    }

    /// Returns the 96 quarters of an hour that end with the one in progress.
    #[must_use]
    pub fn last_day(clock: &Clock) -> Self {
        let end = clock.now_at.div_euclid(QUARTER) * QUARTER + QUARTER;
        Self { to_at: clock.now_at, ..Self::even(end - DAY, end, QUARTER) }
    }

    fn even(first: Micros, to_at: Micros, width: Micros) -> Self {
        let count = usize::try_from((to_at - first + width - 1) / width).unwrap_or(0).max(1);
        let starts = std::iter::successors(Some(first), |at| Some(at + width)).take(count).collect();
        Self { starts, to_at, bucket_s: width / SECOND }
    }

    fn days(from_at: Micros, to_at: Micros, clock: &Clock) -> Self {
        let days =
            std::iter::successors(Some(calendar::day_of(from_at, &clock.timezone)), |&day| Some(calendar::next(day)));
        let starts = days.map(|day| calendar::start_of(day, &clock.timezone));
        let starts: Vec<_> = starts.enumerate().take_while(|&(n, at)| n == 0 || at < to_at).map(|(_, at)| at).collect();
        Self { starts, to_at, bucket_s: DAY / SECOND }
    }

    fn start_at(&self) -> Micros {
        self.starts[0]
    }

    fn bucket_of(&self, at: Micros) -> Option<usize> {
        self.starts.partition_point(|&start| start <= at).checked_sub(1)
    }
}

/// Counts one row of a rollup in a bucket, a tool or a project.
pub(super) fn count(bucket: &mut ActivityBucket, event: &str, events: i64) {
    bucket.events += events;
    match event {
        "UserPromptSubmit" => bucket.prompts += events,
        "PostToolUse" => bucket.tool_calls += events,
        "PostToolUseFailure" => {
            bucket.tool_calls += events;
            bucket.tool_failures += events;
        }
        "SubagentStart" => bucket.agents += events,
        "SessionStart" => bucket.sessions += events,
        _ => {}
    }
}

/// What is summed while the rows of a rollup go by.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// The buckets in which something happened, by start.
    pub(super) quarters: Vec<ActivityBucket>,
    /// Finished and failed calls.
    tools: HashMap<String, (i64, i64)>,
    projects: HashMap<i64, ActivityBucket>,
}

impl Fold {
    /// Sums a range of quarters of an hour.
    pub(super) fn read(conn: &Connection, scope: Scope, from_at: Micros, to_at: Micros) -> rusqlite::Result<Self> {
        let mut fold = Self::default();
        let mut ask = conn.prepare_cached(include_str!("../../queries/activity_15m.sql"))?;
        let mut rows = ask.query(params![from_at, to_at, scope.0])?;
        while let Some(row) = rows.next()? {
            fold.add(row.get(0)?, row)?;
        }
        Ok(fold)
    }

    /// Adds a row of a rollup; rows come in the order of their time.
    fn add(&mut self, at: Micros, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        let (event, tool, events): (_, _, i64) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?, row.get(4)?);
        if self.quarters.last().is_none_or(|last| last.at != at) {
            self.quarters.push(ActivityBucket { at, ..ActivityBucket::default() });
        }
        if let Some(bucket) = self.quarters.last_mut() {
            count(bucket, event, events);
        }
        count(self.projects.entry(row.get(1)?).or_default(), event, events);
        let failed = event == "PostToolUseFailure";
        if !tool.is_empty() && (failed || event == "PostToolUse") {
            self.tool(tool, events, if failed { events } else { 0 });
        }
        Ok(())
    }

    fn tool(&mut self, tool: &str, calls: i64, failures: i64) {
        if !self.tools.contains_key(tool) {
            self.tools.insert(tool.to_owned(), (0, 0));
        }
        if let Some(sum) = self.tools.get_mut(tool) {
            sum.0 += calls;
            sum.1 += failures;
        }
    }

    /// Adds a part that follows what was added before.
    fn append(&mut self, part: &Self) {
        self.quarters.extend_from_slice(&part.quarters);
        part.tools.iter().for_each(|(tool, &(calls, failures))| self.tool(tool, calls, failures));
        for (&project, sum) in &part.projects {
            self.projects.entry(project).or_default().add(sum);
        }
    }
}

/// Answers what happened over `range`.
pub fn activity(
    conn: &Connection,
    range: &Range,
    clock: &Clock,
    scope: Scope,
    memory: &Memory,
) -> rusqlite::Result<Activity> {
    let mut fold = Fold::default();
    if range.bucket_s == DAY / SECOND {
        let names = range.starts.iter().map(|&at| (calendar::day_of(at, &clock.timezone).to_string(), at));
        let starts: HashMap<String, Micros> = names.collect();
        let last = calendar::day_of(range.to_at.saturating_sub(1), &clock.timezone).to_string();
        let first = calendar::day_of(range.start_at(), &clock.timezone).to_string();
        let mut ask = conn.prepare_cached(include_str!("../../queries/activity_day.sql"))?;
        let mut rows = ask.query(params![first, last, scope.0])?;
        while let Some(row) = rows.next()? {
            if let Some(&at) = starts.get(row.get_ref(0)?.as_str()?) {
                fold.add(at, row)?;
            }
        }
    } else {
        let parts = memory.range(conn, clock, scope, (range.start_at(), range.to_at))?;
        for part in &parts {
            fold.append(part);
        }
    }
    let mut buckets: Vec<_> =
        range.starts.iter().map(|&at| ActivityBucket { at, ..ActivityBucket::default() }).collect();
    for quarter in &fold.quarters {
        if let Some(bucket) = range.bucket_of(quarter.at).and_then(|at| buckets.get_mut(at)) {
            bucket.add(quarter);
        }
    }
    Ok(Activity {
        schema: SCHEMA,
        from_at: range.start_at(),
        to_at: range.to_at,
        bucket_s: range.bucket_s,
        tools: tools(conn, range, (clock, scope), fold.tools, memory)?,
        projects: projects(conn, &fold.projects)?,
        buckets,
    })
}

fn tools(
    conn: &Connection,
    range: &Range,
    (clock, scope): (&Clock, Scope),
    calls: HashMap<String, (i64, i64)>,
    memory: &Memory,
) -> rusqlite::Result<Vec<ToolActivity>> {
    let mut named: Vec<_> = calls.into_iter().collect();
    named.sort_by(|a, b| (b.1.0, &a.0).cmp(&(a.1.0, &b.0)));
    named.truncate(NAMED);
    let mut durations = memory.durations(conn, clock, scope, range.start_at(), range.to_at)?;
    let tool = |(tool_name, (calls, failures)): (String, (i64, i64))| {
        let bins: Vec<_> = durations.remove(&tool_name).into_iter().flatten().enumerate().collect();
        ToolActivity { tool_name, calls, failures, p50_ms: quantile(&bins, 0.5), p95_ms: quantile(&bins, 0.95) }
    };
    Ok(named.into_iter().map(tool).collect())
}

fn projects(conn: &Connection, sums: &HashMap<i64, ActivityBucket>) -> rusqlite::Result<Vec<ProjectActivity>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/projects.sql"))?;
    let mut rows = ask.query([])?;
    let mut named = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(sum) = sums.get(&row.get(0)?) {
            named.push(ProjectActivity {
                project: row.get(1)?,
                project_dir: row.get(2)?,
                events: sum.events,
                prompts: sum.prompts,
                tool_calls: sum.tool_calls,
                tool_failures: sum.tool_failures,
            });
        }
    }
    named.sort_by(|a, b| (b.events, &a.project_dir).cmp(&(a.events, &b.project_dir)));
    named.truncate(NAMED);
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn widths_follow_the_range() {
        let clock = seed::clock();
        for (width, bucket_s, buckets) in [
            (15 * 60 * SECOND, 900, 2),
            (DAY, 900, 97),
            (7 * DAY, 3_600, 169),
            (30 * DAY, 86_400, 31),
            (Micros::MAX, 86_400, 1_101),
        ] {
            let range = Range::new(clock.now_at.saturating_sub(width), clock.now_at, &clock);
            assert_eq!((range.bucket_s, range.starts.len()), (bucket_s, buckets), "{width}");
        }
    }

    #[test]
    fn odd_ranges_are_bounded() {
        let clock = seed::clock();
        for (from, to) in [(5, 5), (9, 1), (Micros::MIN, Micros::MAX), (Micros::MAX, Micros::MIN), (0, 0)] {
            let range = Range::new(from, to, &clock);
            assert!((1..=1_102).contains(&range.starts.len()), "{from} {to}: {}", range.starts.len());
        }
    }

    #[test]
    fn parts_sum_to_the_whole_in_each_width() {
        let (conn, clock) = (seed::database(), seed::clock());
        let mut sums = Vec::new();
        for width in [2 * DAY, 10 * DAY, 100 * DAY] {
            let range = Range::new(clock.now_at - width, clock.now_at, &clock);
            let answer = activity(&conn, &range, &clock, Scope::ALL, &Memory::default()).expect("answers");
            let events: i64 = answer.buckets.iter().map(|bucket| bucket.events).sum();
            assert_eq!(events, answer.projects.iter().map(|project| project.events).sum::<i64>());
            let calls: i64 = answer.buckets.iter().map(|bucket| bucket.tool_calls).sum();
            assert_eq!(calls, answer.tools.iter().map(|tool| tool.calls).sum::<i64>());
            sums.push(events);
        }
        assert!(sums[0] > 0 && sums[0] <= sums[1] && sums[1] <= sums[2], "{sums:?}");
    }

    #[test]
    fn one_project_is_less_than_all() {
        let (conn, clock) = (seed::database(), seed::clock());
        let range = Range::last_day(&clock);
        let events = |scope| -> i64 {
            let answer = activity(&conn, &range, &clock, scope, &Memory::default()).expect("answers");
            assert_eq!(answer.buckets.len(), 96);
            answer.buckets.iter().map(|bucket| bucket.events).sum()
        };
        let (all, one, two) = (events(Scope::ALL), events(Scope(Some(1))), events(Scope(Some(2))));
        assert!(one > 0 && two > 0);
        assert_eq!(all, one + two);
        assert_eq!(events(Scope::NONE), 0);
    }
}
