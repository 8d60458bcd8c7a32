//! Sweeps the marks by which hooks know when they last advised.

use std::path::{Path, PathBuf};
use std::time::Duration;

use shared::advice_mark::is_over;
use shared::event::Micros;
use tokio_util::sync::CancellationToken;

use crate::clock::now;

/// How often it is swept.
const EVERY: Duration = Duration::from_mins(30);

/// Sweeps the folder until `shutdown`. It may not be there yet.
pub(crate) async fn keep_swept(dir: PathBuf, shutdown: CancellationToken) {
    loop {
        let folder = dir.clone();
        // What cannot be removed stays, and harms nobody.
        let _ = tokio::task::spawn_blocking(move || sweep(&folder, now())).await;
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

fn sweep(dir: &Path, now_at: Micros) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_str().is_some_and(|name| is_over(name, now_at)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::advice_mark::{WHILE, name};

    #[test]
    fn only_marks_that_are_over_go() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now = 10 * WHILE;
        for name in [name("a", now), name("a", now - 3 * WHILE), "notes.txt".to_owned()] {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        sweep(folder.path(), now);
        sweep(Path::new("/nowhere"), now);
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert!(left == 2 && folder.path().join(name("a", now)).exists(), "{left}");
    }
}
