//! Which import runs, which ran, and how transcripts are followed: what is told to who asks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use shared::event::Micros;

use super::import::{Progress, Summary};
use super::roots::{Projects, Root, folders};
use crate::view::{Following, ImportState, ImportStatus};

/// Ends that are remembered, for those who asked for them.
const REMEMBERED: usize = 16;
/// Files with lines that could not be read that are named.
const NAMED: usize = 5;

/// An import of some folders.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub(super) folders: Vec<Projects>,
    /// Folders that could not be looked at, by name.
    pub(super) errors: Vec<String>,
    /// Nobody asked for it: the first reading of folders that are followed.
    pub(super) first: bool,
    pub(super) progress: Arc<Progress>,
    pub(super) started_at: Option<Micros>,
}

impl Run {
    pub(super) fn of(roots: &[Root]) -> Self {
        let mut errors = Vec::new();
        let folders = folders(roots, &mut errors);
        Self { folders, errors, ..Self::default() }
    }

    /// Whether who asks for `other` is served by this.
    fn covers(&self, other: &Self) -> bool {
        self.errors == other.errors && other.folders.iter().all(|folder| self.folders.contains(folder))
    }
}

#[derive(Debug)]
struct Ended {
    run: Run,
    at: Micros,
    outcome: Result<Summary, String>,
}

/// What is known of imports.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Those that wait, the one that runs first.
    open: VecDeque<Run>,
    ended: VecDeque<Ended>,
    roots: Vec<String>,
    following: Following,
    reason: Option<String>,
    skipped: Vec<(String, u64)>,
}

impl State {
    /// Takes an import in. Returns it when it is to be run; None when one that is open serves as well.
    pub(super) fn ask(&mut self, run: Run) -> Option<Run> {
        if self.open.iter().any(|open| open.covers(&run)) {
            return None;
        }
        self.open.push_back(run.clone());
        Some(run)
    }

    /// Notes that the first of the open imports begins.
    pub(super) fn begin(&mut self, started_at: Micros) {
        if let Some(run) = self.open.front_mut() {
            run.started_at = Some(started_at);
        }
    }

    /// Notes how the first of the open imports ended.
    pub(super) fn end(&mut self, outcome: Result<Summary, String>, at: Micros) {
        if let Some(run) = self.open.pop_front() {
            self.ended.push_front(Ended { run, at, outcome });
            self.ended.truncate(REMEMBERED);
        }
    }

    /// Notes how transcripts are followed.
    pub(super) fn follow(&mut self, roots: Vec<String>, following: Following, reason: Option<String>) {
        (self.roots, self.following, self.reason) = (roots, following, reason);
    }

    /// Notes in which transcripts how many lines could not be read.
    pub(super) fn skip(&mut self, files: Vec<(String, u64)>) {
        self.skipped = files;
    }

    /// Returns the folders of the open imports that somebody asked for, but for the first `ended` of these imports.
    pub(super) fn asked(&self, ended: usize) -> Vec<String> {
        let asked = self.open.iter().skip(ended).filter(|run| !run.first).flat_map(|run| &run.folders);
        let mut folders: Vec<_> = asked.map(|Projects(folder)| folder.to_string_lossy().into_owned()).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Tells how far the import is that serves `asked`: `state` is `idle`, `running`, `done` or `failed`.
    pub(super) fn progress_of(&self, asked: &Run) -> Value {
        let progress = |word: &str, run: Option<&Run>| {
            let count = |number: fn(&Progress) -> &std::sync::atomic::AtomicU64| {
                run.map_or(0, |run| number(&run.progress).load(Ordering::Relaxed))
            };
            json!({
                "state": word,
                "progress": run.map_or(0, |run| run.progress.percent()),
                "bytes": count(|progress| &progress.bytes),
                "bytes_done": count(|progress| &progress.bytes_done),
                "summary": null,
                "error": null,
            })
        };
        if let Some(run) = self.open.iter().find(|run| run.covers(asked)) {
            return progress("running", Some(run));
        }
        let Some(ended) = self.ended.iter().find(|ended| ended.run.covers(asked)) else {
            return progress("idle", None);
        };
        let mut told = progress(if ended.outcome.is_ok() { "done" } else { "failed" }, Some(&ended.run));
        match &ended.outcome {
            Ok(summary) => told["summary"] = json!(summary),
            Err(error) => told["error"] = json!(error),
        }
        told
    }

    /// Returns how far all this is, for the page and the status.
    pub(super) fn status(&self) -> ImportStatus {
        let (roots, following, reason) = (self.roots.clone(), self.following, self.reason.clone());
        let mut status = ImportStatus { roots, following, reason, ..ImportStatus::default() };
        status.skipped_lines = self.skipped.iter().map(|(_, lines)| lines).sum();
        status.skipped_in = self.skipped.iter().take(NAMED).map(|(path, lines)| format!("{path}: {lines}")).collect();
        let ended = self.ended.front();
        let Some(run) = self.open.front().or(ended.map(|ended| &ended.run)) else { return status };
        status.state = match ended.filter(|_| self.open.is_empty()) {
            None => ImportState::Running,
            Some(ended) => {
                status.ended_at = Some(ended.at);
                match &ended.outcome {
                    Ok(summary) => {
                        status.unread = summary.errors.len() as u64;
                        ImportState::Done
                    }
                    Err(error) => {
                        status.error = Some(error.clone());
                        ImportState::Failed
                    }
                }
            }
        };
        let Progress { bytes, bytes_done, files, files_done, requests } = &*run.progress;
        status.bytes = bytes.load(Ordering::Relaxed);
        status.bytes_done = bytes_done.load(Ordering::Relaxed);
        status.files = files.load(Ordering::Relaxed);
        status.files_done = files_done.load(Ordering::Relaxed);
        status.requests = requests.load(Ordering::Relaxed);
        status.percent = if status.state == ImportState::Done { 100 } else { run.progress.percent() };
        status.started_at = run.started_at;
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folders: &[&str]) -> Run {
        Run { folders: folders.iter().map(|folder| Projects(folder.into())).collect(), ..Run::default() }
    }

    fn word(state: &State, folders: &[&str]) -> String {
        state.progress_of(&run(folders))["state"].as_str().expect("a word").to_owned()
    }

    #[test]
    fn who_asks_is_told_of_an_import_of_what_was_asked_for() {
        let mut state = State::default();
        assert_eq!((word(&state, &["/a"]), state.status().state), ("idle".to_owned(), ImportState::Idle));
        assert!(state.ask(run(&["/a", "/b"])).is_some());
        assert!(state.ask(run(&["/b"])).is_none(), "it is read already");
        assert!(state.ask(run(&["/c"])).is_some(), "nobody reads it");
        state.begin(5);
        assert_eq!([word(&state, &["/a"]), word(&state, &["/c"])], ["running", "running"]);
        state.end(Ok(Summary { requests_new: 7, ..Summary::default() }), 6);
        assert_eq!([word(&state, &["/b"]), word(&state, &["/c"])], ["done", "running"]);
        state.begin(7);
        state.end(Err("disk full".to_owned()), 8);
        assert_eq!([word(&state, &["/a"]), word(&state, &["/c"]), word(&state, &["/d"])], ["done", "failed", "idle"]);
        assert_eq!(state.progress_of(&run(&["/a"]))["summary"]["requests_new"], 7);
        assert_eq!(state.progress_of(&run(&["/c"]))["error"], "disk full");
        state.skip(vec![("/a".to_owned(), 2), ("/b".to_owned(), 1)]);
        let status = state.status();
        assert_eq!((status.skipped_lines, &*status.skipped_in.join(", ")), (3, "/a: 2, /b: 1"));
        assert_eq!((status.state, status.error.as_deref()), (ImportState::Failed, Some("disk full")));
        assert_eq!((status.started_at, status.ended_at), (Some(7), Some(8)));
        assert!(state.ask(run(&["/b"])).is_some(), "what ended is asked for anew");
    }

    #[test]
    fn the_status_tells_how_far_it_is() {
        let mut state = State::default();
        state.follow(vec!["/r".to_owned()], Following::Polling, Some("no watches left".to_owned()));
        let run = state.ask(run(&["/a"])).expect("to be run");
        state.begin(1);
        run.progress.bytes.store(200, Ordering::Relaxed);
        run.progress.bytes_done.store(50, Ordering::Relaxed);
        let status = state.status();
        assert_eq!((status.state, status.percent, status.bytes_done), (ImportState::Running, 25, 50));
        assert_eq!((status.following, status.roots.len(), status.ended_at), (Following::Polling, 1, None));
        state.end(Ok(Summary::default()), 2);
        assert_eq!((state.status().percent, state.status().state), (100, ImportState::Done));
    }
}
