//! One session in memory: the registers that its events write, and the calls and agents that may still change.

use shared::event::Micros;

use super::agent::Agent;
use super::asks::Ask;
use super::boundary::{Boundaries, BoundaryKind};
use super::call::Call;
use super::register::{Earliest, Latest, lower, raise};
use super::state::State;
use super::{AgentEnd, CallEnd, Decoded, Fact};

/// Settled calls that stay in memory, for questions and notifications that arrive late.
const SETTLED_CALLS: usize = 32;
/// Calls that stay in memory at all: each event looks at all of its session's.
const MAX_CALLS: usize = 128;
/// Ended agents that stay in memory.
const MAX_AGENTS: usize = 256;
/// Facts that wait for the call or agent they name.
const MAX_PENDING: usize = 128;

/// What is counted, each event once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Prompts typed by the user.
    pub prompts: i64,
    /// Tool calls, all lanes.
    pub tool_calls: i64,
    /// Of these, failed.
    pub tool_failures: i64,
    /// Subagent runs.
    pub agents: i64,
    /// Compactions.
    pub compactions: i64,
    /// Events.
    pub events: i64,
}

/// One session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Claude Code's id.
    pub session_id: String,
    /// `projects.project_id` of its first event.
    pub project_id: Earliest<i64>,
    /// The client's title.
    pub title: Latest<String>,
    /// Start of the first prompt.
    pub first_prompt: Earliest<String>,
    /// Last model the client named.
    pub model: Latest<String>,
    /// Last permission mode.
    pub permission_mode: Latest<String>,
    /// Last entrypoint.
    pub entrypoint: Latest<String>,
    /// The delegation that it was begun for: the session is part of that task, and none of its own.
    pub parent_task: Earliest<String>,
    /// Last transcript file.
    pub transcript_path: Latest<String>,
    /// Process id of the last client.
    pub client_pid: Latest<u32>,
    /// When the process of that id started.
    pub client_started: Option<(u32, Micros)>,
    /// First event.
    pub started_at: Option<Micros>,
    /// Last event.
    pub last_event_at: Option<Micros>,
    /// Last SessionStart, compactions not counted.
    pub opened_at: Option<Micros>,
    /// Last prompt or task notification.
    pub prompt_at: Option<Micros>,
    /// Last end of a turn.
    pub stopped_at: Option<Micros>,
    /// Last SessionEnd with its reason.
    pub ended: Latest<Option<String>>,
    /// The client process was found gone.
    pub lost_at: Option<Micros>,
    /// Totals.
    pub counts: Counts,
    /// What the session is doing, as of the last [`Session::settle`].
    pub state: State,
    /// The question that the database knew of.
    pub known_question: Latest<Option<String>>,
    /// Last question of an MCP server, with its words.
    pub(super) elicited: Latest<Option<String>>,
    /// Last notification that a permission is asked, with its words.
    pub(super) noted: Latest<Option<String>>,
    /// Last question on the main thread's way that was answered: what happened there since.
    pub(super) answered_at: Option<Micros>,
    /// Last PreToolUse of the main thread.
    pub(super) main_tool_at: Option<Micros>,
    pub(super) boundaries: Boundaries,
    pub(super) calls: Vec<Call>,
    pub(super) agents: Vec<Agent>,
    pub(super) asks: Vec<Ask>,
    pending_batches: Vec<(String, Micros)>,
    pending_notifications: Vec<(String, Micros, AgentEnd, Option<String>)>,
    /// Some calls or agents are in the database only.
    pub(super) partial: bool,
    pub(super) changed: bool,
}

impl Session {
    /// Returns a session that no event was merged into.
    #[must_use]
    pub fn new(session_id: &str) -> Self {
        Self { session_id: session_id.to_owned(), ..Self::default() }
    }

    /// Completes a session that was read from the database: its registers are filled in, its rows are given here.
    /// `partial` says that the database holds more of them.
    pub fn adopt(&mut self, calls: Vec<Call>, agents: Vec<Agent>, partial: bool) {
        let registers = [
            (self.opened_at, BoundaryKind::Start),
            (self.stopped_at, BoundaryKind::Stop),
            (self.prompt_at, BoundaryKind::Prompt),
            (self.ended.at(), BoundaryKind::End),
            (self.lost_at, BoundaryKind::Lost),
        ];
        for (at, kind) in registers {
            let Some(at) = at else { continue };
            self.boundaries.add(at, kind);
            raise(&mut self.answered_at, at);
        }
        for call in calls.iter().filter(|call| call.lane.is_none()) {
            raise(&mut self.main_tool_at, call.started_at());
            raise(&mut self.answered_at, call.post.map_or(call.started_at(), |(at, _)| at));
        }
        self.calls = calls;
        self.agents = agents;
        self.partial = partial;
    }

    /// Returns the call of `event` when it is not in memory but may be in the database.
    #[must_use]
    pub fn missing_call<'e>(&self, event: &'e Decoded) -> Option<&'e str> {
        let id = event.tool_use_id.as_deref().filter(|_| self.partial && event.fact.is_of_call())?;
        Call::find(&self.calls, id).is_none().then_some(id)
    }

    /// Returns the agent of `event` when it is not in memory but may be in the database.
    #[must_use]
    pub fn missing_agent<'e>(&self, event: &'e Decoded) -> Option<&'e str> {
        let id = event.agent_id.as_deref().filter(|_| self.partial)?;
        self.agents.iter().all(|agent| agent.agent_id != id).then_some(id)
    }

    /// Takes a call out of the database into memory.
    pub fn adopt_call(&mut self, call: Call) {
        self.calls.push(call);
    }

    /// Takes an agent out of the database into memory.
    pub fn adopt_agent(&mut self, agent: Agent) {
        self.agents.push(agent);
    }

    /// Merges one stored event.
    pub fn merge(&mut self, event: &Decoded, seq: i64, project_id: i64) {
        let at = event.occurred_at;
        self.changed = true;
        self.counts.events += 1;
        self.project_id.set(at, project_id);
        lower(&mut self.started_at, at);
        raise(&mut self.last_event_at, at);
        if let Some(pid) = event.client_pid {
            self.client_pid.set(at, pid);
        }
        if let Some(task) = event.parent_task {
            self.parent_task.set_text(at, &task.to_string());
        }
        let texts = [
            (&mut self.entrypoint, &event.entrypoint),
            (&mut self.permission_mode, &event.permission_mode),
            (&mut self.transcript_path, &event.transcript_path),
            (&mut self.title, &event.session_title),
        ];
        for (register, text) in texts {
            if let Some(text) = text {
                register.set_text(at, text);
            }
        }
        self.merge_agent(event);
        if event.tool_use_id.is_some() {
            self.merge_call(event, seq);
        }
        self.merge_fact(event);
    }

    fn merge_agent(&mut self, event: &Decoded) {
        let Some(id) = event.agent_id.as_deref() else { return };
        if let Some(agent) = self.agents.iter_mut().find(|agent| agent.agent_id == id) {
            return agent.merge(event);
        }
        // `/compact` stops an agent without a type that never started: the client's own affair.
        if event.agent_type.is_none() {
            return;
        }
        let mut agent = Agent::new(id);
        agent.merge(event);
        for (_, at, end, call) in self.pending_notifications.extract_if(.., |(named, ..)| named == id) {
            agent.notified.set(at, end);
            agent.notified_call = call.or(agent.notified_call);
        }
        self.agents.push(agent);
        self.counts.agents += 1;
    }

    fn merge_call(&mut self, event: &Decoded, seq: i64) {
        let Some(id) = event.tool_use_id.as_deref() else { return };
        if !event.fact.is_of_call() {
            return;
        }
        let known = Call::find(&self.calls, id);
        let place = known.unwrap_or_else(|| {
            let mut call = Call::new(id, seq);
            for (_, at) in self.pending_batches.extract_if(.., |(listed, _)| listed == id) {
                raise(&mut call.batch_at, at);
            }
            self.calls.push(call);
            self.counts.tool_calls += 1;
            self.calls.len() - 1
        });
        self.calls[place].merge(event, seq);
        let failed = matches!(event.fact, Fact::ToolEnd { end: CallEnd::Failed, .. });
        self.counts.tool_failures += i64::from(failed);
        if let Some(agent) =
            event.agent_id.as_deref().and_then(|id| self.agents.iter_mut().find(|agent| agent.agent_id == id))
        {
            agent.tool_calls += i64::from(known.is_none());
            agent.tool_failures += i64::from(failed);
            agent.changed |= known.is_none() || failed;
        }
    }

    fn merge_fact(&mut self, event: &Decoded) {
        let at = event.occurred_at;
        let main = event.agent_id.is_none();
        match &event.fact {
            Fact::SessionStart { compact, model } => {
                if let Some(model) = model {
                    self.model.set_text(at, model);
                }
                if *compact {
                    self.boundaries.add(at, BoundaryKind::Compact);
                } else {
                    raise(&mut self.opened_at, at);
                    self.bound(at, BoundaryKind::Start);
                }
            }
            Fact::Prompt { start } => {
                self.counts.prompts += 1;
                if let Some(start) = start {
                    self.first_prompt.set_text(at, start);
                }
                raise(&mut self.prompt_at, at);
                self.bound(at, BoundaryKind::Prompt);
            }
            Fact::TaskNotification { agent_id, tool_use_id, end } => {
                raise(&mut self.prompt_at, at);
                self.notify_agent(at, agent_id.as_deref(), tool_use_id.as_deref(), *end);
            }
            Fact::ToolStart { .. } if main => {
                raise(&mut self.main_tool_at, at);
                raise(&mut self.answered_at, at);
            }
            Fact::ToolEnd { .. } if main => raise(&mut self.answered_at, at),
            Fact::ToolBatch(ids) => self.settle_batch(at, ids),
            Fact::Permission { input_hash } => self.ask(event, *input_hash),
            Fact::Stop if main => {
                raise(&mut self.stopped_at, at);
                self.bound(at, BoundaryKind::Stop);
            }
            Fact::Idle => {
                raise(&mut self.stopped_at, at);
                self.bound(at, BoundaryKind::Idle);
            }
            Fact::PermissionNote { message } => self.noted.set(at, message.clone()),
            Fact::Elicitation { message } => self.elicited.set(at, message.clone()),
            Fact::ElicitationResult => raise(&mut self.answered_at, at),
            Fact::Compacted { manual } => {
                self.counts.compactions += 1;
                if *manual {
                    raise(&mut self.stopped_at, at);
                    self.bound(at, BoundaryKind::Idle);
                }
            }
            Fact::Model(model) => self.model.set_text(at, model),
            Fact::SessionEnd { reason } => {
                self.ended.set(at, reason.clone());
                self.bound(at, BoundaryKind::End);
            }
            _ => {}
        }
    }

    /// Records that the client process was found gone.
    pub fn mark_lost(&mut self, at: Micros) {
        self.changed = true;
        raise(&mut self.lost_at, at);
        self.boundaries.add(at, BoundaryKind::Lost);
    }

    /// Records when the process of a client's id started.
    pub fn set_client(&mut self, pid: u32, started_at: Micros) {
        if self.client_pid.get() == Some(&pid) {
            self.changed |= self.client_started != Some((pid, started_at));
            self.client_started = Some((pid, started_at));
        }
    }

    fn bound(&mut self, at: Micros, kind: BoundaryKind) {
        self.boundaries.add(at, kind);
        raise(&mut self.answered_at, at);
    }

    fn notify_agent(&mut self, at: Micros, agent_id: Option<&str>, tool_use_id: Option<&str>, end: AgentEnd) {
        let Some(id) = agent_id else { return };
        let call = tool_use_id.map(str::to_owned);
        if let Some(agent) = self.agents.iter_mut().find(|agent| agent.agent_id == id) {
            agent.notified.set(at, end);
            agent.notified_call = call.or(agent.notified_call.take());
            agent.changed = true;
        } else if self.pending_notifications.len() < MAX_PENDING {
            self.pending_notifications.push((id.to_owned(), at, end, call));
        }
    }

    fn settle_batch(&mut self, at: Micros, ids: &[String]) {
        for id in ids {
            if let Some(place) = Call::find(&self.calls, id) {
                raise(&mut self.calls[place].batch_at, at);
            } else if self.pending_batches.len() < MAX_PENDING {
                self.pending_batches.push((id.clone(), at));
            }
        }
    }

    /// Computes what follows from the facts: agents, ends of calls, state. Call it before reading rows.
    pub fn settle(&mut self) {
        self.match_agents();
        self.match_asks();
        self.close_agents();
        self.close_calls();
        self.settle_state();
    }

    /// Hands every row that differs from the database to `write_call` and `write_agent`, and returns whether the session's own
    /// row does. What is written counts as written.
    pub fn take_changes<E>(
        &mut self,
        mut write_call: impl FnMut(&Call) -> Result<(), E>,
        mut write_agent: impl FnMut(&Agent) -> Result<(), E>,
    ) -> Result<bool, E> {
        for call in self.calls.iter_mut().filter(|call| call.changed) {
            write_call(call)?;
            call.changed = false;
            call.written_start = Some(call.started_at());
        }
        for agent in self.agents.iter_mut().filter(|agent| agent.changed) {
            write_agent(agent)?;
            agent.changed = false;
        }
        self.forget();
        Ok(std::mem::take(&mut self.changed))
    }

    /// Drops the oldest rows that nothing can change any more.
    fn forget(&mut self) {
        let settled = self.calls.iter().filter(|call| call.is_settled()).count();
        // Some more than must: to drop one of many costs as much as to drop a few.
        let over = if self.calls.len() > MAX_CALLS { self.calls.len() - MAX_CALLS * 3 / 4 } else { 0 };
        let mut excess = settled.saturating_sub(SETTLED_CALLS * 2);
        if excess > 0 {
            excess += SETTLED_CALLS;
        }
        if excess == 0 && over == 0 {
            return self.forget_agents();
        }
        let (mut excess, mut over) = (excess, over);
        let asks = &mut self.asks;
        self.calls.retain(|call| {
            let goes = if call.is_settled() && excess > 0 {
                excess -= 1;
                true
            } else {
                over > 0 && !call.is_open()
            };
            if goes {
                over = over.saturating_sub(1);
                asks.retain(|ask| Some(ask.at) != call.asked_at);
            }
            !goes
        });
        self.partial = true;
        self.forget_agents();
    }

    fn forget_agents(&mut self) {
        let mut over = self.agents.len().saturating_sub(MAX_AGENTS);
        if over > 0 {
            self.partial = true;
            self.agents.retain(|agent| {
                let goes = over > 0 && !agent.is_running();
                over -= usize::from(goes);
                !goes
            });
        }
    }
}
