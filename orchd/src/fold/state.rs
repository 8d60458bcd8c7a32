//! What a session is doing, computed from its registers and open calls.

use shared::event::Micros;

use super::session::Session;
use crate::view::SessionState;

/// A permission dialog is announced by a notification some seconds after its PermissionRequest, microseconds.
const NOTE_DELAY: Micros = 30_000_000;

/// What a session is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The state.
    pub state: SessionState,
    /// Since when.
    pub since_at: Micros,
    /// What is asked, when waiting.
    pub waiting_for: Option<String>,
    /// Last question that belongs to no known call.
    pub asked_at: Option<Micros>,
}

impl Default for State {
    fn default() -> Self {
        Self { state: SessionState::Idle, since_at: 0, waiting_for: None, asked_at: None }
    }
}

impl Session {
    pub(super) fn settle_state(&mut self) {
        let next = self.state_now();
        self.changed |= self.state != next;
        self.state = next;
    }

    fn state_now(&self) -> State {
        let (asked_at, question) = self.loose_question();
        let state = |state, since_at| State { state, since_at, waiting_for: None, asked_at };
        let opened_at = [self.opened_at, self.prompt_at, self.main_tool_at].into_iter().flatten().max();
        if let Some(ended_at) = self.ended.at().filter(|&at| Some(at) >= opened_at) {
            return state(SessionState::Ended, ended_at);
        }
        if let Some(lost_at) = self.lost_at.filter(|&at| Some(at) > self.last_event_at) {
            return state(SessionState::Lost, lost_at);
        }
        let asked = self.calls.iter().filter(|call| call.is_open()).filter_map(|call| Some((call.asked_at?, call)));
        if let Some((since_at, call)) =
            asked.min_by(|(one, a), (other, b)| (one, &a.tool_use_id).cmp(&(other, &b.tool_use_id)))
        {
            let waiting_for = Some(words(&call.tool_name, call.summary.as_deref()));
            return State { waiting_for, ..state(SessionState::Waiting, since_at) };
        }
        if let Some(since_at) = asked_at.filter(|&at| Some(at) > self.answered_at) {
            return State { waiting_for: question, ..state(SessionState::Waiting, since_at) };
        }
        let turn_over_at = [self.stopped_at, self.opened_at, self.ended.at(), self.lost_at].into_iter().flatten().max();
        if let Some(prompt_at) = self.prompt_at.filter(|&at| Some(at) > turn_over_at) {
            return state(SessionState::Working, prompt_at);
        }
        // A session of which only starts of calls are recorded (profile `light`) never says that one is over.
        let tells_ends = turn_over_at.or(self.prompt_at).is_some() || self.calls.iter().any(|call| !call.is_open());
        if !tells_ends {
            return state(SessionState::Idle, self.started_at.unwrap_or(0));
        }
        let calls = self.calls.iter().filter(|call| call.is_open() && call.lane.is_none()).map(super::Call::started_at);
        let agents = self.agents.iter().filter(|agent| agent.is_running() && self.is_waited_for(agent));
        if let Some(since_at) = calls.chain(agents.map(super::Agent::started_at)).min() {
            return state(SessionState::Working, since_at);
        }
        state(SessionState::Idle, turn_over_at.or(self.started_at).unwrap_or(0))
    }

    /// Returns the newest question that belongs to no known call, and its words.
    fn loose_question(&self) -> (Option<Micros>, Option<String>) {
        let elicited = self.elicited.at().map(|at| (at, self.elicited.get().cloned().flatten()));
        let announced = |at: Micros| self.asks.iter().any(|ask| ask.at <= at && at - ask.at <= NOTE_DELAY);
        let noted = self.noted.at().filter(|&at| !announced(at)).map(|at| (at, self.noted.get().cloned().flatten()));
        let unmatched = self
            .asks
            .iter()
            .filter(|ask| !ask.matched)
            .map(|ask| (ask.at, Some(words(&ask.tool_name, ask.summary.as_deref()))));
        let known = self.known_question.at().map(|at| (at, self.known_question.get().cloned().flatten()));
        elicited
            .into_iter()
            .chain(noted)
            .chain(unmatched)
            .chain(known)
            .max()
            .map_or((None, None), |(at, text)| (Some(at), text))
    }
}

fn words(tool: &str, summary: Option<&str>) -> String {
    match summary {
        Some(summary) if summary != tool => format!("{tool}: {summary}"),
        _ => tool.to_owned(),
    }
}
