//! The launchd agent of macOS. Unproven: no test of ours runs on macOS.

use std::path::Path;

use super::MARK;

/// Name of the agent.
pub const LABEL: &str = "dev.orch.orchd";

/// Returns the property list that runs `program` at login and again when it fails.
///
/// stdout and stderr go nowhere: the daemon keeps its own bounded log.
#[must_use]
pub fn agent(program: &Path, log_dir: &Path) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {MARK}; changes are overwritten. The daemon logs to {} -->
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{LABEL}</string>
    <key>ProgramArguments</key>
    <array>
        <string>{}</string>
        <string>run</string>
    </array>
    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key>
        <false/>
    </dict>
    <key>ThrottleInterval</key>
    <integer>5</integer>
    <key>ProcessType</key>
    <string>Background</string>
    <key>Umask</key>
    <integer>63</integer>
</dict>
</plist>
"#,
        // Two hyphens end a comment.
        escaped(&log_dir.to_string_lossy()).replace("--", "- -"),
        escaped(&program.to_string_lossy())
    )
}

/// Returns text as XML reads it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_as_reviewed() {
        insta::assert_snapshot!(agent(Path::new("/Users/dev/orch/bin/orchd"), Path::new("/Users/dev/logs")));
    }

    /// Python's `plistlib` is the reader at hand that is not ours; without Python this test says so and checks nothing.
    #[test]
    fn another_program_reads_the_agent() {
        let dir = tempfile::tempdir().expect("temp folder");
        let file = dir.path().join("agent.plist");
        std::fs::write(&file, agent(Path::new("/a & b/<orchd>"), Path::new("/l--ogs"))).expect("writes");
        let script = "import plistlib,sys; p=plistlib.load(open(sys.argv[1],'rb')); \
                      print(p['Label'], p['ProgramArguments'], p['KeepAlive'], p['Umask'])";
        let args = ["-c".as_ref(), script.as_ref(), file.as_os_str()];
        match super::super::command::output_within("python3", &args, std::time::Duration::from_mins(1)) {
            Ok(output) => assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                "dev.orch.orchd ['/a & b/<orchd>', 'run'] {'SuccessfulExit': False} 63",
                "{}",
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => panic!("the tests need python3: {error}"),
        }
    }
}
