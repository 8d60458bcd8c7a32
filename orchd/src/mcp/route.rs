//! The tool `route_task`: what is known of where a task could run. There is no trained router yet, so it says what can be said without
//! one, and no confidence. Pure but for [`call`].

use rmcp::RoleServer;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use rmcp::service::RequestContext;
use serde_json::json;
use shared::paths::Paths;

use super::answer;
use super::arguments::RouteTask;
use super::delegate::files_of;
use super::roots::roots_of;
use crate::command::number::grouped;
use crate::delegate::place::usual_health;
use crate::local_model::chat::ChatRequest;
use crate::view::LocalModelHealth;

/// Serves one call.
pub(super) async fn call(
    paths: &Paths,
    arguments: Option<JsonObject>,
    context: &RequestContext<RoleServer>,
) -> CallToolResult {
    let task = match RouteTask::of(arguments) {
        Ok(task) => task,
        Err(why) => return answer::refused(&why),
    };
    let roots = roots_of(context).await;
    let files = match files_of(paths, roots, task.files.clone(), task.task.len()).await {
        Ok(files) => files,
        Err(why) => return answer::refused(&why),
    };
    let request = ChatRequest { task: task.task, files, ..ChatRequest::default() };
    match usual_health(paths).await {
        Ok(health) => told(&health, request.estimated_tokens()),
        Err(failure) => answer::could_not(&failure.line(), ""),
    }
}

fn told(health: &LocalModelHealth, estimated_tokens: u64) -> CallToolResult {
    let too_long = health.context_tokens.filter(|context| estimated_tokens > *context);
    let size = match (health.context_tokens, too_long) {
        (_, Some(context)) => {
            format!(
                "the task is about {} tokens, the loaded context holds {}",
                grouped(estimated_tokens),
                grouped(context)
            )
        }
        (Some(context), None) => {
            format!(
                "the task is about {} tokens and fits the context of {}",
                grouped(estimated_tokens),
                grouped(context)
            )
        }
        (None, None) => format!("the task is about {} tokens; the context is not known", grouped(estimated_tokens)),
    };
    let route = if health.available && too_long.is_none() { "local" } else { "claude" };
    let reasons = [health.message.clone(), size];
    let advice = match route {
        "local" => "It could go to the local model; whether that is good enough for it is for you to judge.",
        _ => "Do it yourself.",
    };
    let mut result =
        CallToolResult::success(vec![ContentBlock::text(format!("{route}: {}. {advice}", reasons.join("; ")))]);
    result.structured_content = Some(json!({
        "route": route,
        "reasons": reasons,
        "advice": advice,
        "decided_by": "availability and size; there is no trained router yet",
        "confidence": null,
        "router_version": null,
        "estimated_tokens": estimated_tokens,
        "context_tokens": health.context_tokens,
        "local_model": {"state": health.state, "model": health.model},
    }));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_model::{Health, State};

    #[test]
    fn it_goes_where_it_can_be_done() {
        for (state, context_tokens, tokens, expected) in [
            (State::Ready, Some(4096), 4096, "local"),
            (State::Ready, Some(4096), 4097, "claude"),
            (State::Loadable, None, 100_000, "local"),
            (State::Down, None, 1, "claude"),
            (State::Loading, Some(4096), 1, "claude"),
        ] {
            let health = LocalModelHealth::from(&Health::unknown(state, "http://127.0.0.1:1234", 1));
            let result = told(&LocalModelHealth { context_tokens, ..health }, tokens);
            let structured = result.structured_content.expect("a structured part");
            assert_eq!(structured["route"], expected, "{state:?} {context_tokens:?} {tokens}");
            assert!(structured["confidence"].is_null());
        }
    }
}
