//! Which Agent call started which agent: surely by what the client says, until then by type and order.

use super::agent::{Agent, AgentMode, Claim};
use super::boundary::BoundaryKind;
use super::call::Call;
use super::session::Session;
use super::{AgentEnd, CallEnd};

impl Session {
    pub(super) fn match_agents(&mut self) {
        if self.agents.is_empty() {
            return;
        }
        let mut agents = std::mem::take(&mut self.agents);
        agents.sort_by(|a, b| (a.seen_at, &a.agent_id).cmp(&(b.seen_at, &b.agent_id)));
        let mut taken: Vec<String> = Vec::new();
        for agent in &mut agents {
            let sure = self.sure_claim(agent);
            if let Some(claim) = &sure {
                taken.push(claim.tool_use_id.clone());
            }
            agent.set_claim(sure);
        }
        for agent in agents.iter_mut().filter(|agent| !agent.claim.as_ref().is_some_and(|claim| claim.certain)) {
            let guess = self.likely_call(agent, &taken).map(|call| claim_of(call, false));
            // A call that was read from the database does not say what it asked for: what was matched before stays.
            let speaks = |claim: &Claim| {
                self.calls.iter().any(|call| call.tool_use_id == claim.tool_use_id && call.agent.is_some())
            };
            let kept = || agent.claim.clone().filter(|claim| !speaks(claim));
            let claim = guess.or_else(kept);
            if let Some(claim) = &claim {
                taken.push(claim.tool_use_id.clone());
            }
            agent.replace_claim(claim);
        }
        self.agents = agents;
    }

    fn sure_claim(&self, agent: &Agent) -> Option<Claim> {
        let names =
            |call: &&Call| call.result.as_ref().and_then(|result| result.agent_id.as_deref()) == Some(&agent.agent_id);
        let by_answer = self.calls.iter().find(names);
        let notified = || {
            let id = agent.notified_call.as_deref()?;
            self.calls.iter().find(|call| call.tool_use_id == id && call.agent.is_some())
        };
        by_answer.or_else(notified).map(|call| claim_of(call, true))
    }

    /// Returns the oldest Agent call that nobody claimed and that may have started `agent`.
    fn likely_call(&self, agent: &Agent, taken: &[String]) -> Option<&Call> {
        let seen_at = agent.seen_at?;
        let fits = |call: &&Call| {
            let Some(pre_at) = call.pre_at.filter(|&pre_at| pre_at <= seen_at) else {
                return false;
            };
            let ended = |kind| !matches!(kind, BoundaryKind::Idle | BoundaryKind::Compact);
            call.agent.as_ref().is_some_and(|asked| asked.agent_type == agent.agent_type)
                && call.result.as_ref().is_none_or(|result| result.agent_id.is_none())
                && call.post.is_none_or(|(post_at, _)| post_at >= seen_at)
                && call.batch_at.is_none_or(|settled_at| settled_at >= seen_at)
                && self.boundaries.first_after(pre_at, ended).is_none_or(|first| first.at >= seen_at)
                && !taken.contains(&call.tool_use_id)
        };
        self.calls.iter().filter(fits).min_by(|a, b| (a.pre_at, &a.tool_use_id).cmp(&(b.pre_at, &b.tool_use_id)))
    }
}

impl Agent {
    /// Takes a sure claim; a sure one that the database knew stays when memory has none.
    fn set_claim(&mut self, sure: Option<Claim>) {
        if sure.is_some() {
            self.replace_claim(sure);
        }
    }

    fn replace_claim(&mut self, claim: Option<Claim>) {
        if self.claim != claim {
            self.claim = claim;
            self.changed = true;
        }
    }
}

fn claim_of(call: &Call, certain: bool) -> Claim {
    let asked = call.agent.as_deref();
    let result = call.result.as_deref();
    let launched = result.map(|result| result.launched);
    let mode = match (launched, asked.and_then(|asked| asked.background)) {
        (Some(true), _) | (None, Some(true) | None) => AgentMode::Background,
        (Some(false), _) | (None, Some(false)) => AgentMode::Foreground,
    };
    let end = call.post.filter(|_| mode == AgentMode::Foreground).map(|(at, end)| {
        let end = match end {
            CallEnd::Ok => AgentEnd::Completed,
            CallEnd::Failed => AgentEnd::Failed,
            CallEnd::Interrupted => AgentEnd::Interrupted,
        };
        (at, end)
    });
    Claim {
        tool_use_id: call.tool_use_id.clone(),
        certain,
        parent: call.lane.clone(),
        mode,
        description: asked.and_then(|asked| asked.description.clone()),
        requested_model: asked.and_then(|asked| asked.requested_model.clone()),
        resolved_model: result.and_then(|result| result.resolved_model.clone()),
        end,
    }
}
