//! One daemon per state directory: an OS lock held for life, taken before anything else is touched.
//!
//! The lock dies with the process, so neither a crash nor a stale file ever needs a person. The pid in the file is for
//! people only; no code trusts it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use shared::paths::Paths;

/// Why this process may not be the daemon.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another daemon holds the lock.
    #[error("a daemon is already running for `{state_dir}`")]
    Running {
        /// The state directory both want.
        state_dir: PathBuf,
    },
    /// A folder could not be made or is not ours.
    #[error("failed to prepare folder `{path}`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The lock file could not be opened or locked.
    #[error("failed to lock `{path}`")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// The right to be the daemon; given up when dropped.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
}

impl Instance {
    /// Makes the folders (0700) and takes the lock.
    pub fn acquire(paths: &Paths) -> Result<Self, InstanceError> {
        for dir in [&paths.config_dir, &paths.data_dir, &paths.state_dir, &paths.run_dir(), &paths.spool_dir()] {
            make_private(dir).map_err(|source| InstanceError::Folder { path: dir.clone(), source })?;
        }
        let path = paths.lock_file();
        let failed = |source| InstanceError::Lock { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut lock = options.open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(InstanceError::Running { state_dir: paths.state_dir.clone() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        lock.set_len(0).and_then(|()| lock.rewind()).map_err(failed)?;
        writeln!(lock, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _lock: lock })
    }
}

/// Makes a folder that only its owner may enter, and its parents as the system likes them.
fn make_private(dir: &Path) -> std::io::Result<()> {
    if let Some(parent) = dir.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    // Made with its mode rather than changed afterwards: nobody can slip in between.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && dir.is_dir() => restrict(dir),
        done => done,
    }
}

#[cfg(unix)]
fn restrict(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let found = std::fs::metadata(dir)?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "the folder belongs to another user"));
    }
    if found.mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Returns whether a process holds the lock of this state directory.
pub(crate) fn is_locked(paths: &Paths) -> bool {
    // A shared try does not keep a daemon from starting longer than this call takes.
    let Ok(file) = File::open(paths.lock_file()) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_daemon_is_refused_until_the_first_is_gone() {
        let home = tempfile::tempdir().expect("temp folder");
        let paths = Paths::under(home.path());
        let first = Instance::acquire(&paths).expect("nobody else holds it");
        assert!(matches!(Instance::acquire(&paths), Err(InstanceError::Running { .. })));
        drop(first);
        Instance::acquire(&paths).expect("free again");
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_private_even_when_they_were_not() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("temp folder");
        let paths = Paths::under(home.path());
        std::fs::create_dir_all(paths.run_dir()).expect("made with the default mode");
        let _instance = Instance::acquire(&paths).expect("takes the folder over");
        let mode = std::fs::metadata(paths.run_dir()).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
