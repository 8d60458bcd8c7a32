//! What clients counted, beside the ledger and never part of it.

use rusqlite::{Connection, params};

use super::whole;
use crate::ledger::{ClientCost, ModelCount};

/// Records the last word of each session that the ledger knows: of a project that is not recorded it knows none.
pub(super) fn record(
    connection: &Connection,
    costs: &[ClientCost],
    forks: &[(String, String)],
) -> Result<(), rusqlite::Error> {
    for (session_id, parent_id) in forks {
        connection
            .prepare_cached("INSERT OR IGNORE INTO session_forks VALUES (?1, ?2)")?
            .execute([session_id, parent_id])?;
    }
    for ClientCost { session_id, models } in costs {
        connection.prepare_cached("DELETE FROM client_costs WHERE session_id = ?1")?.execute([session_id])?;
        let mut write = connection.prepare_cached(include_str!("../sql/add_client_cost.sql"))?;
        for ModelCount { model, input, output, cache_read, cache_creation, cost_nano_usd } in models {
            let tokens = [*input, *output, *cache_read, *cache_creation].map(whole);
            let [input, output, cache_read, cache_creation] = tokens;
            write.execute(params![session_id, model, input, output, cache_read, cache_creation, cost_nano_usd])?;
        }
    }
    Ok(())
}
