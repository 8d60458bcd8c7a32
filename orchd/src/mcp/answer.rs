//! What the client's model reads of a delegation. Pure.
//!
//! Claude Code shows its model the structured part alone where there is one, so the answer stands in both. A failure has no
//! structured part: its words are what counts.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use crate::command::number::counted;
use crate::delegate::outcome::{Delegation, Local};
use crate::local_model::chat::{ChatError, Reply};
use crate::logging::line::printable;

/// What is said beside an answer.
const CUT: &str = "The answer is cut: the local model had no more room. Do the rest yourself. No saving is counted.";

/// Returns the result of a delegation, of whose question `hidden` secrets were taken out.
pub(super) fn of(delegation: &Delegation, hidden: u64) -> CallToolResult {
    match &delegation.local {
        Local::Answered(reply) => answered(delegation, reply, hidden),
        Local::Failed(error) => failed(error),
        Local::Cancelled(_) | Local::Unwritten(_) => could_not("it was cancelled", ""),
    }
}

/// Returns the result of a call that asks for what is not done, such as a file that is not handed over.
pub(super) fn refused(why: &str) -> CallToolResult {
    let text = format!("Not delegated: {}. Do the task yourself, or delegate it again without that.", printable(why));
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// Returns the result of a call that cannot be served at all.
pub(super) fn could_not(why: &str, then: &str) -> CallToolResult {
    let text = format!("The local model did not do this: {}. Do the task yourself{then}.", printable(why));
    CallToolResult::error(vec![ContentBlock::text(text)])
}

fn answered(delegation: &Delegation, reply: &Reply, hidden: u64) -> CallToolResult {
    let hidden = (hidden > 0)
        .then(|| format!("{} hidden from the model, which is on another machine.", counted(hidden, "secret")));
    let notes: Vec<_> = reply.is_cut().then(|| CUT.to_owned()).into_iter().chain(hidden).collect();
    let as_json =
        delegation.request.json_schema.as_ref().and_then(|_| serde_json::from_str::<Value>(&reply.answer).ok());
    let mut structured = json!({
        "answer": as_json.unwrap_or_else(|| Value::from(reply.answer.as_str())),
        "model": reply.model,
        "tokens": {"input": reply.tokens.input, "output": reply.tokens.output},
        "seconds": (reply.timings.total_ms / 10.0).round() / 100.0,
        "task_id": delegation.id.to_string(),
    });
    if !notes.is_empty() {
        structured["note"] = Value::from(notes.join(" "));
    }
    let texts = std::iter::once(reply.answer.clone()).chain(notes);
    let mut result = CallToolResult::success(texts.map(ContentBlock::text).collect());
    result.structured_content = Some(structured);
    result
}

fn failed(error: &ChatError) -> CallToolResult {
    let then = match error {
        ChatError::TooLong(_) => ", or delegate a smaller part of it",
        ChatError::Unavailable { .. }
        | ChatError::Unreachable { .. }
        | ChatError::NeedsToken
        | ChatError::NoModel(_) => ", and do not delegate again until local_status says that it is available",
        _ => "",
    };
    could_not(&error.to_string(), then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_model::chat::{ChatRequest, Timings, Tokens};
    use shared::decision::{Settings, Task, decide};
    use shared::event::DelegationId;
    use std::time::Duration;
    use uuid::Uuid;

    fn delegation(local: Local, json_schema: Option<Value>) -> Delegation {
        Delegation {
            id: DelegationId(Uuid::nil()),
            started_at: 0,
            ended_at: 0,
            state: None,
            endpoint: "http://127.0.0.1:1234".into(),
            decision: Box::new(decide(&Task::default(), &Settings::default(), None)),
            request: ChatRequest { json_schema, ..ChatRequest::default() },
            context_tokens: None,
            tries: 1,
            local_time: Duration::ZERO,
            local,
            claude: None,
        }
    }

    fn reply(answer: &str, finish_reason: &str) -> Local {
        Local::Answered(Box::new(Reply {
            model: Some("r1".into()),
            answer: answer.into(),
            reasoning: "I should think.".into(),
            finish_reason: Some(finish_reason.into()),
            tokens: Tokens { input: Some(7), output: 9, ..Tokens::default() },
            timings: Timings { total_ms: 1234.5, ..Timings::default() },
            ..Reply::default()
        }))
    }

    fn texts(result: &CallToolResult) -> Vec<&str> {
        result.content.iter().filter_map(|block| Some(block.as_text()?.text.as_str())).collect()
    }

    #[test]
    fn an_answer_comes_without_its_reasoning() {
        let result = of(&delegation(reply("four\n", "stop"), None), 0);
        assert_eq!((texts(&result), result.is_error), (vec!["four\n"], Some(false)));
        assert_eq!(
            result.structured_content,
            Some(json!({"answer": "four\n", "model": "r1", "tokens": {"input": 7, "output": 9}, "seconds": 1.23,
                "task_id": "delegation:00000000-0000-0000-0000-000000000000"}))
        );
    }

    #[test]
    fn json_is_json_and_what_is_not_whole_is_said() {
        let result = of(&delegation(reply("{\"n\":4}", "length"), Some(json!({"type": "object"}))), 2);
        let structured = result.structured_content.as_ref().expect("a structured part");
        assert_eq!(structured["answer"], json!({"n": 4}));
        assert!(structured["note"].as_str().is_some_and(|note| note.contains("is cut") && note.contains("2 secrets")));
        assert_eq!(texts(&result).len(), 3);
    }

    #[test]
    fn a_failure_has_claude_do_it() {
        for (error, words) in [
            (ChatError::NeedsToken, "the server needs a token. Do the task yourself, and do not delegate again"),
            (ChatError::TooLong("9 of 4".into()), "9 of 4. Do the task yourself, or delegate a smaller part of it."),
            (ChatError::Stalled(Duration::from_secs(45)), "fell silent for 45 s. Do the task yourself."),
        ] {
            let result = of(&delegation(Local::Failed(error), None), 0);
            assert_eq!((result.is_error, &result.structured_content), (Some(true), &None));
            assert!(texts(&result)[0].contains(words), "{:?}", texts(&result));
        }
    }
}
