//! The object of `--json`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::delegate::outcome::{Claude, Delegation, Local};

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

/// Returns where a task ran, by the word of routes; None where nobody finished it.
pub(super) fn ran(delegation: &Delegation) -> Option<&'static str> {
    match (&delegation.local, &delegation.claude) {
        (Local::Answered(_), _) => Some("local"),
        (_, Some(Claude::Answered(_))) => Some("claude"),
        _ => None,
    }
}

/// Returns the object of `--json`.
pub(super) fn as_json(delegation: &Delegation) -> Value {
    let mut json = json!({
        "schema": SCHEMA,
        "task_id": delegation.id.to_string(),
        "ran": ran(delegation),
        "endpoint": Some(&delegation.endpoint).filter(|url| !url.is_empty()),
        "tries": delegation.tries,
        "started_at": delegation.started_at,
        "local_ms": milliseconds(delegation.local_time),
        "estimated_input_tokens": delegation.request.estimated_tokens(),
        "context_tokens": delegation.context_tokens,
        "answer": null, "reasoning": null, "reasoning_shape": null, "model": null, "finish_reason": null,
        "tokens": null, "timings": null, "fallback": null,
    });
    match (&delegation.local, &delegation.claude) {
        (Local::Answered(reply), _) => {
            json["answer"] = json!(reply.answer);
            json["reasoning"] = json!(Some(&reply.reasoning).filter(|text| !text.is_empty()));
            json["reasoning_shape"] = json!(reply.reasoning_shape);
            json["model"] = json!(reply.model);
            json["finish_reason"] = json!(reply.finish_reason);
            json["tokens"] = json!(reply.tokens);
            json["timings"] = json!(reply.timings);
        }
        (Local::Failed(error), Some(Claude::Answered(answer))) => {
            json["answer"] = json!(answer);
            json["fallback"] = json!({"to": "claude", "reason": error.reason(), "message": error.to_string()});
        }
        _ => {}
    }
    json
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
