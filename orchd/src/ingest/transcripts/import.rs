//! All transcripts into the ledger: files are read side by side, and recorded in order.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::file;
use super::files::{Found, Root, find};
use crate::config::ProjectRule;
use crate::pricing::PriceTable;
use crate::store::{FileMark, LedgerBatch, LedgerOutcome, StoreError, Writer};

/// Files that are read at once; two keep up with any disk and leave the machine to its user.
const READERS: usize = 2;
/// Files that readers may be ahead of the one that is recorded.
const AHEAD: usize = 64;
/// Batches between readers and the writer, and batches whose COMMIT is waited for.
const IN_FLIGHT: usize = 16;
/// Files whose end is recorded in one transaction at most.
const MARKS: usize = 1024;
/// Files that cannot be read are named up to this many.
const NAMED_ERRORS: usize = 100;

/// How far an import is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes to read.
    pub bytes: AtomicU64,
    /// Bytes of the files done.
    pub bytes_done: AtomicU64,
}

impl Progress {
    /// Returns how much of the bytes is done, per cent.
    #[must_use]
    pub fn percent(&self) -> u64 {
        let (all, done) = (self.bytes.load(Ordering::Relaxed), self.bytes_done.load(Ordering::Relaxed));
        done.saturating_mul(100).checked_div(all).unwrap_or(0)
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Transcripts found.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Lines that told of a request.
    pub requests_seen: u64,
    /// Requests that were not in the ledger.
    pub requests_new: u64,
    /// Requests of which more is known now.
    pub requests_changed: u64,
    /// Lines that could not be read, of all files.
    pub skipped_lines: u64,
    /// What could not be read at all, by name, at most 100.
    pub errors: Vec<String>,
}

/// An import that is to be run.
#[derive(Debug)]
pub struct Import<'a> {
    /// Where to look.
    pub roots: &'a [Root],
    /// What requests cost.
    pub prices: &'a PriceTable,
    /// Projects that are not recorded have no costs either.
    pub rules: &'a [ProjectRule],
    /// What was read before.
    pub marks: HashMap<String, FileMark>,
    /// Requests recorded in one transaction, about. The more, the fewer bytes are written; a hook's event waits as long.
    pub together: usize,
    /// Who records it.
    pub writer: &'a Writer,
    /// Where it says how far it is.
    pub progress: &'a Progress,
}

/// What a reader sends about the file of a place.
type Piece = (usize, Option<LedgerBatch>);

impl Import<'_> {
    /// Runs it; blocks until all is recorded.
    pub fn run(self) -> Result<Summary, StoreError> {
        let mut summary = Summary::default();
        let files = find(self.roots, &mut summary.errors);
        summary.files = files.len() as u64;
        summary.bytes = files.iter().map(|found| found.bytes).sum();
        let mark = |found: &Found| self.marks.get(&*found.path.to_string_lossy());
        let news: Vec<_> = files.iter().filter(|found| file::is_news(found, mark(found))).collect();
        self.progress.bytes.store(news.iter().map(|found| found.bytes).sum(), Ordering::Relaxed);
        let read = Reading { next: AtomicUsize::new(0), recorded: Mutex::new(0), moved: Condvar::new() };
        let (seen, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        let skipped = std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(IN_FLIGHT);
            for _ in 0..READERS {
                let (sender, read, news, seen, failed) = (sender.clone(), &read, &news, &seen, &failed);
                scope.spawn(move || {
                    read.files(news, &sender, |found, each| {
                        match file::read(found, mark(found), (self.prices, self.rules), each) {
                            Ok(claims) => drop(seen.fetch_add(claims, Ordering::Relaxed)),
                            Err(error) => lock(failed).push(format!("{}: {error}", found.path.display())),
                        }
                    });
                });
            }
            drop(sender);
            let recorded = self.record(&receiver, &read, &news, &mut summary);
            // Readers that wait for their turn must end too.
            read.move_to(usize::MAX - AHEAD);
            drop(receiver);
            recorded
        })?;
        let lines_of = |found: &Found| {
            let path = &*found.path.to_string_lossy();
            skipped.get(path).copied().or_else(|| mark(found).map(|mark| mark.skipped_lines))
        };
        summary.skipped_lines = files.iter().filter_map(lines_of).sum::<i64>().unsigned_abs();
        summary.requests_seen = seen.into_inner();
        summary.errors.extend(failed.into_inner().unwrap_or_else(PoisonError::into_inner));
        summary.errors.truncate(NAMED_ERRORS);
        Ok(summary)
    }

    /// Records what readers send, file by file, and returns how many lines of each could not be read.
    fn record(
        &self,
        pieces: &Receiver<Piece>,
        read: &Reading,
        news: &[&Found],
        summary: &mut Summary,
    ) -> Result<HashMap<String, i64>, StoreError> {
        let (mut current, mut early) = (0, BTreeMap::<usize, VecDeque<Option<LedgerBatch>>>::new());
        let (mut waiting, mut skipped) = (VecDeque::new(), HashMap::new());
        let mut together = LedgerBatch::default();
        let mut settle = |answer: tokio::sync::oneshot::Receiver<Result<LedgerOutcome, StoreError>>| {
            let LedgerOutcome { new, changed } = answer.blocking_recv().map_err(|_| StoreError::Closed)??;
            summary.requests_new += new;
            summary.requests_changed += changed;
            Ok::<_, StoreError>(())
        };
        for (place, piece) in pieces {
            early.entry(place).or_default().push_back(piece);
            while let Some(piece) = early.get_mut(&current).and_then(VecDeque::pop_front) {
                let Some(batch) = piece else {
                    early.remove(&current);
                    self.progress.bytes_done.fetch_add(news[current].bytes, Ordering::Relaxed);
                    current += 1;
                    read.move_to(current);
                    continue;
                };
                skipped.extend(batch.marks.iter().map(|mark| (mark.path.clone(), mark.skipped_lines)));
                together.append(batch);
                if together.requests.len() >= self.together || together.marks.len() >= MARKS {
                    waiting.push_back(self.writer.record(std::mem::take(&mut together))?);
                }
                if waiting.len() > IN_FLIGHT {
                    waiting.pop_front().map_or(Ok(()), &mut settle)?;
                }
            }
        }
        if !together.marks.is_empty() {
            waiting.push_back(self.writer.record(together)?);
        }
        waiting.into_iter().try_for_each(settle)?;
        Ok(skipped)
    }
}

/// Which file is read next, and how far readers may go.
struct Reading {
    next: AtomicUsize,
    recorded: Mutex<usize>,
    moved: Condvar,
}

impl Reading {
    /// Reads files until there are none left or nobody listens any more.
    fn files(&self, news: &[&Found], sender: &SyncSender<Piece>, read: impl Fn(&Found, &mut dyn FnMut(LedgerBatch))) {
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(found) = news.get(place) else { return };
            let far = |recorded: &mut usize| place >= recorded.saturating_add(AHEAD);
            drop(self.moved.wait_while(lock(&self.recorded), far).unwrap_or_else(PoisonError::into_inner));
            // A send fails when the import has failed; then there is nobody to tell.
            read(found, &mut |batch| drop(sender.send((place, Some(batch)))));
            if sender.send((place, None)).is_err() {
                return;
            }
        }
    }

    fn move_to(&self, place: usize) {
        *lock(&self.recorded) = place;
        self.moved.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
