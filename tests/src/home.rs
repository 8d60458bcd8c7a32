//! A throwaway installation: one folder for everything, with a path short enough for a socket.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared::paths::{HOME_VARIABLE, Paths};

use crate::programs::{programs, repository};

/// An own `ORCH_HOME` and an own user's home beside it; removed when dropped.
#[derive(Debug)]
pub struct TestHome {
    folder: tempfile::TempDir,
    /// Where the files of this installation lie.
    pub paths: Paths,
}

impl TestHome {
    /// Makes an empty home.
    ///
    /// # Panics
    ///
    /// When no temporary folder can be made.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("o").tempdir_in(short_temp_dir()).expect("a temporary folder");
        let orch = folder.path().join("h");
        std::fs::create_dir(&orch).expect("an empty folder takes a new one");
        std::fs::create_dir(folder.path().join("user")).expect("an empty folder takes a new one");
        Self { paths: Paths::under(&orch), folder }
    }

    /// Makes a home whose ledger has the transcripts `tools_basic` and `subagent_fg` of the fixtures.
    ///
    /// # Panics
    ///
    /// When they cannot be imported.
    #[must_use]
    pub fn with_ledger() -> Self {
        let home = Self::new();
        for name in ["tools_basic", "subagent_fg"] {
            let from = repository().join("tests/fixtures/transcripts").join(name);
            let output = home.orchd().args(["import", "--from"]).arg(from).output().expect("runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        home
    }

    /// The `ORCH_HOME` of this installation.
    ///
    /// # Panics
    ///
    /// Never: it was made with one.
    #[must_use]
    pub fn orch(&self) -> &Path {
        self.paths.home_override.as_deref().expect("test homes are named")
    }

    /// The user's home directory: holds `.claude`.
    #[must_use]
    pub fn user(&self) -> PathBuf {
        self.folder.path().join("user")
    }

    /// The folder around both, for a test's own files.
    #[must_use]
    pub fn around(&self) -> &Path {
        self.folder.path()
    }

    /// A command with nothing in its environment but the path, both homes and the language.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.user()).env(HOME_VARIABLE, self.orch()).env("LANG", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command.current_dir(self.around());
        command
    }

    /// `orchd` in this home.
    #[must_use]
    pub fn orchd(&self) -> Command {
        self.command(&programs().daemon)
    }

    /// `orch-hook` in this home.
    #[must_use]
    pub fn orch_hook(&self) -> Command {
        self.command(&programs().hook)
    }

    /// Makes the socket's folder as the daemon would, for stand-ins that listen in its place.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn make_run_dir(&self) {
        use std::os::unix::fs::DirBuilderExt;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(self.paths.run_dir()).expect("the run folder can be made");
    }

    /// Events that wait in the spool.
    #[must_use]
    pub fn spooled(&self) -> u64 {
        shared::spool::pending(&self.paths.spool_dir()).events
    }
}

impl Default for TestHome {
    fn default() -> Self {
        Self::new()
    }
}

/// The system's temporary folder, or `/tmp` where that one's path leaves no room for a socket.
fn short_temp_dir() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() > 40 { PathBuf::from("/tmp") } else { usual }
}
