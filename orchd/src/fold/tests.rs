//! Recorded sessions, one second per event, and what must come out of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use shared::event::{EventId, Micros};
use shared::protocol::EventHeader;

use super::{Decoded, Decoding, Policy, Session, decode};

const SECOND: Micros = 1_000_000;
const T0: Micros = 1_700_000_000 * SECOND;

macro_rules! scenario {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/hooks/", $name, "/events.jsonl"))
    };
}

const SCENARIOS: [(&str, &str); 8] = [
    ("denied", scenario!("denied")),
    ("interactive", scenario!("interactive")),
    ("interrupted", scenario!("interrupted")),
    ("multi_turn", scenario!("multi_turn")),
    ("subagent_bg", scenario!("subagent_bg")),
    ("subagent_fg", scenario!("subagent_fg")),
    ("tools_basic", scenario!("tools_basic")),
    ("tools_parallel", scenario!("tools_parallel")),
];

/// Decodes payloads, the first at second 1.
fn events(payloads: &str) -> Vec<Decoded> {
    let decoded = payloads.lines().zip(1..).map(|(payload, second)| {
        let occurred_at = T0 + second * SECOND;
        let header = EventHeader {
            event_id: EventId::new(occurred_at),
            occurred_at,
            cut_bytes: 0,
            redactions: 0,
            lossy: false,
            client_pid: None,
            project_dir: None,
            entrypoint: None,
            effort: None,
            hook_version: String::new(),
        };
        match decode(header, payload.as_bytes().to_vec(), occurred_at, false, |_| {
            Some(Policy { body: false, text: true })
        }) {
            Decoding::Event(event) => *event,
            other => panic!("{payload}: {other:?}"),
        }
    });
    decoded.collect()
}

/// Only what the standard profile subscribes to.
fn standard(payloads: &str) -> Vec<Decoded> {
    let left_out = ["PostToolBatch", "PreCompact", "PreModelSwitch", "InstructionsLoaded"];
    events(payloads).into_iter().filter(|event| !left_out.contains(&&*event.hook_event_name)).collect()
}

fn seconds(at: Option<Micros>) -> String {
    at.map_or("-".into(), |at| ((at - T0) / SECOND).to_string())
}

/// Folds events, settling after each `every`, and renders every row.
fn fold(events: &[Decoded], every: usize) -> String {
    let mut sessions: BTreeMap<&str, Session> = BTreeMap::new();
    for (n, event) in events.iter().enumerate() {
        let session = sessions.entry(&event.session_id).or_insert_with(|| Session::new(&event.session_id));
        session.merge(event, (event.occurred_at - T0) / SECOND, 1);
        if n % every == 0 {
            session.settle();
        }
    }
    let mut rows: Vec<(Option<Micros>, String)> = Vec::new();
    for session in sessions.values_mut() {
        session.settle();
        rows.push((session.started_at, render(session)));
    }
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn render(session: &Session) -> String {
    let (counts, state) = (session.counts, &session.state);
    let mut rows = format!(
        "{:?} since {} | prompts {} calls {} failures {} agents {} compactions {} | {} | {} | {}\n",
        state.state,
        seconds(Some(state.since_at)),
        counts.prompts,
        counts.tool_calls,
        counts.tool_failures,
        counts.agents,
        counts.compactions,
        session.title.get().or(session.first_prompt.get()).map_or("-", |title| title),
        session.model.get().map_or("-", |model| model),
        state.waiting_for.as_deref().unwrap_or("-"),
    );
    let mut calls: Vec<_> = session.calls.iter().collect();
    calls.sort_by_key(|call| (call.started_at(), &call.tool_use_id));
    for call in calls {
        let lane = call.lane.as_deref().map_or("main", |lane| lane.get(..5).unwrap_or(lane));
        let (from, to) = (seconds(Some(call.started_at())), seconds(call.ended_at()));
        let asked = call.asked_at().map_or(String::new(), |at| format!(" asked {}", seconds(Some(at))));
        let status = call.status().as_str();
        // Each event's seq is its second: the ends of a call point to its events.
        assert!(call.start_seq.is_none_or(|seq| seq.to_string() == from), "{}", call.tool_use_id);
        assert!(call.end_seq.is_none_or(|seq| seq.to_string() == to), "{}", call.tool_use_id);
        writeln!(rows, "  {} {lane} {status} {from}-{to}{asked}", call.tool_name).expect("a string");
    }
    let mut agents: Vec<_> = session.agents.iter().collect();
    agents.sort_by_key(|agent| agent.started_at());
    for agent in agents {
        let claim = agent.claim.clone().unwrap_or_default();
        writeln!(
            rows,
            "  agent {} {} {} {} {}-{} by {} {} | {} | {} -> {} | calls {} failures {}",
            agent.agent_id.get(..5).unwrap_or(&agent.agent_id),
            agent.agent_type,
            agent.mode().as_str(),
            agent.status().as_str(),
            seconds(Some(agent.started_at())),
            seconds(agent.ended_at()),
            claim.parent.as_deref().unwrap_or("main"),
            if claim.certain { "surely" } else { "perhaps" },
            claim.description.as_deref().unwrap_or("-"),
            claim.requested_model.as_deref().unwrap_or("-"),
            claim.resolved_model.as_deref().unwrap_or("-"),
            agent.tool_calls,
            agent.tool_failures,
        )
        .expect("a string");
    }
    rows
}

/// Compares every row; events come in order.
fn check(events: &[Decoded], expected: &[&str]) {
    let folded = fold(events, 1);
    assert_eq!(folded.lines().collect::<Vec<_>>(), expected);
}

/// Compares the state after the first so many events.
fn check_states(events: &[Decoded], expected: &[(usize, &str)]) {
    for &(count, state) in expected {
        let folded = fold(&events[..count], 1);
        let first = folded.lines().filter(|line| !line.starts_with(' ')).next_back().unwrap_or_default();
        let (state_now, waiting_for) = (first.split(' ').next(), first.rsplit(" | ").next());
        let found = format!("{} {}", state_now.unwrap_or_default(), waiting_for.unwrap_or_default());
        assert_eq!(found.trim_end_matches(" -"), state, "after {count} events");
    }
}

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
fn refused_calls_are_denied_by_the_end_of_the_turn() {
    let events = standard(scenario!("denied"));
    check(
        &events,
        &[
            "Ended since 11 | prompts 1 calls 3 failures 0 agents 0 compactions 0 | Clean up. | - | -",
            "  Bash main denied 3-10",
            "  Bash main denied 5-10",
            "  Write main denied 7-10 asked 8",
        ],
    );
    check_states(
        &events,
        &[(1, "Idle"), (2, "Working"), (6, "Waiting Write: /home/dev/project/x.txt"), (7, "Idle"), (8, "Ended")],
    );
}

#[test]
fn a_batch_says_earlier_that_a_call_was_denied() {
    check(
        &events(scenario!("denied")),
        &[
            "Ended since 11 | prompts 1 calls 3 failures 0 agents 0 compactions 0 | Clean up. | - | -",
            "  Bash main denied 3-4",
            "  Bash main denied 5-6",
            "  Write main denied 7-9 asked 8",
        ],
    );
}

#[test]
fn an_interrupted_turn_ends_with_the_client_or_its_next_start() {
    let events = standard(scenario!("interrupted"));
    check(
        &events,
        &[
            "Ended since 4 | prompts 1 calls 1 failures 0 agents 0 compactions 0 | Long command. | - | -",
            "  Bash main interrupted 3-4",
            "Ended since 7 | prompts 1 calls 0 failures 0 agents 0 compactions 0 | Long stream. | - | -",
            "Ended since 14 | prompts 2 calls 1 failures 0 agents 0 compactions 0 | Killed. | - | -",
            "  Bash main interrupted 10-11",
        ],
    );
}

#[test]
fn an_interactive_session_asks_compacts_and_clears() {
    let events = standard(scenario!("interactive"));
    check(
        &events,
        &[
            "Ended since 21 | prompts 3 calls 3 failures 0 agents 0 compactions 1 | First interactive prompt. | claude-opus-5-5 | -",
            "  Read main ok 4-5",
            "  Bash main ok 9-12 asked 10",
            "  Bash main interrupted 16-19",
            "Ended since 25 | prompts 0 calls 0 failures 0 agents 0 compactions 0 | - | claude-sonnet-5-5 | -",
        ],
    );
    let asked = "Waiting Bash: touch made_by_bash.txt";
    // The notification that follows the dialog asks nothing new; `/compact` is taken by an idle client only.
    check_states(
        &events[..17],
        &[(5, "Idle"), (6, "Working"), (8, asked), (9, asked), (10, "Working"), (11, "Idle"), (13, "Working")],
    );
    check_states(&events[..17], &[(16, "Idle"), (17, "Ended")]);
}

#[test]
fn foreground_agents_hold_the_session() {
    let events = standard(scenario!("subagent_fg"));
    check(
        &events,
        &[
            "Ended since 23 | prompts 1 calls 5 failures 0 agents 2 compactions 0 | Delegate the search. | - | -",
            "  Agent main ok 3-12",
            "  Grep a4426 ok 5-6",
            "  Read a4426 ok 8-9",
            "  Agent main ok 14-20",
            "  Bash aec68 ok 16-17",
            "  agent a4426 Explore foreground completed 4-11 by main surely | Find add function | haiku -> claude-haiku-5-5 | calls 2 failures 0",
            "  agent aec68 general-purpose foreground completed 15-19 by main surely | Run the tests | - -> claude-opus-5-5 | calls 1 failures 0",
        ],
    );
    let begun = fold(&events[..4], 1);
    assert!(
        begun.contains("agent a4426 Explore foreground running 4-- by main perhaps | Find add function | haiku -> -"),
        "{begun}"
    );
}

#[test]
fn background_agents_leave_the_session_idle() {
    let events = standard(scenario!("subagent_bg"));
    check(
        &events,
        &[
            "Ended since 14 | prompts 1 calls 2 failures 0 agents 1 compactions 0 | Delegate in the background. | - | -",
            "  Agent main ok 3-5",
            "  Bash a0bc7 ok 6-8",
            "  agent a0bc7 general-purpose background completed 4-11 by main surely | Count files | - -> claude-opus-5-5 | calls 1 failures 0",
        ],
    );
    // The Stop of the main thread, while the agent works; then its notification starts a turn.
    check_states(&events, &[(8, "Idle"), (9, "Idle"), (10, "Working"), (11, "Idle")]);
}

#[test]
fn parallel_calls_are_joined_by_their_id() {
    check(
        &standard(scenario!("tools_parallel")),
        &[
            "Ended since 16 | prompts 1 calls 5 failures 1 agents 0 compactions 0 | Do three things at once. | - | -",
            "  Read main ok 3-7",
            "  Bash main ok 4-8",
            "  Grep main ok 5-6",
            "  Read main ok 10-13",
            "  Read main failed 11-12",
        ],
    );
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
    let events = made(&[("PreToolUse", tool("Bash", "t1")), ("Stop", json!({})), ("PostToolUse", tool("Bash", "t1"))]);
    check_states(&events, &[(1, "Working"), (2, "Idle"), (3, "Idle")]);
    assert!(fold(&events[..2], 1).contains("Bash main denied 1-2"));
    assert!(fold(&events, 1).contains("Bash main ok 1-3"));
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
    let asks = json!({"message": "Which one?"});
    let events = made(&[("PreToolUse", tool("mcp__x", "t1")), ("Elicitation", asks), ("ElicitationResult", json!({}))]);
    check_states(&events, &[(2, "Waiting Which one?"), (3, "Working")]);
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
        let count = |_: &super::Call| {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Hooks run side by side and the spool is late: no order of arrival may change a row.
    #[test]
    fn the_order_of_arrival_does_not_matter(scenario in 0..SCENARIOS.len(), keys in proptest::collection::vec(any::<u32>(), 60), every in 1_usize..9) {
        let in_order = events(SCENARIOS[scenario].1);
        let mut shuffled: Vec<(u32, Decoded)> = keys.iter().copied().cycle().zip(in_order.clone()).collect();
        shuffled.sort_by_key(|&(key, _)| key);
        let shuffled: Vec<Decoded> = shuffled.into_iter().map(|(_, event)| event).collect();
        prop_assert_eq!(fold(&shuffled, every), fold(&in_order, 1));
    }

    /// Nor does it when some events never arrive.
    #[test]
    fn lost_events_do_not_make_the_order_matter((some, keys) in (0..SCENARIOS.len()).prop_flat_map(|scenario| {
        let all = events(SCENARIOS[scenario].1);
        let count = all.len();
        (subsequence(all, 1..=count), proptest::collection::vec(any::<u32>(), count))
    })) {
        let mut shuffled: Vec<(u32, &Decoded)> = keys.into_iter().zip(&some).collect();
        shuffled.sort_by_key(|&(key, _)| key);
        let shuffled: Vec<Decoded> = shuffled.into_iter().map(|(_, event)| event.clone()).collect();
        prop_assert_eq!(fold(&shuffled, 3), fold(&some, 1));
    }
}
