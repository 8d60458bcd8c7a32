//! Delegations: the task's two rows and its row of the ledger, all in the transaction of the batch.

use rusqlite::{Connection, params};

use super::ledger::{Ledger, LedgerBatch};
use super::projects::Projects;
use super::statements::LedgerStatements;
use super::tasks::nano_usd;
use crate::delegation::{Entry, Outcome, Record, Route};
use crate::ledger::whole;

/// Writes a delegation; false when its task is known.
pub(super) fn record(
    (connection, statements): (&Connection, &mut LedgerStatements<'_>),
    (ledger, projects): (&mut Ledger, &mut Projects),
    entry: Entry,
) -> Result<bool, rusqlite::Error> {
    let Entry { record, request, saving } = entry;
    if connection.prepare_cached(include_str!("sql/handoff_known.sql"))?.exists([&record.task_id])? {
        return Ok(false);
    }
    let cost_nano_usd = request.as_ref().and_then(|request| request.cost_nano_usd);
    let request_seq = match request {
        None => None,
        Some(request) => {
            let batch = LedgerBatch { requests: vec![request], ..LedgerBatch::default() };
            ledger.record((connection, statements), projects, batch)?;
            Some(statements.by_message.query_row([&record.task_id], |row| row.get::<_, i64>("request_seq"))?)
        }
    };
    let dir = record.project_dir.as_deref().unwrap_or_default();
    let project_id = projects.id(connection, dir, record.decided_at)?;
    let displaced_price_id = ledger.price_id(connection, saving.price.as_deref())?;
    let tokens = record.tokens.as_ref();
    let scores = record.scores.as_deref();
    let is_fallback = record.outcome == Outcome::FellBack;
    connection.prepare_cached(include_str!("sql/insert_handoff.sql"))?.execute(params![
        record.task_id,
        record.parent_task,
        record.session_id,
        record.tool_use_id,
        project_id,
        record.decided_at,
        record.policy.as_str(),
        record.recommended_route.map(Route::as_str),
        record.confidence,
        record.router_version,
        reasons(&record),
        record.local_model_state,
        record.outcome.ran().map(Route::as_str),
        record.endpoint,
        record.model,
        record.tries,
        record.local_ms,
        record.first_token_ms,
        record.tokens_per_second,
        tokens.map(|tokens| whole(tokens.input)),
        tokens.map(|tokens| whole(tokens.output)),
        tokens.map(|tokens| whole(tokens.reasoning)),
        tokens.map(|tokens| tokens.source.as_str()),
        request_seq,
        cost_nano_usd,
        saving.displaced.as_ref().map(|displaced| &displaced.model),
        saving.displaced.as_ref().map(|displaced| displaced.by.as_str()),
        displaced_price_id,
        saving.displaced_cost_nano_usd,
        saving.saving_nano_usd,
        record.reason.as_ref().filter(|_| is_fallback),
        record.task,
        record.answer,
        scores.map(|scores| scores.as_good),
        scores.map(|scores| scores.as_good_logit),
        scores.map(|scores| scores.is_calibrated),
        scores.map(|scores| &scores.change_size),
        scores.map(|scores| &scores.task_type),
        scores.map(|scores| scores.task_type_confidence),
        scores.map(|scores| &scores.suggested_agent),
        scores.map(|scores| scores.suggested_agent_confidence),
        scores.map(|scores| whole(scores.estimated_tokens)),
        scores.and_then(|scores| scores.expected_saving_usd).map(nano_usd),
        scores.and_then(|scores| scores.expected_loss_usd).map(nano_usd),
        scores.and_then(|scores| scores.local_model.as_ref()),
    ])?;
    connection.prepare_cached(include_str!("sql/insert_outcome.sql"))?.execute(params![
        record.task_id,
        record.outcome.as_str(),
        record.reason,
        record.ended_at,
        record.duration_ms(),
    ])?;
    Ok(true)
}

fn reasons(record: &Record) -> String {
    serde_json::Value::from(record.reasons.clone()).to_string()
}
