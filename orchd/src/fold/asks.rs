//! PermissionRequest names no call: which open call it asks about is found by tool, lane, input and time.

use shared::event::Micros;

use super::Decoded;
use super::call::Call;
use super::session::Session;

/// Questions that a session keeps.
const KEPT: usize = 64;

/// One PermissionRequest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ask {
    pub(super) at: Micros,
    pub(super) tool_name: String,
    pub(super) summary: Option<String>,
    pub(super) lane: Option<String>,
    pub(super) input_hash: u64,
    /// A call was found for it.
    pub(super) matched: bool,
}

impl Session {
    pub(super) fn ask(&mut self, event: &Decoded, input_hash: u64) {
        let ask = Ask {
            at: event.occurred_at,
            tool_name: event.tool_name.clone().unwrap_or_default(),
            summary: event.summary.clone(),
            lane: event.agent_id.clone(),
            input_hash,
            matched: false,
        };
        let place = self.asks.partition_point(|known| *known < ask);
        self.asks.insert(place, ask);
        if self.asks.len() > KEPT {
            self.asks.remove(0);
        }
    }

    /// Gives each question, oldest first, the call it asks about.
    pub(super) fn match_asks(&mut self) {
        if self.asks.is_empty() {
            return;
        }
        let before: Vec<Option<Micros>> = self.calls.iter().map(|call| call.asked_at).collect();
        for call in &mut self.calls {
            call.asked_at = call.known_asked_at;
        }
        for ask in &mut self.asks {
            let candidates = self.calls.iter_mut().filter(|call| fits(ask, call));
            let best = candidates.max_by(|one, other| rank(ask, one).cmp(&rank(ask, other)));
            ask.matched = best.is_some();
            if let Some(call) = best {
                call.asked_at = call.asked_at.max(Some(ask.at));
            }
        }
        for (call, before) in self.calls.iter_mut().zip(before) {
            call.changed |= call.asked_at != before;
        }
    }
}

fn fits(ask: &Ask, call: &Call) -> bool {
    call.tool_name == ask.tool_name
        && call.lane == ask.lane
        && call.pre_at.is_some_and(|pre_at| pre_at <= ask.at)
        && call.post.is_none_or(|(post_at, _)| post_at > ask.at)
        && call.batch_at.is_none_or(|settled_at| settled_at > ask.at)
}

/// Same input first, then calls not asked about yet, then the newest.
fn rank<'c>(ask: &Ask, call: &'c Call) -> (bool, bool, Option<Micros>, &'c str) {
    (call.input_hash == ask.input_hash, call.asked_at.is_none(), call.pre_at, &call.tool_use_id)
}
