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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;

    #[test]
    fn the_displaced_models_price_and_the_electricity_of_a_token() {
        let conn = seed::empty();
        conn.execute("INSERT INTO projects VALUES (1, '/w/app', 'app', 0)", []).expect("filled");
        let settings = |displaced: &str| LocalMoney {
            milliwatts: 120_000,
            nano_usd_per_kwh: 300_000_000,
            displaced_model: displaced.to_owned(),
        };
        let prices = PriceTable::new(Vec::new());
        let of =
            |displaced: &str| money(&conn, Some("r1"), (&settings(displaced), &prices), seed::NOW).expect("answers");
        assert_eq!(of(""), None, "nobody knows which model is displaced");
        assert_eq!(of("claude-of-tomorrow"), None, "it has no price");
        let unmeasured = Money { claude_input: 5_000.0, claude_output: 25_000.0, local_output: 0.0 };
        assert_eq!(of("claude-opus-5"), Some(unmeasured));
        conn.execute_batch(
            "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, reasons, model, tries, local_ms, tokens_per_second)
             VALUES ('delegation:1', 'delegation', 1, 1, 'mcp', '[]', 'r1', 1, 1, 40.0),
               ('delegation:2', 'delegation', 1, 2, 'mcp', '[]', 'r1', 1, 1, 60.0),
               ('delegation:3', 'delegation', 1, 3, 'mcp', '[]', 'other', 1, 1, 1.0)",
        )
        .expect("filled");
        // 0.036 USD an hour, and 180,000 tokens in it.
        assert_eq!(of("claude-opus-5"), Some(Money { local_output: 200.0, ..unmeasured }));
    }
}
