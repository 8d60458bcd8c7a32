//! The tool `local_status`.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::json;
use shared::paths::Paths;

use super::answer;
use crate::delegate::place::usual_health;

/// Serves one call.
pub(super) async fn call(paths: &Paths) -> CallToolResult {
    let health = match usual_health(paths).await {
        Ok(health) => health,
        Err(failure) => return answer::could_not(&failure.line(), ""),
    };
    let advice = health.advice.as_ref().map(|advice| format!(" (what helps: {advice})")).unwrap_or_default();
    let mut result = CallToolResult::success(vec![ContentBlock::text(format!("{}{advice}", health.message))]);
    result.structured_content = Some(json!(health));
    result
}
