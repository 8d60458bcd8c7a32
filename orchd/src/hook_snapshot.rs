//! Keeps what the hook decides by fresh while the daemon runs, and takes it away when it stops: how the local model is, and the settings
//! with what the user's outcomes made of them.
//!
//! Written when that changed, and with a new time before it is taken for stale. A file that cannot be written grows stale, which is
//! what it should show.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use shared::decision::{Fit, Policy, Settings};
use shared::sealed::{MAX_BYTES, STALE_AFTER};
use shared::snapshot::{self, Snapshot};
use tokio_util::sync::CancellationToken;

use crate::calibration::Calibration;
use crate::clock::now;
use crate::kept_file::replace;
use crate::local_model::{Health, LocalModel};

/// Age at which an unchanged snapshot is written again: three of these fit into [`STALE_AFTER`].
const REPEAT: Duration = Duration::from_micros(STALE_AFTER.unsigned_abs() / 3);

/// What the file is kept from.
#[derive(Debug)]
pub struct SnapshotKeeper {
    path: PathBuf,
    local_model: LocalModel,
    calibration: Calibration,
}

impl SnapshotKeeper {
    /// Returns the keeper of the file at `path`: how the local model is, and what decisions go by.
    #[must_use]
    pub fn new(path: PathBuf, local_model: LocalModel, calibration: Calibration) -> Self {
        Self { path, local_model, calibration }
    }

    /// Keeps the file until `shutdown`.
    pub async fn keep(mut self, shutdown: CancellationToken) {
        let mut failing = false;
        let mut known = self.calibration.watch();
        loop {
            let failed = self.write().await.err();
            // The first failure is logged, not each try.
            match &failed {
                Some(error) if !failing => tracing::warn!(error, "the hook's snapshot is not kept"),
                None if failing => tracing::info!("the hook's snapshot is kept again"),
                _ => {}
            }
            failing = failed.is_some();
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.local_model.changed() => {}
                // The other end lives as long as the calibration, which is held here.
                _ = known.changed() => {}
                () = tokio::time::sleep(REPEAT) => {}
            }
        }
        // It may never have been written.
        let _ = fs::remove_file(&self.path);
    }

    async fn write(&self) -> Result<(), String> {
        let local_model = told(&self.local_model.snapshot().health);
        // What is not recorded is not steered.
        let settings = self.calibration.settings();
        let router = if self.calibration.is_paused() { quiet(settings) } else { settings };
        let snapshot = Snapshot { written_at: now(), local_model, router };
        let (path, bytes) = (self.path.clone(), fitting(snapshot));
        let written = tokio::task::spawn_blocking(move || replace(&path, &bytes)).await;
        written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

/// Returns the file's bytes. Where they are too many, projects do without offsets of their own: the user's settings come first. Where
/// those of projects alone are too many, nothing is steered in any: one of them may be a project that is to be left alone.
fn fitting(snapshot: Snapshot) -> Vec<u8> {
    let bytes = snapshot.encode();
    if bytes.len() <= MAX_BYTES {
        return bytes;
    }
    let fit = snapshot.router.fit.map(|fit| Fit { projects: Vec::new(), ..fit });
    let snapshot = Snapshot { router: Settings { fit, ..snapshot.router }, ..snapshot };
    let bytes = snapshot.encode();
    if bytes.len() <= MAX_BYTES {
        return bytes;
    }
    Snapshot { router: quiet(snapshot.router), ..snapshot }.encode()
}

/// Returns settings under which nothing is steered anywhere.
fn quiet(settings: Settings) -> Settings {
    Settings { policy: Policy::Observe, projects: Vec::new(), left_alone: Vec::new(), ..settings }
}

fn told(health: &Health) -> snapshot::LocalModel {
    snapshot::LocalModel {
        state: health.state.word().to_owned(),
        available: health.state.is_available(),
        model: health.model.as_ref().map(|model| model.id.clone()),
        context_tokens: health.model.as_ref().and_then(|model| model.context_tokens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_goes_without_the_projects() {
        let of = |projects: usize| {
            let projects = (0..projects).map(|n| (format!("/home/dev/{n}/{}", "x".repeat(180)), 0.25)).collect();
            let fit = Fit { id: 1, weights: "0a".into(), slope: 0.9, intercept: 0.1, projects, outcomes: 300 };
            let router = Settings { fit: Some(fit), ..Settings::default() };
            let bytes = fitting(Snapshot { written_at: 7, router, ..Snapshot::default() });
            assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
            Snapshot::decode(&bytes, 7).and_then(|snapshot| snapshot.router.fit).expect("a fit").projects.len()
        };
        assert_eq!([0, 6, 30].map(of), [0, 6, 0]);
    }

    #[test]
    fn more_projects_than_fit_are_all_left_alone() {
        let left_alone = (0..500).map(|n| format!("/home/dev/{n}")).collect();
        let router = Settings { policy: Policy::Advise, left_alone, ..Settings::default() };
        let bytes = fitting(Snapshot { written_at: 7, router, ..Snapshot::default() });
        let read = Snapshot::decode(&bytes, 7).expect("it fits");
        assert!(bytes.len() <= MAX_BYTES && read.router.policy_of("/home/dev/x") == Policy::Observe);
    }
}
