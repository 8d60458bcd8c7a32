//! Hook payloads as the client writes them, for tests that need many or need to know them again.

use serde_json::{Value, json};

/// Returns a PreToolUse payload of `tool_use_id` in `session_id`.
#[must_use]
pub fn pre_tool_use(session_id: &str, tool_use_id: &str) -> Vec<u8> {
    tool_event("PreToolUse", session_id, tool_use_id, &json!({"command": "ls -l", "description": "List files"}))
}

/// Returns a payload of a tool event.
#[must_use]
pub fn tool_event(event: &str, session_id: &str, tool_use_id: &str, tool_input: &Value) -> Vec<u8> {
    let mut payload = json!({
        "session_id": session_id, "transcript_path": format!("/home/dev/.claude/projects/p/{session_id}.jsonl"),
        "cwd": "/home/dev/app", "permission_mode": "default", "hook_event_name": event, "tool_name": "Bash",
        "tool_input": tool_input, "tool_use_id": tool_use_id,
    });
    if event == "PostToolUse" {
        payload["tool_response"] = json!({"stdout": "done", "stderr": "", "interrupted": false});
        payload["duration_ms"] = json!(12);
    }
    text(&payload)
}

/// Returns a payload of an event that belongs to no tool, with `extra` fields beside the usual ones.
#[must_use]
pub fn session_event(event: &str, session_id: &str, extra: &Value) -> Vec<u8> {
    let mut payload = json!({
        "session_id": session_id, "transcript_path": format!("/home/dev/.claude/projects/p/{session_id}.jsonl"),
        "cwd": "/home/dev/app", "hook_event_name": event,
    });
    if let (Some(into), Some(from)) = (payload.as_object_mut(), extra.as_object()) {
        into.extend(from.clone());
    }
    text(&payload)
}

/// Returns a PostToolUse payload of about `size` bytes that holds one secret, as the hook's bar asks.
///
/// # Panics
///
/// Never: it reads back JSON of its own.
#[must_use]
pub fn with_secret(session_id: &str, tool_use_id: &str, size: usize) -> Vec<u8> {
    let secret = format!("ghp_{}", "FAKEfake0123456789FAKEfake0123456789");
    let line = "   Compiling demo v0.1.0 (/home/dev/app) and some words of ordinary build output\n";
    let input =
        json!({"command": format!("curl -H 'Authorization: token {secret}' example.invalid"), "description": ""});
    let bare = tool_event("PostToolUse", session_id, tool_use_id, &input).len();
    let mut payload: Value =
        serde_json::from_slice(&tool_event("PostToolUse", session_id, tool_use_id, &input)).expect("own JSON");
    let filling: String = line.chars().cycle().take(size.saturating_sub(bare)).collect();
    payload["tool_response"]["stdout"] = Value::String(filling);
    text(&payload)
}

fn text(payload: &Value) -> Vec<u8> {
    let mut bytes = payload.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}
