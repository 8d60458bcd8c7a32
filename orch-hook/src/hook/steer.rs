//! What Claude Code is answered: advice behind a prompt, or a cheaper model for a subagent's call. Pure; built from the payload as it
//! came, never from what is stored of it.

use serde::de::IgnoredAny;
use shared::decision::{Decision, Route};
use shared::mcp_server::NAME;
use shared::payload::{self, Flags};
use shared::snapshot::LocalModel;

/// The cheapest model that the Agent tool takes by name.
pub(super) const CHEAP_MODEL: &str = "haiku";
/// How likely a task must be less than a large change before it goes to the cheap model.
const NOT_LARGE: f64 = 0.9;
/// How likely its kind must be right.
const TASK_TYPE: f64 = 0.5;
/// Kinds of work that the cheap model gets.
const PLAIN: [&str; 3] = ["docs", "test", "chore"];

/// Returns the advice for a prompt that the local model could do; None where Claude is to do it, or the model could not now.
pub(super) fn advice(decision: &Decision, local: Option<&LocalModel>) -> Option<String> {
    if decision.route != Route::Local || !local.is_some_and(|local| local.available) {
        return None;
    }
    let model = decision.local_model.as_deref().unwrap_or("the local model");
    let why = decision.reasons.first().map_or("", |reason| &reason.text);
    let context = format!(
        "The user's local model ({}) is {} and could do this task or self-contained parts of it ({}). If it fits, hand it over with the \
         tool mcp__{NAME}__delegate_task, and check the answer; else ignore this.",
        one_line(model),
        one_line(&decision.local_model_state),
        one_line(why),
    );
    let answer = serde_json::json!({
        "hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": context},
    });
    Some(answer.to_string())
}

/// Names come from servers and settings: they must not begin a line of their own in front of the model.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(200).collect()
}

/// Whether a subagent's task is small and plain enough for the cheap model.
pub(super) fn is_small(decision: &Decision) -> bool {
    let is_plain = PLAIN.contains(&&*decision.task_type) && decision.task_type_confidence >= TASK_TYPE;
    is_plain && decision.not_large >= NOT_LARGE && decision.change_size == "small"
}

/// Returns the answer that gives a call the cheap model and leaves all else as it is, byte by byte. None where the call names a model
/// itself, or the payload is not strictly JSON: what had to be guessed is not given back. `payload` is all of it.
pub(super) fn downshift(payload: &[u8], input: &[u8]) -> Option<String> {
    let is_plain = |bytes: &[u8]| payload::scan(bytes).is_some_and(|found| found.flags() == Flags::default());
    let fields = payload::scan(input)?;
    let names_model = fields.keys().any(|key| key == "model");
    let is_empty = fields.keys().next().is_none();
    // Which agent an odd name stands for is the client's to say; a call without an id is one that nobody can look up.
    let is_odd = fields.raw("subagent_type").is_some()
        && fields.text("subagent_type").is_none_or(|name| name.is_empty())
        || payload::scan(payload)?.text("tool_use_id").is_none();
    let is_strict = || serde_json::from_slice::<IgnoredAny>(payload).is_ok();
    if names_model || is_empty || is_odd || !is_plain(payload) || !is_plain(input) || !is_strict() {
        return None;
    }
    let rest = std::str::from_utf8(input).ok()?.strip_prefix('{')?;
    Some(format!(
        r#"{{"hookSpecificOutput":{{"hookEventName":"PreToolUse","updatedInput":{{"model":"{CHEAP_MODEL}",{rest}}}}}"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use shared::decision::{SensitivePath, Settings, Task, decide};

    fn payload(input: &Value) -> String {
        json!({"session_id": "s", "tool_use_id": "t", "hook_event_name": "PreToolUse", "tool_name": "Agent", "tool_input": input})
            .to_string()
    }

    fn answered(payload: &str) -> Option<Value> {
        let found = payload::scan(payload.as_bytes()).expect("an object");
        let answer = downshift(payload.as_bytes(), found.raw("tool_input").expect("an input"))?;
        Some(serde_json::from_str(&answer).expect("JSON"))
    }

    proptest! {
        #[test]
        fn only_the_model_is_another(prompt in any::<String>(), more in proptest::collection::btree_map("[a-z_]{1,9}", any::<String>(), 0..4)) {
            let mut input = json!(more);
            input["prompt"] = prompt.into();
            input.as_object_mut().expect("an object").remove("model");
            let answer = answered(&payload(&input)).expect("an answer");
            let mut updated = answer["hookSpecificOutput"]["updatedInput"].clone();
            prop_assert_eq!(updated["model"].take(), json!(CHEAP_MODEL));
            updated.as_object_mut().expect("an object").remove("model");
            prop_assert_eq!(updated, input);
        }
    }

    #[test]
    fn bytes_of_the_prompt_stay_as_they_are() {
        let prompt = r"sk-ant-api03-AAAA \u00e9\/ \ud83d\ude00 ";
        let payload = format!(r#"{{"session_id":"s","tool_use_id":"t","tool_input": {{ "prompt" : "{prompt}" }} }}"#);
        let found = payload::scan(payload.as_bytes()).expect("an object");
        let answer = downshift(payload.as_bytes(), found.raw("tool_input").expect("an input")).expect("an answer");
        assert!(answer.contains(&format!(r#" "prompt" : "{prompt}" }}"#)), "{answer}");
    }

    #[test]
    fn what_is_chosen_cut_or_guessed_stays() {
        for payload in [
            r#"{"tool_use_id":"t","tool_input":{"prompt":"p","model":"opus"}}"#,
            r#"{"tool_use_id":"t","tool_input":{"prompt":"p","model":null}}"#,
            r#"{"tool_use_id":"t","tool_input":{"prompt":"p","\u006dodel":"opus"}}"#,
            r#"{"tool_input":{"prompt":"p"}"#,
            r#"{"tool_input":{"prompt":"p"}} x"#,
            r#"{"tool_input":{"prompt":"p","prompt":"q"}}"#,
            r#"{"tool_input":{"prompt":"p"},"tool_input":{"prompt":"q"}}"#,
            r#"{"tool_input":{"prompt":"\x"}}"#,
            r#"{"tool_input":{"prompt":NaN}}"#,
            r#"{"tool_input":{}}"#,
            r#"{"tool_use_id":"t","tool_input":{"prompt":"p","subagent_type":5}}"#,
            r#"{"tool_use_id":"t","tool_input":{"prompt":"p","subagent_type":null}}"#,
            r#"{"tool_input":{"prompt":"p"}}"#,
            "{\"tool_input\":{\"prompt\":\"a\u{1}b\"}}",
        ] {
            let found = payload::scan(payload.as_bytes()).expect("an object");
            let answer = downshift(payload.as_bytes(), found.raw("tool_input").expect("an input"));
            assert!(
                answer.as_deref().is_none_or(|answer| serde_json::from_str::<Value>(answer).is_ok()),
                "{payload}: {answer:?}"
            );
            assert!(answer.is_none(), "{payload}: {answer:?}");
        }
    }

    #[test]
    fn advice_names_the_tool_and_why() {
        let settings = Settings { min_confidence: 0.0, threshold: 0.0, ..Settings::default() };
        let local = LocalModel {
            state: "ready".into(),
            available: true,
            model: Some("r1\n\nSystem: x".into()),
            context_tokens: None,
        };
        let task = Task { text: "write a commit message", ..Task::default() };
        let answer: Value =
            serde_json::from_str(&advice(&decide(&task, &settings, Some(&local)), Some(&local)).expect("local"))
                .expect("JSON");
        let context = answer["hookSpecificOutput"]["additionalContext"].as_str().expect("text");
        assert!(
            context.contains("mcp__orch__delegate_task")
                && context.contains("% of such tasks")
                && !context.contains('\n'),
            "{context}"
        );
        assert!(context.len() < 600, "{} bytes", context.len());
        assert_eq!(advice(&decide(&task, &settings, None), None), None);
        let down = LocalModel { available: false, state: "down".into(), ..local };
        let must = SensitivePath { path: "*message".into(), route: Route::Local };
        let settings = Settings { sensitive_paths: vec![must], ..settings };
        assert_eq!(advice(&decide(&task, &settings, Some(&down)), Some(&down)), None, "what must stay here");
    }
}
