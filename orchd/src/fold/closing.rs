//! Ends that no event states: what proves that an open call or agent will not go on. A Post event that comes late overrides.

use shared::event::Micros;

use super::agent::{Agent, AgentMode, AgentStatus};
use super::boundary::BoundaryKind;
use super::call::{Call, CallStatus};
use super::session::Session;
use super::{AgentEnd, CallEnd};

/// Parallel calls start within this time of each other, microseconds; a call that starts later than this after a question
/// proves that the question was answered.
const PARALLEL: Micros = 500_000;
/// Calls that are waited for at a time, in all lanes; a client runs a few.
const MAX_OPEN_CALLS: usize = 64;
/// Nesting of agents that is looked at; the client allows far less.
const MAX_DEPTH: usize = 8;

impl Session {
    pub(super) fn close_agents(&mut self) {
        for place in 0..self.agents.len() {
            let closed = self.agent_end(place);
            let agent = &mut self.agents[place];
            agent.changed |= agent.closed != closed;
            agent.closed = closed;
        }
    }

    fn agent_end(&self, place: usize) -> Option<(Micros, AgentStatus)> {
        let agent = &self.agents[place];
        let active_at = agent.active_at.or(agent.seen_at).unwrap_or(0);
        let claimed = agent.claim.as_ref().and_then(|claim| claim.end);
        let notified = agent.notified.at().zip(agent.notified.get().copied());
        let stopped = agent.stopped_at.map(|at| (at, AgentEnd::Completed));
        let mut said = [stopped, claimed, notified].into_iter().flatten().filter(|&(at, _)| at >= active_at);
        if let Some((at, end)) = said.next() {
            let worst = said.map(|(_, other)| other).fold(end, AgentEnd::max);
            return Some((at, status_of(worst)));
        }
        let waited_for = self.is_waited_for(agent);
        let counts = |kind| match kind {
            BoundaryKind::End | BoundaryKind::Lost => true,
            BoundaryKind::Prompt | BoundaryKind::Start => waited_for,
            _ => false,
        };
        let boundary = self.boundaries.first_after(active_at, counts)?;
        let status = if boundary.kind == BoundaryKind::Lost { AgentStatus::Lost } else { AgentStatus::Interrupted };
        Some((boundary.at, status))
    }

    /// Whether the main thread waits for the agent: it and all agents above it run in the foreground.
    pub(super) fn is_waited_for(&self, agent: &Agent) -> bool {
        let mut above = Some(agent);
        for _ in 0..MAX_DEPTH {
            let Some(agent) = above else { return true };
            if agent.mode() != AgentMode::Foreground {
                return false;
            }
            let parent = agent.claim.as_ref().and_then(|claim| claim.parent.as_deref());
            above = parent.and_then(|id| self.agents.iter().find(|agent| agent.agent_id == id));
        }
        false
    }

    pub(super) fn close_calls(&mut self) {
        self.give_up_calls();
        for place in 0..self.calls.len() {
            let call = &self.calls[place];
            if call.is_settled() && !call.changed {
                continue;
            }
            let closed = self.call_end(call);
            let call = &mut self.calls[place];
            call.changed |= call.closed != closed;
            call.closed = closed;
        }
    }

    /// Gives the oldest open calls up once there are more than any client has: what follows costs a look at each of them.
    fn give_up_calls(&mut self) {
        let open = self.calls.iter().filter(|call| call.is_open()).count();
        let over = if open > MAX_OPEN_CALLS { open - MAX_OPEN_CALLS / 2 } else { 0 };
        for call in self.calls.iter_mut().filter(|call| call.is_open()).take(over) {
            call.given_up = true;
        }
    }

    fn call_end(&self, call: &Call) -> Option<(Micros, CallStatus)> {
        if let Some((at, end)) = call.post {
            let status = match end {
                CallEnd::Ok => CallStatus::Ok,
                CallEnd::Failed => CallStatus::Failed,
                CallEnd::Interrupted => CallStatus::Interrupted,
            };
            return Some((at, status));
        }
        if let Some(at) = [call.denied_at, call.batch_at].into_iter().flatten().min() {
            return Some((at, CallStatus::Denied));
        }
        if call.known_closed.is_some() {
            return call.known_closed;
        }
        let by_lane = match &call.lane {
            None => self.main_lane_end(call),
            Some(lane) => self.agent_lane_end(call, lane),
        };
        if call.given_up {
            return Some((call.started_at(), CallStatus::Interrupted));
        }
        let refused = self.refused_at(call).map(|at| (at, CallStatus::Denied));
        by_lane.into_iter().chain(refused).min_by_key(|&(at, _)| at)
    }

    /// A later call in the same lane proves that the question about this one was answered with no.
    fn refused_at(&self, call: &Call) -> Option<Micros> {
        let asked_at = call.asked_at?;
        let later = self.calls.iter().filter(|other| other.lane == call.lane).filter_map(|other| other.pre_at);
        later.filter(|&at| at > asked_at + PARALLEL).min()
    }

    fn main_lane_end(&self, call: &Call) -> Option<(Micros, CallStatus)> {
        // An automatic compaction may run while the main thread waits for an agent.
        let counts = |kind| kind != BoundaryKind::Compact || call.agent.is_none();
        let boundary = self.boundaries.first_after(call.started_at(), counts)?;
        let status = match boundary.kind {
            BoundaryKind::Stop => CallStatus::Denied,
            BoundaryKind::Lost => CallStatus::Lost,
            _ => CallStatus::Interrupted,
        };
        Some((boundary.at, status))
    }

    fn agent_lane_end(&self, call: &Call, lane: &str) -> Option<(Micros, CallStatus)> {
        let agent = self.agents.iter().find(|agent| agent.agent_id == lane);
        if let Some((at, status)) = agent.and_then(|agent| agent.closed) {
            let status = match status {
                AgentStatus::Interrupted => CallStatus::Interrupted,
                AgentStatus::Lost => CallStatus::Lost,
                _ => CallStatus::Denied,
            };
            return Some((at.max(call.started_at()), status));
        }
        let gone = |kind| matches!(kind, BoundaryKind::End | BoundaryKind::Lost);
        let boundary = self.boundaries.first_after(call.started_at(), gone)?;
        let lost = boundary.kind == BoundaryKind::Lost;
        Some((boundary.at, if lost { CallStatus::Lost } else { CallStatus::Interrupted }))
    }
}

fn status_of(end: AgentEnd) -> AgentStatus {
    match end {
        AgentEnd::Completed => AgentStatus::Completed,
        AgentEnd::Failed => AgentStatus::Failed,
        AgentEnd::Interrupted => AgentStatus::Interrupted,
    }
}
