//! Keeps what the hook decides by fresh while the daemon runs, and takes it away when it stops: how the local model is.
//!
//! Written when that changed, and with a new time before it is taken for stale. A file that cannot be written grows stale, which is
//! what it should show.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use shared::decision::Settings;
use shared::sealed::STALE_AFTER;
use shared::snapshot::{self, Snapshot};
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::kept_file::replace;
use crate::local_model::{Health, LocalModel};

/// Age at which an unchanged snapshot is written again: three of these fit into [`STALE_AFTER`].
const REPEAT: Duration = Duration::from_micros(STALE_AFTER.unsigned_abs() / 3);

/// What the file is kept from.
#[derive(Debug)]
pub struct SnapshotKeeper {
    /// Where the file lies.
    pub path: PathBuf,
    /// How the local model is.
    pub local_model: LocalModel,
    /// What the user's settings say of the router.
    pub settings: Settings,
}

impl SnapshotKeeper {
    /// Keeps the file until `shutdown`.
    pub async fn keep(mut self, shutdown: CancellationToken) {
        let mut failing = false;
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
                () = tokio::time::sleep(REPEAT) => {}
            }
        }
        // It may never have been written.
        let _ = fs::remove_file(&self.path);
    }

    async fn write(&self) -> Result<(), String> {
        let local_model = told(&self.local_model.snapshot().health);
        let (path, bytes) =
            (self.path.clone(), Snapshot { written_at: now(), local_model, router: self.settings.clone() }.encode());
        let written = tokio::task::spawn_blocking(move || replace(&path, &bytes)).await;
        written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

fn told(health: &Health) -> snapshot::LocalModel {
    snapshot::LocalModel {
        state: health.state.word().to_owned(),
        available: health.state.is_available(),
        model: health.model.as_ref().map(|model| model.id.clone()),
        context_tokens: health.model.as_ref().and_then(|model| model.context_tokens),
    }
}
