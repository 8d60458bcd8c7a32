//! Sessions with one second per event, and what must come out of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shared::event::Micros;
use shared::protocol::EventHeader;

use super::{Decoded, Decoding, Policy, Session, decode};

const SECOND: Micros = 1_000_000;
const T0: Micros = 1_700_000_000 * SECOND;

macro_rules! scenario {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/fixtures/hooks/", $name, "/events.jsonl"))
    };
}

mod made;
mod order;
mod recorded;

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
        let header = EventHeader::new(occurred_at);
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
        let first = folded.lines().rfind(|line| !line.starts_with(' ')).unwrap_or_default();
        let (state_now, waiting_for) = (first.split(' ').next(), first.rsplit(" | ").next());
        let found = format!("{} {}", state_now.unwrap_or_default(), waiting_for.unwrap_or_default());
        assert_eq!(found.trim_end_matches(" -"), state, "after {count} events");
    }
}
