//! What the client's model reads of our tools. These words decide whether it hands over the right work, so they say when not to.

use rmcp::model::{JsonObject, MetaObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

pub(super) const DELEGATE_TASK: &str = "delegate_task";
pub(super) const ROUTE_TASK: &str = "route_task";
pub(super) const LOCAL_STATUS: &str = "local_status";
pub(super) const USAGE_SUMMARY: &str = "usage_summary";

/// Seconds an answer may take unless told otherwise: a model of R1's kind thinks for minutes, and somebody waits.
pub(super) const SECONDS_USUAL: f64 = 600.0;
/// Seconds it must be given at least.
pub(super) const SECONDS_MIN: f64 = 1.0;
/// Seconds it may be given at most.
pub(super) const SECONDS_MAX: f64 = 3600.0;

/// What the server says of itself; clients put it into each prompt, so it is short.
pub(super) const INSTRUCTIONS: &str = "A local model of the user's does small self-contained tasks, which costs electricity \
    and no price of an API: delegate_task. Give files by path, without reading them first. If it returns an error, do the task yourself.";

const DELEGATE: &str = "Hand one self-contained task to the user's local model. It costs electricity at most, no price of an API, and is \
slower and weaker than you.

Use it for mechanical work whose answer is short and easy to check: summarise or explain a file, a diff or a log; extract or reformat \
data; write a commit message, doc comments, test data or simple boilerplate; classify; translate. Name the inputs in `files`: they are \
read here and go to the local model alone, so do NOT read them first - that is what saves tokens.

Do not use it for work that needs this conversation, other tools, several steps or edits of files, nor for design, debugging, security \
or anything where a wrong answer is costly, nor when the answer would be about as long as what you would have to read yourself.

The local model sees `task` and `files` and nothing else: say in `task` all that it must know. Check its answer before you use it. If \
this returns an error, do the task yourself and do not try again.";

const ROUTE: &str = "Ask where a task should run: the router's recommendation (local or claude) with the probability that the local model's \
answer would be as good as yours, its reasons, whether the model is available, and whether the task with its files fits its context. The \
probability is an estimate from the task's words, and says when it was not yet fitted to this local model. Not needed before delegate_task.";

const STATUS: &str =
    "How the local model is: its state, model and context, and what the user can do when it is not available.";

const USAGE: &str = "What Claude Code cost today, this week and this month on this machine, with tokens and budgets. Costs are \
API-equivalent list prices; requests without a known price are counted apart. Also what the local model did and saved.";

/// Returns all tools.
pub(super) fn all() -> Vec<Tool> {
    vec![
        // Behind a search it would cost a request of the cloud model to find, each time.
        tool(DELEGATE_TASK, "Delegate to the local model", DELEGATE, delegate_schema())
            .with_meta(meta("anthropic/alwaysLoad", true.into())),
        tool(ROUTE_TASK, "Could the local model do it?", ROUTE, route_schema()),
        tool(LOCAL_STATUS, "State of the local model", STATUS, nothing())
            .with_meta(meta("anthropic/searchHint", "local model LM Studio DeepSeek status".into())),
        tool(USAGE_SUMMARY, "What Claude Code cost", USAGE, nothing())
            .with_meta(meta("anthropic/searchHint", "cost tokens budget spending today week month".into())),
    ]
}

fn tool(name: &'static str, title: &str, description: &'static str, schema: JsonObject) -> Tool {
    // None changes a file or speaks to the world; several may run at once.
    let hints = ToolAnnotations::new().read_only(true).open_world(false);
    Tool::new(name, description, schema).with_title(title).with_annotations(hints)
}

fn meta(key: &str, value: Value) -> MetaObject {
    MetaObject(JsonObject::from_iter([(key.to_owned(), value)]))
}

fn delegate_schema() -> JsonObject {
    object(json!({
        "type": "object",
        "properties": {
            "task": {"type": "string", "description": "All that the local model must know and do. It has no tools and no memory."},
            "files": files(),
            "expected": {
                "description": "The form of the answer: words such as `one line` or `a unified diff`, or a JSON schema.",
                "anyOf": [{"type": "string"}, {"type": "object"}],
            },
            "max_seconds": {
                "type": "number", "minimum": SECONDS_MIN, "maximum": SECONDS_MAX,
                "description": "Longest it may take. 600 unless given.",
            },
        },
        "required": ["task"],
        "additionalProperties": false,
    }))
}

fn route_schema() -> JsonObject {
    object(json!({
        "type": "object",
        "properties": {"task": {"type": "string", "description": "What is to be done."}, "files": files()},
        "required": ["task"],
        "additionalProperties": false,
    }))
}

/// The schema of a tool that takes no arguments.
fn nothing() -> JsonObject {
    object(json!({"type": "object", "properties": {}, "additionalProperties": false}))
}

fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn files() -> Value {
    json!({
        "type": "array", "items": {"type": "string"}, "maxItems": 100,
        "description": "Text files of this project to work on, absolute or from the project's folder. At most 1 MiB each.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_described() {
        let tools = all();
        assert_eq!(tools.len(), 4);
        for tool in &tools {
            assert!(tool.description.as_ref().is_some_and(|words| words.len() > 60), "{}", tool.name);
            assert_eq!(tool.input_schema["type"], "object");
            assert_eq!(tool.annotations.as_ref().and_then(|hints| hints.read_only_hint), Some(true));
        }
        // Each stands in every prompt of every session.
        let words = DELEGATE.len() + INSTRUCTIONS.len();
        assert!(words < 2000, "{words} bytes");
    }
}
