//! The handle that sends commands to the writer thread.

use shared::event::{Micros, SessionId};
use shared::protocol::{EventHeader, Outcome};

use super::StoreError;
use crate::view::{Counters, SessionPatch};

/// One event as it came over the socket or out of the spool.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What the hook knew.
    pub header: EventHeader,
    /// The redacted payload.
    pub payload: Vec<u8>,
    /// When the daemon got it.
    pub received_at: Micros,
    /// It waited in the spool.
    pub spooled: bool,
}

/// A cheap handle that writes.
#[derive(Debug, Clone)]
pub struct Writer {}

impl Writer {
    /// Stores one event; resolves after COMMIT. `Busy` when the queue is full.
    pub async fn append(&self, arrival: Arrival) -> Result<Outcome, StoreError> {
        let _ = arrival;
        Err(StoreError::Closed)
    }

    /// Stores many events in transactions of at most 1,024 and returns what became of each.
    pub async fn append_all(&self, arrivals: Vec<Arrival>) -> Result<Vec<Outcome>, StoreError> {
        let _ = arrivals;
        Err(StoreError::Closed)
    }

    /// Changes label or pin; false when there is no such session.
    pub async fn edit_session(&self, id: SessionId, patch: SessionPatch) -> Result<bool, StoreError> {
        let _ = (id, patch);
        Err(StoreError::Closed)
    }

    /// Records that the clients of these sessions were found gone.
    pub async fn mark_lost(&self, sessions: Vec<(SessionId, Micros)>) -> Result<(), StoreError> {
        let _ = sessions;
        Err(StoreError::Closed)
    }

    /// Records when the session's client process started; ignored when the session has another pid by now.
    pub async fn set_client(&self, id: SessionId, pid: u32, started_at: Micros) -> Result<(), StoreError> {
        let _ = (id, pid, started_at);
        Err(StoreError::Closed)
    }

    /// Stops or restarts recording; survives restarts.
    pub async fn set_paused(&self, paused: bool) -> Result<(), StoreError> {
        let _ = paused;
        Err(StoreError::Closed)
    }

    /// Whether recording is paused.
    #[must_use]
    pub fn paused(&self) -> bool {
        false
    }

    /// Counts events that were dropped before they reached the store: received and dropped rise by as much.
    pub async fn count_dropped(&self, events: u64) -> Result<(), StoreError> {
        let _ = events;
        Err(StoreError::Closed)
    }

    /// Commands that wait for the writer.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        0
    }

    /// The books, all time.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters::default()
    }
}
