//! What the client's model asks for, read strictly: a field that is ignored would be a task that is done otherwise. Pure.

use std::time::Duration;

use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::Value;

use super::tools::{SECONDS_MAX, SECONDS_MIN, SECONDS_USUAL};

/// The arguments of `delegate_task`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DelegateTask {
    pub(super) task: String,
    #[serde(default)]
    pub(super) files: Vec<String>,
    #[serde(default)]
    expected: Option<Expected>,
    #[serde(default)]
    max_seconds: Option<f64>,
}

/// The arguments of `route_task`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteTask {
    pub(super) task: String,
    #[serde(default)]
    pub(super) files: Vec<String>,
}

/// The form of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Expected {
    Words(String),
    Schema(JsonObject),
}

impl DelegateTask {
    pub(super) fn of(arguments: Option<JsonObject>) -> Result<Self, String> {
        let read: Self = read(arguments)?;
        not_empty(&read.task)?;
        if read.max_seconds.is_some_and(|seconds| !(SECONDS_MIN..=SECONDS_MAX).contains(&seconds)) {
            return Err(format!("`max_seconds` must be from {SECONDS_MIN} to {SECONDS_MAX}"));
        }
        Ok(read)
    }

    /// Returns what the local model is told to do.
    pub(super) fn words(&self) -> String {
        match &self.expected {
            Some(Expected::Words(form)) if !form.trim().is_empty() => {
                format!("{}\n\nThe answer is to be this and nothing else: {}", self.task, form.trim())
            }
            _ => self.task.clone(),
        }
    }

    /// Returns the JSON schema that the answer must fit.
    pub(super) fn schema(&self) -> Option<Value> {
        let Some(Expected::Schema(object)) = &self.expected else { return None };
        let schema = object.get("json_schema").filter(|schema| schema.is_object());
        Some(schema.cloned().unwrap_or_else(|| Value::Object(object.clone())))
    }

    /// Returns how long the answer may take.
    pub(super) fn within(&self) -> Duration {
        Duration::from_secs_f64(self.max_seconds.unwrap_or(SECONDS_USUAL))
    }
}

impl RouteTask {
    pub(super) fn of(arguments: Option<JsonObject>) -> Result<Self, String> {
        let read: Self = read(arguments)?;
        not_empty(&read.task)?;
        Ok(read)
    }
}

fn read<T: for<'de> Deserialize<'de>>(arguments: Option<JsonObject>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments.unwrap_or_default())).map_err(|error| match error.to_string() {
        // serde's own words name a type of ours.
        words if words.contains("Expected") => "`expected` must be words or a JSON schema".to_owned(),
        words => words,
    })
}

fn not_empty(task: &str) -> Result<(), String> {
    if task.trim().is_empty() { Err("`task` is empty".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn delegate(arguments: &Value) -> Result<DelegateTask, String> {
        DelegateTask::of(arguments.as_object().cloned())
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let plain = delegate(&json!({"task": "Say why."})).expect("understood");
        assert_eq!((plain.words().as_str(), plain.schema(), plain.within().as_secs()), ("Say why.", None, 600));
        let form =
            delegate(&json!({"task": "Name it.", "expected": "one word ", "max_seconds": 30})).expect("understood");
        assert_eq!(form.words(), "Name it.\n\nThe answer is to be this and nothing else: one word");
        assert_eq!(form.within().as_secs(), 30);
        let schema = json!({"type": "object"});
        for expected in [schema.clone(), json!({"json_schema": schema})] {
            let read = delegate(&json!({"task": "List.", "expected": expected})).expect("understood");
            assert_eq!((read.words().as_str(), read.schema()), ("List.", Some(schema.clone())));
        }
        for seconds in [1.0, 3600.0] {
            let edge = delegate(&json!({"task": "x", "max_seconds": seconds})).expect("understood");
            assert_eq!(edge.within(), Duration::from_secs_f64(seconds));
        }
    }

    #[test]
    fn what_is_not_is_said() {
        for (arguments, words) in [
            (json!({}), "missing field `task`"),
            (json!({"task": " "}), "`task` is empty"),
            (json!({"task": 7}), "expected a string"),
            (json!({"task": "x", "file": "a.rs"}), "unknown field `file`"),
            (json!({"task": "x", "files": "a.rs"}), "expected a sequence"),
            (json!({"task": "x", "max_seconds": 0}), "`max_seconds` must be from 1 to 3600"),
            (json!({"task": "x", "max_seconds": -1}), "`max_seconds` must be from 1 to 3600"),
            (json!({"task": "x", "max_seconds": 3600.5}), "`max_seconds` must be from 1 to 3600"),
            (json!({"task": "x", "max_seconds": 1e300}), "`max_seconds` must be from 1 to 3600"),
            (json!({"task": "x", "expected": 7}), "`expected` must be words or a JSON schema"),
        ] {
            let error = delegate(&arguments).expect_err(words);
            assert!(error.contains(words), "{arguments}: {error}");
        }
    }
}
