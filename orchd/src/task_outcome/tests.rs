//! Sessions of a few rows, and what becomes of their tasks.

use std::io::Write as _;

use shared::event::Micros;

use super::facts::{Agent, Call, CallStatus, Kind, Request, SessionFacts, Task, Turn, TurnKind};
use super::{Answer, Delegated, Judged, Settlement, Spent, Verdict, settle};
use crate::fold::AgentStatus;
use crate::pricing::{PriceTable, Tokens, Usage};

const SECOND: Micros = 1_000_000;
/// A day in November 2026.
const T0: Micros = 1_795_338_600 * SECOND;

fn at(second: i64) -> Micros {
    T0 + second * SECOND
}

fn turn(second: i64, kind: TurnKind, id: Option<&str>) -> Turn {
    let task_id = id.filter(|_| kind == TurnKind::Prompt).map(|id| format!("prompt:{id}"));
    Turn { at: at(second), kind, task_id, prompt_id: id.map(str::to_owned), answer: None }
}

fn task(id: &str, kind: Kind, second: i64) -> Task {
    let written =
        Settlement { task_id: id.to_owned(), is_delegation: kind == Kind::Delegation, ..Settlement::default() };
    let tool_use_id = id.strip_prefix("agent:").map(str::to_owned);
    Task { kind, decided_at: at(second), tool_use_id, downshifted_to: None, feedback: None, delegated: None, written }
}

fn request(second: i64, agent_id: Option<&str>, model: &str, output: u64, cost: Option<i64>) -> Request {
    Request {
        agent_id: agent_id.map(str::to_owned),
        prompt_id: None,
        requested_at: at(second),
        model: model.to_owned(),
        usage: Usage { tokens: Tokens { input: 1_000, output, ..Tokens::default() }, ..Usage::default() },
        cost_nano_usd: cost,
    }
}

fn bash(second: i64, id: &str, command: &str, failed: Option<i64>) -> Call {
    Call {
        tool_use_id: id.to_owned(),
        tool_name: "Bash".into(),
        agent_id: None,
        started_at: at(second),
        ended_at: Some(at(second + 1)),
        status: if failed.is_some() { CallStatus::Failed } else { CallStatus::Ok },
        command: Some(command.into()),
        error: failed.map(|code| format!("Exit code {code}")),
        background: false,
    }
}

fn agent(id: &str, call: &str, second: i64, status: AgentStatus) -> Agent {
    Agent {
        agent_id: id.to_owned(),
        tool_use_id: Some(call.to_owned()),
        certain: true,
        parent_agent_id: None,
        resolved_model: None,
        started_at: at(second),
        ended_at: (status != AgentStatus::Running).then(|| at(second + 2)),
        status,
    }
}

/// Two prompts, a report between them, and the second still running.
fn session() -> SessionFacts {
    SessionFacts {
        turns: vec![
            turn(0, TurnKind::Prompt, Some("p1")),
            turn(10, TurnKind::Stop, Some("p1")),
            turn(12, TurnKind::Notification, Some("n1")),
            turn(15, TurnKind::Stop, Some("n1")),
            turn(20, TurnKind::Prompt, Some("p2")),
        ],
        rest_at: Some(at(15)),
        tasks: vec![task("prompt:p1", Kind::Prompt, 0), task("prompt:p2", Kind::Prompt, 20)],
        ..SessionFacts::default()
    }
}

fn settled(facts: &SessionFacts) -> Vec<Settlement> {
    settle(facts, facts.needs_prices().then(|| PriceTable::new(Vec::new())).as_ref())
}

fn find<'s>(settled: &'s [Settlement], id: &str) -> &'s Settlement {
    settled.iter().find(|task| task.task_id == id).unwrap_or_else(|| panic!("{id} is not in {settled:#?}"))
}

fn judged(task: &Settlement) -> (&str, &str, &str) {
    let Judged { outcome, label, evidence, .. } = task.judged.as_ref().expect("it ended");
    (outcome, label, evidence)
}

#[test]
fn requests_belong_to_the_prompt_before_them_and_to_one_task_alone() {
    let mut facts = session();
    facts.tasks.push(task("agent:t1", Kind::Agent, 5));
    facts.agents = vec![agent("a1", "t1", 5, AgentStatus::Completed)];
    facts.requests = vec![
        request(1, None, "claude-opus-5", 10, Some(3)),
        request(6, Some("a1"), "claude-haiku-4-5", 50, Some(1)),
        request(13, None, "claude-haiku-4-5", 30, None),
        request(21, None, "claude-opus-5", 5, Some(4)),
        // Written down late: the prompt that it names counts.
        Request { prompt_id: Some("p1".into()), ..request(22, None, "claude-opus-5", 1, Some(5)) },
        request(23, Some("unknown"), "claude-opus-5", 1, Some(6)),
    ];
    let settled = settled(&facts);
    let first = find(&settled, "prompt:p1");
    let expected = Spent {
        requests: Some(3),
        model: Some("claude-haiku-4-5".into()),
        input_tokens: Some(3_000),
        output_tokens: Some(41),
        cache_read_input_tokens: Some(0),
        cache_creation_input_tokens: Some(0),
        cost_nano_usd: Some(8),
        unknown_cost_requests: Some(1),
    };
    assert_eq!(first.spent, expected);
    assert_eq!((first.settled_at, first.ran.as_deref()), (Some(at(15)), Some("claude")));
    let second = find(&settled, "prompt:p2");
    assert_eq!((second.spent.requests, second.settled_at, &second.judged), (Some(1), None, &None));
    let third = find(&settled, "agent:t1");
    assert_eq!((third.spent.requests, third.spent.cost_nano_usd), (Some(1), Some(1)));
    assert_eq!((third.agent_id.as_deref(), third.parent_task.as_deref()), (Some("a1"), Some("prompt:p1")));
    let counted: i64 = settled.iter().filter_map(|task| task.spent.requests).sum();
    assert_eq!(counted, 5, "the sixth is of an agent that no task is known of");
}

#[test]
fn what_is_written_is_not_written_again() {
    let mut facts = session();
    facts.requests = vec![request(1, None, "claude-opus-5", 10, Some(3))];
    let first = settled(&facts);
    for (task, written) in facts.tasks.iter_mut().zip(first) {
        task.written = written;
    }
    assert_eq!(settled(&facts), []);
    facts.requests.push(request(14, None, "claude-opus-5", 10, Some(3)));
    assert_eq!(settled(&facts).len(), 1, "a request that came late");
}

#[test]
fn a_turn_without_stop_was_interrupted_once_that_is_sure() {
    let open = SessionFacts { turns: vec![turn(0, TurnKind::Prompt, Some("p1"))], rest_at: None, ..session() };
    assert!(settled(&open).iter().all(|task| task.judged.is_none()));
    let idle = SessionFacts { rest_at: Some(at(60)), ..open.clone() };
    let lost = SessionFacts { lost_at: Some(at(30)), rest_at: Some(at(30)), ..open.clone() };
    let next = SessionFacts {
        turns: vec![turn(0, TurnKind::Prompt, Some("p1")), turn(20, TurnKind::Prompt, Some("p2"))],
        calls: vec![bash(3, "t1", "ls", None)],
        ..open.clone()
    };
    let ended =
        SessionFacts { turns: vec![turn(0, TurnKind::Prompt, Some("p1")), turn(9, TurnKind::End, None)], ..open };
    for (facts, code, second) in
        [(idle, "interrupted", 60), (lost, "lost", 30), (next, "interrupted", 3), (ended, "interrupted", 9)]
    {
        let settled = settled(&facts);
        let task = find(&settled, "prompt:p1");
        let (outcome, label, evidence) = judged(task);
        assert_eq!((outcome, label, task.settled_at), ("cancelled", "failure", Some(at(second))), "{code}");
        assert!(evidence.contains(code), "{evidence}");
    }
}

#[test]
fn the_last_check_and_the_next_prompt_say_how_it_came_out() {
    let fixed =
        vec![bash(1, "t1", "cargo test", Some(101)), bash(5, "t2", "cargo test", None), bash(8, "t3", "ls x", Some(2))];
    for (calls, answer, label, codes) in [
        (vec![], None, "unknown", ""),
        (fixed.clone(), None, "success", "check_passed tools_failed last_tool_failed"),
        (fixed[..1].to_vec(), None, "failure", "check_failed tools_failed last_tool_failed"),
        (fixed.clone(), Some(Answer::Rejected), "failure", "check_passed rejected tools_failed last_tool_failed"),
        (vec![], Some(Answer::Approved), "success", "approved"),
        (fixed[..1].to_vec(), Some(Answer::Approved), "failure", "check_failed approved tools_failed last_tool_failed"),
    ] {
        let mut facts = SessionFacts { calls, ..session() };
        facts.turns[4].answer = answer;
        let settled = settled(&facts);
        let (outcome, found, evidence) = judged(find(&settled, "prompt:p1"));
        let evidence: Vec<String> = serde_json::from_str(evidence).expect("texts");
        let found_codes: Vec<_> = evidence.iter().filter_map(|text| text.split(':').next()).collect();
        assert_eq!((outcome, found, &*found_codes.join(" ")), ("completed", label, codes));
    }
}

#[test]
fn the_users_word_decides() {
    let mut facts = session();
    facts.calls = vec![bash(1, "t1", "cargo test", Some(101))];
    facts.tasks[0].feedback = Some(Verdict::Good);
    facts.tasks[1].feedback = Some(Verdict::Bad);
    let settled = settled(&facts);
    let (_, label, evidence) = judged(find(&settled, "prompt:p1"));
    assert!(label == "success" && evidence.contains("feedback_good"), "{evidence}");
    let running = find(&settled, "prompt:p2");
    assert_eq!((judged(running).0, judged(running).1, running.settled_at), ("running", "failure", None));
    let score = running.judged.as_ref().and_then(|judged| judged.quality_score);
    assert_eq!(score, Some(0.0), "of what runs only the user's word counts");
}

#[test]
fn subagents_end_as_their_runs_do() {
    for (status, outcome, label) in [
        (AgentStatus::Completed, "completed", "unknown"),
        (AgentStatus::Failed, "failed", "failure"),
        (AgentStatus::Interrupted, "cancelled", "failure"),
        (AgentStatus::Lost, "cancelled", "failure"),
    ] {
        let mut facts = session();
        facts.tasks = vec![task("agent:t1", Kind::Agent, 5)];
        facts.agents = vec![agent("a1", "t1", 5, status)];
        let settled = settled(&facts);
        assert_eq!((judged(&settled[0]).0, judged(&settled[0]).1), (outcome, label));
    }
    let mut facts = session();
    facts.tasks = vec![task("agent:t1", Kind::Agent, 5)];
    facts.calls = vec![Call { tool_name: "Agent".into(), status: CallStatus::Denied, ..bash(5, "t1", "", None) }];
    let settled = settled(&facts);
    assert_eq!((judged(&settled[0]).0, judged(&settled[0]).1, &settled[0].ran), ("cancelled", "unknown", &None));
}

#[test]
fn a_nested_subagents_parent_is_the_one_that_called_it() {
    let mut facts = session();
    facts.tasks = vec![task("agent:t2", Kind::Agent, 6)];
    let inner = Agent { parent_agent_id: Some("a1".into()), ..agent("a2", "t2", 6, AgentStatus::Completed) };
    facts.agents = vec![agent("a1", "t1", 5, AgentStatus::Completed), inner];
    assert_eq!(settled(&facts)[0].parent_task.as_deref(), Some("agent:t1"));
    facts.tasks[0].written.parent_task = Some("delegation:1".into());
    assert_eq!(settled(&facts)[0].parent_task.as_deref(), Some("delegation:1"), "all of its session is part of that");
}

#[test]
fn a_delegation_is_judged_by_its_user_and_the_next_prompt() {
    let of = |outcome: &str, ran_local, answer, feedback| {
        let mut facts = session();
        let told = Delegated { outcome: outcome.into(), reason: None, ended_at: at(6), duration_ms: 2_500, ran_local };
        facts.tasks = vec![Task { delegated: Some(told), feedback, ..task("delegation:1", Kind::Delegation, 4) }];
        facts.turns[4].answer = answer;
        let settled = settled(&facts);
        let judged = settled[0].judged.clone().expect("it ended");
        assert_eq!(judged.duration_ms, 2_500);
        let as_good = judged.as_good.map(|as_good| as_good.is_as_good);
        (judged.outcome, judged.label, as_good)
    };
    for (outcome, ran_local, answer, feedback, label, as_good) in [
        ("completed", true, None, None, "unknown", None),
        ("completed", true, Some(Answer::Rejected), None, "failure", Some(false)),
        ("completed", true, Some(Answer::Approved), None, "success", Some(true)),
        ("fell_back", false, Some(Answer::Approved), None, "failure", None),
        ("failed", false, None, Some(Verdict::Good), "success", None),
        ("cancelled", false, None, None, "unknown", None),
    ] {
        assert_eq!(of(outcome, ran_local, answer, feedback), (outcome.into(), label.into(), as_good));
    }
}

#[test]
fn the_next_prompt_judges_no_delegation_of_several() {
    let told = || Delegated {
        outcome: "completed".into(),
        reason: None,
        ended_at: at(6),
        duration_ms: 2_500,
        ran_local: true,
    };
    let delegation = |id, second| Task { delegated: Some(told()), ..task(id, Kind::Delegation, second) };
    let mut facts = session();
    facts.tasks = vec![delegation("delegation:1", 4), delegation("delegation:2", 5), delegation("delegation:3", 25)];
    facts.turns[4].answer = Some(Answer::Rejected);
    facts.turns.push(Turn { answer: Some(Answer::Approved), ..turn(30, TurnKind::Prompt, Some("p3")) });
    let settled = settled(&facts);
    let as_good = |id| find(&settled, id).judged.clone().expect("it ended").as_good.map(|as_good| as_good.is_as_good);
    assert_eq!(["delegation:1", "delegation:2", "delegation:3"].map(as_good), [None, None, Some(true)]);
    assert_eq!(judged(find(&settled, "delegation:1")).1, "unknown");
}

#[test]
fn a_cheaper_model_saved_the_difference_on_the_real_tokens() {
    let mut facts = session();
    facts.tasks = vec![Task { downshifted_to: Some("haiku".into()), ..task("agent:t1", Kind::Agent, 5) }];
    facts.agents = vec![agent("a1", "t1", 5, AgentStatus::Completed)];
    facts.requests = vec![
        request(1, None, "claude-opus-5", 10, Some(1)),
        // Haiku 4.5: 1 USD per million in, 5 out. Opus 5: 5 in, 25 out.
        request(6, Some("a1"), "claude-haiku-4-5", 1_000, Some(6_000_000)),
    ];
    let saved = settled(&facts)[0].downshift.clone().expect("it was downshifted");
    assert_eq!(saved.displaced_model, "claude-opus-5");
    assert_eq!((saved.displaced_cost_nano_usd, saved.saving_nano_usd), (Some(30_000_000), Some(24_000_000)));
    facts.requests[1].cost_nano_usd = None;
    let unknown = settled(&facts)[0].downshift.clone().expect("it was downshifted");
    assert_eq!((unknown.displaced_cost_nano_usd, unknown.saving_nano_usd), (Some(30_000_000), None));
    facts.requests.clear();
    assert_eq!(settled(&facts)[0].downshift, None, "what it took is not known yet");
}

#[test]
fn a_long_session_is_gone_through_once() {
    const PROMPTS: i64 = 2_000;
    let mut facts = SessionFacts::default();
    for nth in 0..PROMPTS {
        let (second, id) = (nth * 100, format!("p{nth}"));
        facts.turns.push(turn(second, TurnKind::Prompt, Some(&id)));
        facts.tasks.push(task(&format!("prompt:{id}"), Kind::Prompt, second));
        facts.tasks.push(task(&format!("agent:a{nth}"), Kind::Agent, second + 1));
        facts.agents.push(agent(&format!("run{nth}"), &format!("a{nth}"), second + 1, AgentStatus::Completed));
        for at in second + 2..second + 11 {
            let named = Some(format!("p{}", PROMPTS - 1 - nth));
            let own = request(at, None, "claude-opus-5", 1, Some(1));
            facts.requests.push(Request { prompt_id: named.filter(|_| at % 2 == 0), ..own });
            facts.calls.push(bash(at, &format!("c{at}"), "cargo test", None));
        }
        facts.requests.push(request(second + 12, Some(&format!("run{nth}")), "claude-haiku-4-5", 1, Some(1)));
    }
    let began = std::time::Instant::now();
    let settled = settled(&facts);
    // Read with --nocapture; of how long it takes nothing is claimed.
    let _ = writeln!(std::io::stderr(), "{} tasks settled in {:?}", settled.len(), began.elapsed());
    assert_eq!(settled.len(), 4_000);
    for settled in &settled {
        let requests = if settled.task_id.starts_with("agent:") { 1 } else { 9 };
        assert_eq!(settled.spent.requests, Some(requests), "{}", settled.task_id);
    }
    let first = find(&settled, "prompt:p0");
    assert_eq!((first.settled_at, judged(first).0), (Some(at(10)), "cancelled"), "the last call without a Stop");
}
