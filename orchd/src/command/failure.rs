//! How a command fails: what went wrong with every cause, what to try, and an exit code scripts can rely on.

use std::error::Error;
use std::process::ExitCode;

use crate::logging::line::{Colours, printable};

/// Exit codes of sysexits.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The command line is wrong.
    Usage = 64,
    /// What is stored is not for this program: damaged, or of a newer one.
    Data = 65,
    /// The daemon or another program does not answer.
    Unavailable = 69,
    /// Our own mistake.
    Internal = 70,
    /// A file or folder cannot be made.
    CannotCreate = 73,
    /// It may work later.
    TryAgain = 75,
    /// Somebody else owns it.
    NoPermission = 77,
    /// The settings are wrong.
    Config = 78,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    problem: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    hint: Option<String>,
    silent: bool,
}

impl Failure {
    /// Returns a failure that says what was not possible.
    #[must_use]
    pub fn new(code: Code, problem: impl Into<String>) -> Self {
        Self { code, problem: problem.into(), cause: None, hint: None, silent: false }
    }

    /// Returns the end of a command whose reader went away: nobody is left to talk to.
    #[must_use]
    pub fn reader_gone() -> Self {
        Self { silent: true, ..Self::new(Code::Unavailable, "the reader of the output went away") }
    }

    /// Adds the cause, printed behind the problem with its own causes.
    #[must_use]
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Makes the commands of the hint ones about this home.
    #[must_use]
    pub fn in_home(mut self, home: &std::path::Path) -> Self {
        let command = format!("orchd --home {} ", home.display());
        // What a daemon said that was started for this command speaks of the home already.
        let speaks = |hint: &String| hint.contains("--home");
        self.hint = self.hint.map(|hint| if speaks(&hint) { hint } else { hint.replace("orchd ", &command) });
        self
    }

    /// Returns the exit code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the failure of a file operation, with the code that fits what the system said.
    #[must_use]
    pub fn of_file(problem: impl Into<String>, source: std::io::Error) -> Self {
        let code = match source.kind() {
            std::io::ErrorKind::PermissionDenied => Code::NoPermission,
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Code::TryAgain,
            _ => Code::CannotCreate,
        };
        Self::new(code, problem).because(source)
    }

    /// Returns it as one line, without a full stop.
    #[must_use]
    pub fn line(&self) -> String {
        let problem = self.problem().lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let hint = self.hint.as_ref().map(|hint| format!(" (try: {})", printable(hint)));
        problem + &hint.unwrap_or_default()
    }

    /// Returns the problem with every cause.
    fn problem(&self) -> String {
        let mut problem = printable(&self.problem);
        let mut cause: Option<&dyn Error> = self.cause.as_ref().map(|cause| &**cause as &dyn Error);
        while let Some(error) = cause {
            problem.push_str(": ");
            // Parsers explain themselves over several lines, with a mark under the place.
            problem.push_str(&error.to_string().lines().map(printable).collect::<Vec<_>>().join("\n  "));
            cause = error.source();
        }
        problem.trim_end().to_owned()
    }

    /// Returns the text for stderr.
    #[must_use]
    pub fn text(&self, colours: Colours) -> String {
        let error = format!("{} {}\n", colours.paint("31;1", "error:"), self.problem());
        let hint = self.hint.as_ref().map(|hint| format!("  {} {}\n", colours.paint("36", "try:"), printable(hint)));
        error + &hint.unwrap_or_default()
    }

    /// Prints the failure on stderr and returns the exit code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        if self.silent {
            return ExitCode::SUCCESS;
        }
        super::output::say(self.text(Colours::of_stderr()).trim_end());
        self.code.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn every_cause_is_printed_once_and_the_way_out_below() {
        let failure = Failure::new(Code::Unavailable, "no \u{1b}[2J answer")
            .because(Outer(std::io::Error::other("inner")))
            .hint("orchd start");
        assert_eq!(failure.text(Colours::Off), "error: no \\u{1b}[2J answer: outer: inner\n  try: orchd start\n");
        assert_eq!(failure.code(), Code::Unavailable);
        assert_eq!(Code::Config as u8, 78);
        let text = failure.in_home("/x".as_ref()).text(Colours::Off);
        assert!(text.ends_with("try: orchd --home /x start\n"), "{text}");
    }
}
