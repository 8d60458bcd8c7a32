//! Does the client's own count of a session agree with the ledger?
//!
//! Tokens are compared, by model: costs differ where price tables do. The ledger may have more, for a killed client counts nothing
//! and a session goes on after its last count. It may have less for reasons that are known: a fork's count begins with its parents',
//! the output of a stream that was cut is a lower bound, and transcripts leave requests out that telemetry tells of.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::costs::usd;
use crate::pricing::bare_model;

/// How many sessions were compared, and how that went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Sessions of which the client's count is known.
    pub sessions: usize,
    /// Of them, those whose transcript alone is known, and the client counted more.
    pub left_out: usize,
    /// Of them, those that telemetry told of as well, and still the client counted more.
    pub short: Vec<String>,
}

/// Tokens by kind: read anew, written, read from the cache, written into it.
type Tokens = [i64; 4];
/// Where the output stands among them.
const OUTPUT: usize = 1;

/// Compares every session that the client counted.
pub fn compare(conn: &Connection) -> rusqlite::Result<Comparison> {
    let mut beyond: BTreeMap<String, BTreeMap<String, Tokens>> = BTreeMap::new();
    let mut ask = conn.prepare_cached(include_str!("../../queries/client_costs.sql"))?;
    let mut rows = ask.query([])?;
    while let Some(row) = rows.next()? {
        let models = beyond.entry(row.get(0)?).or_default();
        let tokens = models.entry(bare_model(row.get_ref(1)?.as_str()?).to_owned()).or_default();
        for (kind, sum) in tokens.iter_mut().enumerate() {
            *sum = sum.saturating_add(row.get(2 + kind)?);
        }
    }
    let mut comparison = Comparison { sessions: beyond.len(), ..Comparison::default() };
    let mut ask = conn.prepare_cached(include_str!("../../queries/client_cost_witness.sql"))?;
    for (session_id, models) in beyond {
        if !is_short(&models, false) {
            continue;
        }
        let (cut, telemetry): (bool, bool) = ask.query_row([&session_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if !is_short(&models, cut) {
            continue;
        }
        if telemetry {
            comparison.short.push(session_id);
        } else {
            comparison.left_out += 1;
        }
    }
    Ok(comparison)
}

/// Whether the client counted tokens that the ledger has not; output says nothing where a stream was cut.
fn is_short(models: &BTreeMap<String, Tokens>, cut: bool) -> bool {
    let counts = |(kind, beyond): (usize, &i64)| *beyond > 0 && !(cut && kind == OUTPUT);
    models.values().any(|tokens| tokens.iter().enumerate().any(counts))
}

/// Returns what the client counted a session to have cost, US dollars; None where it did not say, or does not know.
pub fn of_session(conn: &Connection, session_id: &str) -> rusqlite::Result<Option<f64>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/client_cost.sql"))?;
    Ok(ask.query_row([session_id], |row| row.get::<_, Option<i64>>(0))?.map(usd))
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    /// A ledger of two sessions, and a count by the client of each that agrees; `fork` begins with `parent`.
    fn database() -> Connection {
        let conn = seed::empty();
        conn.execute_batch(
            "INSERT INTO projects VALUES (1, '/p', 'p', 0);
             INSERT INTO api_requests VALUES (NULL, 'm1', 'r1', 'parent', NULL, NULL, NULL, 1, 'claude-opus-5', 1, 10, 100, 1000, 5, 0, 0, 0, 'transcript', NULL, 7);
             INSERT INTO api_requests VALUES (NULL, 'm2', 'r2', 'fork', NULL, NULL, NULL, 1, 'claude-opus-5', 1, 1, 2, 3, 4, 0, 0, 0, 'transcript', NULL, 7);
             INSERT INTO cost_session SELECT session_id, model, 1, '', 1, 1, 1, input_tokens, output_tokens, cache_read_input_tokens,
               cache_creation_input_tokens, cost_nano_usd, 0 FROM api_requests;
             INSERT INTO session_forks VALUES ('fork', 'parent');
             INSERT INTO client_costs VALUES ('parent', 'claude-opus-5', 10, 100, 1000, 5, 2500000000);
             INSERT INTO client_costs VALUES ('fork', 'claude-opus-5[1m]', 11, 102, 1003, 9, NULL);",
        )
        .expect("fills");
        conn
    }

    #[test]
    fn only_what_has_no_known_reason_is_short() {
        for (case, change, left_out, short) in [
            ("as counted", "", 0, 0),
            ("a killed process", "UPDATE client_costs SET input_tokens = 0", 0, 0),
            (
                "a request in no transcript",
                "UPDATE client_costs SET input_tokens = 50 WHERE session_id = 'parent'",
                1,
                0,
            ),
            (
                "telemetry missed it too",
                "UPDATE client_costs SET input_tokens = 50 WHERE session_id = 'parent'; UPDATE api_requests SET source = 'telemetry'",
                0,
                1,
            ),
            (
                "a cut stream",
                "UPDATE client_costs SET output_tokens = 500; UPDATE api_requests SET source = 'telemetry', flags = 8",
                0,
                0,
            ),
            (
                "a cut stream of the parent",
                "UPDATE client_costs SET output_tokens = 500 WHERE session_id = 'fork'; UPDATE api_requests SET flags = 8 WHERE message_id = 'm1'",
                0,
                0,
            ),
            (
                "a cut stream explains output alone",
                "UPDATE client_costs SET cache_read_input_tokens = 5000; UPDATE api_requests SET source = 'telemetry', flags = 8",
                0,
                2,
            ),
            ("a fork whose parent is not known", "DELETE FROM session_forks", 1, 0),
            ("another price", "UPDATE client_costs SET cost_nano_usd = 9000000000", 0, 0),
            ("another model", "UPDATE client_costs SET model = 'claude-haiku-4-5' WHERE session_id = 'parent'", 1, 0),
        ] {
            let conn = database();
            conn.execute_batch(change).expect("changes");
            let found = compare(&conn).expect("answers");
            assert_eq!((found.sessions, found.left_out, found.short.len()), (2, left_out, short), "{case}: {found:?}");
        }
        assert_eq!(compare(&seed::empty()).expect("answers"), Comparison::default());
    }

    #[test]
    fn a_session_has_the_clients_cost_where_the_client_knows_it() {
        let conn = database();
        for (id, usd) in [("parent", Some(2.5)), ("fork", None), ("nobody", None)] {
            assert_eq!(of_session(&conn, id).expect("answers"), usd, "{id}");
        }
    }
}
