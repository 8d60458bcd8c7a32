//! Which row a claim is about, and which rows find their project by it.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::projects::Projects;
use super::super::statements::LedgerStatements;
use super::{Ledger, known, whole, write};
use crate::ledger::{Request, is_made_up};

/// What the writer remembers of a session; None where the database was not asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// It has requests without a project.
    pub(super) homeless: Option<bool>,
    /// Telemetry told of requests of it that have no id of the provider's.
    pub(super) nameless: Option<bool>,
}

impl Ledger {
    /// Returns the row that a claim is about: by the id of its response, else by that of its request, else, behind a gateway that
    /// gives requests no ids, the one in its session that only the other source told of and that looks the same.
    pub(super) fn find(
        &mut self,
        statements: &mut LedgerStatements<'_>,
        request: &Request,
    ) -> Result<Option<(i64, i64, Request)>, rusqlite::Error> {
        if let Some(id) = &request.message_id
            && let Some(found) = statements.by_message.query_row([id], known).optional()?
        {
            return Ok(Some(found));
        }
        if let Some(id) = &request.request_id {
            // Where both know the response it is another one, whatever a gateway calls its requests.
            let ask = if request.message_id.is_some() { &mut statements.unmatched } else { &mut statements.by_request };
            let found = ask.query_row([id], known).optional()?;
            if found.is_some() || !is_made_up(id) {
                return Ok(found);
            }
        } else if !self.has_nameless(statements, &request.session_id)? {
            return Ok(None);
        }
        let tokens = &request.usage.tokens;
        let values = params![
            request.session_id,
            request.model,
            whole(tokens.input),
            whole(tokens.cache_read),
            whole(tokens.cache_write_5m.saturating_add(tokens.cache_write_1h)),
            whole(tokens.output),
            request.at,
            request.cut,
            request.message_id.is_some(),
        ];
        statements.alike.query_row(values, known).optional()
    }

    /// Whether telemetry told of requests of a session that have no id of the provider's.
    fn has_nameless(
        &mut self,
        statements: &mut LedgerStatements<'_>,
        session_id: &str,
    ) -> Result<bool, rusqlite::Error> {
        if let Some(known) = self.sessions_seen.get(session_id).and_then(|seen| seen.nameless) {
            return Ok(known);
        }
        let found = statements.has_nameless.exists([session_id])?;
        self.sessions_seen.entry(session_id.to_owned()).or_default().nameless = Some(found);
        Ok(found)
    }

    /// Moves the requests of a session that nobody could give a project into the one that is known now; returns how many they
    /// were. Telemetry names no folder, and of a compaction nobody else ever tells.
    pub(super) fn take_home(
        &mut self,
        (connection, statements): (&Connection, &mut LedgerStatements<'_>),
        projects: &mut Projects,
        (session_id, home): (&str, i64),
    ) -> Result<u64, rusqlite::Error> {
        let Some(nowhere) = projects.nowhere(connection)? else { return Ok(0) };
        if self.sessions_seen.get(session_id).is_some_and(|seen| seen.homeless == Some(false)) {
            return Ok(0);
        }
        self.nowhere = Some(nowhere);
        let found = statements.of_session.query_map(params![session_id, nowhere], known)?;
        let found = found.collect::<Result<Vec<_>, _>>()?;
        for (place, _, request) in &found {
            let price_id = self.price_id(connection, request.price.as_deref())?;
            write(statements, request, (Some(*place), home), price_id)?;
            self.roll(request, nowhere, -1);
            self.roll(request, home, 1);
        }
        self.sessions_seen.entry(session_id.to_owned()).or_default().homeless = Some(false);
        Ok(found.len() as u64)
    }
}

/// Returns the folders that sessions belong to, of those that hooks or transcripts told of.
pub fn homes(
    connection: &Connection,
    sessions: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, String>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/session_home.sql"))?;
    let mut homes = HashMap::new();
    for session in sessions {
        if let Some(dir) = ask.query_row([&session], |row| row.get(0)).optional()? {
            homes.insert(session, dir);
        }
    }
    Ok(homes)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use rusqlite::StatementStatus;

    use super::super::super::statements::Statements;
    use super::*;
    use crate::config::Durability;
    use crate::ledger::Source;
    use crate::store::LedgerBatch;
    use crate::store::open::open_writer;

    type Made<'a> = &'a dyn Fn(i64) -> Request;

    #[test]
    fn ids_that_are_alike_make_no_claim_slower_than_the_one_before() {
        const CLAIMS: i32 = 1000;
        /// What SQLite does to find a row by an index and read it.
        const STEPS: i32 = 60;
        let telemetry = |number: i64| Request {
            source: Source::Telemetry,
            usage_of: Source::Telemetry,
            request_id: Some(format!("s#{number}@{number}")),
            session_id: "s".to_owned(),
            at: number * 1_000_000_000,
            ..Request::default()
        };
        let transcript = |message: String, request: &str, session: String| Request {
            message_id: Some(message),
            request_id: Some(request.to_owned()).filter(|id| !id.is_empty()),
            session_id: session,
            cwd: Some("/p".to_owned()),
            ..Request::default()
        };
        let made: [(&str, Made<'_>); 5] = [
            ("one end", &|n| transcript(format!("msg_{n}-useast1"), &format!("req_{n}-useast1"), "s".into())),
            ("one beginning", &|n| transcript(format!("a-gateway-{n}"), &format!("a-gateway-{n}"), "s".into())),
            ("one request", &|n| transcript(format!("msg_{n}"), "unknown", "s".into())),
            ("sessions of one minute", &|n| transcript(format!("msg_{n}"), "", format!("019a9f3e-{n:08}"))),
            ("no ids, over days", &telemetry),
        ];
        for (name, made) in made {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let connection = open_writer(&folder.path().join("orch.db"), Durability::Commit).expect("opens");
            let mut statements = Statements::prepare(&connection).expect("prepared");
            let (mut ledger, mut projects) = (Ledger::new(TimeZone::UTC), Projects::default());
            let requests = (0..i64::from(CLAIMS)).map(made).collect();
            let batch = LedgerBatch { requests, ..LedgerBatch::default() };
            connection.execute_batch("BEGIN").expect("begins");
            let to = (&connection, &mut statements.ledger);
            let outcome = ledger.record(to, &mut projects, batch).expect("recorded");
            assert_eq!(outcome.new, u64::from(CLAIMS.unsigned_abs()), "{name}");
            let LedgerStatements { by_message, by_request, unmatched, alike, has_nameless, of_session, .. } =
                &statements.ledger;
            for asked in [by_message, by_request, unmatched, alike, has_nameless, of_session] {
                let steps = asked.get_status(StatementStatus::VmStep);
                assert!(steps < CLAIMS * STEPS, "{name}: {steps} steps of {:?}", asked.expanded_sql());
            }
        }
    }

    #[test]
    fn sessions_that_repeat_each_other_are_settled_the_same_in_any_order() {
        let claim = |session: &str, dir: &str, at, input| {
            let mut claim = Request {
                message_id: Some("m".to_owned()),
                session_id: session.to_owned(),
                cwd: Some(dir.to_owned()),
                at,
                ..Request::default()
            };
            (claim.usage.tokens.input, claim.usage.tokens.output) = (input, 5);
            claim
        };
        let claims = [
            claim("t", "/b", 20, 9),
            claim("t", "/c", 10, 7),
            claim("s", "/d", 10, 8),
            claim("s", "/c", 10, 1),
            claim("a", "/a", 30, 9),
        ];
        let settled = |order: &mut dyn Iterator<Item = usize>| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let connection = open_writer(&folder.path().join("orch.db"), Durability::Commit).expect("opens");
            let mut statements = Statements::prepare(&connection).expect("prepared");
            let (mut ledger, mut projects) = (Ledger::new(TimeZone::UTC), Projects::default());
            for number in order {
                let batch = LedgerBatch { requests: vec![claims[number].clone()], ..LedgerBatch::default() };
                let to = (&connection, &mut statements.ledger);
                ledger.record(to, &mut projects, batch).expect("recorded");
                ledger.flush(&mut statements.ledger).expect("added up");
            }
            ["api_requests", "cost_session", "cost_metrics"].map(|table| {
                let of_session = if table == "cost_metrics" { "'', bucket_at" } else { "session_id, ''" };
                let ask = format!(
                    "SELECT group_concat(concat_ws(' ', {of_session}, dir, input_tokens)) FROM {table} JOIN projects USING (project_id)"
                );
                connection.query_row(&ask, [], |row| row.get::<_, String>(0)).expect("one row")
            })
        };
        let expected = ["s  /c 9", "s  /c 9", " 0 /c 9"].map(str::to_owned);
        for first in 0..claims.len() {
            assert_eq!(settled(&mut (0..claims.len()).map(|n| (n + first) % claims.len())), expected, "from {first}");
            assert_eq!(
                settled(&mut (0..claims.len()).rev().map(|n| (n + first) % claims.len())),
                expected,
                "to {first}"
            );
        }
    }
}
