//! One payload to one row and one fact, leniently: unknown events and odd fields never fail.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};

use shared::event::{AgentId, Micros, SessionId, ToolUseId};
use shared::payload::{Flags, Scan, scan_parts};
use shared::protocol::EventHeader;

use super::summary::{line, summary, tag, title};
use super::{AgentCall, AgentEnd, AgentResult, Body, CallEnd, Decoded, Fact};
use crate::delegation::{TASK_CHARS, preview};

/// Set in `events.flags` beside the bits of [`Flags`]: the prompt was not typed but is a background agent reporting back.
pub const TASK_NOTIFICATION_FLAG: u32 = 1 << 16;
/// How the prompt of a finished background agent begins.
pub(super) const TASK_NOTIFICATION: &str = "<task-notification>";
/// Longest event, tool, type and model name that is kept, in characters.
const NAME_CHARS: usize = 128;
/// Longest path that is kept, in bytes; longer ones are dropped, since half a path is none.
const PATH_BYTES: usize = 4096;
/// Bytes of a tool's input that its hash covers.
const HASHED_BYTES: usize = 4096;
/// Longest that a tool can have run, milliseconds: a year.
const LONGEST_MS: i64 = 366 * 24 * 3_600_000;
/// The type that the client takes when the caller names none.
const DEFAULT_AGENT_TYPE: &str = "general-purpose";

/// Event names that need no copy.
const KNOWN: [&str; 26] = [
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PermissionRequest",
    "PermissionDenied",
    "PostToolBatch",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "StopFailure",
    "Notification",
    "PreCompact",
    "PostCompact",
    "PreModelSwitch",
    "PostModelSwitch",
    "SessionEnd",
    "TaskCreated",
    "TaskCompleted",
    "InstructionsLoaded",
    "CwdChanged",
    "FileChanged",
    "UserPromptExpansion",
    "Elicitation",
    "ElicitationResult",
];

/// What of a payload may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The payload itself.
    pub body: bool,
    /// Prompts, commands and all other text of the user's work.
    pub text: bool,
}

/// Returns the project an event belongs to: `CLAUDE_PROJECT_DIR`, else the payload's `cwd`, else empty.
fn project_dir(header: &mut EventHeader, payload: &Scan<'_>) -> String {
    let given = header.project_dir.take().filter(|dir| !dir.is_empty() && dir.len() <= PATH_BYTES);
    given.or_else(|| path(payload, "cwd")).unwrap_or_default()
}

/// What a payload turned out to be.
#[derive(Debug, Clone)]
pub enum Decoding {
    /// An event to store.
    Event(Box<Decoded>),
    /// It has no usable session or event name.
    Rejected,
    /// Its project is not recorded.
    Excluded,
}

/// Decodes one payload. `policy` is asked with the project's directory; None excludes the event.
#[must_use]
pub fn decode(
    mut header: EventHeader,
    payload: Vec<u8>,
    received_at: Micros,
    spooled: bool,
    policy: impl FnOnce(&str) -> Option<Policy>,
) -> Decoding {
    let tail =
        payload.len() - usize::try_from(header.tail_bytes).map_or(payload.len(), |bytes| bytes.min(payload.len()));
    let (head, tail) = payload.split_at(tail);
    let Some(found) = scan_parts(head, tail) else {
        return Decoding::Rejected;
    };
    let session_id = found.text("session_id").filter(|id| SessionId::parse(id).is_some());
    let (Some(session_id), Some(hook_event_name)) = (session_id, event_name(&found)) else {
        return Decoding::Rejected;
    };
    let project_dir = project_dir(&mut header, &found);
    let Some(policy) = policy(&project_dir) else {
        return Decoding::Excluded;
    };
    let tool_name = name(&found, "tool_name");
    let interrupted = found.bool("is_interrupt") == Some(true);
    let kept_text = |text: Option<String>| text.filter(|_| policy.text);
    let mut decoded = Box::new(Decoded {
        event_id: header.event_id,
        session_id: session_id.into_owned(),
        project_dir,
        prompt_id: id(&found, "prompt_id"),
        tool_use_id: found.text("tool_use_id").filter(|id| ToolUseId::parse(id).is_some()).map(Cow::into_owned),
        agent_id: found.text("agent_id").filter(|id| AgentId::parse(id).is_some()).map(Cow::into_owned),
        agent_type: name(&found, "agent_type"),
        occurred_at: header.occurred_at,
        received_at,
        duration_ms: found.number("duration_ms").filter(|ms| (0..=LONGEST_MS).contains(ms)),
        failed: match &*hook_event_name {
            "PostToolUseFailure" => !interrupted,
            "StopFailure" => true,
            _ => false,
        },
        summary: if policy.text { summary(&hook_event_name, &found) } else { tool_name.clone() },
        flags: flags(&header, found.flags(), spooled).0,
        body_bytes: i64::try_from(payload.len() as u64 + header.cut_bytes).unwrap_or(i64::MAX),
        body: None,
        client_pid: header.client_pid,
        entrypoint: header.entrypoint.take(),
        parent_task: header.parent_task.as_deref().and_then(|task| task.parse().ok()),
        permission_mode: name(&found, "permission_mode"),
        transcript_path: path(&found, "transcript_path"),
        session_title: kept_text(found.text("session_title").and_then(|text| title(&text))),
        fact: fact(&hook_event_name, tool_name.as_deref(), &found, policy),
        decided: header.decided.take(),
        task_preview: None,
        tool_name,
        hook_event_name,
    });
    if matches!(decoded.fact, Fact::TaskNotification { .. }) {
        decoded.flags |= TASK_NOTIFICATION_FLAG;
    }
    if policy.text && decoded.decided.is_some() {
        decoded.task_preview = task_text(&decoded.fact, &found).map(|text| preview(&text, TASK_CHARS));
    }
    if policy.body {
        drop(found);
        decoded.body = Some(Body::of(payload));
    }
    Decoding::Event(decoded)
}

fn event_name(payload: &Scan<'_>) -> Option<Cow<'static, str>> {
    let given = payload.text("hook_event_name")?;
    if let Some(&known) = KNOWN.iter().find(|&&known| *known == *given) {
        return Some(Cow::Borrowed(known));
    }
    let usable = !given.is_empty() && given.len() <= NAME_CHARS && !given.chars().any(char::is_control);
    usable.then(|| Cow::Owned(given.into_owned()))
}

fn flags(header: &EventHeader, found: Flags, spooled: bool) -> Flags {
    let extra = [
        (header.cut_bytes > 0, Flags::TRUNCATED),
        (header.lossy, Flags::LOSSY),
        (header.redactions > 0, Flags::REDACTED),
        (spooled, Flags::SPOOLED),
    ];
    extra.into_iter().filter(|&(holds, _)| holds).fold(found, |all, (_, flag)| all.with(flag))
}

fn id(payload: &Scan<'_>, key: &str) -> Option<String> {
    payload.text(key).filter(|id| ToolUseId::parse(id).is_some()).map(Cow::into_owned)
}

fn name(payload: &Scan<'_>, key: &str) -> Option<String> {
    line(&payload.text(key)?, NAME_CHARS)
}

fn path(payload: &Scan<'_>, key: &str) -> Option<String> {
    payload.text(key).filter(|path| !path.is_empty() && path.len() <= PATH_BYTES).map(Cow::into_owned)
}

fn fact(event: &str, tool: Option<&str>, payload: &Scan<'_>, policy: Policy) -> Fact {
    let kept_text = |text: Option<Cow<'_, str>>| text.filter(|_| policy.text).and_then(|text| title(&text));
    match event {
        "SessionStart" => Fact::SessionStart {
            compact: payload.text("source").as_deref() == Some("compact"),
            model: name(payload, "model"),
        },
        "UserPromptSubmit" => prompt(payload.text_so_far("prompt"), policy),
        "PreToolUse" => Fact::ToolStart { input_hash: input_hash(payload), agent: agent_call(tool, payload, policy) },
        "PostToolUse" | "PostToolUseFailure" => Fact::ToolEnd {
            end: match (event, payload.bool("is_interrupt")) {
                ("PostToolUse", _) => CallEnd::Ok,
                (_, Some(true)) => CallEnd::Interrupted,
                _ => CallEnd::Failed,
            },
            agent: agent_call(tool, payload, policy),
            result: agent_result(tool, payload),
        },
        "PermissionDenied" => Fact::ToolDenied,
        "PostToolBatch" => Fact::ToolBatch(batch(payload)),
        "PermissionRequest" => Fact::Permission { input_hash: input_hash(payload) },
        "SubagentStart" => Fact::AgentStart,
        "SubagentStop" => Fact::AgentStop,
        "Stop" | "StopFailure" => Fact::Stop,
        "Notification" => match payload.text("notification_type").as_deref() {
            Some("idle_prompt") => Fact::Idle,
            Some("permission_prompt") => Fact::PermissionNote { message: kept_text(payload.text_so_far("message")) },
            Some("elicitation_dialog") => Fact::Elicitation { message: kept_text(payload.text_so_far("message")) },
            _ => Fact::Other,
        },
        "Elicitation" => Fact::Elicitation { message: kept_text(payload.text_so_far("message")) },
        "ElicitationResult" => Fact::ElicitationResult,
        "PostCompact" => Fact::Compacted { manual: payload.text("trigger").as_deref() == Some("manual") },
        "PostModelSwitch" => name(payload, "to_model").map_or(Fact::Other, Fact::Model),
        "SessionEnd" => Fact::SessionEnd { reason: name(payload, "reason") },
        _ => Fact::Other,
    }
}

fn prompt(text: Option<Cow<'_, str>>, policy: Policy) -> Fact {
    let text = text.unwrap_or_default();
    if !text.starts_with(TASK_NOTIFICATION) {
        return Fact::Prompt { start: policy.text.then(|| title(&text)).flatten() };
    }
    let owned = |id: &str| ToolUseId::parse(id).map(|id| id.as_str().to_owned());
    let end = match tag(&text, "status") {
        Some("failed" | "error") => AgentEnd::Failed,
        Some("killed" | "stopped" | "cancelled" | "interrupted") => AgentEnd::Interrupted,
        _ => AgentEnd::Completed,
    };
    let agent_id = tag(&text, "task-id").and_then(owned);
    Fact::TaskNotification { agent_id, tool_use_id: tag(&text, "tool-use-id").and_then(owned), end }
}

/// Returns the words of the task that the event begins.
fn task_text<'a>(fact: &Fact, payload: &Scan<'a>) -> Option<Cow<'a, str>> {
    match fact {
        Fact::Prompt { .. } => payload.text_so_far("prompt"),
        Fact::ToolStart { agent: Some(_), .. } => payload.nested("tool_input")?.text_so_far("prompt"),
        _ => None,
    }
}

fn is_agent_tool(tool: Option<&str>) -> bool {
    matches!(tool, Some("Agent" | "Task"))
}

fn agent_call(tool: Option<&str>, payload: &Scan<'_>, policy: Policy) -> Option<Box<AgentCall>> {
    let input = is_agent_tool(tool).then(|| payload.nested("tool_input")).flatten()?;
    Some(Box::new(AgentCall {
        agent_type: name(&input, "subagent_type").unwrap_or_else(|| DEFAULT_AGENT_TYPE.to_owned()),
        description: input.text("description").filter(|_| policy.text).and_then(|text| line(&text, 200)),
        requested_model: name(&input, "model"),
        background: input.bool("run_in_background"),
    }))
}

fn agent_result(tool: Option<&str>, payload: &Scan<'_>) -> Option<Box<AgentResult>> {
    let response = is_agent_tool(tool).then(|| payload.nested("tool_response")).flatten()?;
    let launched = response.text("status").as_deref() == Some("async_launched");
    Some(Box::new(AgentResult {
        agent_id: id(&response, "agentId"),
        resolved_model: name(&response, "resolvedModel"),
        launched: launched || response.bool("isAsync") == Some(true),
    }))
}

fn batch(payload: &Scan<'_>) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Settled {
        #[serde(default)]
        tool_use_id: String,
    }
    let calls = payload.raw("tool_calls").and_then(|raw| serde_json::from_slice::<Vec<Settled>>(raw).ok());
    let ids = calls.unwrap_or_default().into_iter().map(|call| call.tool_use_id);
    ids.filter(|id| ToolUseId::parse(id).is_some()).collect()
}

fn input_hash(payload: &Scan<'_>) -> u64 {
    let input = payload.raw("tool_input").unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    hasher.write(&input[..input.len().min(HASHED_BYTES)]);
    hasher.write_usize(input.len());
    hasher.finish()
}

#[cfg(test)]
mod tests {

    use super::*;

    const FULL: Policy = Policy { body: true, text: true };

    fn decoded(payload: &[u8], policy: Option<Policy>) -> Decoding {
        let header = EventHeader {
            cut_bytes: 7,
            redactions: 1,
            project_dir: Some(String::new()),
            ..EventHeader::new(1_700_000_000_000_000)
        };
        decode(header, payload.to_vec(), 1_700_000_000_000_900, true, |_| policy)
    }

    fn event(payload: &[u8], policy: Policy) -> Decoded {
        match decoded(payload, Some(policy)) {
            Decoding::Event(event) => *event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_has_no_session_or_name_is_rejected() {
        for payload in [
            "",
            "[1]",
            "null",
            r#"{"hook_event_name":"Stop"}"#,
            r#"{"session_id":"s"}"#,
            r#"{"session_id":"","hook_event_name":"Stop"}"#,
            r#"{"session_id":1,"hook_event_name":"Stop"}"#,
            r#"{"session_id":"a\u0000b","hook_event_name":"Stop"}"#,
            r#"{"session_id":"s","hook_event_name":"St\nop"}"#,
            r#"{"session_id":"s","hook_event_name":""}"#,
        ] {
            assert!(matches!(decoded(payload.as_bytes(), Some(FULL)), Decoding::Rejected), "{payload}");
        }
    }

    #[test]
    fn unknown_events_and_odd_fields_are_kept() {
        let payload =
            br#"{"session_id":"s","hook_event_name":"New","tool_use_id":{"odd":1},"duration_ms":-4,"cwd":"/w"}"#;
        let event = event(payload, FULL);
        assert_eq!((&*event.hook_event_name, &event.fact, event.failed), ("New", &Fact::Other, false));
        assert_eq!((event.tool_use_id, event.duration_ms, &*event.project_dir), (None, None, "/w"));
        assert_eq!(event.body.expect("kept").bytes, payload);
        assert_eq!(event.body_bytes, i64::try_from(payload.len()).expect("short") + 7);
        let all = Flags::TRUNCATED.with(Flags::REDACTED).with(Flags::SPOOLED);
        assert_eq!(event.flags, all.0);
    }

    #[test]
    fn metadata_keeps_no_text() {
        let policy = Policy { body: false, text: false };
        let call = br#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Task","tool_use_id":"t","session_title":"secret",
            "tool_input":{"description":"secret","subagent_type":"Explore"}}"#;
        let event = event(call, policy);
        assert_eq!((event.summary.as_deref(), &event.body, &event.session_title), (Some("Task"), &None, &None));
        assert!(!format!("{:?}", event.fact).contains("secret"), "{:?}", event.fact);
    }

    #[test]
    fn an_excluded_project_is_not_looked_at() {
        assert!(matches!(decoded(br#"{"session_id":"s","hook_event_name":"Stop"}"#, None), Decoding::Excluded));
    }

    #[test]
    fn only_failures_fail() {
        for (name, more, failed) in [
            ("PostToolUse", "", false),
            ("PostToolUseFailure", "", true),
            ("PostToolUseFailure", r#","is_interrupt":true"#, false),
            ("StopFailure", "", true),
            ("PermissionDenied", "", false),
        ] {
            let payload = format!(r#"{{"session_id":"s","hook_event_name":"{name}"{more}}}"#);
            assert_eq!(event(payload.as_bytes(), FULL).failed, failed, "{payload}");
        }
    }
}
