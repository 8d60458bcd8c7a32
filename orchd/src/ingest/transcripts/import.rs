//! Transcripts into the ledger: files are read side by side, and recorded in order.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::file;
use super::files::{Found, Transcripts};
use crate::clock::now;
use crate::config::ProjectRule;
use crate::pricing::PriceTable;
use crate::store::{FileMark, LedgerBatch, LedgerOutcome, StoreError, Writer};

/// Files that are read at once; two keep up with any disk and leave the machine to its user.
const READERS: usize = 2;
/// Files that readers may be ahead of the one that is recorded.
const AHEAD: usize = 64;
/// Requests of these files that are kept until it is their turn, about 15 MB.
const KEPT: usize = 32 * 1024;
/// Batches between readers and the writer.
const IN_FLIGHT: usize = 16;
/// Files whose end is recorded in one transaction at most.
const MARKS: usize = 1024;
/// Files that cannot be read, in full or in part, are named up to this many.
const NAMED: usize = 100;

/// How far an import is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes to read.
    pub bytes: AtomicU64,
    /// Bytes done.
    pub bytes_done: AtomicU64,
    /// Files to read.
    pub files: AtomicU64,
    /// Files done.
    pub files_done: AtomicU64,
    /// Requests that are new in the ledger.
    pub requests: AtomicU64,
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
    /// The files they stand in, by name, at most 100.
    #[serde(default)]
    pub skipped_in: Vec<String>,
    /// What could not be read at all, by name, at most 100.
    pub errors: Vec<String>,
}

/// An import that is to be run.
#[derive(Debug)]
pub struct Import<'a> {
    /// What there is to read.
    pub transcripts: Transcripts,
    /// What requests cost.
    pub prices: &'a PriceTable,
    /// Projects that are not recorded have no costs either.
    pub rules: &'a [ProjectRule],
    /// What was read before.
    pub marks: HashMap<String, FileMark>,
    /// Requests recorded in one transaction, about. The more, the fewer bytes are written; a hook's event waits as long.
    pub together: usize,
    /// Transactions that wait for the one that is written. A hook's event waits behind them too.
    pub queued: usize,
    /// Who records it.
    pub writer: &'a Writer,
    /// Where it says how far it is.
    pub progress: &'a Progress,
}

/// What a reader sends about the file of a place.
type Piece = (usize, Option<LedgerBatch>);

impl Import<'_> {
    /// Runs it; blocks until all is recorded. A pause ends it, between two transactions.
    pub fn run(self) -> Result<Summary, StoreError> {
        self.may_record()?;
        let files = &self.transcripts.files;
        let mut summary = Summary { errors: self.transcripts.errors.clone(), ..Summary::default() };
        summary.files = files.len() as u64;
        summary.bytes = self.transcripts.bytes();
        let mark = |found: &Found| self.marks.get(&*found.path.to_string_lossy());
        let news: Vec<_> = files.iter().filter(|found| file::is_news(found, mark(found))).collect();
        self.progress.bytes.store(news.iter().map(|found| found.bytes).sum(), Ordering::Relaxed);
        self.progress.files.store(news.len() as u64, Ordering::Relaxed);
        let read = Reading::default();
        let (seen, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        let skipped = std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(IN_FLIGHT);
            for _ in 0..READERS {
                let (sender, read, news, seen, failed) = (sender.clone(), &read, &news, &seen, &failed);
                scope.spawn(move || {
                    read.files(news, &sender, |found, each| {
                        let read = || file::read(found, mark(found), (self.prices, self.rules, now()), each);
                        // Lines are foreign: a file that is tripped over is named like any that cannot be read.
                        let tripped = |_| Err(std::io::Error::other("a fault of ours"));
                        match catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(tripped) {
                            Ok(claims) => drop(seen.fetch_add(claims, Ordering::Relaxed)),
                            Err(error) => lock(failed).push(format!("{}: {error}", found.path.display())),
                        }
                    });
                });
            }
            drop(sender);
            // However this ends, by a panic too: readers that wait for their turn, or for the receiver, end with it.
            let (_release, receiver) = (Release(&read), receiver);
            self.record(&receiver, &read, &news, &mut summary)
        })?;
        for found in files {
            let path = &*found.path.to_string_lossy();
            let lines = skipped.get(path).copied().or_else(|| mark(found).map(|mark| mark.skipped_lines));
            let Some(lines) = lines.filter(|lines| *lines > 0) else { continue };
            summary.skipped_lines += lines.unsigned_abs();
            if summary.skipped_in.len() < NAMED {
                summary.skipped_in.push(format!("{path}: {lines}"));
            }
        }
        summary.requests_seen = seen.into_inner();
        summary.errors.extend(failed.into_inner().unwrap_or_else(PoisonError::into_inner));
        summary.errors.truncate(NAMED);
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
        let (progress, mut bytes_before) = (self.progress, 0);
        let mut together = LedgerBatch::default();
        let mut settle = |answer: oneshot::Receiver<Result<LedgerOutcome, StoreError>>| {
            let LedgerOutcome { new, changed } = answer.blocking_recv().map_err(|_| StoreError::Closed)??;
            progress.requests.fetch_add(new, Ordering::Relaxed);
            summary.requests_new += new;
            summary.requests_changed += changed;
            Ok::<_, StoreError>(())
        };
        for (place, piece) in pieces {
            early.entry(place).or_default().push_back(piece);
            while let Some(piece) = early.get_mut(&current).and_then(VecDeque::pop_front) {
                let Some(batch) = piece else {
                    early.remove(&current);
                    bytes_before += news[current].bytes;
                    progress.bytes_done.store(bytes_before, Ordering::Relaxed);
                    current += 1;
                    progress.files_done.store(current as u64, Ordering::Relaxed);
                    read.record(|turn| turn.place = current);
                    continue;
                };
                read.record(|turn| turn.kept = turn.kept.saturating_sub(batch.requests.len()));
                let of_file = batch.marks.last().map_or(0, |mark| mark.read_bytes.unsigned_abs());
                progress.bytes_done.store(bytes_before + of_file.min(news[current].bytes), Ordering::Relaxed);
                skipped.extend(batch.marks.iter().map(|mark| (mark.path.clone(), mark.skipped_lines)));
                together.append(batch);
                if together.requests.len() >= self.together || together.marks.len() >= MARKS {
                    waiting.push_back(self.hand_in(std::mem::take(&mut together))?);
                }
                if waiting.len() > self.queued {
                    waiting.pop_front().map_or(Ok(()), &mut settle)?;
                }
            }
        }
        if !together.marks.is_empty() {
            waiting.push_back(self.hand_in(together)?);
        }
        waiting.into_iter().try_for_each(settle)?;
        Ok(skipped)
    }

    fn hand_in(&self, batch: LedgerBatch) -> Result<oneshot::Receiver<Result<LedgerOutcome, StoreError>>, StoreError> {
        self.may_record()?;
        self.writer.record(batch)
    }

    fn may_record(&self) -> Result<(), StoreError> {
        if self.writer.paused() { Err(StoreError::Paused) } else { Ok(()) }
    }
}

/// Which file is read next, and how far readers may go.
#[derive(Default)]
struct Reading {
    next: AtomicUsize,
    turn: Mutex<Turn>,
    moved: Condvar,
}

/// Whose turn it is to be recorded.
#[derive(Default)]
struct Turn {
    /// The file's place.
    place: usize,
    /// Requests of files behind it that were read already.
    kept: usize,
}

impl Reading {
    /// Reads files until there are none left or nobody listens any more.
    fn files(&self, news: &[&Found], sender: &SyncSender<Piece>, read: impl Fn(&Found, &mut dyn FnMut(LedgerBatch))) {
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(found) = news.get(place) else { return };
            drop(self.wait_while(|turn| place >= turn.place.saturating_add(AHEAD)));
            read(found, &mut |batch| {
                self.wait_while(|turn| place > turn.place && turn.kept >= KEPT).kept += batch.requests.len();
                // A send fails when the import has failed; then there is nobody to tell.
                drop(sender.send((place, Some(batch))));
            });
            if sender.send((place, None)).is_err() {
                return;
            }
        }
    }

    fn wait_while(&self, wait: impl Fn(&Turn) -> bool) -> std::sync::MutexGuard<'_, Turn> {
        self.moved.wait_while(lock(&self.turn), |turn| wait(turn)).unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, change: impl FnOnce(&mut Turn)) {
        change(&mut lock(&self.turn));
        self.moved.notify_all();
    }
}

/// Lets readers go on to their end when it is dropped.
struct Release<'a>(&'a Reading);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.record(|turn| turn.place = usize::MAX - AHEAD);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::transcripts::Root;
    use crate::metrics::Metrics;
    use crate::store::{Store, StoreOptions};
    use crate::updates::Updates;

    fn line(number: usize, timestamp: &str) -> String {
        format!(
            r#"{{"type":"assistant","sessionId":"s","timestamp":"{timestamp}","message":{{"id":"m{number}","model":"m","usage":{{"output_tokens":1}}}}}}"#
        ) + "\n"
    }

    /// Runs an import of more files than readers may be ahead.
    fn run(store: &Store) -> Result<Summary, StoreError> {
        run_of(store, (0..3 * AHEAD).map(|number| line(number, "2026-11-22T16:58:09.948Z")))
    }

    /// Runs an import of files with these texts.
    fn run_of(store: &Store, texts: impl IntoIterator<Item = String>) -> Result<Summary, StoreError> {
        let root = tempfile::tempdir().expect("a folder");
        let project = root.path().join("projects/-p");
        std::fs::create_dir_all(&project).expect("made");
        for (number, text) in texts.into_iter().enumerate() {
            std::fs::write(project.join(format!("{number}.jsonl")), text).expect("written");
        }
        let (prices, writer, progress) = (PriceTable::new(Vec::new()), store.writer(), Progress::default());
        let transcripts = Transcripts::of_roots(&[Root(root.path().to_owned())]);
        let (prices, writer, progress) = (&prices, &writer, &progress);
        let marks = HashMap::new();
        Import { transcripts, prices, rules: &[], marks, together: 1, queued: 0, writer, progress }.run()
    }

    fn open(folder: &tempfile::TempDir) -> Store {
        let path = folder.path().join("orch.db");
        Store::open(&path, StoreOptions::default(), Metrics::default(), Updates::default()).expect("opens")
    }

    #[test]
    fn a_panic_leaves_no_reader_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        // Who blocks within a runtime panics: here, when the first answer is waited for.
        let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { run(&store) })));
        assert!(ended.is_err(), "{ended:?}");
        let summary = run(&store).expect("goes on");
        assert_eq!(summary.requests_seen, 3 * AHEAD as u64);
        store.close();
    }

    #[test]
    fn a_line_of_a_time_that_is_not_believed_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder);
        let times =
            ["2026-11-22T16:58:09.948Z", "0001-01-01T00:00:00Z", "1960-05-01T00:00:00Z", "2999-01-01T00:00:00Z"];
        let text = times.iter().enumerate().map(|(number, time)| line(number, time)).collect();
        let summary = run_of(&store, [text]).expect("imports");
        assert_eq!((summary.requests_new, summary.skipped_lines), (1, 3), "{summary:?}");
        store.close();
    }

    #[test]
    fn requests_without_ids_are_told_apart_by_what_their_lines_share() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder);
        let line = |ids: &str, session: &str, second: u64, (input, output): (u64, u64)| {
            format!(
                r#"{{"type":"assistant","sessionId":"{session}","timestamp":"2026-11-22T16:58:0{second}Z",{ids}"cwd":"/p","#
            ) + &format!(r#""message":{{"id":null,"usage":{{"input_tokens":{input},"output_tokens":{output}}}}}}}"#)
                + "\n"
        };
        let stream = line("", "s", 1, (10, 1)) + &line("", "s", 2, (10, 50)) + &line("", "s", 3, (10, 50));
        let next = line("", "s", 5, (70, 20));
        let named =
            line(r#""requestId":"req_1","#, "s", 6, (70, 1)) + &line(r#""requestId":"req_1","#, "s", 7, (70, 9));
        let texts = [
            stream.clone() + &next,
            stream.clone() + &named,
            named + &line("", "t", 1, (10, 4)),
            line("", "t", 1, (0, 4)),
        ];
        let summary = run_of(&store, texts).expect("imports");
        assert_eq!((summary.requests_new, summary.skipped_lines), (4, 1), "{summary:?}");
        let database = rusqlite::Connection::open(folder.path().join("orch.db")).expect("opens");
        let rows =
            "SELECT group_concat(concat_ws(' ', session_id, model, input_tokens, output_tokens, cost_nano_usd), '|')
                      FROM (SELECT * FROM api_requests ORDER BY session_id, input_tokens, output_tokens DESC)";
        let rows: String = database.query_row(rows, [], |row| row.get(0)).expect("one row");
        assert_eq!(rows, "s unknown 10 50|s unknown 70 20|s unknown 70 9|t unknown 10 4");
        store.close();
    }

    #[test]
    fn a_pause_ends_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, runtime) = (open(&folder), tokio::runtime::Builder::new_current_thread().build());
        let (runtime, writer) = (runtime.expect("a runtime"), store.writer());
        runtime.block_on(writer.set_paused(true)).expect("paused");
        assert!(matches!(run(&store), Err(StoreError::Paused)));
        runtime.block_on(writer.set_paused(false)).expect("goes on");
        assert_eq!(run(&store).expect("goes on").requests_new, 3 * AHEAD as u64);
        store.close();
    }
}
