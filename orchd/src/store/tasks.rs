//! Tasks as they begin, with the decision that the hook made in the transaction of its event, and what became of them.

use rusqlite::{Connection, Statement, params};
use shared::protocol::Decided;

use super::ledger::Ledger;
use crate::fold::{Decoded, Fact};
use crate::task_outcome::{Settlement, Verdict};

/// Writes the task that an event begins, where a hook decided about it.
pub(super) fn begin(statement: &mut Statement<'_>, event: &Decoded, project_id: i64) -> Result<bool, rusqlite::Error> {
    let (Some(decided), Some(task_id)) = (event.decided.as_deref(), event.begins_task()) else { return Ok(false) };
    let Decided { decision, policy, advised, downshifted_to } = decided;
    let used_agent = match &event.fact {
        Fact::ToolStart { agent: Some(call), .. } => Some(&*call.agent_type),
        _ => None,
    };
    let kind = if used_agent.is_some() { "agent" } else { "prompt" };
    let prompt_task = event.prompt_id.as_ref().filter(|_| used_agent.is_some()).map(|id| format!("prompt:{id}"));
    let parent_task = event.parent_task.map(|task| task.to_string()).or(prompt_task);
    let reasons: Vec<&str> = decision.reasons.iter().map(|reason| reason.text.as_str()).collect();
    let written = statement.execute(params![
        task_id,
        kind,
        parent_task,
        event.session_id,
        event.tool_use_id,
        event.prompt_id,
        project_id,
        event.occurred_at,
        policy.as_str(),
        decision.route.as_str(),
        decision.confidence,
        decision.as_good,
        decision.as_good_logit,
        decision.is_calibrated,
        decision.router_version,
        serde_json::Value::from(reasons).to_string(),
        decision.change_size,
        decision.task_type,
        decision.task_type_confidence,
        decision.agent,
        decision.agent_confidence,
        used_agent,
        i64::try_from(decision.estimated_tokens.total()).ok(),
        decision.expected_saving_usd.map(nano_usd),
        decision.expected_loss_usd.map(nano_usd),
        advised,
        downshifted_to,
        decision.local_model_state,
        decision.local_model,
        event.task_preview,
    ])?;
    Ok(written > 0)
}

/// Writes what became of a task; false where the user said something else of it meanwhile, or there is no such task.
pub(super) fn settle(
    (connection, ledger): (&Connection, &mut Ledger),
    task: &Settlement,
) -> Result<bool, rusqlite::Error> {
    if !task.is_delegation {
        let Settlement { spent, downshift, .. } = task;
        let price = downshift.as_ref().and_then(|downshift| downshift.price.as_deref());
        let price_id = ledger.price_id(connection, price)?;
        let mut update = connection.prepare_cached(include_str!("sql/settle_task.sql"))?;
        let written = update.execute(params![
            task.task_id,
            task.parent_task,
            task.agent_id,
            task.settled_at,
            task.ran,
            spent.model,
            spent.requests,
            spent.input_tokens,
            spent.output_tokens,
            spent.cache_read_input_tokens,
            spent.cache_creation_input_tokens,
            spent.cost_nano_usd,
            spent.unknown_cost_requests,
            downshift.as_ref().map(|downshift| &downshift.displaced_model),
            price_id,
            downshift.as_ref().and_then(|downshift| downshift.displaced_cost_nano_usd),
            downshift.as_ref().and_then(|downshift| downshift.saving_nano_usd),
        ])?;
        if written == 0 {
            return Ok(false);
        }
    }
    let Some(judged) = &task.judged else { return Ok(true) };
    let as_good = judged.as_good.as_ref();
    let mut upsert = connection.prepare_cached(include_str!("sql/settle_outcome.sql"))?;
    let written = upsert.execute(params![
        task.task_id,
        judged.outcome,
        judged.reason,
        judged.ended_at,
        judged.duration_ms,
        judged.label,
        judged.evidence,
        judged.quality_score,
        judged.quality_parts,
        as_good.map(|as_good| as_good.is_as_good),
        as_good.map(|as_good| &as_good.judged_by),
        task.feedback.map(Verdict::as_str),
    ])?;
    Ok(written > 0)
}

#[expect(clippy::cast_possible_truncation, reason = "beyond the range it stays at its end")]
pub(super) fn nano_usd(usd: f64) -> i64 {
    (usd * 1e9).round() as i64
}
