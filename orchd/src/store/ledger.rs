//! Requests into the ledger: each claim merged into the row it is about, and what that changes added to the rollups.

mod client_costs;
mod finding;
mod marks;
mod unpriced;

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};
use shared::event::Micros;

use finding::Seen;
pub use finding::homes;
pub use marks::{FileMark, marks, marks_of, skipped_lines};
pub use unpriced::{unpriced_models, unpriced_requests};

use super::books;
use super::hash::FastMap;
use super::projects::Projects;
use super::rollups::{bucket_of, day_of};
use super::statements::LedgerStatements;
use crate::ledger::flags::{BATCH, BY_TELEMETRY, CUT, FAST, UNCOUNTED, US_ONLY};
use crate::ledger::{ClientCost, Request, Source, Sums, is_made_up, whole};
use crate::pricing::{Tokens, Usage};

/// Names of prices, and sessions, kept in memory.
const KEPT: usize = 1024;

/// Claims of sources and how far these were read, recorded together or not at all.
#[derive(Debug, Default)]
pub struct LedgerBatch {
    /// Priced claims.
    pub requests: Vec<Request>,
    /// Where to go on from, in each file.
    pub marks: Vec<FileMark>,
    /// What clients counted for sessions, the last word of each transcript.
    pub client_costs: Vec<ClientCost>,
    /// Sessions, each with one whose requests its transcript repeats.
    pub forks: Vec<(String, String)>,
    /// Folders of imports that are open, where that changed.
    pub open_imports: Option<Vec<String>>,
}

impl LedgerBatch {
    /// Takes in a batch that follows.
    pub fn append(&mut self, later: Self) {
        self.requests.extend(later.requests);
        self.client_costs.extend(later.client_costs);
        self.forks.extend(later.forks);
        self.open_imports = later.open_imports.or(self.open_imports.take());
        for mark in later.marks {
            match self.marks.last_mut() {
                Some(last) if last.path == mark.path => *last = mark,
                _ => self.marks.push(mark),
            }
        }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerOutcome {
    /// Requests that nobody had told of.
    pub new: u64,
    /// Requests of which more is known now.
    pub changed: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    bucket_at: Micros,
    project_id: i64,
    model: String,
    agent_type: String,
}

/// What one transaction adds to a session.
#[derive(Debug)]
struct OfSession {
    first_at: Micros,
    last_at: Micros,
    sums: Sums,
}

/// What one transaction adds to the ledger's rollups.
#[derive(Debug)]
pub(super) struct Ledger {
    timezone: TimeZone,
    prices: FastMap<String, i64>,
    buckets: FastMap<Key, Sums>,
    /// By session, model, project and type of agent.
    sessions: FastMap<(String, String, i64, String), OfSession>,
    sessions_seen: FastMap<String, Seen>,
    /// The project of what has no folder.
    nowhere: Option<i64>,
}

impl Ledger {
    pub(super) fn new(timezone: TimeZone) -> Self {
        let (prices, buckets, sessions) = (FastMap::default(), FastMap::default(), FastMap::default());
        let sessions_seen = FastMap::default();
        Self { timezone, prices, buckets, sessions, sessions_seen, nowhere: None }
    }

    /// Records a batch.
    pub(super) fn record(
        &mut self,
        (connection, statements): (&Connection, &mut LedgerStatements<'_>),
        projects: &mut Projects,
        batch: LedgerBatch,
    ) -> Result<LedgerOutcome, rusqlite::Error> {
        let mut outcome = LedgerOutcome::default();
        for request in batch.requests {
            let folder = request.cwd.as_deref().unwrap_or_default();
            if !folder.is_empty() {
                let home = projects.id(connection, folder, request.at)?;
                outcome.changed += self.take_home((connection, statements), projects, (&request.session_id, home))?;
            }
            match self.find(statements, &request)? {
                None => {
                    let project_id = projects.id(connection, folder, request.at)?;
                    if folder.is_empty() {
                        self.sessions_seen.entry(request.session_id.clone()).or_default().homeless = Some(true);
                    }
                    if request.request_id.as_deref().is_some_and(is_made_up) {
                        self.sessions_seen.entry(request.session_id.clone()).or_default().nameless = Some(true);
                    }
                    self.nowhere = projects.nowhere(connection)?;
                    let price_id = self.price_id(connection, request.price.as_deref())?;
                    write(statements, &request, (None, project_id), price_id)?;
                    self.roll(&request, project_id, 1);
                    outcome.new += 1;
                }
                Some((place, project_id, known)) => {
                    let home = home(connection, projects, (&known, project_id), &request)?;
                    let mut merged = known.clone();
                    // The row names its project by number; a claim's folder is no news to it.
                    if merged.merge(Request { cwd: None, ..request }) || home != project_id {
                        let price_id = self.price_id(connection, merged.price.as_deref())?;
                        write(statements, &merged, (Some(place), home), price_id)?;
                        self.roll(&known, project_id, -1);
                        self.roll(&merged, home, 1);
                        if merged.session_id != known.session_id {
                            // What the other session has is to be asked anew.
                            self.sessions_seen.remove(&merged.session_id);
                        }
                        outcome.changed += 1;
                    }
                }
            }
            if self.sessions_seen.len() > KEPT {
                self.sessions_seen.clear();
            }
        }
        client_costs::record(connection, &batch.client_costs, &batch.forks)?;
        if let Some(folders) = &batch.open_imports {
            books::set_open_imports(connection, folders)?;
        }
        for mark in &batch.marks {
            mark.write(&mut statements.mark)?;
        }
        Ok(outcome)
    }

    fn roll(&mut self, request: &Request, project_id: i64, sign: i64) {
        let agent_type = request.agent().to_owned();
        let of_session = (request.session_id.clone(), request.model.clone(), project_id, agent_type.clone());
        let key = Key { bucket_at: bucket_of(request.at), project_id, model: request.model.clone(), agent_type };
        self.buckets.entry(key).or_default().add(request, sign);
        let (at, sums) = (request.at, Sums::default());
        let of = self.sessions.entry(of_session).or_insert(OfSession { first_at: at, last_at: at, sums });
        of.first_at = of.first_at.min(at);
        of.last_at = of.last_at.max(at);
        of.sums.add(request, sign);
    }

    /// Writes what was added and starts again at zero. Returns the sessions whose costs changed.
    pub(super) fn flush(&mut self, statements: &mut LedgerStatements<'_>) -> Result<Vec<String>, rusqlite::Error> {
        let mut days: FastMap<(String, i64, String, String), Sums> = FastMap::default();
        let mut totals: FastMap<String, Sums> = FastMap::default();
        for (key, sums) in self.buckets.drain() {
            let Key { bucket_at, project_id, model, agent_type } = key;
            add(&mut statements.cost_metric, &[&bucket_at, &project_id, &model, &agent_type], &sums, &[])?;
            *days.entry((day_of(bucket_at, &self.timezone), project_id, model, agent_type)).or_default() += sums;
        }
        for ((day, project_id, model, agent_type), sums) in days {
            add(&mut statements.cost_day, &[&day, &project_id, &model, &agent_type], &sums, &[])?;
            *totals.entry(day).or_default() += sums;
        }
        for (day, sums) in totals {
            add(&mut statements.cost_day_total, &[&day], &sums, &[])?;
        }
        let mut changed = Vec::with_capacity(self.sessions.len());
        for ((session_id, model, project_id, agent_type), OfSession { first_at, last_at, sums }) in
            self.sessions.drain()
        {
            let key: [&dyn ToSql; 4] = [&session_id, &model, &project_id, &agent_type];
            add(&mut statements.cost_session, &key, &sums, &[&first_at, &last_at])?;
            changed.push(session_id);
        }
        changed.sort_unstable();
        changed.dedup();
        Ok(changed)
    }

    pub(super) fn price_id(
        &mut self,
        connection: &Connection,
        name: Option<&str>,
    ) -> Result<Option<i64>, rusqlite::Error> {
        let Some(name) = name else { return Ok(None) };
        if let Some(&id) = self.prices.get(name) {
            return Ok(Some(id));
        }
        let mut find = connection.prepare_cached("SELECT price_id FROM prices WHERE name = ?1")?;
        let id = match find.query_row([name], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => connection.prepare_cached("INSERT INTO prices (name) VALUES (?1)")?.insert([name])?,
        };
        if self.prices.len() >= KEPT {
            self.prices.clear();
        }
        self.prices.insert(name.to_owned(), id);
        Ok(Some(id))
    }
}

/// Returns the project of a row that a claim is about: of the claim that tells who asked, of equals the lesser folder.
fn home(
    connection: &Connection,
    projects: &mut Projects,
    (known, project_id): (&Request, i64),
    claim: &Request,
) -> Result<i64, rusqlite::Error> {
    let folder = claim.cwd.as_deref().unwrap_or_default();
    if folder.is_empty() {
        return Ok(project_id);
    }
    let told = projects.id(connection, folder, claim.at)?;
    if told == project_id || projects.nowhere(connection)? == Some(project_id) {
        return Ok(told);
    }
    let is_better = match (claim.at, &claim.session_id).cmp(&(known.at, &known.session_id)) {
        Ordering::Less => true,
        Ordering::Equal => {
            let mut ask = connection.prepare_cached("SELECT ?1 < dir FROM projects WHERE project_id = ?2")?;
            ask.query_row(params![folder, project_id], |row| row.get(0))?
        }
        Ordering::Greater => false,
    };
    Ok(if is_better { told } else { project_id })
}

fn known(row: &Row<'_>) -> rusqlite::Result<(i64, i64, Request)> {
    let flags: i64 = row.get("flags")?;
    let writes = count(row, "cache_creation_input_tokens")?;
    let long = count(row, "cache_creation_1h_input_tokens")?.min(writes);
    let tokens = Tokens {
        input: count(row, "input_tokens")?,
        output: count(row, "output_tokens")?,
        cache_read: count(row, "cache_read_input_tokens")?,
        cache_write_5m: writes - long,
        cache_write_1h: long,
    };
    let request = Request {
        source: Source::parse(row.get_ref("source")?.as_str()?),
        usage_of: if flags & BY_TELEMETRY == 0 { Source::Transcript } else { Source::Telemetry },
        message_id: row.get("message_id")?,
        request_id: row.get("request_id")?,
        model: row.get("model")?,
        session_id: row.get("session_id")?,
        agent_id: row.get("agent_id")?,
        agent_type: row.get("agent_type")?,
        prompt_id: row.get("prompt_id")?,
        cwd: None,
        at: row.get("requested_at")?,
        usage: Usage {
            tokens,
            iterations: Vec::new(),
            web_searches: count(row, "web_searches")?,
            fast: flags & FAST != 0,
            batch: flags & BATCH != 0,
            us_only: flags & US_ONLY != 0,
        },
        cut: flags & CUT != 0,
        price: row.get("price")?,
        cost_nano_usd: row.get("cost_nano_usd")?,
    };
    Ok((row.get("request_seq")?, row.get("project_id")?, request))
}

/// Writes a request: anew, or what is known now of the one in its `place`.
fn write(
    statements: &mut LedgerStatements<'_>,
    request: &Request,
    (place, project_id): (Option<i64>, i64),
    price_id: Option<i64>,
) -> Result<(), rusqlite::Error> {
    let tokens = &request.usage.tokens;
    let write = if place.is_none() { &mut statements.insert } else { &mut statements.update };
    write.execute(params![
        place,
        request.message_id,
        request.request_id,
        request.session_id,
        request.agent_id,
        request.agent_type,
        request.prompt_id,
        project_id,
        request.model,
        request.at,
        whole(tokens.input),
        whole(tokens.output),
        whole(tokens.cache_read),
        whole(tokens.cache_write_5m.saturating_add(tokens.cache_write_1h)),
        whole(tokens.cache_write_1h),
        whole(request.usage.web_searches),
        flags(request),
        request.source.as_str(),
        price_id,
        request.cost_nano_usd,
    ])?;
    Ok(())
}

/// Adds sums, and `more` that the statement takes behind them, to a row of a rollup; one from which all requests moved away goes.
fn add(
    [add, drop]: &mut [rusqlite::Statement<'_>; 2],
    key: &[&dyn ToSql],
    sums: &Sums,
    more: &[&dyn ToSql],
) -> Result<(), rusqlite::Error> {
    let Sums { requests, input, output, cache_read, cache_creation, cost_nano_usd, unknown } = sums;
    let sums: [&dyn ToSql; 7] = [requests, input, output, cache_read, cache_creation, cost_nano_usd, unknown];
    add.execute(params_from_iter(key.iter().chain(&sums).chain(more)))?;
    // What came and moved on within one transaction leaves nothing either.
    if *requests <= 0 {
        drop.execute(key)?;
    }
    Ok(())
}

fn flags(request: &Request) -> i64 {
    let usage = &request.usage;
    let by_telemetry = request.usage_of == Source::Telemetry;
    [
        (usage.fast, FAST),
        (usage.batch, BATCH),
        (usage.us_only, US_ONLY),
        (request.cut, CUT),
        (request.is_uncounted(), UNCOUNTED),
        (by_telemetry, BY_TELEMETRY),
    ]
    .iter()
    .map(|(set, bit)| if *set { *bit } else { 0 })
    .sum()
}

fn count(row: &Row<'_>, name: &str) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(name)?).unwrap_or(0))
}
