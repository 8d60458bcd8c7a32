//! `orchd router`: the heads on labelled tasks, and the fit to the user's own outcomes.

mod labelled;
mod refit;
mod status;

use std::process::ExitCode;

use shared::paths::Paths;

use super::args::RouterCommand;
use crate::command::Failure;

pub(crate) fn run(paths: &Paths, command: &RouterCommand) -> Result<ExitCode, Failure> {
    match command {
        RouterCommand::Train(args) => labelled::run_train(args)?,
        RouterCommand::Eval(args) => labelled::run_eval(args)?,
        RouterCommand::Refit(args) => return refit::run(paths, args),
        RouterCommand::Status(args) => status::run(paths, args)?,
    }
    Ok(ExitCode::SUCCESS)
}
