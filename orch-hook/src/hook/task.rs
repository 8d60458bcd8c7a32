//! Which events begin a task, and what it is: a prompt that a person typed, or a call of the Agent tool. Pure.

use std::borrow::Cow;

use shared::decision::{Task, asks_for_something};
use shared::payload::{self, Scan};

/// The subagent that the client takes when the call names none.
const USUAL_AGENT: &str = "general-purpose";

/// A task that an event begins.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    /// What is to be done.
    text: Cow<'a, str>,
    /// The payload's own folder.
    cwd: Option<Cow<'a, str>>,
    /// The session.
    pub(super) session_id: Cow<'a, str>,
    /// The subagent's call; None for a prompt.
    pub(super) call: Option<Call<'a>>,
}

/// A call of the Agent tool.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The tool's name: `Agent`, or `Task` as it was called before.
    tool: Cow<'a, str>,
    /// The subagent.
    pub(super) agent: Cow<'a, str>,
    /// The tool's input as it stands in the payload.
    pub(super) input: &'a [u8],
}

impl<'a> Begun<'a> {
    /// Returns the task of a payload; None where it begins none.
    pub(super) fn of(payload: &'a [u8]) -> Option<Self> {
        // Most events are of other tools: they are not looked at closely.
        let holds = |word: &str| memchr::memmem::find(payload, word.as_bytes()).is_some();
        if !holds("UserPromptSubmit") && !(holds("PreToolUse") && (holds("\"Agent\"") || holds("\"Task\""))) {
            return None;
        }
        let found = payload::scan(payload)?;
        let session_id = found.text("session_id")?;
        let cwd = found.text("cwd");
        match &*found.text("hook_event_name")? {
            "UserPromptSubmit" => {
                let text = found.text_so_far("prompt")?;
                let is_task = asks_for_something(&text, found.text("source").as_deref());
                is_task.then_some(Self { text, cwd, session_id, call: None })
            }
            "PreToolUse" => {
                let tool = found.text("tool_name").filter(|tool| matches!(&**tool, "Agent" | "Task"))?;
                let input = found.raw("tool_input")?;
                let fields = payload::scan(input)?;
                let text = said(&fields)?;
                let agent = fields.text("subagent_type").filter(|name| !name.is_empty());
                let call = Call { tool, agent: agent.unwrap_or(Cow::Borrowed(USUAL_AGENT)), input };
                Some(Self { text, cwd, session_id, call: Some(call) })
            }
            _ => None,
        }
    }

    /// Returns the folder that the session works in: the client's, else the payload's own.
    pub(super) fn project<'b>(&'b self, project_dir: Option<&'b str>) -> &'b str {
        project_dir.or(self.cwd.as_deref()).unwrap_or_default()
    }

    /// Returns the task as it is decided about.
    pub(super) fn task<'b>(&'b self, project: &'b str) -> Task<'b> {
        Task {
            text: &self.text,
            project,
            agent: self.call.as_ref().map(|call| &*call.agent),
            tool: self.call.as_ref().map(|call| &*call.tool),
        }
    }
}

/// Returns the words of a call: its prompt, else its description.
fn said<'a>(input: &Scan<'a>) -> Option<Cow<'a, str>> {
    let some = |key| input.text_so_far(key).filter(|text| text.chars().any(char::is_alphanumeric));
    some("prompt").or_else(|| some("description"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_calls_begin_tasks() {
        for (payload, expected) in [
            (r#"{"session_id":"s","hook_event_name":"UserPromptSubmit","prompt":"fix it","cwd":"/w"}"#, Some("fix it")),
            (r#"{"session_id":"s","hook_event_name":"UserPromptSubmit","prompt":"fix it and"#, Some("fix it and")),
            (r#"{"session_id":"s","hook_event_name":"UserPromptSubmit","prompt":"/compact"}"#, None),
            (r#"{"session_id":"s","hook_event_name":"UserPromptSubmit","prompt":"fix","source":"poll_event"}"#, None),
            (r#"{"session_id":"s","hook_event_name":"UserPromptSubmit","prompt":7}"#, None),
            (
                r#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Agent","tool_input":{"prompt":"look"}}"#,
                Some("look"),
            ),
            (
                r#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Task","tool_input":{"description":"look"}}"#,
                Some("look"),
            ),
            (r#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Agent","tool_input":[1]}"#, None),
            (
                r#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"echo \"Agent\""}}"#,
                None,
            ),
            (
                r#"{"session_id":"s","hook_event_name":"PostToolUse","tool_name":"Agent","tool_input":{"prompt":"PreToolUse"}}"#,
                None,
            ),
            (r#"{"hook_event_name":"UserPromptSubmit","prompt":"fix it"}"#, None),
            ("", None),
            ("UserPromptSubmit", None),
        ] {
            let begun = Begun::of(payload.as_bytes());
            assert_eq!(begun.as_ref().map(|begun| begun.task("").text), expected, "{payload}");
        }
    }

    #[test]
    fn a_call_without_a_name_is_general_purpose() {
        let payload = br#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Agent","tool_input":{"prompt":"look"},"cwd":"/w"}"#;
        let begun = Begun::of(payload).expect("a task");
        assert_eq!((begun.project(Some("/p")), begun.project(None)), ("/p", "/w"));
        let task = begun.task("/p");
        assert_eq!((task.agent, task.tool), (Some("general-purpose"), Some("Agent")));
    }
}
