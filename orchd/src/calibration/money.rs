//! What tokens cost, for decisions: the displaced model's list price, and the local model's electricity.

use rusqlite::{Connection, params};
use shared::decision::Money;
use shared::event::Micros;

use crate::config::LocalMoney;
use crate::delegation::own_cost;
use crate::delegation_recorder::most_used;
use crate::pricing::PriceTable;

/// Delegations whose speed counts: the newest.
const SPEEDS: i64 = 100;
/// An hour, milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Returns what tokens cost, nano-dollars each; None where nobody knows which model a task would displace, or what that costs.
/// The local model's are free where no electricity is in the settings, or its speed was never measured.
pub(super) fn money(
    conn: &Connection,
    model: Option<&str>,
    (settings, prices): (&LocalMoney, &PriceTable),
    now_at: Micros,
) -> rusqlite::Result<Option<Money>> {
    let displaced = match &*settings.displaced_model {
        "" => most_used(conn, now_at)?,
        model => Some(model.to_owned()),
    };
    let found = displaced.as_deref().and_then(|model| prices.find(model, now_at));
    let Some(rates) = found.and_then(|(price, fast)| price.rates(0, fast)) else { return Ok(None) };
    let speed = model.map(|model| speed(conn, model)).transpose()?.flatten();
    let local_output = speed.map_or(0.0, |tokens_per_second| {
        let tokens_per_hour = tokens_per_second * as_f64(HOUR_MS) / 1_000.0;
        as_f64(own_cost(settings, HOUR_MS).1) / tokens_per_hour
    });
    let nano = |pico: u64| i64::try_from(pico).map_or(f64::MAX, as_f64) / 1_000.0;
    Ok(Some(Money { claude_input: nano(rates.input), claude_output: nano(rates.output), local_output }))
}

fn speed(conn: &Connection, model: &str) -> rusqlite::Result<Option<f64>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/local_model_speed.sql"))?;
    ask.query_row(params![model, SPEEDS], |row| row.get(0))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn as_f64(number: i64) -> f64 {
    number as f64
}
