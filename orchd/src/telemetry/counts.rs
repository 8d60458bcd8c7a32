//! What came in since the daemon started.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one intake; a cheap handle.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<[AtomicU64; Kind::ALL.len()]>);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Requests that nobody had told of.
    New,
    /// Requests that somebody had told of.
    Known,
    /// Requests of projects that are not recorded, or that came while recording was paused.
    Excluded,
    /// Requests of which too little was told.
    Unreadable,
    /// Events of other kinds.
    Other,
    /// Points of metrics.
    Point,
}

impl Kind {
    /// Every kind, in the order they are shown.
    pub(super) const ALL: [Self; 6] =
        [Self::New, Self::Known, Self::Excluded, Self::Unreadable, Self::Other, Self::Point];

    fn name(self) -> &'static str {
        match self {
            Self::New => "request_new",
            Self::Known => "request_known",
            Self::Excluded => "request_excluded",
            Self::Unreadable => "request_unreadable",
            Self::Other => "event_other",
            Self::Point => "metric_point",
        }
    }
}

impl Counts {
    pub(super) fn add(&self, kind: Kind, count: u64) {
        self.0[kind as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Returns every count with its name.
    #[must_use]
    pub fn all(&self) -> [(&'static str, u64); Kind::ALL.len()] {
        Kind::ALL.map(|kind| (kind.name(), self.0[kind as usize].load(Ordering::Relaxed)))
    }
}
