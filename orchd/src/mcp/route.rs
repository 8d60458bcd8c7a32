//! The tool `route_task`: what the router says of a task, and whether the task with its files fits the local model. The same decision as
//! the hook's. Pure but for [`call`].

use rmcp::RoleServer;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use rmcp::service::RequestContext;
use serde_json::json;
use shared::decision::{Decision, Route};
use shared::paths::Paths;

use super::answer;
use super::arguments::RouteTask;
use super::delegate::files_of;
use super::roots::roots_of;
use crate::command::number::grouped;
use crate::delegate::Caller;
use crate::delegate::deciding::decided_by_health;
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
    let health = match usual_health(paths).await {
        Ok(health) => health,
        Err(failure) => return answer::could_not(&failure.line(), ""),
    };
    let project = Caller::of_environment().project_dir;
    let decided = |text: &str| decided_by_health(paths, text, project.as_deref(), &health);
    let of_names = (!task.files.is_empty()).then(|| decided(&task.files.join("\n")));
    let decision = of_names.filter(is_laid_down).unwrap_or_else(|| decided(&task.task));
    let request = ChatRequest { task: task.task, files, ..ChatRequest::default() };
    told(decision, &health, request.estimated_tokens())
}

/// Whether the user laid down where tasks of such a path stay.
fn is_laid_down(decision: &Decision) -> bool {
    decision.reasons.iter().any(|reason| reason.code == "sensitive_path")
}

/// Returns the answer. `estimated_tokens` are those of the task with its files, of which the decision knows nothing.
fn told(mut decision: Decision, health: &LocalModelHealth, estimated_tokens: u64) -> CallToolResult {
    let mut reasons: Vec<String> = decision.reasons.iter().map(|reason| reason.text.clone()).collect();
    let tokens = grouped(estimated_tokens);
    match health.context_tokens {
        Some(context) if estimated_tokens > context => {
            // What must stay on this machine does not leave it for its length.
            if decision.route == Route::Local && !is_laid_down(&decision) {
                decision.route = Route::Claude;
                decision.confidence = decision.confidence.map(|confidence| 1.0 - confidence);
            }
            reasons
                .insert(0, format!("the task is about {tokens} tokens, the loaded context holds {}", grouped(context)));
        }
        Some(context) => {
            reasons.push(format!("the task is about {tokens} tokens and fits the context of {}", grouped(context)));
        }
        None => reasons.push(format!("the task is about {tokens} tokens; the context is not known")),
    }
    reasons.push(health.message.clone());
    let (route, advice) = match decision.route {
        Route::Local => ("local", "delegate_task would hand it over; check its answer before you use it."),
        Route::Claude => ("claude", "Do it yourself."),
    };
    let mut result =
        CallToolResult::success(vec![ContentBlock::text(format!("{route}: {}. {advice}", reasons.join("; ")))]);
    result.structured_content = Some(json!({
        "route": route,
        "reasons": reasons,
        "advice": advice,
        "confidence": decision.confidence,
        "as_good": decision.as_good,
        "is_calibrated": decision.is_calibrated,
        "router_version": decision.router_version,
        "change_size": decision.change_size,
        "task_type": decision.task_type,
        "agent": decision.agent,
        "estimated_tokens": estimated_tokens,
        "expected_saving_usd": decision.expected_saving_usd,
        "context_tokens": health.context_tokens,
        "local_model": {"state": health.state, "model": health.model},
    }));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_model::{Health, State};
    use shared::decision::{Rule, SensitivePath, Settings, Task, decide};
    use shared::snapshot::LocalModel;

    fn decision(settings: &Settings, state: State, context_tokens: Option<u64>) -> Decision {
        let local =
            LocalModel { state: state.word().into(), available: state.is_available(), model: None, context_tokens };
        let task = Task { text: "read key.pem", ..Task::default() };
        decide(&task, settings, Some(&local))
    }

    #[test]
    fn it_goes_where_the_router_says_if_it_fits() {
        let rule = |route| Rule { route, project: None, agent: None, pattern: Some("read".into()), tool: None };
        let always = Settings { rules: vec![rule(Route::Local)], ..Settings::default() };
        let never = Settings { rules: vec![rule(Route::Claude)], ..Settings::default() };
        let path = SensitivePath { path: "*.pem".into(), route: Route::Local };
        let here = Settings { sensitive_paths: vec![path], ..Settings::default() };
        for (settings, state, context_tokens, tokens, expected) in [
            (&always, State::Ready, Some(4096), 4096, "local"),
            (&always, State::Ready, Some(4096), 4097, "claude"),
            (&always, State::Loadable, None, 100_000, "local"),
            (&always, State::Down, None, 1, "claude"),
            (&always, State::Loading, Some(4096), 1, "claude"),
            (&never, State::Ready, Some(4096), 1, "claude"),
            (&here, State::Down, Some(4096), 4097, "local"),
        ] {
            let health = LocalModelHealth::from(&Health::unknown(state, "http://127.0.0.1:1234", 1));
            let decision = decision(settings, state, context_tokens);
            let (as_good, version) = (decision.as_good, decision.router_version.clone());
            let result = told(decision, &LocalModelHealth { context_tokens, ..health }, tokens);
            let structured = result.structured_content.expect("a structured part");
            assert_eq!(structured["route"], expected, "{state:?} {context_tokens:?} {tokens}");
            let confidence = structured["confidence"].as_f64().expect("a number");
            let of_route = if expected == "local" { as_good } else { 1.0 - as_good };
            assert!((confidence - of_route).abs() < 1e-5, "{structured}");
            assert_eq!((&structured["router_version"], &structured["is_calibrated"]), (&json!(version), &json!(false)));
            assert!(structured["reasons"].as_array().is_some_and(|reasons| reasons.len() >= 3), "{structured}");
        }
    }
}
