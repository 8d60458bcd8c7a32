//! What the commands ask of the running daemon: status, login, pause, resume, stop.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;
use shared::paths::Paths;
use shared::protocol::{Reply, Request};

use crate::command::output::say;
use crate::command::{Code, Failure};
pub(crate) use crate::daemon_client::status;
use crate::daemon_client::{ClientError, ask};

/// Longest a running daemon may take; commits under load come before questions.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Returns an address that logs a browser in, once.
pub(crate) fn login(paths: &Paths) -> Result<String, Failure> {
    match ask(paths, &Request::Login, ANSWER_WITHIN) {
        Ok(Reply::Login { url }) => Ok(url),
        Ok(other) => Err(failure_of(ClientError::unexpected(&other))),
        Err(error) => Err(failure_of(error)),
    }
}

/// Starts the daemon's import of transcripts.
pub(crate) fn start_import(paths: &Paths, roots: Vec<String>) -> Result<(), Failure> {
    order(paths, &Request::Import { roots })
}

/// Returns how far the daemon's import of these folders is.
pub(crate) fn import_progress(paths: &Paths, roots: Vec<String>) -> Result<Value, Failure> {
    match ask(paths, &Request::ImportProgress { roots }, ANSWER_WITHIN) {
        Ok(Reply::Progress(progress)) => Ok(progress),
        Ok(other) => Err(failure_of(ClientError::unexpected(&other))),
        Err(error) => Err(failure_of(error)),
    }
}

pub(crate) fn pause(paths: &Paths) -> Result<ExitCode, Failure> {
    order(paths, &Request::Pause)?;
    say("Recording is paused. Events are counted and not kept. Go on with: orchd resume");
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn resume(paths: &Paths) -> Result<ExitCode, Failure> {
    order(paths, &Request::Resume)?;
    say("Recording.");
    Ok(ExitCode::SUCCESS)
}

fn order(paths: &Paths, request: &Request) -> Result<(), Failure> {
    match ask(paths, request, ANSWER_WITHIN) {
        Ok(Reply::Done) => Ok(()),
        Ok(other) => Err(failure_of(ClientError::unexpected(&other))),
        Err(error) => Err(failure_of(error)),
    }
}

/// Returns the failure of a command that needs the daemon.
pub(crate) fn failure_of(error: ClientError) -> Failure {
    let (code, problem, hint) = match &error {
        ClientError::NotRunning { .. } => (Code::Unavailable, "the daemon is not running", "orchd start"),
        ClientError::TooLong { .. } => (Code::Config, "the daemon cannot be reached", "a shorter ORCH_HOME"),
        ClientError::Foreign { .. } => (Code::NoPermission, "the daemon cannot be trusted", "orchd doctor"),
        ClientError::Timeout(_) => (Code::TryAgain, "the daemon does not answer", "orchd logs, or: orchd restart"),
        ClientError::Refused(_) => (Code::TryAgain, "the daemon did not do it", "orchd logs"),
        ClientError::Io(_) | ClientError::Frame(_) => {
            (Code::Unavailable, "the daemon cannot be understood", "orchd doctor")
        }
    };
    Failure::new(code, problem).because(error).hint(hint)
}
