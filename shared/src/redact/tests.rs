//! Values drawn from a seeded generator, in every placement; things that only look like secrets; and what holds for any bytes.

mod attacks;
mod cases;
mod controls;
mod draw;
mod properties;

use super::redact;

/// Returns the text of a payload after redaction.
fn redacted(payload: &str) -> String {
    String::from_utf8(redact(payload.as_bytes()).payload.into_owned()).expect("UTF-8 stays UTF-8")
}

/// Where a text can stand in a payload; each returns a whole payload.
type Placement = (&'static str, fn(&str) -> String);

fn command(text: &str) -> String {
    let payload = serde_json::json!({
        "session_id": "7bf11761-7edd-4e23-a646-412f969a6a67", "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": text, "description": "x"}, "tool_use_id": "toolu_Yje2R71LKfmmb57j8yd8aC",
    });
    payload.to_string()
}

fn prompt(text: &str) -> String {
    serde_json::json!({"hook_event_name": "UserPromptSubmit", "prompt": format!("please run {text}\nand then stop")})
        .to_string()
}

fn response(text: &str) -> String {
    let stdout = format!("total 4\n\u{1b}[32m{text}\u{1b}[0m\n\tdone");
    serde_json::json!({"tool_name": "Bash", "tool_response": {"stdout": stdout, "stderr": ""}, "duration_ms": 4096})
        .to_string()
}

fn file(text: &str) -> String {
    let content = format!("DEBUG=1\n{text}\nPORT=8080\n");
    serde_json::json!({"tool_name": "Write", "tool_input": {"file_path": "/x/.env", "content": content}}).to_string()
}

/// JSON in a string of JSON in a string.
fn nested(text: &str) -> String {
    let inner = serde_json::json!({"cmd": text, "n": 1}).to_string();
    command(&serde_json::json!({"body": inner}).to_string())
}

/// Every character escaped as `\u....`.
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut units = String::new();
    for unit in text.encode_utf16() {
        write!(units, "\\u{unit:04x}").expect("a string takes all");
    }
    format!("{{\"tool_input\":{{\"command\":\"{units}\"}},\"n\":1}}")
}

/// Only what .NET and PHP escape.
fn escaped_signs(text: &str) -> String {
    let plain = command(text);
    plain
        .replace("\\\"", "\\u0022")
        .replace('+', "\\u002B")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027")
        .replace('/', "\\/")
}

const PLACEMENTS: [Placement; 7] = [
    ("command", command),
    ("prompt", prompt),
    ("response", response),
    ("file", file),
    ("nested", nested),
    ("escaped", escaped),
    ("escaped signs", escaped_signs),
];

/// Asserts that the JSON is valid and returns every string of it, unescaped as deep as it goes.
fn strings(payload: &str) -> Vec<String> {
    fn walk(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => {
                if let Ok(inner @ serde_json::Value::Object(_)) = serde_json::from_str(text) {
                    walk(&inner, into);
                }
                into.push(text.clone());
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, into)),
            serde_json::Value::Object(members) => members.values().for_each(|member| walk(member, into)),
            _ => {}
        }
    }
    let mut into = Vec::new();
    walk(&serde_json::from_str(payload).expect("JSON stays valid"), &mut into);
    into
}
