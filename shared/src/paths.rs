//! Where every file lies. Both programs ask here, so a hook and a daemon with different environments still meet.
//!
//! `ORCH_HOME` puts everything under one folder; otherwise the home directory decides. XDG variables are ignored on
//! purpose: the hook runs in Claude Code's environment, the daemon in the service manager's.

use std::path::{Path, PathBuf};

/// Longest path a Unix socket may have here, in bytes: macOS allows 104 with its NUL, Linux 108.
pub const MAX_SOCKET_PATH_BYTES: usize = 103;

/// The environment variable that puts everything under one folder.
pub const HOME_VARIABLE: &str = "ORCH_HOME";

/// Makes a folder and what is missing above it, for the owner only.
pub fn make_private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Why the folders could not be named.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PathsError {
    /// Neither `ORCH_HOME` nor a home directory is known.
    #[error("no home directory is known; set HOME or {HOME_VARIABLE}")]
    NoHome,
    /// `ORCH_HOME` is relative: hook and daemon run in different folders.
    #[error("{HOME_VARIABLE} must be an absolute path, not `{0}`")]
    Relative(PathBuf),
}

/// The folders and files of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Holds `config.toml`.
    pub config_dir: PathBuf,
    /// Holds the database, the token file and `bin/`.
    pub data_dir: PathBuf,
    /// Holds the spool, the logs, `run/` and the lock.
    pub state_dir: PathBuf,
    /// Set when `ORCH_HOME` (or `--home`) named one folder for everything.
    pub home_override: Option<PathBuf>,
}

impl Paths {
    /// Returns the paths of `home` if given, else of `ORCH_HOME`, else of the user's home directory.
    pub fn resolve(home: Option<&Path>) -> Result<Self, PathsError> {
        let named = home
            .map(Path::to_path_buf)
            .or_else(|| std::env::var_os(HOME_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from));
        match named {
            Some(home) if home.is_absolute() => Ok(Self::under(&home)),
            Some(home) => Err(PathsError::Relative(home)),
            None => Self::of_user(),
        }
    }

    /// Returns the paths with everything under one folder.
    #[must_use]
    pub fn under(home: &Path) -> Self {
        Self {
            config_dir: home.to_path_buf(),
            data_dir: home.join("data"),
            state_dir: home.join("state"),
            home_override: Some(home.to_path_buf()),
        }
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    fn of_user() -> Result<Self, PathsError> {
        let base = directories::BaseDirs::new().ok_or(PathsError::NoHome)?;
        let home = base.home_dir();
        Ok(Self {
            config_dir: home.join(".config/orch"),
            data_dir: home.join(".local/share/orch"),
            state_dir: home.join(".local/state/orch"),
            home_override: None,
        })
    }

    #[cfg(not(all(unix, not(target_os = "macos"))))]
    fn of_user() -> Result<Self, PathsError> {
        let dirs = directories::ProjectDirs::from("", "", "orch").ok_or(PathsError::NoHome)?;
        Ok(Self {
            config_dir: dirs.config_dir().to_path_buf(),
            data_dir: dirs.data_local_dir().to_path_buf(),
            state_dir: dirs.data_local_dir().join("state"),
            home_override: None,
        })
    }

    /// `config.toml`.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config_dir.join("config.toml")
    }

    /// `prices.toml`: the user's own prices.
    #[must_use]
    pub fn prices_file(&self) -> PathBuf {
        self.config_dir.join("prices.toml")
    }

    /// The SQLite database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("orch.db")
    }

    /// The token that opens the HTTP API to curl: 0600, one line.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.data_dir.join("token")
    }

    /// The token that may bring telemetry and nothing else, which stands in the client's settings too: 0600, one line.
    #[must_use]
    pub fn telemetry_token_file(&self) -> PathBuf {
        self.data_dir.join("telemetry-token")
    }

    /// The stable copies of both programs; settings and units name these.
    #[must_use]
    pub fn bin_dir(&self) -> PathBuf {
        self.data_dir.join("bin")
    }

    /// What the hook could not deliver.
    #[must_use]
    pub fn spool_dir(&self) -> PathBuf {
        self.state_dir.join("spool")
    }

    /// Delegations that could not be recorded when they ended.
    #[must_use]
    pub fn outbox_dir(&self) -> PathBuf {
        self.state_dir.join("outbox")
    }

    /// The daemon's JSON logs.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.state_dir.join("logs")
    }

    /// Folder of the socket: made 0700, its owner checked by the hook.
    #[must_use]
    pub fn run_dir(&self) -> PathBuf {
        self.state_dir.join("run")
    }

    /// The local socket (Unix).
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.run_dir().join("orchd.sock")
    }

    /// Held locked by the one daemon of this state directory.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.run_dir().join("orchd.lock")
    }

    /// Where the running daemon listens for HTTP: JSON `{"http": "http://127.0.0.1:6724", "pid": 1}`.
    #[must_use]
    pub fn endpoint_file(&self) -> PathBuf {
        self.run_dir().join("endpoint.json")
    }

    /// What the running daemon tells the status line ([`crate::status_line`]); stale or absent without one.
    #[must_use]
    pub fn status_line_file(&self) -> PathBuf {
        self.run_dir().join("status-line")
    }

    /// What the running daemon tells the hook ahead of any question ([`crate::snapshot`]); stale or absent without one.
    #[must_use]
    pub fn snapshot_file(&self) -> PathBuf {
        self.run_dir().join("snapshot")
    }

    /// Returns the folder of marks by which hooks know when they last advised.
    #[must_use]
    pub fn advised_dir(&self) -> PathBuf {
        self.run_dir().join("advised")
    }

    /// Whether the socket's path fits into a socket address of every supported system.
    #[must_use]
    pub fn socket_fits(&self) -> bool {
        self.socket().as_os_str().len() <= MAX_SOCKET_PATH_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_holds_everything() {
        let paths = Paths::resolve(Some(Path::new("/x/orch"))).expect("absolute");
        for path in [paths.config_file(), paths.database(), paths.spool_dir(), paths.socket(), paths.log_dir()] {
            assert!(path.starts_with("/x/orch"), "{}", path.display());
        }
    }

    #[test]
    fn a_relative_home_is_refused() {
        assert_eq!(Paths::resolve(Some(Path::new("x"))), Err(PathsError::Relative("x".into())));
    }

    #[test]
    fn long_socket_paths_are_noticed() {
        assert!(Paths::under(Path::new("/x")).socket_fits());
        assert!(!Paths::under(Path::new(&format!("/{}", "x".repeat(100)))).socket_fits());
    }
}
