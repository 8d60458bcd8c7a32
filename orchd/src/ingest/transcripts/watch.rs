//! The system's word on which files changed, into the inbox.

use std::path::Path;
use std::sync::Arc;

use notify::{Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Inbox, Work};

/// Watches over folders; ends when dropped.
#[derive(Debug)]
pub(super) struct Watch(RecommendedWatcher);

impl Watch {
    /// Returns a watch over nothing yet that tells `inbox`.
    pub(super) fn new(inbox: Arc<Inbox>) -> Result<Self, notify::Error> {
        let tell = move |event: Result<Event, notify::Error>| match event {
            Ok(event) if event.need_rescan() => inbox.put(Work::change_all),
            // Reading is no change; our own would wake us for ever.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) || event.paths.is_empty() => {}
            Ok(event) => inbox.put(|work| work.change(event.paths)),
            // A folder that went while it was looked into; what else changed is not known.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound | ErrorKind::WatchNotFound) => {
                inbox.put(Work::change_all);
            }
            Err(error) => inbox.put(|work| work.broken = Some(reason(&error))),
        };
        RecommendedWatcher::new(tell, Config::default().with_follow_symlinks(false)).map(Self)
    }

    /// Watches a folder and all below it, also what is made there later.
    pub(super) fn add(&mut self, folder: &Path) -> Result<(), notify::Error> {
        self.0.watch(folder, RecursiveMode::Recursive)
    }

    /// Watches it no more.
    pub(super) fn remove(&mut self, folder: &Path) {
        // It may be gone, and its watch with it.
        let _ = self.0.unwatch(folder);
    }
}

/// Says in a few words why a watch failed, without the path.
pub(super) fn reason(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => "the system's limit of watches is reached (fs.inotify.max_user_watches)".to_owned(),
        ErrorKind::Io(error) if error.raw_os_error() == Some(too_many_files()) => {
            "the system's limit of watchers is reached (fs.inotify.max_user_instances)".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn too_many_files() -> i32 {
    rustix::io::Errno::MFILE.raw_os_error()
}

/// There is no such limit elsewhere.
#[cfg(not(unix))]
fn too_many_files() -> i32 {
    -1
}
