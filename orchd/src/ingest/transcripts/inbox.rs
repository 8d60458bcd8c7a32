//! What waits for the thread that reads transcripts: paths that changed, and imports that were asked for. Bounded.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::state::Run;

/// Changes are gathered this long before they are read: the client writes a line in pieces, and several lines at once.
pub(super) const GATHER: Duration = Duration::from_millis(50);
/// Paths that are remembered; when more changed, all files are looked at.
const MOST_CHANGED: usize = 4096;

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Work>,
    came: Condvar,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Paths that changed.
    pub(super) changed: BTreeSet<PathBuf>,
    /// More may have changed than `changed` names.
    pub(super) everything: bool,
    /// Why the system tells of changes no more.
    pub(super) broken: Option<String>,
    /// Imports that were asked for.
    pub(super) asked: VecDeque<Run>,
    /// The daemon stops.
    pub(super) stop: bool,
    first_change: Option<Instant>,
}

impl Work {
    /// Notes paths that changed.
    pub(super) fn change(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.first_change.get_or_insert_with(Instant::now);
        self.changed.extend(paths);
        if self.changed.len() > MOST_CHANGED {
            self.changed.clear();
            self.everything = true;
        }
    }

    /// Notes that anything may have changed.
    pub(super) fn change_all(&mut self) {
        self.first_change.get_or_insert_with(Instant::now);
        self.everything = true;
    }

    /// When it is to be done: at once, or after a change was given its time; None when nothing waits.
    fn due(&self, now: Instant) -> Option<Instant> {
        if self.stop || !self.asked.is_empty() {
            return Some(now);
        }
        self.first_change.map(|at| at + GATHER)
    }
}

impl Inbox {
    /// Puts something in.
    pub(super) fn put(&self, change: impl FnOnce(&mut Work)) {
        change(&mut self.lock());
        self.came.notify_one();
    }

    /// Whether the daemon stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stop
    }

    /// Waits until something is to be done, at most until `latest`, and takes it.
    pub(super) fn take(&self, latest: Option<Instant>) -> Work {
        let mut work = self.lock();
        loop {
            let now = Instant::now();
            let due = [work.due(now), latest].into_iter().flatten().min();
            match due.map(|due| due.saturating_duration_since(now)) {
                Some(Duration::ZERO) => break,
                Some(left) => work = self.came.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0,
                None => work = self.came.wait(work).unwrap_or_else(PoisonError::into_inner),
            }
        }
        let stop = work.stop;
        let taken = std::mem::take(&mut *work);
        work.stop = stop;
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_gathered_and_requests_are_not_kept_waiting() {
        let inbox = Inbox::default();
        assert!(inbox.take(Some(Instant::now())).changed.is_empty());
        let began = Instant::now();
        inbox.put(|work| work.change(["/a".into()]));
        inbox.put(|work| work.change(["/b".into(), "/a".into()]));
        let work = inbox.take(Some(began + GATHER * 20));
        assert_eq!((work.changed.len(), work.everything), (2, false));
        assert!(began.elapsed() >= GATHER && began.elapsed() < GATHER * 20, "{:?}", began.elapsed());
        inbox.put(|work| work.stop = true);
        assert!(inbox.take(None).stop && inbox.take(None).stop);
    }

    #[test]
    fn more_changes_than_are_remembered_are_all() {
        let inbox = Inbox::default();
        inbox.put(|work| work.change((0..=MOST_CHANGED).map(|number| number.to_string().into())));
        let work = inbox.take(None);
        assert!(work.everything && work.changed.is_empty());
    }
}
