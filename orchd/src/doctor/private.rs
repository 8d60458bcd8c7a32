//! Who may read what we keep.

use shared::paths::Paths;

use super::Check;

/// Checks the folders and files that must be for their owner only.
#[cfg(unix)]
pub(super) fn checks(paths: &Paths) -> Vec<Check> {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    let tokens = [paths.token_file(), paths.telemetry_token_file()];
    let places = [paths.run_dir(), paths.database(), paths.spool_dir(), paths.log_dir()].into_iter().chain(tokens);
    let mut faults = Vec::new();
    for place in places {
        let Ok(found) = std::fs::metadata(&place) else { continue };
        let path = place.display();
        if found.uid() != me {
            let fix = format!("find out why, then: sudo chown -R \"$USER\" '{path}'");
            faults.push(Check::fail("private", format!("{path} belongs to user {}", found.uid()), fix));
        } else if found.mode() & 0o077 != 0 {
            let right = if found.is_dir() { "700" } else { "600" };
            let message = format!("{path} is open to others (mode {:o})", found.mode() & 0o777);
            faults.push(Check::fail("private", message, format!("chmod {right} '{path}'")));
        }
    }
    if faults.is_empty() {
        faults.push(Check::ok("private", "only you can read what is recorded"));
    }
    faults
}

/// Other systems keep a user's folders private by inheritance.
#[cfg(not(unix))]
pub(super) fn checks(_: &Paths) -> Vec<Check> {
    Vec::new()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::doctor::State;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_open_token_is_a_failure_with_its_chmod() {
        let home = tempfile::tempdir().expect("temp folder");
        let paths = Paths::under(home.path());
        std::fs::create_dir_all(&paths.data_dir).expect("makes the folder");
        std::fs::write(paths.token_file(), "t").expect("writes");
        let with_mode = |mode| {
            std::fs::set_permissions(paths.token_file(), std::fs::Permissions::from_mode(mode)).expect("changes");
            checks(&paths)
        };
        assert_eq!(with_mode(0o600)[0].state, State::Ok);
        let open = with_mode(0o644);
        assert_eq!(open[0].state, State::Fail);
        assert!(open[0].fix.as_deref().is_some_and(|fix| fix.starts_with("chmod 600 ")), "{open:?}");
    }
}
