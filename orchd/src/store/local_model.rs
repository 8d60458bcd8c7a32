//! How the local model was: a row per change.

use rusqlite::{Connection, params};

use crate::local_model::Health;

/// Writes a change.
pub(super) fn record(connection: &Connection, health: &Health) -> Result<(), rusqlite::Error> {
    let model = health.model.as_ref();
    let mut write = connection.prepare_cached(include_str!("sql/add_local_model_state.sql"))?;
    write.execute(params![
        health.since_at,
        health.state.word(),
        health.url,
        health.kind.map(crate::local_model::Kind::word),
        model.map(|model| &model.id),
        model.and_then(|model| i64::try_from(model.context_tokens?).ok()),
        model.and_then(|model| model.quantization.as_ref()),
        health.reason,
    ])?;
    Ok(())
}
