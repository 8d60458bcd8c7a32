//! `orchd dashboard`: an address that logs the browser in, opened where there is a display.
//!
//! The address holds a code that works once, for a minute, never the token itself.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

use shared::paths::Paths;

use super::args::Dashboard;
use super::control;
use crate::command::Failure;
use crate::command::output::{print, say};

pub(crate) fn run(paths: &Paths, args: &Dashboard) -> Result<ExitCode, Failure> {
    let url = control::login(paths)?;
    print(&url)?;
    if !args.print && (args.open || has_display(|name| std::env::var_os(name))) && !open(&url) {
        say("No browser could be opened; the address above works once, for a minute.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether a browser could show itself here.
pub(crate) fn has_display(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        // Over SSH a browser would open on somebody else's screen.
        return variable("SSH_CONNECTION").is_none();
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| variable(name).is_some_and(|value| !value.is_empty()))
}

/// Hands the address to the system's browser. Returns whether a program took it.
pub(crate) fn open(url: &str) -> bool {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" })
    };
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_display_is_a_variable_that_is_not_empty() {
        let with = |pairs: &'static [(&str, &str)]| {
            has_display(move |name| pairs.iter().find(|(found, _)| *found == name).map(|(_, value)| value.into()))
        };
        assert!(!with(&[]));
        assert!(!with(&[("DISPLAY", "")]));
        assert!(with(&[("DISPLAY", ":0")]));
        assert!(with(&[("WAYLAND_DISPLAY", "wayland-0")]));
    }
}
