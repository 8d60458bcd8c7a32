//! `orchd run`: the daemon in the foreground.

use std::io::IsTerminal;
use std::process::ExitCode;

use shared::paths::Paths;

use super::args::Run;
use crate::command::output::say;
use crate::command::settings::load_config;
use crate::command::{Code, Failure};
use crate::daemon::{self, DaemonError, RunOptions};
use crate::error::chain;
use crate::instance::{Instance, InstanceError};
use crate::{logging, service};

pub(crate) fn run(paths: Paths, args: Run) -> Result<ExitCode, Failure> {
    if args.detached {
        service::detached::leave_session();
    }
    let mut config = load_config(&paths)?;
    config.ledger.transcripts &= !args.no_transcripts;
    // Before the log: a second daemon must not rotate the files of the first.
    let instance = Instance::acquire(&paths).map_err(|error| {
        let (code, hint) = match &error {
            InstanceError::Running { .. } => (Code::TryAgain, "orchd status, or: orchd restart"),
            _ => (Code::CannotCreate, "orchd paths, and look at who owns these folders"),
        };
        Failure::new(code, "the daemon did not start").because(error).hint(hint)
    })?;
    let log_dir = paths.log_dir();
    // `_logging` must live to the end: dropping it writes what is queued.
    let _logging = logging::start(&log_dir, config.log.level, std::io::stderr().is_terminal())
        .map_err(|error| Failure::new(Code::CannotCreate, "no log").because(error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    // A terminal shows the log, which says it too.
    let quiet = args.detached || std::io::stderr().is_terminal();
    let ready: fn(&str) = if quiet { |_| () } else { |url| say(&format!("ready: {url} (orchd dashboard logs in)")) };
    let options = RunOptions { paths, config, port: args.port, assets_dir: args.assets_dir, instance, ready };
    let ended = runtime.block_on(daemon::run(options));
    // What could not be ended in time must not keep the process.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS).map_err(|error| {
        tracing::error!(error = %chain(&error), "the daemon did not start");
        failure_of(error)
    })
}

fn failure_of(error: DaemonError) -> Failure {
    let (code, hint) = match &error {
        DaemonError::PortTaken { .. } => (Code::Unavailable, "orchd run --port 0, or set http.port in config.toml"),
        DaemonError::TimeZone(_) => (Code::Config, "orchd config show"),
        DaemonError::Endpoint { .. } | DaemonError::Auth(_) => {
            (Code::CannotCreate, "orchd paths, and look at who owns these folders")
        }
        DaemonError::Socket(_) => (Code::CannotCreate, "orchd doctor; a shorter ORCH_HOME when the path is too long"),
        DaemonError::Store(_)
        | DaemonError::Http { .. }
        | DaemonError::Signals(_)
        | DaemonError::LocalModel(_)
        | DaemonError::PartDied => (Code::Unavailable, "orchd doctor"),
    };
    Failure::new(code, "the daemon did not start").because(error).hint(hint)
}
