//! What the daemon told ahead of decisions: read from its snapshot, nobody is asked.

use shared::decision::Settings;
use shared::event::Micros;
use shared::paths::Paths;
use shared::snapshot::{LocalModel, Snapshot};

use crate::kept_file;

/// What decisions go by.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    /// The daemon's word; as by default where it says nothing, under which nothing is steered.
    pub(crate) settings: Settings,
    /// How the local model is; None where no daemon tells, or tells nothing new.
    pub(crate) local: Option<LocalModel>,
}

impl Knowledge {
    /// Returns what is known now.
    pub(crate) fn read(paths: &Paths, now_at: Micros) -> Self {
        match Snapshot::decode(&kept_file::read(&paths.snapshot_file()), now_at) {
            Some(Snapshot { local_model, router, .. }) => Self { settings: router, local: Some(local_model) },
            None => Self::default(),
        }
    }
}
