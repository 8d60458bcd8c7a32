//! The user's service manager: systemd on Linux, launchd on macOS, a logon task on Windows; else a detached process.
//!
//! The files each manager reads are made by pure functions. Only Linux is proven by tests; the other two are small,
//! written with care, and unproven.

pub mod command;
pub mod detached;
pub mod launchd;
pub mod logon_task;
pub mod systemd;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shared::paths::Paths;

use command::{output_within, text_of};

/// Stands in every file we write, so that a file of somebody else is never taken for ours.
pub const MARK: &str = "Written by `orchd up`";

/// Longest a service manager may take to answer a question.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Longest a service manager may take to start or stop the daemon.
const ACT_WITHIN: Duration = Duration::from_secs(20);

/// Why the service manager did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A file could not be written or removed.
    #[error("failed to write `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file with our name that is not ours.
    #[error("`{path}` was not written by orchd; move it away first")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The manager's command could not be run.
    #[error("failed to run `{command}`")]
    Run {
        /// The command line.
        command: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The manager's command ran and failed.
    #[error("`{command}` failed: {output}")]
    Failed {
        /// The command line.
        command: String,
        /// What it printed.
        output: String,
    },
}

/// Who keeps the daemon running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// A systemd user unit.
    Systemd,
    /// A launchd agent.
    Launchd,
    /// A task at logon.
    LogonTask,
    /// Nobody: a process of its own session.
    Detached,
}

impl Manager {
    /// Returns the manager for these paths. A home of its own (`ORCH_HOME`) never gets a service: there is one per user.
    #[must_use]
    pub fn of(paths: &Paths) -> Self {
        if paths.home_override.is_some() {
            return Self::Detached;
        }
        if cfg!(target_os = "macos") {
            return Self::Launchd;
        }
        if cfg!(windows) {
            return Self::LogonTask;
        }
        let answer = output_within("systemctl", &["--user", "show-environment"], ANSWER_WITHIN);
        if answer.is_ok_and(|output| output.status.success()) { Self::Systemd } else { Self::Detached }
    }

    /// Returns the manager's file for the daemon.
    #[must_use]
    pub fn file(self, paths: &Paths) -> Option<PathBuf> {
        // The folder of all configuration, `~/.config` on Linux, and the home above it.
        let config = paths.config_dir.parent()?;
        match self {
            Self::Systemd => Some(config.join("systemd/user").join(systemd::UNIT)),
            Self::Launchd => {
                Some(std::env::home_dir()?.join("Library/LaunchAgents").join(format!("{}.plist", launchd::LABEL)))
            }
            Self::LogonTask => Some(paths.data_dir.join("logon-task.xml")),
            Self::Detached => None,
        }
    }

    /// Returns whether the manager has our file.
    #[must_use]
    pub fn is_installed(self, paths: &Paths) -> bool {
        self.file(paths).is_some_and(|file| is_ours(&file))
    }

    /// Writes the manager's file and tells it; the daemon will also start at logon. Returns whether anything changed.
    pub fn install(self, paths: &Paths, program: &Path) -> Result<bool, ServiceError> {
        let Some(file) = self.file(paths) else { return Ok(false) };
        let text = match self {
            Self::Systemd => systemd::unit(program),
            Self::Launchd => launchd::agent(program, &paths.log_dir()),
            Self::LogonTask => logon_task::task(program),
            Self::Detached => return Ok(false),
        };
        let changed = write(&file, &text)?;
        match self {
            Self::Systemd => {
                act("systemctl", &["--user", "daemon-reload"])?;
                act("systemctl", &["--user", "enable", systemd::UNIT])?;
            }
            Self::LogonTask => {
                let file = file.to_string_lossy();
                act("schtasks", &["/Create", "/F", "/TN", logon_task::NAME, "/XML", &file])?;
            }
            // launchd reads its file when the agent is started.
            Self::Launchd | Self::Detached => {}
        }
        Ok(changed)
    }

    /// Starts the daemon; systemd returns when it is ready, the others at once.
    pub fn start(self, paths: &Paths) -> Result<(), ServiceError> {
        match self {
            Self::Systemd => act("systemctl", &["--user", "start", systemd::UNIT]),
            Self::Launchd => {
                let file = self.file(paths).unwrap_or_default();
                act("launchctl", &["bootstrap", &launchd_domain(), &file.to_string_lossy()])
            }
            Self::LogonTask => act("schtasks", &["/Run", "/TN", logon_task::NAME]),
            Self::Detached => Ok(()),
        }
    }

    /// Returns whether the manager runs the daemon now.
    #[must_use]
    pub fn is_active(self) -> bool {
        let answer = match self {
            Self::Systemd => output_within("systemctl", &["--user", "is-active", systemd::UNIT], ANSWER_WITHIN),
            Self::Launchd => output_within("launchctl", &["print", &launchd_target()], ANSWER_WITHIN),
            // A task does not watch what it started, so the socket is asked to stop.
            Self::LogonTask | Self::Detached => return false,
        };
        answer.is_ok_and(|output| output.status.success())
    }

    /// Stops the daemon and keeps the manager from starting it again before the next logon.
    pub fn stop(self) -> Result<(), ServiceError> {
        match self {
            Self::Systemd => act("systemctl", &["--user", "stop", systemd::UNIT]),
            Self::Launchd => act("launchctl", &["bootout", &launchd_target()]),
            Self::LogonTask | Self::Detached => Ok(()),
        }
    }

    /// Removes what [`Manager::install`] wrote. Returns whether there was anything.
    pub fn uninstall(self, paths: &Paths) -> Result<bool, ServiceError> {
        let Some(file) = self.file(paths).filter(|file| is_ours(file)) else { return Ok(false) };
        match self {
            Self::Systemd => act("systemctl", &["--user", "disable", systemd::UNIT])?,
            Self::LogonTask => act("schtasks", &["/Delete", "/F", "/TN", logon_task::NAME])?,
            Self::Launchd | Self::Detached => {}
        }
        std::fs::remove_file(&file).map_err(|source| ServiceError::File { path: file, source })?;
        if self == Self::Systemd {
            act("systemctl", &["--user", "daemon-reload"])?;
        }
        Ok(true)
    }
}

fn is_ours(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains(MARK))
}

fn write(file: &Path, text: &str) -> Result<bool, ServiceError> {
    let failed = |source| ServiceError::File { path: file.to_path_buf(), source };
    match std::fs::read_to_string(file) {
        Ok(found) if found == text => return Ok(false),
        Ok(found) if !found.contains(MARK) => return Err(ServiceError::Foreign { path: file.to_path_buf() }),
        _ => {}
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(file, text).map_err(failed)?;
    Ok(true)
}

fn act(program: &str, args: &[&str]) -> Result<(), ServiceError> {
    let command = format!("{program} {}", args.join(" "));
    match output_within(program, args, ACT_WITHIN) {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(ServiceError::Failed { command, output: text_of(&output) }),
        Err(source) => Err(ServiceError::Run { command, source }),
    }
}

fn launchd_domain() -> String {
    #[cfg(unix)]
    let uid = rustix::process::getuid().as_raw();
    #[cfg(not(unix))]
    let uid = 0;
    format!("gui/{uid}")
}

fn launchd_target() -> String {
    format!("{}/{}", launchd_domain(), launchd::LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_of_its_own_gets_no_service() {
        assert_eq!(Manager::of(&Paths::under(Path::new("/x"))), Manager::Detached);
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let dir = tempfile::tempdir().expect("temp folder");
        let file = dir.path().join("deep/orchd.service");
        let text = systemd::unit(Path::new("/x/orchd"));
        assert!(write(&file, &text).expect("writes"));
        assert!(!write(&file, &text).expect("nothing to do"));
        assert!(is_ours(&file));
        std::fs::write(&file, "[Service]\n").expect("writes");
        assert!(matches!(write(&file, &text), Err(ServiceError::Foreign { .. })));
        assert!(!is_ours(&file));
    }
}
