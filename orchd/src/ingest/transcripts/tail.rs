//! The thread that reads transcripts: imports that are asked for, and what the client writes, as it writes it.
//!
//! The system tells of changes; only the files it names are read. Beside it all files are looked at now and then, for watches are lost
//! on network folders and at the system's limits; then they are looked at more often. While recording is paused nothing is
//! read; it is read afterwards, for the client keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use shared::event::Micros;
use tokio::runtime::Handle;

use super::files::{Transcripts, file_id};
use super::import::Progress;
use super::importer::Importer;
use super::inbox::Work;
use super::roots::{Projects, Root, root_of};
use super::state::Run;
use super::watch::{Watch, reason};
use crate::clock::now;
use crate::error::chain;
use crate::store::StoreError;
use crate::view::Following;

/// How often it is looked whether folders came or went, and what hooks tell.
const LOOK: Duration = Duration::from_secs(2);
/// How often all files are looked at beside the watch, at least as long as a hundred of these looks take.
const POLL_BESIDE: Duration = Duration::from_mins(1);
/// The same without a watch, and fifty.
const POLL_ALONE: Duration = LOOK;
/// Roots that are followed at most.
const MOST_ROOTS: usize = 64;
const MINUTE: Micros = 60_000_000;

/// What the thread knows.
pub(super) struct Tail {
    importer: Importer,
    runtime: Handle,
    follows: bool,
    roots: BTreeSet<Root>,
    /// What is followed, with what tells a folder apart from one that takes its name later.
    folders: BTreeMap<Projects, (Root, String)>,
    /// Those of them that are still to be read for the first time.
    unread: BTreeSet<Projects>,
    watch: Option<Watch>,
    /// Why there is no watch.
    reason: Option<String>,
    /// When folders were looked at.
    looked: Option<Instant>,
    /// Events that were stored when sessions were asked for their transcripts.
    stored: Option<u64>,
    polled: Instant,
    poll_took: Duration,
    /// Something changed and was not read.
    missed: bool,
    failing: bool,
}

impl Tail {
    pub(super) fn new(importer: Importer, followed: Option<Vec<Root>>, runtime: Handle) -> Self {
        Self {
            importer,
            runtime,
            follows: followed.is_some(),
            roots: followed.into_iter().flatten().collect(),
            folders: BTreeMap::new(),
            unread: BTreeSet::new(),
            watch: None,
            reason: None,
            looked: None,
            stored: None,
            polled: Instant::now(),
            poll_took: Duration::ZERO,
            missed: false,
            failing: false,
        }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        let inbox = self.importer.inbox();
        self.importer.resume(&self.runtime);
        if self.follows {
            self.watch = Watch::new(inbox.clone()).map_err(|error| self.poll_alone(reason(&error))).ok();
            self.tell();
        }
        loop {
            let look = self.looked.map_or_else(Instant::now, |at| at + LOOK);
            let work = inbox.take(self.follows.then_some(look));
            if work.stop {
                return;
            }
            // A fault of ours costs what was to be read now, which is looked at again with all files.
            if catch_unwind(AssertUnwindSafe(|| self.step(work))).is_err() {
                tracing::error!("reading transcripts failed");
            }
        }
    }

    fn step(&mut self, mut work: Work) {
        for run in work.asked.drain(..) {
            if self.importer.carry_out(&run, &self.runtime) && run.first {
                self.unread.extend(run.folders);
            }
        }
        if !self.follows {
            return;
        }
        if let Some(reason) = work.broken.take() {
            self.poll_alone(reason);
        }
        self.missed |= work.everything;
        let paused = self.importer.writer().paused();
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            if !paused {
                work.changed.extend(self.learn());
                self.find_folders();
                self.read_first();
                self.missed |= is_due(self.polled.elapsed(), self.poll_took, self.watch.is_some());
            }
        }
        if paused {
            self.missed |= !work.changed.is_empty();
        } else if std::mem::take(&mut self.missed) {
            self.polled = Instant::now();
            let found = Transcripts::below(&self.followed());
            self.poll_took = self.polled.elapsed();
            self.read(found);
        } else if !work.changed.is_empty() {
            self.read(Transcripts::at(&self.followed(), &work.changed));
        }
    }

    fn followed(&self) -> Vec<Projects> {
        self.folders.keys().cloned().collect()
    }

    fn read(&mut self, found: Transcripts) {
        let outcome = self.importer.read(found, &Progress::default(), &self.runtime);
        if matches!(outcome, Err(StoreError::Paused)) {
            self.missed = true;
            return;
        }
        // The first failure is logged, not each try.
        match &outcome {
            Err(_) if self.importer.inbox().is_stopping() => {}
            Err(error) if !self.failing => {
                tracing::warn!(error = %chain(error), "what is new in transcripts is not recorded");
            }
            Ok(_) if self.failing => tracing::info!("what is new in transcripts is recorded again"),
            _ => {}
        }
        // What failed is read when all files are looked at next, no sooner: it may fail for long.
        self.failing = outcome.is_err();
    }

    /// Goes on without a watch.
    fn poll_alone(&mut self, reason: String) {
        if self.reason.is_none() {
            tracing::warn!(reason, "transcripts are polled: the system does not tell of changes");
        }
        (self.watch, self.reason) = (None, Some(reason));
        self.tell();
    }

    /// Learns roots from the sessions that hooks told of since the last look. Returns where these sessions' files are: on a network
    /// folder nobody else says that they changed.
    fn learn(&mut self) -> Vec<PathBuf> {
        let stored = self.importer.writer().counters().stored;
        let before = self.stored.replace(stored);
        if before == Some(stored) {
            return Vec::new();
        }
        let minute = before.map_or(0, |_| now() / MINUTE - 1);
        let asked = self.runtime.block_on(self.importer.reader().look(move |connection| {
            let mut ask = connection.prepare_cached(include_str!("../../../queries/transcript_paths.sql"))?;
            let rows = ask.query_map([minute], |row| row.get::<_, String>(0))?;
            rows.collect::<Result<BTreeSet<_>, _>>()
        }));
        let paths = asked.unwrap_or_else(|error| {
            tracing::debug!(error = %chain(&error), "the sessions' transcripts are not known");
            BTreeSet::new()
        });
        let mut changed = Vec::new();
        for path in paths.into_iter().map(PathBuf::from) {
            if let Some(root) = root_of(&path).filter(|_| self.roots.len() < MOST_ROOTS) {
                self.roots.insert(root);
            }
            if before.is_some()
                && let Ok(path) = path.canonicalize()
            {
                // Beside the transcript lies a folder with those of its agents.
                changed.extend([path.with_extension(""), path]);
            }
        }
        changed
    }

    /// Looks which folders came, which are read from now on, and which went.
    fn find_folders(&mut self) {
        let mut found = BTreeMap::new();
        for root in &self.roots {
            let Ok(projects) = root.projects() else { continue };
            let Ok(metadata) = std::fs::metadata(&projects.0) else { continue };
            found.entry(projects).or_insert_with(|| (root.clone(), file_id(&metadata)));
        }
        if found == self.folders {
            return;
        }
        let is_new = |(projects, (_, id)): &(&Projects, &(Root, String))| {
            self.folders.get(projects).is_none_or(|(_, known)| known != id)
        };
        let new: Vec<_> = found.iter().filter(is_new).map(|(projects, _)| projects.clone()).collect();
        for gone in self.folders.keys().filter(|projects| !found.contains_key(*projects) || new.contains(projects)) {
            self.watch.iter_mut().for_each(|watch| watch.remove(&gone.0));
        }
        self.folders = found;
        for Projects(folder) in &new {
            if let Some(Err(error)) = self.watch.as_mut().map(|watch| watch.add(folder)) {
                self.poll_alone(reason(&error));
            }
        }
        self.tell();
        // Watched first, read then: what changes in between is read twice rather than never.
        self.unread.extend(new);
    }

    /// Has folders read for the first time, of which some may be left from before a pause.
    fn read_first(&mut self) {
        let folders: Vec<_> = std::mem::take(&mut self.unread).into_iter().collect();
        if !folders.is_empty() {
            self.importer.open(Run { folders, first: true, ..Run::default() });
        }
    }

    /// Says how transcripts are followed.
    fn tell(&self) {
        let roots: BTreeSet<_> = self.folders.values().map(|(root, _)| root.0.display().to_string()).collect();
        let following = if self.watch.is_some() { Following::Watching } else { Following::Polling };
        self.importer.state().follow(roots.into_iter().collect(), following, self.reason.clone());
    }
}

/// Whether all files are to be looked at, given how long ago that was and how long it took.
fn is_due(since: Duration, took: Duration, watched: bool) -> bool {
    since >= if watched { POLL_BESIDE.max(took * 100) } else { POLL_ALONE.max(took * 50) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use crate::store::{Store, StoreOptions};
    use crate::updates::Updates;

    #[tokio::test]
    async fn what_fails_is_not_tried_again_before_all_files_are_due() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("projects/-p");
        std::fs::create_dir_all(&project).expect("made");
        let transcript = project.canonicalize().expect("it is there").join("s.jsonl");
        std::fs::write(&transcript, "{}\n").expect("written");
        let database = folder.path().join("orch.db");
        let store = Store::open(&database, StoreOptions::default(), Metrics::default(), Updates::default());
        let store = store.expect("opens");
        let importer = Importer::new(store.reader(), store.writer(), folder.path().join("prices.toml"), Vec::new());
        let roots = vec![Root(folder.path().to_owned())];
        let steps = move || {
            let mut tail = Tail::new(importer, Some(roots), Handle::current());
            tail.poll_took = Duration::from_secs(1);
            tail.step(Work::default());
            let work = || {
                let mut work = Work::default();
                work.change([transcript.clone()]);
                work
            };
            tail.step(work());
            assert!(!tail.failing);
            store.close();
            let polled = tail.polled;
            std::fs::write(&transcript, "{}\n{}\n").expect("written");
            // A step of the loop, a change, and a look at the folders.
            for _ in 0..3 {
                tail.step(work());
                tail.looked = None;
                assert!(tail.failing && !tail.missed && tail.polled == polled);
            }
        };
        tokio::task::spawn_blocking(steps).await.expect("no panic");
    }

    #[test]
    fn looking_at_all_files_takes_a_hundredth_of_the_time_at_most() {
        let (second, minute) = (Duration::from_secs(1), Duration::from_mins(1));
        for (since, took, watched, due) in [
            (minute, Duration::ZERO, true, true),
            (second * 59, Duration::ZERO, true, false),
            (minute, second, true, false),
            (second * 100, second, true, true),
            (second * 2, Duration::ZERO, false, true),
            (second, Duration::ZERO, false, false),
            (second * 49, second, false, false),
            (second * 50, second, false, true),
        ] {
            assert_eq!(is_due(since, took, watched), due, "{since:?} {took:?} {watched}");
        }
    }
}
