//! The daemon's reading of transcripts: one thread does all of it, so that no file is read twice at once.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::files::Transcripts;
use super::import::{Import, Progress, Summary};
use super::inbox::Inbox;
use super::roots::{Projects, Root};
use super::state::{Run, State};
use super::tail::Tail;
use crate::clock::now;
use crate::config::ProjectRule;
use crate::error::chain;
use crate::ingest::price_unknown;
use crate::pricing::{KeptPrices, PriceTable};
use crate::store::{LedgerBatch, Reader, StoreError, Writer, marks, marks_of, open_imports, skipped_lines};
use crate::view::{Following, ImportStatus};

/// Requests in one transaction: some 10 ms, and a hook's event may have to wait for two of them.
const TOGETHER: usize = 256;
/// Transactions that wait for the one that is written: none, or events would wait behind them.
const QUEUED: usize = 0;
/// Files whose marks are asked for one by one; for more, all are fetched.
const FEW: usize = 256;

/// A cheap handle on the daemon's reading of transcripts.
#[derive(Debug, Clone)]
pub struct Importer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    prices: KeptPrices,
    rules: Vec<ProjectRule>,
    inbox: Arc<Inbox>,
    state: Mutex<State>,
}

impl Importer {
    /// Returns a handle; nothing is read before [`Importer::work`].
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, prices_file: PathBuf, rules: Vec<ProjectRule>) -> Self {
        let prices = KeptPrices::new(prices_file);
        Self(Arc::new(Inner { reader, writer, prices, rules, inbox: Arc::default(), state: Mutex::default() }))
    }

    /// Reads until `shutdown`: what is asked for and, where `followed` names roots, what is new in these and in those that
    /// hooks tell of.
    pub async fn work(self, followed: Option<Vec<Root>>, shutdown: CancellationToken) {
        let (tail, inbox) = (Tail::new(self.clone(), followed, Handle::current()), Arc::clone(&self.0.inbox));
        // A thread of its own: it blocks, and the runtime does not wait for it when the daemon stops. What is recorded stays.
        match std::thread::Builder::new().name("transcripts".into()).spawn(move || tail.run()) {
            Ok(_) => {
                shutdown.cancelled().await;
                inbox.put(|work| work.stop = true);
            }
            Err(error) => {
                tracing::error!(%error, "transcripts are not read: no thread");
                self.state().follow(Vec::new(), Following::Off, Some(error.to_string()));
            }
        }
    }

    /// Asks for an import of these roots. Where an open one reads them already, who asks watches that one. Looks at folders: not for
    /// a runtime.
    pub fn ask(&self, roots: &[Root]) {
        self.open(Run::of(roots));
    }

    /// Puts an import behind those that are open, unless one of them serves as well.
    pub(super) fn open(&self, run: Run) {
        let mut state = self.state();
        if let Some(run) = state.ask(run) {
            // Under the lock: both keep the same order.
            self.0.inbox.put(|work| work.asked.push_back(run));
        }
    }

    /// Tells how far the import of these roots is: `state` is `idle`, `running`, `done` or `failed`. Looks at folders.
    #[must_use]
    pub fn progress(&self, roots: &[Root]) -> Value {
        let asked = Run::of(roots);
        self.state().progress_of(&asked)
    }

    /// Returns how far all this is.
    #[must_use]
    pub fn status(&self) -> ImportStatus {
        self.state().status()
    }

    /// Carries out the import that was asked for first. However it ends, who asked for it is told. Returns whether a pause ended it.
    pub(super) fn carry_out(&self, run: &Run, runtime: &Handle) -> bool {
        self.state().begin(now());
        if !run.first {
            self.remember_open(0);
        }
        let tried = catch_unwind(AssertUnwindSafe(|| self.import(run, runtime)));
        let paused = matches!(tried, Ok(Err(StoreError::Paused)));
        let outcome = match tried {
            Ok(outcome) => outcome.map_err(|error| chain(&error)),
            Err(_) => Err("a fault of ours".to_owned()),
        };
        match &outcome {
            Ok(Summary { files, requests_new, skipped_lines, errors, .. }) => {
                let unread = errors.len();
                tracing::info!(files, requests_new, skipped_lines, unread, "transcripts were imported");
            }
            // The next start goes on from there.
            Err(_) if self.0.inbox.is_stopping() => tracing::info!("an import of transcripts was broken off"),
            Err(error) if paused => tracing::info!(error, "transcripts were not imported"),
            Err(error) => tracing::error!(error, "transcripts were not imported"),
        }
        // One that a stop broke off is remembered: the next start goes on with it.
        if !run.first && !self.0.inbox.is_stopping() {
            self.remember_open(1);
        }
        self.state().end(outcome, now());
        paused
    }

    /// Has the database remember which imports are open that somebody asked for, but for the first `ended`. An import does not fail
    /// of it.
    fn remember_open(&self, ended: usize) {
        let open_imports = Some(self.state().asked(ended));
        let batch = LedgerBatch { open_imports, ..LedgerBatch::default() };
        match catch_unwind(AssertUnwindSafe(|| self.0.writer.record(batch))) {
            // Nobody waits for it: what is recorded next is recorded behind it.
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::debug!(error = %chain(&error), "the open imports are not remembered"),
            Err(_) => tracing::error!("remembering the open imports failed"),
        }
    }

    /// Takes up what the database remembers: imports that a stop broke off, and how many lines could not be read.
    pub(super) fn resume(&self, runtime: &Handle) {
        self.count_skipped(runtime);
        let folders = runtime.block_on(self.0.reader.look(open_imports)).unwrap_or_default();
        let folders: Vec<_> = folders.into_iter().map(|folder| Projects(folder.into())).collect();
        if !folders.is_empty() {
            tracing::info!("an import of transcripts that was broken off goes on");
            self.open(Run { folders, ..Run::default() });
        }
    }

    fn count_skipped(&self, runtime: &Handle) {
        match runtime.block_on(self.0.reader.look(skipped_lines)) {
            // What is gone can be looked at no more, and is named by no import.
            Ok(files) => {
                let there = files.into_iter().filter(|(path, _)| Path::new(path).exists()).collect();
                self.state().skip(there);
            }
            Err(error) => tracing::debug!(error = %chain(&error), "lines that were skipped are not counted"),
        }
    }

    fn import(&self, run: &Run, runtime: &Handle) -> Result<Summary, StoreError> {
        let mut transcripts = Transcripts::below(&run.folders);
        transcripts.errors.splice(..0, run.errors.iter().cloned());
        let mut summary = self.read(transcripts, &run.progress, runtime)?;
        let Inner { reader, writer, .. } = &*self.0;
        summary.requests_changed += runtime.block_on(price_unknown(reader, writer, &self.prices()))?;
        Ok(summary)
    }

    /// Returns the prices. A user's file that cannot be read is told of and left out: what it alone prices has an unknown cost until
    /// it can.
    fn prices(&self) -> Arc<PriceTable> {
        let Ok(table) = self.0.prices.table(|error| {
            tracing::warn!(error = %chain(&error), "transcripts are priced without prices.toml");
            Ok::<_, Infallible>(Vec::new())
        });
        table
    }

    /// Reads what is new in these transcripts into the ledger.
    pub(super) fn read(
        &self,
        transcripts: Transcripts,
        progress: &Progress,
        runtime: &Handle,
    ) -> Result<Summary, StoreError> {
        let (Inner { reader, writer, rules, .. }, prices) = (&*self.0, self.prices());
        let paths: Vec<_> = transcripts.files.iter().map(|found| found.path.to_string_lossy().into_owned()).collect();
        let known = if paths.len() <= FEW {
            runtime.block_on(reader.look(move |connection| marks_of(connection, &paths)))
        } else {
            runtime.block_on(reader.look(marks))
        };
        let (prices, marks) = (&*prices, known?);
        let before: i64 = marks.values().map(|mark| mark.skipped_lines).sum();
        let import = Import { transcripts, prices, rules, marks, together: TOGETHER, queued: QUEUED, writer, progress };
        let outcome = import.run();
        // Few files have such lines: mostly there were none, and are none.
        if before > 0 || outcome.as_ref().map_or(true, |summary| summary.skipped_lines > 0) {
            self.count_skipped(runtime);
        }
        outcome
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.0.inbox)
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.0.reader
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.0.writer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use crate::store::{Store, StoreOptions};
    use crate::updates::Updates;

    #[tokio::test]
    async fn an_import_that_panics_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("projects")).expect("made");
        let database = folder.path().join("orch.db");
        let store = Store::open(&database, StoreOptions::default(), Metrics::default(), Updates::default());
        let store = store.expect("opens");
        let prices = folder.path().join("prices.toml");
        let importer = Importer::new(store.reader(), store.writer(), prices, Vec::new());
        let roots = [Root(folder.path().to_owned())];
        importer.ask(&roots);
        assert_eq!(importer.progress(&roots)["state"], "running");
        // Who blocks within a runtime panics.
        assert!(!importer.carry_out(&Run::of(&roots), &Handle::current()));
        let told = importer.progress(&roots);
        assert_eq!((&told["state"], &told["error"]), (&"failed".into(), &"a fault of ours".into()));
        tokio::task::spawn_blocking(|| store.close()).await.expect("closes");
    }
}
