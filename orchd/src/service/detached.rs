//! The daemon as a process of its own session, where no service manager keeps it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use shared::paths::Paths;

/// Returns the file that holds what the daemon said on stderr before its log began.
#[must_use]
pub fn start_file(paths: &Paths) -> PathBuf {
    paths.log_dir().join("start.err")
}

/// Starts `program run` without a terminal and with this process's environment; it outlives its parent.
///
/// The daemon itself leaves the session first thing (`--detached`), which needs no second process in between.
pub fn spawn(paths: &Paths, program: &Path, args: &[&str]) -> io::Result<Child> {
    let mut command = Command::new(program);
    if let Some(home) = &paths.home_override {
        command.arg("--home").arg(home);
    }
    command.args(["run", "--detached"]).args(args);
    // The folder the user stands in may be unmounted or removed under a daemon.
    command.current_dir(&paths.state_dir);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(start_file(paths))?);
    command.spawn()
}

/// Returns what the daemon said on stderr, its newest lines.
#[must_use]
pub fn last_words(paths: &Paths) -> String {
    let text = fs::read_to_string(start_file(paths)).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join("\n")
}

/// Leaves the terminal's session, so that closing the terminal does not end the daemon.
#[cfg(unix)]
pub fn leave_session() {
    // It fails for a process that leads a group already; that one has no terminal to lose either.
    let _ = rustix::process::setsid();
}

/// Windows has no sessions of this kind.
#[cfg(not(unix))]
pub fn leave_session() {}
