//! Where a settings file lies, and how it is replaced: whole or not at all, with a backup beside it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::check::Problem;

/// Which of Claude Code's settings files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// `~/.claude/settings.json`, or under `CLAUDE_CONFIG_DIR`: every project.
    User,
    /// `.claude/settings.json` in this folder: everybody who works on the project.
    Project,
    /// `.claude/settings.local.json` in this folder: you, in this project.
    Local,
}

/// Why the settings were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// No home directory is known.
    #[error("no home directory is known; set HOME or CLAUDE_CONFIG_DIR")]
    NoHome,
    /// The file is broken or unusual and was left as it is.
    #[error("{}:{}:{}: {}; the file was left as it is", path.display(), problem.line, problem.column, problem.what)]
    Unusual {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: Problem,
    },
    /// The file is not UTF-8.
    #[error("{} is not UTF-8; the file was left as it is", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else changed the file in the meantime.
    #[error("{} was changed by another program meanwhile; run the command again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("failed to {action} `{path}`")]
    File {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The hook's program is not named by an absolute path.
    #[error("the hook's path must be absolute, not `{0}`: Claude Code starts it from any folder")]
    Relative(PathBuf),
    /// The hook's program is not there, or has a name by which we would not know it again.
    #[error("`{0}` is no file named `orch-hook`; by that name our entries are told from everybody else's")]
    NotTheHook(PathBuf),
    /// No daemon said where it listens.
    #[error("no daemon has said where telemetry goes: `{path}` is missing or not its own")]
    NoDaemon {
        /// The file that would say it.
        path: PathBuf,
    },
    /// The client ignores telemetry in the settings of a project.
    #[error("telemetry can be turned on in the user's settings only; the client ignores it in those of a project")]
    TelemetryOfProject,
    /// The daemon's program is not where the server would be started from.
    #[error("the server's program is not installed: `{0}` is missing")]
    NoServer(PathBuf),
    /// The user's own MCP servers are those of the user alone.
    #[error("the MCP server can be registered for the user only, with --scope user")]
    ServerOfProject,
    /// Where the program lies is not UTF-8, which JSON cannot hold.
    #[error("the path `{0}` is not UTF-8")]
    OddPath(PathBuf),
}

impl SettingsError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }
}

impl Scope {
    /// Returns the settings file of this scope.
    pub(super) fn file(self) -> Result<PathBuf, SettingsError> {
        Ok(match self {
            Self::User => match std::env::var_os("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()) {
                Some(dir) => PathBuf::from(dir).join("settings.json"),
                None => std::env::home_dir().ok_or(SettingsError::NoHome)?.join(".claude/settings.json"),
            },
            Self::Project => in_folder("settings.json")?,
            Self::Local => in_folder("settings.local.json")?,
        })
    }

    /// Returns the name as the user writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
        }
    }
}

fn in_folder(name: &str) -> Result<PathBuf, SettingsError> {
    let here = std::env::current_dir().map_err(SettingsError::file("find", Path::new(".")))?;
    Ok(here.join(".claude").join(name))
}

/// Returns the file's text; None when there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>, SettingsError> {
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(SettingsError::NotUtf8 { path: path.to_path_buf() }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsError::file("read", path)(error)),
    }
}

/// Writes the text beside the file, then renames it into place. The file keeps its mode, but for others' rights when it is `private`
/// from now on, and a link keeps pointing to it.
pub(super) fn replace(path: &Path, before: Option<&str>, after: &str, private: bool) -> Result<(), SettingsError> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(SettingsError::file("make", parent))?;
    }
    let partial = beside(&target, &format!("orch-{}.tmp", std::process::id()));
    let written = write(&partial, &target, after, private).map_err(SettingsError::file("write", &partial));
    let unchanged = written.and_then(|()| {
        if read(&target)?.as_deref() == before { Ok(()) } else { Err(SettingsError::Changed { path: target.clone() }) }
    });
    let renamed =
        unchanged.and_then(|()| fs::rename(&partial, &target).map_err(SettingsError::file("replace", &target)));
    if renamed.is_err() {
        // Nothing of ours stays behind; the error that matters is the first one.
        let _ = fs::remove_file(&partial);
    }
    renamed
}

/// Removes a file that has this text.
pub(super) fn remove(path: &Path, text: &str) -> Result<(), SettingsError> {
    if read(path)?.as_deref() != Some(text) {
        return Err(SettingsError::Changed { path: path.to_path_buf() });
    }
    fs::remove_file(path).map_err(SettingsError::file("remove", path))
}

/// Copies the file to `<name>.orch-backup` and returns where that is.
pub(super) fn back_up(path: &Path) -> Result<PathBuf, SettingsError> {
    let backup = beside(path, "orch-backup");
    fs::copy(path, &backup).map_err(SettingsError::file("write", &backup))?;
    Ok(backup)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn write(partial: &Path, target: &Path, text: &str, private: bool) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    // Settings may hold keys: a new file is the user's alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(partial)?;
    if let Ok(found) = fs::metadata(target) {
        file.set_permissions(if private { of_owner(&found.permissions()) } else { found.permissions() })?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Returns the rights without those of others, where the system has such.
fn of_owner(found: &fs::Permissions) -> fs::Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(found.mode() & !0o077)
    }
    #[cfg(not(unix))]
    found.clone()
}
