//! The stable copies of both programs: in the data directory's `bin/`, linked into `~/.local/bin`.
//!
//! Settings and service files name these copies, never a build folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use shared::paths::Paths;

use crate::private;

/// Triple of the static build on Linux.
const STATIC_TARGET: &str = "x86_64-unknown-linux-musl";

/// Name of the profile that the hook is shipped with.
const HOOK_PROFILE: &str = "hook";

/// Returns the stable path of the daemon.
#[must_use]
pub(crate) fn daemon(paths: &Paths) -> PathBuf {
    paths.bin_dir().join(format!("orchd{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the stable path of the hook.
#[must_use]
pub(crate) fn hook(paths: &Paths) -> PathBuf {
    paths.bin_dir().join(format!("orch-hook{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the hook built with this daemon: the static one where there is one, else the one beside the daemon.
pub(crate) fn find_hook(this_program: &Path) -> Option<PathBuf> {
    let folder = this_program.parent()?;
    let name = format!("orch-hook{}", std::env::consts::EXE_SUFFIX);
    let profile = folder.file_name()?;
    let target = folder.parent()?;
    // The hook is built with a profile of its own, static where that target is installed.
    let of_profile = |profile| [target.join(STATIC_TARGET).join(profile), target.join(profile)];
    let places = of_profile(HOOK_PROFILE.as_ref()).into_iter().chain(of_profile(profile)).chain([folder.to_path_buf()]);
    places.map(|place| place.join(&name)).find(|file| file.is_file())
}

/// Copies `from` to `to` in one step; a program that runs there goes on with its old file. Returns whether it changed.
pub(crate) fn place(from: &Path, to: &Path) -> io::Result<bool> {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    if let Some(folder) = to.parent() {
        shared::paths::make_private_dir(folder)?;
    }
    private::write_whole(to, &bytes, 0o755)?;
    Ok(true)
}

/// Returns the folder of links, where the user has one. A home of its own gets no links: it must not show outside.
pub(crate) fn link_dir(paths: &Paths) -> Option<PathBuf> {
    if paths.home_override.is_some() || cfg!(windows) {
        return None;
    }
    Some(std::env::home_dir()?.join(".local/bin")).filter(|dir| dir.is_dir())
}

/// Returns how the user calls the daemon's command: by name where a shell finds it, else by its path.
pub(crate) fn spoken(paths: &Paths) -> String {
    let searched = std::env::var_os("PATH").unwrap_or_default();
    let found = link_dir(paths).is_some_and(|dir| std::env::split_paths(&searched).any(|searched| searched == dir));
    let name = if found { "orchd".to_owned() } else { daemon(paths).display().to_string() };
    paths.home_override.as_ref().map_or(name.clone(), |home| format!("{name} --home {}", home.display()))
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// It points to our copy.
    Ours,
    /// Something else has the name; it was left alone.
    Foreign,
}

/// Makes `dir/name` point to `target` unless something else has that name.
#[cfg(unix)]
pub(crate) fn link(dir: &Path, target: &Path) -> io::Result<Link> {
    let Some(name) = target.file_name() else { return Ok(Link::Foreign) };
    let place = dir.join(name);
    match fs::symlink_metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::os::unix::fs::symlink(target, &place)?;
            Ok(Link::Ours)
        }
        Err(error) => Err(error),
        Ok(_) => Ok(if fs::read_link(&place).is_ok_and(|found| found == target) { Link::Ours } else { Link::Foreign }),
    }
}

#[cfg(not(unix))]
pub(crate) fn link(_: &Path, _: &Path) -> io::Result<Link> {
    Ok(Link::Foreign)
}

/// Removes `dir/name` when it points to `target`. Returns whether it did.
pub(crate) fn unlink(dir: &Path, target: &Path) -> io::Result<bool> {
    let Some(place) = target.file_name().map(|name| dir.join(name)) else { return Ok(false) };
    if fs::read_link(&place).is_ok_and(|found| found == target) {
        fs::remove_file(&place)?;
        return Ok(true);
    }
    Ok(false)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn copies_are_executable_and_made_once() {
        let dir = tempfile::tempdir().expect("temp folder");
        let (from, to) = (dir.path().join("orchd"), dir.path().join("data/bin/orchd"));
        fs::write(&from, "one").expect("writes");
        assert!(place(&from, &to).expect("copies"));
        assert!(!place(&from, &to).expect("nothing to do"));
        assert_eq!(fs::metadata(&to).expect("there").permissions().mode() & 0o111, 0o111);
        fs::write(&from, "two").expect("writes");
        assert!(place(&from, &to).expect("copies"));
        assert_eq!(fs::read(&to).expect("reads"), b"two");
        assert_eq!(fs::read_dir(to.parent().expect("has a folder")).expect("there").count(), 1, "nothing else is left");
    }

    #[test]
    fn links_of_others_are_left_alone() {
        let dir = tempfile::tempdir().expect("temp folder");
        let target = dir.path().join("bin/orchd");
        let links = dir.path().join("links");
        fs::create_dir(&links).expect("makes the folder");
        assert_eq!(link(&links, &target).expect("links"), Link::Ours);
        assert_eq!(link(&links, &target).expect("again"), Link::Ours);
        assert!(unlink(&links, &target).expect("removes"));
        fs::write(links.join("orchd"), "mine").expect("writes");
        assert_eq!(link(&links, &target).expect("looks"), Link::Foreign);
        assert!(!unlink(&links, &target).expect("looks"));
        assert_eq!(fs::read(links.join("orchd")).expect("there"), b"mine");
    }

    #[test]
    fn the_static_hook_is_preferred() {
        let dir = tempfile::tempdir().expect("temp folder");
        let release = dir.path().join("target/release");
        let native = dir.path().join("target").join(HOOK_PROFILE);
        let fixed = dir.path().join("target").join(STATIC_TARGET).join(HOOK_PROFILE);
        for folder in [&release, &native, &fixed] {
            fs::create_dir_all(folder).expect("makes the folder");
        }
        assert_eq!(find_hook(&release.join("orchd")), None);
        for better in [release.clone(), native, fixed] {
            fs::write(better.join("orch-hook"), "").expect("writes");
            assert_eq!(find_hook(&release.join("orchd")), Some(better.join("orch-hook")));
        }
    }
}
