//! What the threads of the store and its handles share.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::view::Counters;

/// Shared between handles, the writer thread and the checkpoint thread.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Commands that wait.
    pub(super) depth: AtomicUsize,
    pub(super) paused: AtomicBool,
    /// Transactions committed since start; tells the checkpoint thread whether there is work.
    pub(super) commits: AtomicU64,
    /// Those that held more than samples; tells it whether anybody writes.
    pub(super) asked: AtomicU64,
    /// How often the ledger changed, or became another one; tells the status line whether there is anything new.
    pub(super) ledger_changes: AtomicU64,
    /// The file at the database's path is no longer the one that is open.
    pub(super) gone: AtomicBool,
    counters: Mutex<Counters>,
    gate: Mutex<()>,
}

impl Shared {
    pub(super) fn counters(&self) -> Counters {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_counters(&self, counters: Counters) {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner) = counters;
    }

    /// Held during a transaction, and by a checkpoint that must have no writer: waiting here costs less than SQLite's sleeps.
    pub(super) fn gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}
