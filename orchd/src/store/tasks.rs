//! Tasks as they begin: the decision that the hook made is stored in the transaction of its event.

use rusqlite::{Statement, params};
use shared::protocol::Decided;

use crate::fold::{Decoded, Fact};

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

#[expect(clippy::cast_possible_truncation, reason = "beyond the range it stays at its end")]
pub(super) fn nano_usd(usd: f64) -> i64 {
    (usd * 1e9).round() as i64
}
