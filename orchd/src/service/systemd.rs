//! The systemd user unit.

use std::path::Path;

use super::MARK;

/// Name of the unit.
pub const UNIT: &str = "orchd.service";

/// Returns the unit that runs `program`.
///
/// Restarts stop for exit codes that a restart cannot cure: a wrong command line, a foreign folder, wrong settings.
#[must_use]
pub fn unit(program: &Path) -> String {
    format!(
        "# {MARK}; changes are overwritten. Own settings: systemctl --user edit {UNIT}\n\
         [Unit]\n\
         Description=AI Orchestration Analytics daemon\n\
         StartLimitIntervalSec=60\n\
         StartLimitBurst=5\n\
         \n\
         [Service]\n\
         Type=notify\n\
         ExecStart={} run\n\
         Restart=on-failure\n\
         RestartSec=2\n\
         RestartPreventExitStatus=64 77 78\n\
         WatchdogSec=30\n\
         TimeoutStartSec=60\n\
         TimeoutStopSec=10\n\
         UMask=0077\n\
         MemoryMax=512M\n\
         LimitNOFILE=8192\n\
         NoNewPrivileges=yes\n\
         LockPersonality=yes\n\
         RestrictRealtime=yes\n\
         RestrictSUIDSGID=yes\n\
         RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n\
         SystemCallArchitectures=native\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        quoted(&program.to_string_lossy())
    )
}

/// Returns a program's path as systemd reads it: in double quotes, its special characters escaped. A dollar sign stays:
/// systemd replaces variables in arguments, not in the program.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '%' => text.push_str("%%"),
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_as_reviewed() {
        insta::assert_snapshot!(unit(Path::new("/home/dev/.local/share/orch/bin/orchd")), @r#"
        # Written by `orchd up`; changes are overwritten. Own settings: systemctl --user edit orchd.service
        [Unit]
        Description=AI Orchestration Analytics daemon
        StartLimitIntervalSec=60
        StartLimitBurst=5

        [Service]
        Type=notify
        ExecStart="/home/dev/.local/share/orch/bin/orchd" run
        Restart=on-failure
        RestartSec=2
        RestartPreventExitStatus=64 77 78
        WatchdogSec=30
        TimeoutStartSec=60
        TimeoutStopSec=10
        UMask=0077
        MemoryMax=512M
        LimitNOFILE=8192
        NoNewPrivileges=yes
        LockPersonality=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        SystemCallArchitectures=native

        [Install]
        WantedBy=default.target
        "#);
    }

    #[test]
    fn odd_folders_are_quoted() {
        assert_eq!(quoted(r#"/a b/50%/$x/"q"\"#), r#""/a b/50%%/$x/\"q\"\\""#);
    }

    /// `systemd-analyze` comes with the package `systemd`; where it is missing this test says so and checks nothing.
    #[cfg(target_os = "linux")]
    #[test]
    fn systemd_accepts_the_unit() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::Builder::new().prefix("odd %h $x ").tempdir().expect("temp folder");
        let program = dir.path().join("orchd");
        std::fs::write(&program, "#!/bin/sh\n").expect("writes");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("changes the mode");
        let file = dir.path().join(UNIT);
        std::fs::write(&file, unit(&program)).expect("writes");
        let args = ["--user".as_ref(), "verify".as_ref(), file.as_os_str()];
        let within = std::time::Duration::from_mins(1);
        let mut command = std::process::Command::new("systemd-analyze");
        // The user manager's own folder must exist for the check, not for the unit.
        command.args(args).env("XDG_RUNTIME_DIR", dir.path()).env("HOME", dir.path());
        match super::super::command::output_of(command, within) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "CI checks the unit: install the package `systemd`");
                let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no systemd-analyze\n");
            }
            Err(error) => panic!("systemd-analyze did not run: {error}"),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let about_us: Vec<_> = said.lines().filter(|line| line.contains("orchd")).collect();
                assert!(output.status.success() && about_us.is_empty(), "{said}");
            }
        }
    }
}
