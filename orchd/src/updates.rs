//! The bounded broadcast from the store to the SSE streams: sent after COMMIT, so a stream never shows what is not stored.

use std::sync::Arc;

use tokio::sync::broadcast;

/// Updates a slow stream may lag behind before it is told to fetch anew.
const CAPACITY: usize = 256;

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of one commit, each true or not")]
pub struct Update {
    /// `events.seq` of the newest event; the SSE id.
    pub seq: i64,
    /// Events the commit stored.
    pub events: u32,
    /// Sessions it changed, at most 32; `all` is set when there were more.
    pub sessions: Arc<[String]>,
    /// More changed than `sessions` names.
    pub all: bool,
    /// The ledger changed: what requests used and cost.
    pub ledger: bool,
    /// The local model is another than before.
    pub local_model: bool,
    /// A delegation was recorded.
    pub delegations: bool,
    /// More is known of tasks: where they ran, what they took, how they came out.
    pub tasks: bool,
}

/// The sending end and the means to subscribe.
#[derive(Debug, Clone)]
pub struct Updates(broadcast::Sender<Update>);

impl Default for Updates {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl Updates {
    /// Tells every stream; without streams nothing happens.
    pub fn publish(&self, update: Update) {
        // An error only says that nobody listens.
        let _ = self.0.send(update);
    }

    /// Returns a receiver of all that is published from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Update> {
        self.0.subscribe()
    }
}
