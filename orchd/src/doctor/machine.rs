//! The machine around us: room on the disk, the kind of file system, and whether services live on after logout.

use std::path::{Path, PathBuf};
use std::time::Duration;

use shared::paths::Paths;

use super::Check;
use crate::service::Manager;
use crate::service::command::output_within;

/// Below this the disk is worth a look, in bytes.
const LITTLE_SPACE: u64 = 1 << 30;

/// Below this recording is about to end, in bytes.
const NO_SPACE: u64 = 100 << 20;

/// Checks the machine.
pub(super) fn checks(paths: &Paths) -> Vec<Check> {
    let mut checks = vec![disk(&paths.data_dir), file_system(paths)];
    checks.extend(service(paths));
    checks
}

fn disk(dir: &Path) -> Check {
    free_bytes(&existing(dir)).map_or_else(|| Check::ok("disk", "free space is not known here"), judge_space)
}

fn judge_space(free: u64) -> Check {
    let message = format!("{} MB free", free / 1_000_000);
    if free < NO_SPACE {
        Check::fail("disk", message, "make room; hooks drop events when neither database nor spool can be written")
    } else if free < LITTLE_SPACE {
        Check::warn("disk", message, "make room")
    } else {
        Check::ok("disk", message)
    }
}

#[cfg(unix)]
fn free_bytes(dir: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(dir).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Returns the nearest folder that is there.
fn existing(dir: &Path) -> PathBuf {
    dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir).to_path_buf()
}

/// SQLite's log and our lock need a file system of this machine; a syncing program copies half-written files.
fn file_system(paths: &Paths) -> Check {
    const NAME: &str = "file system";
    let fix = "move it: set ORCH_HOME to a folder on this machine's disk, then: orchd up";
    for dir in [&paths.data_dir, &paths.state_dir] {
        if let Some(kind) = remote_kind(&existing(dir)) {
            return Check::warn(NAME, format!("{} is on {kind}", dir.display()), fix);
        }
        if let Some(service) = syncing_service(dir) {
            return Check::warn(NAME, format!("{} is synchronised by {service}", dir.display()), fix);
        }
    }
    Check::ok(NAME, "on this machine's disk")
}

#[cfg(target_os = "linux")]
fn remote_kind(dir: &Path) -> Option<&'static str> {
    // Numbers of statfs(2).
    let kinds: [(i128, &str); 6] = [
        (0x6969, "NFS"),
        (0xff53_4d42, "SMB"),
        (0xfe53_4d42, "SMB"),
        (0x517b, "SMB"),
        (0x0102_1997, "9p"),
        (0x6573_5546, "FUSE"),
    ];
    let found = rustix::fs::statfs(dir).ok()?;
    kinds.into_iter().find(|(number, _)| i128::from(found.f_type) == *number).map(|(_, name)| name)
}

#[cfg(not(target_os = "linux"))]
fn remote_kind(_: &Path) -> Option<&'static str> {
    None
}

fn syncing_service(dir: &Path) -> Option<&'static str> {
    let services = [
        ("dropbox", "Dropbox"),
        ("onedrive", "OneDrive"),
        ("google drive", "Google Drive"),
        ("nextcloud", "Nextcloud"),
        ("syncthing", "Syncthing"),
        ("mobile documents", "iCloud"),
    ];
    let parts: Vec<_> = dir.iter().map(|part| part.to_string_lossy().to_lowercase()).collect();
    services.into_iter().find(|(name, _)| parts.iter().any(|part| part.starts_with(name))).map(|(_, name)| name)
}

fn service(paths: &Paths) -> Vec<Check> {
    let manager = Manager::of(paths);
    if manager == Manager::Detached {
        let message = "no service manager is used; the daemon does not come back after a reboot";
        return vec![Check::ok("service", message)];
    }
    let mut checks = vec![if manager.is_installed(paths) {
        Check::ok("service", format!("{} is installed", manager.file(paths).unwrap_or_default().display()))
    } else {
        Check::warn("service", "not installed; the daemon does not come back after a reboot", "orchd up")
    }];
    if manager == Manager::Systemd && manager.is_installed(paths) {
        let answer = output_within(
            "loginctl",
            &["show-user", &user_id(), "--property=Linger", "--value"],
            Duration::from_secs(3),
        );
        let answer = answer.ok().filter(|output| output.status.success());
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        checks.push(judge_linger(
            answer.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).as_deref(),
            has_display,
        ));
    }
    checks
}

/// User services end at logout unless the user lingers; with a display that is when Claude Code ends too.
fn judge_linger(answer: Option<&str>, has_display: bool) -> Check {
    match (answer, has_display) {
        (Some("yes"), _) => Check::ok("linger", "on; the daemon stays after logout"),
        (Some(_), false) => Check::warn(
            "linger",
            "off; the daemon ends when your last session on this machine does",
            "loginctl enable-linger",
        ),
        (Some(_), true) => Check::ok("linger", "off; the daemon ends at logout (loginctl enable-linger keeps it)"),
        (None, _) => Check::ok("linger", "not known; loginctl does not answer here"),
    }
}

fn user_id() -> String {
    #[cfg(unix)]
    let id = rustix::process::getuid().as_raw().to_string();
    #[cfg(not(unix))]
    let id = String::new();
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn little_room_warns_and_none_fails() {
        for (free, expected) in [(1 << 20, State::Fail), (500 << 20, State::Warn), (2 << 30, State::Ok)] {
            assert_eq!(judge_space(free).state, expected);
        }
    }

    #[test]
    fn linger_matters_without_a_display() {
        for (answer, has_display, expected) in [
            (Some("yes"), false, State::Ok),
            (Some("no"), false, State::Warn),
            (Some("no"), true, State::Ok),
            (None, false, State::Ok),
        ] {
            assert_eq!(judge_linger(answer, has_display).state, expected);
        }
    }

    #[test]
    fn synchronised_folders_are_known_by_name() {
        assert_eq!(syncing_service(Path::new("/home/dev/Dropbox/orch")), Some("Dropbox"));
        assert_eq!(syncing_service(Path::new("/home/dev/OneDrive - Firm/x")), Some("OneDrive"));
        assert_eq!(syncing_service(Path::new("/home/dev/.local/share/orch")), None);
    }
}
