//! `orchd start`: a daemon in the background that is ready when the command returns. Twice is a success.

use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};

use shared::paths::Paths;

use super::control;
use crate::command::output::{print, say};
use crate::command::settings::load_config;
use crate::command::{Code, Failure};
use crate::daemon_client::probe_ready;
use crate::installed;
use crate::instance::is_locked;
use crate::service::{Manager, ServiceError, detached};

/// Longest a start may take.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// Longest one question may take while waiting.
const LOOK_WITHIN: Duration = Duration::from_millis(500);

const LOOK_EVERY: Duration = Duration::from_millis(30);

pub(crate) fn run(paths: &Paths) -> Result<ExitCode, Failure> {
    if let Some(http) = answering(paths) {
        say("The daemon is running already.");
        print(&http)?;
        return Ok(ExitCode::SUCCESS);
    }
    let http = start(paths, Manager::of(paths))?;
    print(&http)?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the daemon and returns its address when it is ready.
pub(crate) fn start(paths: &Paths, manager: Manager) -> Result<String, Failure> {
    // A daemon that cannot start is best explained before there is one.
    load_config(paths)?;
    let program = program(paths)?;
    if manager == Manager::Detached {
        return start_detached(paths, &program, &[]);
    }
    manager.install(paths, &program).and_then(|_| manager.start(paths)).map_err(failure_of)?;
    wait_until_ready(paths, None)
}

/// Starts a detached daemon of `program` with arguments of its own; the demo uses it.
pub(crate) fn start_detached(paths: &Paths, program: &Path, args: &[&str]) -> Result<String, Failure> {
    let spawned =
        shared::paths::make_private_dir(&paths.log_dir()).and_then(|()| detached::spawn(paths, program, args));
    let mut child =
        spawned.map_err(|source| Failure::of_file(format!("failed to start `{}`", program.display()), source))?;
    wait_until_ready(paths, Some(&mut child))
}

/// The stable copy where there is one; a build folder may be cleaned under a daemon.
fn program(paths: &Paths) -> Result<PathBuf, Failure> {
    let stable = installed::daemon(paths);
    if stable.is_file() {
        return Ok(stable);
    }
    std::env::current_exe()
        .map_err(|source| Failure::new(Code::Internal, "failed to find this program's own file").because(source))
}

/// Returns the address of a daemon that answers on the socket and over HTTP.
pub(crate) fn answering(paths: &Paths) -> Option<String> {
    let status = control::status(paths, LOOK_WITHIN).ok()?;
    let http = status.get("http")?.as_str()?;
    probe_ready(paths, http, LOOK_WITHIN).is_ok_and(|code| code == 200).then(|| http.to_owned())
}

fn wait_until_ready(paths: &Paths, mut child: Option<&mut Child>) -> Result<String, Failure> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        if let Some(http) = answering(paths) {
            return Ok(http);
        }
        let ended = child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if let Some(status) = ended {
            // Two starts at once: the other one's daemon is as good as ours.
            if let Some(http) = (Instant::now() < deadline).then(|| wait_for_other(paths, deadline)).flatten() {
                return Ok(http);
            }
            return Err(of_last_words(&detached::last_words(paths), &status.to_string()));
        }
        if Instant::now() >= deadline {
            let problem = format!("the daemon was not ready within {} s", READY_WITHIN.as_secs());
            return Err(Failure::new(Code::TryAgain, problem).hint("orchd logs, or: orchd doctor"));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Returns the failure the daemon told on stderr, in its own words.
fn of_last_words(words: &str, status: &str) -> Failure {
    let told = |mark| words.lines().rev().find_map(|line| line.strip_prefix(mark)).map(str::trim);
    let problem = match told("error:") {
        Some(problem) => problem.to_owned(),
        None if words.is_empty() => format!("the daemon ended: {status}"),
        None => words.replace('\n', "; "),
    };
    Failure::new(Code::Unavailable, problem).hint(told("try:").unwrap_or("orchd logs, or: orchd doctor"))
}

/// Our process ended because another holds the lock: waits for that one, while its lock file says it is there.
fn wait_for_other(paths: &Paths, deadline: Instant) -> Option<String> {
    while is_locked(paths) && Instant::now() < deadline {
        if let Some(http) = answering(paths) {
            return Some(http);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    None
}

fn failure_of(error: ServiceError) -> Failure {
    let hint = match &error {
        ServiceError::Foreign { .. } => "move the file away, then: orchd start",
        ServiceError::File { .. } => "orchd doctor",
        ServiceError::Run { .. } | ServiceError::Failed { .. } => "journalctl --user -u orchd -n 20, or: orchd logs",
    };
    Failure::new(Code::Unavailable, "the service manager did not start the daemon").because(error).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::line::Colours;

    #[test]
    fn the_daemons_own_words_are_the_failure() {
        for (words, expected) in [
            (
                "noise\nerror: port 1 is taken\ntry: orchd run --port 0",
                "error: port 1 is taken\n  try: orchd run --port 0\n",
            ),
            ("killed by\nsomebody", "error: killed by; somebody\n  try: orchd logs, or: orchd doctor\n"),
            ("", "error: the daemon ended: exit status: 1\n  try: orchd logs, or: orchd doctor\n"),
        ] {
            assert_eq!(of_last_words(words, "exit status: 1").text(Colours::Off), expected);
        }
    }
}
