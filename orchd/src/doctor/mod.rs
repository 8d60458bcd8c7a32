//! What can be wrong with an installation, each with the command that repairs it.
//!
//! Nothing here changes anything. Looking is apart from judging: every check is a pure function over what was found.

mod client_costs;
mod daemon;
mod database;
mod hooks;
mod local_model;
mod machine;
pub(crate) mod mcp;
mod private;
pub(crate) mod settings;
mod telemetry;

use serde::Serialize;
use shared::paths::Paths;

use crate::logging::line::{Colours, printable};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Works, and is worth a look.
    Warn,
    /// Does not work.
    Fail,
}

/// One line of the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it went.
    pub state: State,
    /// What was found.
    pub message: String,
    /// The command, or the deed, that repairs it.
    pub fix: Option<String>,
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, state: State::Ok, message: message.into(), fix: None }
    }

    fn warn(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, state: State::Warn, message: message.into(), fix: Some(fix.into()) }
    }

    fn fail(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, state: State::Fail, message: message.into(), fix: Some(fix.into()) }
    }

    /// Returns the line for people, and the fix on a line below.
    #[must_use]
    pub fn line(&self, colours: Colours) -> String {
        let (word, code) = match self.state {
            State::Ok => ("ok  ", "32"),
            State::Warn => ("warn", "33"),
            State::Fail => ("FAIL", "31;1"),
        };
        let line = format!("{}  {:<12} {}", colours.paint(code, word), self.name, printable(&self.message));
        let fix = self.fix.as_ref().map(|fix| format!("\n{:19}{} {}", "", colours.paint("36", "fix:"), printable(fix)));
        line + &fix.unwrap_or_default()
    }
}

/// Runs every check.
#[must_use]
pub fn all(paths: &Paths) -> Vec<Check> {
    let mut checks = essentials(paths);
    checks.extend(settings::overrides());
    checks.extend(telemetry::check(paths));
    checks.push(database::check(&paths.database()));
    checks.extend(client_costs::check(&paths.database()));
    checks.push(daemon::port(paths));
    checks.push(daemon::spool(paths));
    checks.push(daemon::outbox(paths));
    checks.extend(daemon::transcripts(paths));
    checks.extend(local_model::checks(paths));
    checks.push(mcp::check(paths));
    checks.extend(private::checks(paths));
    checks.extend(machine::checks(paths));
    checks
}

/// Runs the checks without which nothing is recorded.
#[must_use]
pub fn essentials(paths: &Paths) -> Vec<Check> {
    let mut checks = vec![daemon::config(paths), daemon::answers(paths)];
    checks.extend(hooks::checks(paths));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_line_up_and_carry_the_fix() {
        let checks = [
            Check::ok("daemon", "answers, version 0.1.0"),
            Check::warn("linger", "off", "loginctl enable-linger"),
            Check::fail("hooks", "none\u{1b}[2J", "orchd up"),
        ];
        let text: Vec<_> = checks.iter().map(|check| check.line(Colours::Off)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        ok    daemon       answers, version 0.1.0
        warn  linger       off
                           fix: loginctl enable-linger
        FAIL  hooks        none\u{1b}[2J
                           fix: orchd up
        ");
    }
}
