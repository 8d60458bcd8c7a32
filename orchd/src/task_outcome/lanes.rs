//! The rows of a session by what they belong to: a prompt's window, or a run of a subagent. Each row is gone through once, as a long
//! session has thousands of prompts and tens of thousands of requests.

use std::collections::HashMap;

use shared::event::Micros;

use super::facts::{Agent, Call, Kind, Request, SessionFacts};
use super::turns::{Window, windows};
use crate::fold::AgentStatus;

/// What a thread asked of the model and of its tools.
#[derive(Debug, Default)]
pub(super) struct Lane<'f> {
    /// Its rows of the ledger, by time.
    pub(super) requests: Vec<&'f Request>,
    /// Its tool calls, by start.
    pub(super) calls: Vec<&'f Call>,
}

/// What the main thread did for one prompt.
#[derive(Debug)]
pub(super) struct Work<'f> {
    /// The prompt's turns.
    pub(super) window: Window<'f>,
    /// What it asked for.
    pub(super) lane: Lane<'f>,
    /// Subagents of its own that failed.
    pub(super) failed_agents: u32,
    /// Tasks that were handed to the local model meanwhile.
    pub(super) delegations: u32,
    /// The last moment at which it is known to have worked.
    pub(super) last_sign_at: Micros,
}

/// A session, sorted.
#[derive(Debug)]
pub(super) struct Lanes<'f> {
    /// By time.
    works: Vec<Work<'f>>,
    /// The place in `works` of each prompt's task.
    by_task: HashMap<&'f str, usize>,
    /// What each subagent did.
    by_agent: HashMap<&'f str, Lane<'f>>,
    /// Subagents by their id.
    agents: HashMap<&'f str, &'f Agent>,
    /// The run that each call started.
    runs: HashMap<&'f str, &'f Agent>,
    /// Calls by their id.
    calls: HashMap<&'f str, &'f Call>,
}

impl<'f> Lanes<'f> {
    pub(super) fn of(facts: &'f SessionFacts) -> Self {
        let work = |window: Window<'f>| Work {
            last_sign_at: window.typed_at(),
            window,
            lane: Lane::default(),
            failed_agents: 0,
            delegations: 0,
        };
        let works: Vec<Work<'f>> = windows(&facts.turns).into_iter().map(work).collect();
        let (mut by_task, mut by_prompt) = (HashMap::new(), HashMap::new());
        for (place, work) in works.iter().enumerate() {
            // What stands twice belongs to the first.
            work.window.task_id().map(|id| by_task.entry(id).or_insert(place));
            for id in work.window.prompt_ids() {
                by_prompt.entry(id).or_insert(place);
            }
        }
        let (by_agent, agents) = (HashMap::new(), HashMap::new());
        let mut lanes = Self { works, by_task, by_agent, agents, runs: HashMap::new(), calls: HashMap::new() };
        facts.requests.iter().for_each(|request| lanes.sort_request(request, &by_prompt));
        facts.calls.iter().for_each(|call| lanes.sort_call(call));
        facts.agents.iter().for_each(|agent| lanes.sort_agent(agent));
        for task in facts.tasks.iter().filter(|task| task.kind == Kind::Delegation) {
            if let Some(place) = lanes.place_at(task.decided_at) {
                lanes.works[place].delegations += 1;
            }
        }
        lanes
    }

    /// Returns the work under way at a moment.
    pub(super) fn work_at(&self, at: Micros) -> Option<&Work<'f>> {
        self.place_at(at).map(|place| &self.works[place])
    }

    /// Returns the work that a prompt's task is.
    pub(super) fn work_of(&self, task_id: &str) -> Option<&Work<'f>> {
        self.by_task.get(task_id).map(|&place| &self.works[place])
    }

    /// Returns what a subagent did; None where nothing is known of that.
    pub(super) fn lane_of(&self, agent_id: &str) -> Option<&Lane<'f>> {
        self.by_agent.get(agent_id)
    }

    /// Returns a subagent's run.
    pub(super) fn agent(&self, agent_id: &str) -> Option<&'f Agent> {
        self.agents.get(agent_id).copied()
    }

    /// Returns the run that a call started: of several the one that the client named, then the first.
    pub(super) fn run_of(&self, tool_use_id: &str) -> Option<&'f Agent> {
        self.runs.get(tool_use_id).copied()
    }

    /// Returns a tool call.
    pub(super) fn call(&self, tool_use_id: &str) -> Option<&'f Call> {
        self.calls.get(tool_use_id).copied()
    }

    fn place_at(&self, at: Micros) -> Option<usize> {
        let place = self.works.partition_point(|work| work.window.typed_at() <= at).checked_sub(1)?;
        self.works[place].window.holds(at).then_some(place)
    }

    /// A request of the main thread belongs to the prompt that it names, else to that of its time.
    fn sort_request(&mut self, request: &'f Request, by_prompt: &HashMap<&'f str, usize>) {
        if let Some(agent_id) = request.agent_id.as_deref() {
            self.by_agent.entry(agent_id).or_default().requests.push(request);
            return;
        }
        let by_time = self.place_at(request.requested_at);
        if let Some(place) = by_time {
            self.works[place].saw(request.requested_at);
        }
        let named = request.prompt_id.as_deref().and_then(|id| by_prompt.get(id).copied());
        if let Some(place) = named.or(by_time) {
            self.works[place].lane.requests.push(request);
        }
    }

    fn sort_call(&mut self, call: &'f Call) {
        self.calls.entry(&call.tool_use_id).or_insert(call);
        if let Some(agent_id) = call.agent_id.as_deref() {
            self.by_agent.entry(agent_id).or_default().calls.push(call);
        } else if let Some(place) = self.place_at(call.started_at) {
            self.works[place].saw(call.started_at);
            self.works[place].lane.calls.push(call);
        }
    }

    fn sort_agent(&mut self, agent: &'f Agent) {
        self.agents.entry(&agent.agent_id).or_insert(agent);
        if let Some(tool_use_id) = agent.tool_use_id.as_deref() {
            let rank = |agent: &Agent| (!agent.certain, agent.started_at);
            let run = self.runs.entry(tool_use_id).or_insert(agent);
            if rank(agent) < rank(run) {
                *run = agent;
            }
        }
        let is_own = agent.parent_agent_id.is_none() && agent.status == AgentStatus::Failed;
        if is_own && let Some(place) = self.place_at(agent.started_at) {
            self.works[place].failed_agents += 1;
        }
    }
}

impl Work<'_> {
    fn saw(&mut self, at: Micros) {
        self.last_sign_at = self.last_sign_at.max(at);
    }
}
