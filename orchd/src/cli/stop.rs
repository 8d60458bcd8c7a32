//! `orchd stop`: ends the daemon and waits until it has let go of its lock.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::paths::Paths;
use shared::protocol::Request;

use super::control::{self, ANSWER_WITHIN};
use crate::command::output::say;
use crate::command::{Code, Failure};
use crate::daemon_client::{ClientError, ask};
use crate::instance::is_locked;
use crate::service::Manager;

/// Longest a stop may take; the daemon itself takes at most 3 s.
const GONE_WITHIN: Duration = Duration::from_secs(5);

pub(crate) fn run(paths: &Paths) -> Result<ExitCode, Failure> {
    let stopped = stop(paths)?;
    say(if stopped {
        "Stopped. Hooks keep their events until the daemon is back."
    } else {
        "The daemon is not running."
    });
    Ok(ExitCode::SUCCESS)
}

/// Ends the daemon and returns whether there was one.
pub(crate) fn stop(paths: &Paths) -> Result<bool, Failure> {
    let manager = Manager::of(paths);
    let by_service = manager.is_installed(paths) && manager.is_active();
    if by_service {
        manager.stop().map_err(|error| {
            Failure::new(Code::TryAgain, "the service manager did not stop the daemon")
                .because(error)
                .hint("orchd logs")
        })?;
    }
    // A daemon started by hand may run beside a unit that is installed; the socket reaches whichever is there.
    let asked = match ask(paths, &Request::Stop, ANSWER_WITHIN) {
        // It may end before its answer is out.
        Ok(_) | Err(ClientError::Io(_)) => true,
        Err(ClientError::NotRunning { .. }) => false,
        Err(error) => return Err(control::failure_of(error)),
    };
    let deadline = Instant::now() + GONE_WITHIN;
    while is_locked(paths) {
        if Instant::now() >= deadline {
            let problem = format!("the daemon did not end within {} s", GONE_WITHIN.as_secs());
            return Err(Failure::new(Code::TryAgain, problem).hint("orchd status, and end that pid"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(by_service || asked)
}
