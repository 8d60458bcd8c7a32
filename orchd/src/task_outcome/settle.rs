//! All that is to be written of a session's tasks, where that differs from what is.

use shared::event::Micros;

use super::downshift::{self, Downshift};
use super::facts::{Agent, CallStatus, Kind, SessionFacts, Task};
use super::judge::{Label, Verdict, label};
use super::lanes::{Lane, Lanes};
use super::score::{json, parts, score};
use super::signs::{End, Signs};
use super::spent::Spent;
use super::turns::ended;
use crate::fold::AgentStatus;
use crate::pricing::PriceTable;

/// The word in `task_outcomes.outcome` for a task that the user judged while it runs.
pub const RUNNING: &str = "running";
/// The word in `handoff_events.ran` of what ran on Claude.
const CLAUDE: &str = "claude";
/// The word in `task_outcomes.judged_by` for what follows from a label.
const BY_OUTCOME: &str = "outcome";
/// The same for the user's own word.
const BY_USER: &str = "user";

/// What is written of a task, or is to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settlement {
    /// The task.
    pub task_id: String,
    /// Its row of `handoff_events` was written whole when it was recorded: of it only how it came out follows.
    pub is_delegation: bool,
    /// The task on behalf of which it was done.
    pub parent_task: Option<String>,
    /// The subagent that ran it.
    pub agent_id: Option<String>,
    /// When it ended; None while it runs.
    pub settled_at: Option<Micros>,
    /// Where it ran; None where nothing shows that it ran.
    pub ran: Option<String>,
    /// What it took.
    pub spent: Spent,
    /// What a cheaper model saved.
    pub downshift: Option<Downshift>,
    /// How it came out; None while it runs.
    pub judged: Option<Judged>,
    /// The user's word that `judged` rests on: where another is written by now, it is worked out anew.
    pub feedback: Option<Verdict>,
}

/// How a task came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// completed, failed, cancelled, fell_back or [`RUNNING`].
    pub outcome: String,
    /// Why, where it was not completed.
    pub reason: Option<String>,
    /// When it ended.
    pub ended_at: Micros,
    /// How long it took, milliseconds.
    pub duration_ms: i64,
    /// success, failure or unknown.
    pub label: String,
    /// A JSON array of texts.
    pub evidence: String,
    /// 0 to 1; None where nothing speaks for or against it.
    pub quality_score: Option<f64>,
    /// A JSON object: each part's value and weight.
    pub quality_parts: String,
    /// Whether the local model's was, or would have been, as good as Claude's.
    pub as_good: Option<AsGood>,
}

/// A word on whether the local model is as good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsGood {
    /// It is.
    pub is_as_good: bool,
    /// By whose word: user, outcome.
    pub judged_by: String,
}

/// Returns what is to be written of the session's tasks: those of which something else is written. What the user said of them stands
/// in the facts. Without `prices` what cheaper models saved stays as it is written.
#[must_use]
pub fn settle(facts: &SessionFacts, prices: Option<&PriceTable>) -> Vec<Settlement> {
    let session = Session { lanes: Lanes::of(facts), facts, prices };
    let differing = |task| session.task(task).filter(|settled| *settled != task.written);
    facts.tasks.iter().filter_map(differing).collect()
}

/// Returns how a task came out by what the user says of it, or has said where `verdict` is None; None where it is not among the facts.
#[must_use]
pub fn judged_by_user(facts: &SessionFacts, task_id: &str, verdict: Option<Verdict>) -> Option<Settlement> {
    let task = facts.tasks.iter().find(|task| task.written.task_id == task_id)?;
    let task = Task { feedback: verdict.or(task.feedback), ..task.clone() };
    let session = Session { lanes: Lanes::of(facts), facts, prices: None };
    let signs = Signs { feedback: task.feedback, ..Signs::default() };
    let settled = session.task(&task).unwrap_or_else(|| judged(&task, task.written.settled_at, &signs));
    let judged = settled.judged.unwrap_or_else(|| judgement(&task, None, &signs));
    Some(Settlement { judged: Some(judged), ..settled })
}

struct Session<'f> {
    lanes: Lanes<'f>,
    facts: &'f SessionFacts,
    prices: Option<&'f PriceTable>,
}

impl Session<'_> {
    fn task(&self, task: &Task) -> Option<Settlement> {
        match task.kind {
            Kind::Prompt => self.prompt(task),
            Kind::Agent => self.agent(task),
            Kind::Delegation => self.delegation(task),
        }
    }

    fn prompt(&self, task: &Task) -> Option<Settlement> {
        let work = self.lanes.work_of(&task.written.task_id)?;
        let Lane { requests, calls } = &work.lane;
        let end = ended(&work.window, work.last_sign_at, self.facts);
        let signs = Signs {
            end: end.map_or(End::Completed, |(_, end)| end),
            failed_agents: work.failed_agents,
            answer: work.window.answer,
            feedback: task.feedback,
            ..Signs::default()
        }
        .with_calls(calls.iter().copied());
        let worked = signs.end == End::Completed && end.is_some();
        let ran = worked || !requests.is_empty() || !calls.is_empty();
        Some(Settlement {
            parent_task: task.written.parent_task.clone(),
            ran: ran.then(|| CLAUDE.to_owned()),
            spent: Spent::of(requests),
            ..judged(task, end.map(|(at, _)| at), &signs)
        })
    }

    fn agent(&self, task: &Task) -> Option<Settlement> {
        let tool_use_id = task.tool_use_id.as_deref()?;
        let run = self.lanes.run_of(tool_use_id);
        let call = self.lanes.call(tool_use_id);
        let nothing = Lane::default();
        let Lane { requests, calls } = run.and_then(|run| self.lanes.lane_of(&run.agent_id)).unwrap_or(&nothing);
        let end = match (run, call) {
            (Some(run), _) => run.ended_at.zip(end_of_run(run.status)),
            (None, Some(call)) => call.ended_at.zip(end_of_call(call.status)),
            (None, None) => None,
        };
        let signs =
            Signs { end: end.map_or(End::Completed, |(_, end)| end), feedback: task.feedback, ..Signs::default() }
                .with_calls(calls.iter().copied());
        let ran = run.is_some() || end.is_some_and(|(_, end)| end == End::Completed);
        let mut spent = Spent::of(requests);
        spent.model = spent.model.or_else(|| run.and_then(|run| run.resolved_model.clone()));
        let is_downshifted = task.downshifted_to.is_some();
        Some(Settlement {
            parent_task: self.parent_of(task, run),
            agent_id: run.map(|run| run.agent_id.clone()),
            ran: ran.then(|| CLAUDE.to_owned()),
            downshift: match self.prices.filter(|_| is_downshifted) {
                Some(prices) => downshift::of(requests, &self.facts.requests, prices),
                None => task.written.downshift.clone(),
            },
            spent,
            ..judged(task, end.map(|(at, _)| at), &signs)
        })
    }

    /// Returns the task on behalf of which a subagent ran: the delegation that the session is part of, the subagent that called it, else
    /// the prompt.
    fn parent_of(&self, task: &Task, run: Option<&Agent>) -> Option<String> {
        let known = task.written.parent_task.as_ref();
        if let Some(known) = known.filter(|known| known.starts_with("delegation:")) {
            return Some(known.clone());
        }
        let caller = run.and_then(|run| run.parent_agent_id.as_deref());
        let caller = caller.and_then(|id| self.lanes.agent(id));
        let by_agent = caller.and_then(|caller| caller.tool_use_id.as_ref()).map(|id| format!("agent:{id}"));
        let by_prompt = || self.lanes.work_at(task.decided_at)?.window.task_id().map(str::to_owned);
        by_agent.or_else(by_prompt).or_else(|| known.cloned())
    }

    /// What was recorded of a delegation stays. The user's word says how good the local model's answer was, and so does the next prompt
    /// where it can mean no other delegation.
    fn delegation(&self, task: &Task) -> Option<Settlement> {
        let told = task.delegated.as_ref()?;
        let end = match &*told.outcome {
            "completed" => End::Completed,
            "cancelled" => End::Cancelled,
            _ => End::NotLocal,
        };
        let work = self.lanes.work_at(task.decided_at).filter(|work| work.delegations == 1);
        let answer = work.and_then(|work| work.window.answer);
        let signs =
            Signs { end, answer: answer.filter(|_| told.ran_local), feedback: task.feedback, ..Signs::default() };
        let settled = judged(task, Some(told.ended_at), &signs);
        let as_good = settled.judged.as_ref().and_then(|judged| judged.as_good.clone());
        let by_label = || match label(&signs) {
            Label::Success if told.ran_local => Some(AsGood { is_as_good: true, judged_by: BY_OUTCOME.to_owned() }),
            Label::Failure if told.ran_local => Some(AsGood { is_as_good: false, judged_by: BY_OUTCOME.to_owned() }),
            _ => None,
        };
        let judged = settled.judged.map(|judged| Judged {
            outcome: told.outcome.clone(),
            reason: told.reason.clone(),
            duration_ms: told.duration_ms,
            as_good: as_good.or_else(by_label),
            ..judged
        });
        Some(Settlement { judged, feedback: task.feedback, ..task.written.clone() })
    }
}

/// Returns a settlement that says how a task came out and nothing else. A task that runs is judged by the user alone.
fn judged(task: &Task, ended_at: Option<Micros>, signs: &Signs) -> Settlement {
    let is_said = task.feedback.is_some() || task.written.judged.is_some();
    Settlement {
        task_id: task.written.task_id.clone(),
        settled_at: ended_at,
        judged: (ended_at.is_some() || is_said).then(|| judgement(task, ended_at, signs)),
        feedback: task.feedback,
        ..Settlement::default()
    }
}

fn judgement(task: &Task, ended_at: Option<Micros>, signs: &Signs) -> Judged {
    let (outcome, reason) = if ended_at.is_some() { signs.end.words() } else { (RUNNING, None) };
    let mut parts = parts(signs);
    // Of what runs nobody knows yet whether it comes to its end.
    parts.retain(|part| ended_at.is_some() || part.name != "completion");
    let label = if ended_at.is_some() || task.feedback.is_some() { label(signs) } else { Label::Unknown };
    let evidence: Vec<String> = signs.evidence().into_iter().map(super::evidence::Evidence::text).collect();
    let by_user = |judged: &Judged| judged.as_good.clone().filter(|as_good| as_good.judged_by == BY_USER);
    let at = ended_at.unwrap_or(task.decided_at);
    Judged {
        outcome: outcome.to_owned(),
        reason: reason.map(str::to_owned),
        ended_at: at,
        duration_ms: (at - task.decided_at).max(0) / 1_000,
        label: label.as_str().to_owned(),
        evidence: serde_json::Value::from(evidence).to_string(),
        quality_score: score(&parts),
        quality_parts: json(&parts),
        as_good: task.written.judged.as_ref().and_then(by_user),
    }
}

fn end_of_run(status: AgentStatus) -> Option<End> {
    match status {
        AgentStatus::Running => None,
        AgentStatus::Completed => Some(End::Completed),
        AgentStatus::Failed => Some(End::AgentFailed),
        AgentStatus::Interrupted => Some(End::Interrupted),
        AgentStatus::Lost => Some(End::Lost),
    }
}

/// How an Agent call without a run ended: its own end says it all.
fn end_of_call(status: CallStatus) -> Option<End> {
    match status {
        CallStatus::Open => None,
        CallStatus::Ok => Some(End::Completed),
        CallStatus::Failed => Some(End::AgentFailed),
        CallStatus::Denied => Some(End::Denied),
        CallStatus::Interrupted => Some(End::Interrupted),
        CallStatus::Lost => Some(End::Lost),
    }
}
