//! What no recording shows: one rule each.

use serde_json::{Value, json};

use super::{SECOND, T0, check, check_states, events, fold, render};
use crate::fold::{Call, Decoded, Session};

/// Decodes payloads of one session, given as the name of the event and its other fields.
fn made(payloads: &[(&str, Value)]) -> Vec<Decoded> {
    let line = |(name, fields): &(&str, Value)| {
        let mut payload = json!({"session_id": "s", "hook_event_name": name});
        payload.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
        payload.to_string() + "\n"
    };
    events(&payloads.iter().map(line).collect::<String>())
}

fn tool(name: &str, id: &str) -> Value {
    json!({"tool_name": name, "tool_use_id": id, "tool_input": {"command": id}})
}

fn in_agent(agent: &str, mut fields: Value) -> Value {
    fields["agent_id"] = json!(agent);
    fields["agent_type"] = json!("Explore");
    fields
}

fn agent_call(id: &str, background: bool) -> Value {
    let input = json!({"description": id, "subagent_type": "Explore", "run_in_background": background});
    json!({"tool_name": "Agent", "tool_use_id": id, "tool_input": input})
}

fn answered(mut call: Value, agent: &str) -> Value {
    call["tool_response"] = json!({"status": "completed", "agentId": agent, "resolvedModel": "m"});
    call
}

#[test]
fn a_refused_question_is_closed_by_the_next_call() {
    let events = made(&[
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("PreToolUse", tool("Bash", "t1")),
        ("PermissionRequest", json!({"tool_name": "Bash", "tool_input": {"command": "t1"}})),
        ("PreToolUse", tool("Read", "t2")),
    ]);
    check(
        &events,
        &[
            "Working since 1 | prompts 1 calls 2 failures 0 agents 0 compactions 0 | p | - | -",
            "  Bash main denied 2-4 asked 3",
            "  Read main open 4--",
        ],
    );
}

#[test]
fn the_question_goes_to_the_call_with_the_same_input() {
    let events = made(&[
        ("PreToolUse", tool("Bash", "t1")),
        ("PreToolUse", tool("Bash", "t2")),
        ("PermissionRequest", json!({"tool_name": "Bash", "tool_input": {"command": "t1"}})),
    ]);
    check(
        &events,
        &[
            "Waiting since 3 | prompts 0 calls 2 failures 0 agents 0 compactions 0 | - | - | Bash: t1",
            "  Bash main open 1-- asked 3",
            "  Bash main open 2--",
        ],
    );
}

#[test]
fn a_late_post_overrides_a_closure() {
    let events = made(&[
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("PreToolUse", tool("Bash", "t1")),
        ("Stop", json!({})),
        ("PostToolUse", tool("Bash", "t1")),
    ]);
    check_states(&events, &[(2, "Working"), (3, "Idle"), (4, "Idle")]);
    assert!(fold(&events[..3], 1).contains("Bash main denied 2-3"));
    assert!(fold(&events, 1).contains("Bash main ok 2-4"));
}

#[test]
fn the_client_that_says_it_is_idle_ends_an_interrupted_turn() {
    let events = made(&[
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("PreToolUse", tool("Bash", "t1")),
        ("Notification", json!({"notification_type": "idle_prompt", "message": "Claude is waiting for your input"})),
    ]);
    check(
        &events,
        &[
            "Idle since 3 | prompts 1 calls 1 failures 0 agents 0 compactions 0 | p | - | -",
            "  Bash main interrupted 2-3",
        ],
    );
}

#[test]
fn an_elicitation_waits_for_its_answer() {
    let events = made(&[
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("PreToolUse", tool("mcp__x", "t1")),
        ("Elicitation", json!({"message": "Which one?"})),
        ("ElicitationResult", json!({})),
    ]);
    check_states(&events, &[(2, "Working"), (3, "Waiting Which one?"), (4, "Working")]);
}

#[test]
fn the_client_names_the_call_where_order_guessed_wrong() {
    let events = made(&[
        ("PreToolUse", agent_call("A1", false)),
        ("PreToolUse", agent_call("A2", false)),
        ("SubagentStart", in_agent("x", json!({}))),
        ("SubagentStart", in_agent("y", json!({}))),
        ("PostToolUse", answered(agent_call("A1", false), "y")),
        ("PostToolUse", answered(agent_call("A2", false), "x")),
    ]);
    let guessed = fold(&events[..4], 1);
    assert!(guessed.contains("agent x Explore foreground running 3-- by main perhaps | A1"), "{guessed}");
    assert!(guessed.contains("agent y Explore foreground running 4-- by main perhaps | A2"), "{guessed}");
    let told = fold(&events, 1);
    assert!(told.contains("agent x Explore foreground completed 3-6 by main surely | A2"), "{told}");
    assert!(told.contains("agent y Explore foreground completed 4-5 by main surely | A1"), "{told}");
}

#[test]
fn nested_agents_know_their_parent() {
    let events = made(&[
        ("PreToolUse", agent_call("A1", true)),
        ("SubagentStart", in_agent("outer", json!({}))),
        ("PreToolUse", in_agent("outer", agent_call("A2", false))),
        ("SubagentStart", in_agent("inner", json!({}))),
        ("UserPromptSubmit", json!({"prompt": "Meanwhile"})),
        ("SessionEnd", json!({"reason": "other"})),
    ]);
    let running = fold(&events[..5], 1);
    // The user's prompt ends what the main thread waited for, which is neither of them.
    assert!(running.contains("agent inner Explore foreground running 4-- by outer perhaps"), "{running}");
    assert!(fold(&events, 1).contains("agent inner Explore foreground interrupted 4-6 by outer perhaps"));
}

#[test]
fn a_notification_completes_an_agent_whose_stop_never_came() {
    let prompt = "<task-notification>\n<task-id>x</task-id>\n<tool-use-id>A1</tool-use-id>\n<status>killed</status>\n</task-notification>";
    let events = made(&[
        ("PreToolUse", agent_call("A1", true)),
        ("SubagentStart", in_agent("x", json!({}))),
        ("PreToolUse", in_agent("x", tool("Bash", "t1"))),
        ("Stop", json!({})),
        ("UserPromptSubmit", json!({"prompt": prompt})),
    ]);
    check(
        &events,
        &[
            "Working since 5 | prompts 0 calls 2 failures 0 agents 1 compactions 0 | - | - | -",
            "  Agent main denied 1-4",
            "  Bash x interrupted 3-5",
            "  agent x Explore background interrupted 2-5 by main surely | A1 | - -> - | calls 1 failures 0",
        ],
    );
}

#[test]
fn a_late_older_event_does_not_revive_an_ended_session() {
    let mut events = made(&[
        ("SessionStart", json!({"source": "startup"})),
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("SessionEnd", json!({"reason": "other"})),
        ("SessionStart", json!({"source": "resume"})),
    ]);
    events.swap(1, 2);
    check_states(&events, &[(1, "Idle"), (2, "Ended"), (3, "Ended"), (4, "Idle")]);
}

#[test]
fn a_lost_client_closes_everything_until_it_speaks_again() {
    let events = made(&[
        ("UserPromptSubmit", json!({"prompt": "p"})),
        ("PreToolUse", agent_call("A1", true)),
        ("SubagentStart", in_agent("x", json!({}))),
        ("PreToolUse", in_agent("x", tool("Bash", "t1"))),
        ("SessionStart", json!({"source": "resume"})),
    ]);
    let mut session = Session::new("s");
    events[..4].iter().for_each(|event| session.merge(event, (event.occurred_at - T0) / SECOND, 1));
    session.mark_lost(T0 + 9 * SECOND / 2);
    session.settle();
    let lost = render(&session);
    assert!(lost.starts_with("Lost since 4"), "{lost}");
    assert_eq!(lost.matches(" lost ").count(), 3, "{lost}");
    session.merge(&events[4], 5, 1);
    session.settle();
    assert!(render(&session).starts_with("Idle since 5"));
}

#[test]
fn long_sessions_forget_what_is_settled_only() {
    let call = |id: &str, name: &'static str| (name, tool("Bash", id));
    let ids: Vec<String> = (0..300).map(|n| format!("t{n}")).collect();
    let mut payloads = vec![call("open", "PreToolUse")];
    payloads.extend(ids.iter().flat_map(|id| [call(id, "PreToolUse"), call(id, "PostToolUse")]));
    let (mut session, mut written) = (Session::new("s"), 0);
    for (event, seq) in made(&payloads).iter().zip(1..) {
        session.merge(event, seq, 1);
        session.settle();
        let count = |_: &Call| {
            written += 1;
            Ok::<(), ()>(())
        };
        session.take_changes(count, |_| Ok(())).expect("never fails");
    }
    assert_eq!((session.counts.tool_calls, written), (301, 601));
    assert!(session.calls.len() < 100 && session.calls.iter().any(|call| call.tool_use_id == "open"));
    let late = &made(&[call("t0", "PostToolUse")])[0];
    assert_eq!(session.missing_call(late), Some("t0"));
}

#[test]
fn calls_that_never_end_are_given_up_and_do_not_pile_up() {
    let mut session = Session::new("s");
    for n in 0..2_000_i64 {
        let events = made(&[("PreToolUse", tool("Bash", &format!("t{n}")))]);
        session.merge(&events[0], n + 1, 1);
        session.settle();
        session.take_changes(|_| Ok::<_, ()>(()), |_| Ok(())).expect("nothing fails");
    }
    assert!(session.calls.len() <= 128, "{}", session.calls.len());
}
