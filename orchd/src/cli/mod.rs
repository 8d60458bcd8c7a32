//! The user's command: one file per command, each a thin shell over the daemon's socket, the service manager or files.
//!
//! stdout is data, stderr is talk. Exit codes are those of sysexits.h, see [`Code`].

mod args;
mod bar;
mod config;
mod control;
mod dashboard;
mod delegate;
mod demo;
mod doctor;
mod down;
mod export;
mod feedback;
mod import;
mod logs;
mod mcp;
mod paths;
mod prices;
mod report;
mod router;
mod run;
mod selection;
mod start;
mod status;
mod stop;
mod up;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use shared::paths::{Paths, PathsError};

use crate::command::{Code, Failure};

use args::{Cli, Command};

/// Runs the command line of this process and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let home = cli.home.clone();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => home.iter().fold(failure, |failure, home| failure.in_home(home)).report(),
    }
}

/// Prints help, version or a usage error. clap's own exit code for usage is 2, which means something else to Claude Code.
fn explain(error: &clap::Error) -> ExitCode {
    // A reader that went away is no reason to complain.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => Code::Usage.into(),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let paths = Paths::resolve(cli.home.as_deref()).map_err(|error| match error {
        PathsError::NoHome => Failure::new(Code::Config, "no folder for the data").because(error),
        PathsError::Relative(_) => Failure::new(Code::Usage, "the home folder must be absolute").because(error),
    })?;
    match cli.command {
        Command::Up(args) => up::run(&paths, &args),
        Command::Down(args) => down::run(&paths, &args),
        Command::Run(args) => run::run(paths, args),
        Command::Start => start::run(&paths),
        Command::Stop => stop::run(&paths),
        Command::Restart => stop::run(&paths).and_then(|_| start::run(&paths)),
        Command::Status(args) => status::run(&paths, args.json),
        Command::Dashboard(args) => dashboard::run(&paths, &args),
        Command::Doctor(args) => doctor::run(&paths, args.json),
        Command::Logs(args) => logs::run(&paths, &args),
        Command::Pause => control::pause(&paths),
        Command::Resume => control::resume(&paths),
        Command::Paths(args) => paths::run(&paths, args.json),
        Command::Config { command: args::ConfigCommand::Show(args) } => config::show(&paths, args.json),
        Command::Import(args) => import::run(&paths, &args),
        Command::Report(args) => report::run(&paths, &args),
        Command::Export(args) => export::run(&paths, &args),
        Command::Prices { command } => prices::run(&paths, &command),
        Command::Feedback(args) => feedback::run(&paths, &args),
        Command::Delegate(args) => delegate::run(&paths, &args),
        Command::Mcp => mcp::run(paths),
        Command::Router { command } => router::run(&paths, &command),
        Command::Demo(args) => demo::run(&args),
    }
}

#[cfg(test)]
mod tests;
