//! Records of delegations that nobody could take when they ended: a file each, until the daemon, or the next command that has the
//! database, records them.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use shared::paths::make_private_dir;
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::delegation::Record;
use crate::delegation_recorder::{Recorded, Recorder};
use crate::error::chain;
use crate::kept_file;
use crate::store::StoreError;

/// Records that are kept at most.
const MOST: usize = 1_000;
/// Largest file that is read, in bytes: more than the longest record takes.
const MOST_BYTES: u64 = 256 * 1024;
/// How often the daemon looks.
const TICK: Duration = Duration::from_secs(5);

/// Why what waits still waits.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboxError {
    #[error("the database did not take it")]
    Store(#[from] StoreError),
    #[error("{} cannot be read or removed", .path.display())]
    File { path: PathBuf, source: io::Error },
}

/// Keeps a record that was checked, of which nothing is left that the settings forbid.
pub(crate) fn keep(dir: &Path, record: &Record) -> io::Result<()> {
    make_private_dir(dir)?;
    if waiting(dir).len() >= MOST {
        return Err(io::Error::other("too many others wait; start the daemon: orchd start"));
    }
    let id = record.task_id.rsplit(':').next().unwrap_or_default();
    kept_file::replace(&dir.join(id).with_extension("json"), &serde_json::to_vec(record)?)
}

/// Returns the files of the records that wait, the oldest first.
pub(crate) fn waiting(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    // Ids of version 7 begin with their time.
    paths.sort_unstable();
    paths
}

/// Records what waits, now and on every tick until `shutdown`.
pub(crate) async fn empty_regularly(dir: PathBuf, recorder: Recorder, shutdown: CancellationToken) {
    let mut failing = false;
    loop {
        match empty(&dir, &recorder).await {
            Ok(records) => {
                failing = false;
                if records > 0 {
                    tracing::info!(records, "delegations that waited were taken");
                }
            }
            // The first failure is logged, not each try.
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = %chain(&error), "delegations wait; trying again");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Records what waits, and returns how many that were. A file goes once its record is in the database; told twice it counts once.
/// While recording is paused they wait: they are of before.
pub(crate) async fn empty(dir: &Path, recorder: &Recorder) -> Result<u64, OutboxError> {
    let mut taken = 0;
    for path in waiting(dir) {
        let failed = |source| OutboxError::File { path: path.clone(), source };
        let Some(record) = read(&path).map_err(failed)? else {
            tracing::warn!(path = %path.display(), "a file of the outbox holds no delegation, and is put aside");
            fs::rename(&path, path.with_extension("refused")).map_err(failed)?;
            continue;
        };
        if recorder.record(record).await? == Recorded::Paused {
            break;
        }
        fs::remove_file(&path).map_err(failed)?;
        taken += 1;
    }
    Ok(taken)
}

/// Returns the record in a file, checked as one that the API is told of; None when it holds none.
fn read(path: &Path) -> io::Result<Option<Record>> {
    let file = fs::symlink_metadata(path)?;
    if !file.is_file() || file.len() > MOST_BYTES {
        return Ok(None);
    }
    let record = serde_json::from_slice::<Record>(&fs::read(path)?).ok();
    Ok(record.and_then(|record| record.checked(now()).ok()))
}
