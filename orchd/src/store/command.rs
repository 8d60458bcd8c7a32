//! What the writer thread is asked, and how it answers.

use shared::event::Micros;
use shared::plan_limits::PlanLimits;
use shared::protocol::Outcome;
use tokio::sync::oneshot;

use super::StoreError;
use super::feedback::Feedback;
use super::fits::NewFit;
use super::ledger::{LedgerBatch, LedgerOutcome};
use super::thread::BATCH;
use crate::delegation::Entry;
use crate::fold::Decoding;
use crate::local_model::Health;
use crate::task_outcome::Settlement;
use crate::view::SessionPatch;

/// Where an answer goes.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What is done with the word about one event. Called at most once, on the writer's thread after COMMIT (with an error on
/// the sender's, when nothing was queued), so it must not wait. Dropped uncalled when the store closes: the connection ends
/// without an ack, and the hook spools.
pub(super) struct Settle(Box<dyn FnOnce(Result<Outcome, StoreError>) + Send>);

impl Settle {
    pub(super) fn new(settle: impl FnOnce(Result<Outcome, StoreError>) + Send + 'static) -> Self {
        Self(Box::new(settle))
    }

    pub(super) fn call(self, result: Result<Outcome, StoreError>) {
        (self.0)(result);
    }
}

impl std::fmt::Debug for Settle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settle")
    }
}

/// What became of many events, and the events themselves: the sender frees them, which costs the writer too much.
pub(super) type Taken = (Vec<Outcome>, Vec<Decoding>);

/// One thing to do in a transaction.
#[derive(Debug)]
pub(super) enum Command {
    Append(Decoding, Settle),
    AppendAll(Vec<Decoding>, Answer<Taken>),
    Record(Box<LedgerBatch>, Answer<LedgerOutcome>),
    EditSession(String, SessionPatch, Answer<bool>),
    MarkLost(Vec<(String, Micros)>, Answer<()>),
    SetClient(String, u32, Micros, Answer<()>),
    SetPaused(bool, Answer<()>),
    CountDropped(u64, Answer<()>),
    SetPlanLimits(PlanLimits, Micros, Answer<()>),
    SetLocalModel(Box<Health>, Answer<()>),
    RecordDelegation(Box<Entry>, Answer<bool>),
    /// The number of the fit that is in force then.
    SaveFit(Box<NewFit>, Answer<Option<i64>>),
    RollBackFit(String, Answer<Option<i64>>),
    SettleTasks(Vec<Settlement>, Answer<()>),
    GiveFeedback(Box<Feedback>, Answer<bool>),
    Close,
}

impl Command {
    /// Returns how many events it carries; others count as one. Claims fill a transaction: hooks wait for no two batches of them.
    pub(super) fn events(&self) -> usize {
        match self {
            Self::AppendAll(events, _) => events.len(),
            Self::Record(batch, _) => batch.requests.len().max(BATCH),
            _ => 1,
        }
    }

    /// Answers that nothing was done.
    pub(super) fn refuse(self, reason: fn() -> StoreError) {
        // A caller that went away needs no answer.
        match self {
            Self::Append(_, settle) => settle.call(Err(reason())),
            Self::AppendAll(_, answer) => drop(answer.send(Err(reason()))),
            Self::Record(_, answer) => drop(answer.send(Err(reason()))),
            Self::EditSession(.., answer) | Self::RecordDelegation(_, answer) | Self::GiveFeedback(_, answer) => {
                drop(answer.send(Err(reason())));
            }
            Self::SaveFit(_, answer) | Self::RollBackFit(_, answer) => drop(answer.send(Err(reason()))),
            Self::MarkLost(_, answer)
            | Self::SetClient(.., answer)
            | Self::SetPaused(_, answer)
            | Self::SetPlanLimits(.., answer)
            | Self::SetLocalModel(_, answer)
            | Self::SettleTasks(_, answer)
            | Self::CountDropped(_, answer) => drop(answer.send(Err(reason()))),
            Self::Close => {}
        }
    }
}

/// An answer that waits for COMMIT.
#[derive(Debug)]
pub(super) enum Pending {
    One(Settle, Outcome),
    Many(Answer<Taken>, Taken),
    Recorded(Answer<LedgerOutcome>, LedgerOutcome),
    Found(Answer<bool>, bool),
    Fitted(Answer<Option<i64>>, Option<i64>),
    Done(Answer<()>),
}

impl Pending {
    pub(super) fn committed(self) {
        match self {
            Self::One(settle, outcome) => settle.call(Ok(outcome)),
            Self::Many(answer, taken) => drop(answer.send(Ok(taken))),
            Self::Recorded(answer, outcome) => drop(answer.send(Ok(outcome))),
            Self::Found(answer, found) => drop(answer.send(Ok(found))),
            Self::Fitted(answer, fit) => drop(answer.send(Ok(fit))),
            Self::Done(answer) => drop(answer.send(Ok(()))),
        }
    }

    pub(super) fn failed(self) {
        let reason = || StoreError::Failed;
        match self {
            Self::One(settle, _) => settle.call(Err(reason())),
            Self::Many(answer, _) => drop(answer.send(Err(reason()))),
            Self::Recorded(answer, _) => drop(answer.send(Err(reason()))),
            Self::Found(answer, _) => drop(answer.send(Err(reason()))),
            Self::Fitted(answer, _) => drop(answer.send(Err(reason()))),
            Self::Done(answer) => drop(answer.send(Err(reason()))),
        }
    }
}
