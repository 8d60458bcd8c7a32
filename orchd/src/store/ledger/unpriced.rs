//! Requests that nobody could price when they were recorded.

use rusqlite::{Connection, params};
use shared::event::Micros;

use super::known;
use crate::ledger::Request;

/// Returns the models of such requests, each with the time of its newest request.
pub fn unpriced_models(connection: &Connection) -> Result<Vec<(String, Micros)>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/unpriced_models.sql"))?;
    let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Returns such requests to a model with their numbers, from a number on.
pub fn unpriced_requests(
    connection: &Connection,
    (model, from_seq, most): (&str, i64, i64),
) -> Result<Vec<(i64, Request)>, rusqlite::Error> {
    let mut ask = connection.prepare_cached(include_str!("../sql/unpriced_requests.sql"))?;
    let rows = ask.query_map(params![model, from_seq, most], known)?;
    rows.map(|row| row.map(|(seq, _, request)| (seq, request))).collect()
}
