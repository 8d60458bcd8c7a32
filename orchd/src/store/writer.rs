//! The handle that sends commands to the writer thread. Decoding and compressing happen here, on the caller's side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use shared::event::{Micros, SessionId};
use shared::plan_limits::PlanLimits;
use shared::protocol::{EventHeader, Outcome};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

use super::StoreError;
use super::command::{Answer, Command, Settle, Taken};
use super::feedback::Feedback;
use super::fits::NewFit;
use super::ledger::{LedgerBatch, LedgerOutcome};
use super::state::Shared;
use super::thread::BATCH;
use crate::config::{ProjectRule, Recording, recording_of};
use crate::delegation::Entry;
use crate::fold::{Decoding, Policy, decode};
use crate::local_model::Health;
use crate::task_outcome::Settlement;
use crate::view::{Counters, SessionPatch};

/// Payloads above this size are decoded on a thread that may block, bytes.
const LARGE: usize = 32 * 1024;
/// Pause before a full queue is tried again, for callers that can wait.
pub(super) const RETRY: Duration = Duration::from_millis(2);

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
pub struct Writer(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    sender: Sender<Command>,
    shared: Arc<Shared>,
    rules: Vec<ProjectRule>,
    bodies: bool,
}

impl Writer {
    pub(super) fn new(sender: Sender<Command>, shared: Arc<Shared>, rules: Vec<ProjectRule>, bodies: bool) -> Self {
        Self(Arc::new(Handle { sender, shared, rules, bodies }))
    }

    /// Stores one event; resolves after COMMIT. `Busy` when the queue is full.
    pub async fn append(&self, arrival: Arrival) -> Result<Outcome, StoreError> {
        let (answer, received) = oneshot::channel();
        // A caller that went away needs no answer.
        let settle = move |result| drop(answer.send(result));
        if arrival.payload.len() <= LARGE {
            self.append_then(arrival, settle);
        } else {
            let writer = self.clone();
            blocking(move || writer.append_then(arrival, settle)).await?;
        }
        received.await.map_err(|_| StoreError::Closed)?
    }

    /// Stores one event and calls `settle` after COMMIT, on the writer's thread; at once when the event cannot be queued; never
    /// when the store closes first. `settle` must not wait.
    pub fn append_then(&self, arrival: Arrival, settle: impl FnOnce(Result<Outcome, StoreError>) + Send + 'static) {
        let event = self.0.decode(arrival);
        #[cfg(feature = "bench-enqueue-ack")]
        return self.enqueue(event, settle);
        #[cfg(not(feature = "bench-enqueue-ack"))]
        match self.0.offer(Command::Append(event, Settle::new(settle))) {
            Ok(()) => {}
            Err(TrySendError::Full(command)) => command.refuse(|| StoreError::Busy),
            Err(TrySendError::Closed(command)) => command.refuse(|| StoreError::Closed),
        }
    }

    /// Queues one event and calls it stored before it is: the measure that `bench_ingest_socket` sets COMMIT against. No
    /// build that is shipped holds this.
    #[cfg(feature = "bench-enqueue-ack")]
    fn enqueue(&self, event: Decoding, settle: impl FnOnce(Result<Outcome, StoreError>)) {
        settle(match self.0.offer(Command::Append(event, Settle::new(|_| ()))) {
            Ok(()) => Ok(Outcome::Stored),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Closed(_)) => Err(StoreError::Closed),
        });
    }

    /// Stores many events in transactions of at most 1,024 and returns what became of each. Waits while the queue is full.
    pub async fn append_all(&self, arrivals: Vec<Arrival>) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(arrivals.len());
        let mut arrivals = arrivals.into_iter();
        let mut written = None;
        loop {
            // One batch is decoded while the one before it is written.
            let (handle, batch) = (self.0.clone(), arrivals.by_ref().take(BATCH).collect::<Vec<_>>());
            let next = if batch.is_empty() {
                None
            } else {
                let events =
                    blocking(move || batch.into_iter().map(|arrival| handle.decode(arrival)).collect()).await?;
                Some(self.send_patiently(events).await?)
            };
            if let Some(before) = written.take() {
                outcomes.extend(settled(before).await?);
            }
            match next {
                Some(next) => written = Some(next),
                None => return Ok(outcomes),
            }
        }
    }

    /// Stores events that are decoded already, like [`Writer::append_all`].
    pub async fn append_decoded(&self, events: Vec<Decoding>) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(events.len());
        let mut events = events.into_iter();
        let mut written = None;
        loop {
            let batch: Vec<Decoding> = events.by_ref().take(BATCH).collect();
            let next = if batch.is_empty() { None } else { Some(self.send_patiently(batch).await?) };
            if let Some(before) = written.take() {
                outcomes.extend(settled(before).await?);
            }
            match next {
                Some(next) => written = Some(next),
                None => return Ok(outcomes),
            }
        }
    }

    /// Queues claims about requests, waiting while the queue is full; what became of them comes after COMMIT. Blocks: not for a runtime.
    pub fn record(
        &self,
        batch: LedgerBatch,
    ) -> Result<oneshot::Receiver<Result<LedgerOutcome, StoreError>>, StoreError> {
        let (answer, received) = oneshot::channel();
        self.0.shared.depth.fetch_add(1, Ordering::Relaxed);
        if self.0.sender.blocking_send(Command::Record(Box::new(batch), answer)).is_err() {
            self.0.shared.depth.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Closed);
        }
        Ok(received)
    }

    /// Records claims about requests; resolves after COMMIT. `Busy` when the queue is full: nothing was taken.
    pub async fn record_now(&self, batch: LedgerBatch) -> Result<LedgerOutcome, StoreError> {
        self.ask(|answer| Command::Record(Box::new(batch), answer)).await
    }

    /// Decodes one event under the store's rules.
    #[must_use]
    pub fn decode(&self, arrival: Arrival) -> Decoding {
        self.0.decode(arrival)
    }

    async fn send_patiently(
        &self,
        events: Vec<Decoding>,
    ) -> Result<oneshot::Receiver<Result<Taken, StoreError>>, StoreError> {
        let (answer, received) = oneshot::channel();
        let mut command = Command::AppendAll(events, answer);
        loop {
            command = match self.0.offer(command) {
                Ok(()) => return Ok(received),
                Err(TrySendError::Full(command)) => command,
                Err(TrySendError::Closed(_)) => return Err(StoreError::Closed),
            };
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Changes label or pin; false when there is no such session.
    pub async fn edit_session(&self, id: SessionId, patch: SessionPatch) -> Result<bool, StoreError> {
        self.ask(|answer| Command::EditSession(id.as_str().to_owned(), patch, answer)).await
    }

    /// Records that the clients of these sessions were found gone.
    pub async fn mark_lost(&self, sessions: Vec<(SessionId, Micros)>) -> Result<(), StoreError> {
        let sessions = sessions.into_iter().map(|(id, at)| (id.as_str().to_owned(), at)).collect();
        self.ask(|answer| Command::MarkLost(sessions, answer)).await
    }

    /// Records when the session's client process started; ignored when the session has another pid by now.
    pub async fn set_client(&self, id: SessionId, pid: u32, started_at: Micros) -> Result<(), StoreError> {
        self.ask(|answer| Command::SetClient(id.as_str().to_owned(), pid, started_at, answer)).await
    }

    /// Stops or restarts recording; survives restarts.
    pub async fn set_paused(&self, paused: bool) -> Result<(), StoreError> {
        self.ask(|answer| Command::SetPaused(paused, answer)).await
    }

    /// Records what a client told of the user's plan.
    pub async fn set_plan_limits(&self, limits: PlanLimits, now_at: Micros) -> Result<(), StoreError> {
        self.ask(|answer| Command::SetPlanLimits(limits, now_at, answer)).await
    }

    /// Records that the local model is another than before; the streams are told.
    pub async fn set_local_model(&self, health: Health) -> Result<(), StoreError> {
        self.ask(|answer| Command::SetLocalModel(Box::new(health), answer)).await
    }

    /// Records a delegation with its row of the ledger; false when that task is known, which changes nothing.
    pub async fn record_delegation(&self, entry: Entry) -> Result<bool, StoreError> {
        self.ask(|answer| Command::RecordDelegation(Box::new(entry), answer)).await
    }

    /// Stores a fit, in force from then on; its number.
    pub async fn save_fit(&self, fit: NewFit) -> Result<Option<i64>, StoreError> {
        self.ask(|answer| Command::SaveFit(Box::new(fit), answer)).await
    }

    /// Puts the fit before the one in force into force, of this local model; its number, None where there is none.
    pub async fn roll_back_fit(&self, model: String) -> Result<Option<i64>, StoreError> {
        self.ask(|answer| Command::RollBackFit(model, answer)).await
    }

    /// Writes what became of tasks; resolves after COMMIT. `Busy` when the queue is full: nothing was taken.
    pub async fn settle_tasks(&self, tasks: Vec<Settlement>) -> Result<(), StoreError> {
        self.ask(|answer| Command::SettleTasks(tasks, answer)).await
    }

    /// Writes the user's word on a task; false where there is no such task.
    pub async fn give_feedback(&self, feedback: Feedback) -> Result<bool, StoreError> {
        self.ask(|answer| Command::GiveFeedback(Box::new(feedback), answer)).await
    }

    /// Whether recording is paused.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.0.shared.paused.load(Ordering::Acquire)
    }

    /// How often the ledger changed since the daemon started: another number means other costs.
    #[must_use]
    pub fn ledger_changes(&self) -> u64 {
        self.0.shared.ledger_changes.load(Ordering::Acquire)
    }

    /// Counts events that were dropped before they reached the store: received and dropped rise by as much.
    pub async fn count_dropped(&self, events: u64) -> Result<(), StoreError> {
        self.ask(|answer| Command::CountDropped(events, answer)).await
    }

    /// Commands that wait for the writer.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.0.shared.depth.load(Ordering::Relaxed)
    }

    /// The books, all time.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.shared.counters()
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, StoreError> {
        let (answer, received) = oneshot::channel();
        match self.0.offer(command(answer)) {
            Ok(()) => received.await.map_err(|_| StoreError::Closed)?,
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }
}

impl Handle {
    fn offer(&self, command: Command) -> Result<(), TrySendError<Command>> {
        // Counted first: the thread may take the command before this line ends.
        self.shared.depth.fetch_add(1, Ordering::Relaxed);
        let sent = self.sender.try_send(command);
        if sent.is_err() {
            self.shared.depth.fetch_sub(1, Ordering::Relaxed);
        }
        sent
    }

    fn decode(&self, arrival: Arrival) -> Decoding {
        let policy = |dir: &str| match recording_of(&self.rules, dir) {
            Recording::Full => Some(Policy { body: self.bodies, text: true }),
            Recording::Metadata => Some(Policy { body: false, text: false }),
            Recording::Off => None,
        };
        // A payload is foreign: one that the decoder trips over is refused, and the daemon goes on.
        catch_unwind(AssertUnwindSafe(|| {
            decode(arrival.header, arrival.payload, arrival.received_at, arrival.spooled, policy)
        }))
        .unwrap_or(Decoding::Rejected)
    }
}

/// Waits for the answer about a batch.
async fn settled(batch: oneshot::Receiver<Result<Taken, StoreError>>) -> Result<Vec<Outcome>, StoreError> {
    Ok(batch.await.map_err(|_| StoreError::Closed)??.0)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)
}
