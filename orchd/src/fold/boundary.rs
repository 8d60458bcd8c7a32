//! Moments that prove that no Post event will come for what was open before them.

use shared::event::Micros;

/// Boundaries that a session keeps; older ones have done their work.
const KEPT: usize = 64;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundaryKind {
    /// Stop or StopFailure: the turn ended.
    Stop,
    /// The client said that it is idle.
    Idle,
    /// The user typed a prompt.
    Prompt,
    /// A client process opened the session.
    Start,
    /// The conversation was compacted.
    Compact,
    /// SessionEnd.
    End,
    /// The client process was found gone.
    Lost,
}

/// When and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Boundary {
    /// When.
    pub at: Micros,
    /// What.
    pub kind: BoundaryKind,
}

/// The newest boundaries of a session, by time.
#[derive(Debug, Clone, Default)]
pub(super) struct Boundaries(Vec<Boundary>);

impl Boundaries {
    pub(super) fn add(&mut self, at: Micros, kind: BoundaryKind) {
        let new = Boundary { at, kind };
        let place = self.0.partition_point(|known| *known < new);
        if self.0.get(place) == Some(&new) {
            return;
        }
        self.0.insert(place, new);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// Returns the first one after `at` that `counts`.
    pub(super) fn first_after(&self, at: Micros, counts: impl Fn(BoundaryKind) -> bool) -> Option<Boundary> {
        let from = self.0.partition_point(|known| known.at <= at);
        self.0[from..].iter().copied().find(|boundary| counts(boundary.kind))
    }
}
