//! The import that the daemon runs when it is asked to: one at a time, watched by who asked.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use shared::paths::Paths;

use super::{Import, Progress, Root, Summary};
use crate::config::ProjectRule;
use crate::error::chain;
use crate::ingest::price_unknown;
use crate::pricing::{self, PriceTable};
use crate::store::{Reader, StoreError, Writer, marks};

/// Requests in one transaction: some 10 ms, for which a hook's event may have to wait.
const TOGETHER: usize = 512;

/// A cheap handle on the daemon's import.
#[derive(Debug, Clone)]
pub struct Importer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    prices_file: PathBuf,
    rules: Vec<ProjectRule>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    progress: Arc<Progress>,
    running: bool,
    ended: Option<Result<Summary, String>>,
}

impl Importer {
    /// Returns the import of a daemon; nothing runs yet.
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, paths: &Paths, rules: Vec<ProjectRule>) -> Self {
        Self(Arc::new(Inner { reader, writer, prices_file: paths.prices_file(), rules, state: Mutex::default() }))
    }

    /// Starts an import, unless one runs: then who asks watches that one.
    pub async fn start(&self, roots: Vec<Root>) -> Result<(), String> {
        let own = pricing::read(&self.0.prices_file).map_err(|error| chain(&error))?;
        let prices = PriceTable::new(own);
        let known = self.0.reader.look(marks).await.map_err(|error| chain(&error))?;
        let progress = {
            let mut state = self.lock();
            if state.running {
                return Ok(());
            }
            *state = State { running: true, ..State::default() };
            Arc::clone(&state.progress)
        };
        let (importer, runtime) = (self.clone(), tokio::runtime::Handle::current());
        let work = move || {
            let Inner { reader, writer, rules, .. } = &*importer.0;
            let (roots, prices, progress) = (&roots, &prices, &*progress);
            let import = Import { roots, prices, rules, marks: known, together: TOGETHER, writer, progress };
            let run = import.run().and_then(|mut summary| {
                summary.requests_changed += runtime.block_on(price_unknown(reader, writer, prices))?;
                Ok(summary)
            });
            importer.end(run);
        };
        // A thread of its own: the runtime does not wait for it when the daemon stops, and what is recorded stays.
        let started = std::thread::Builder::new().name("import".into()).spawn(work);
        started.map(drop).map_err(|error| {
            self.lock().running = false;
            error.to_string()
        })
    }

    fn end(&self, run: Result<Summary, StoreError>) {
        if let Ok(Summary { files, requests_new, skipped_lines, .. }) = &run {
            tracing::info!(files, requests_new, skipped_lines, "transcripts were imported");
        }
        let mut state = self.lock();
        state.running = false;
        state.ended = Some(run.map_err(|error| chain(&error)));
    }

    /// Returns how far it is: `state` is `idle`, `running`, `done` or `failed`.
    #[must_use]
    pub fn progress(&self) -> Value {
        let state = self.lock();
        let (word, summary, error) = match (&state.ended, state.running) {
            (_, true) => ("running", None, None),
            (None, false) => ("idle", None, None),
            (Some(Ok(summary)), false) => ("done", Some(summary), None),
            (Some(Err(error)), false) => ("failed", None, Some(error)),
        };
        json!({ "state": word, "progress": state.progress.percent(), "summary": summary, "error": error })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
