//! `orchd delegate`: a task to the local model, its answer on stdout, and Claude Code in its place where it cannot.

mod args;
mod claude;
mod json;
mod question;
mod screen;

use std::process::ExitCode;
use std::time::Duration;

use shared::paths::Paths;

use crate::command::output::{print_json, say};
use crate::command::signals::interrupted;
use crate::command::{Code, Failure};
use crate::delegate::deciding::decided;
use crate::delegate::outcome::{Claude, Delegation, Local};
use crate::delegate::place::{Said, place};
use crate::delegate::recording::record_or_keep;
use crate::delegate::{Begun, Caller};
use crate::delegation::Policy;
use crate::local_model::chat::{ChatError, ChatRequest, Limits};
use crate::logging::line::printable;

pub(super) use args::Delegate;
use args::Fallback;
use json::{as_json, ran};
use screen::Screen;

pub(super) fn run(paths: &Paths, args: &Delegate) -> Result<ExitCode, Failure> {
    let request = question::question(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    let mut screen = Screen::new(args);
    let delegation = runtime.block_on(delegate(paths, args, request, &mut screen));
    let ended = delegation.and_then(|delegation| {
        let record = delegation.record(Policy::Command, &Caller::of_environment());
        let ended = end(args, delegation, &mut screen);
        runtime.block_on(record_or_keep(paths, &record));
        ended
    });
    // Nothing that a server or a name lookup still does must keep the process.
    runtime.shutdown_background();
    ended
}

/// Does the task, by whoever can.
async fn delegate(
    paths: &Paths,
    args: &Delegate,
    mut request: ChatRequest,
    screen: &mut Screen,
) -> Result<Delegation, Failure> {
    let begun = Begun::now();
    let mut said = Said::of(args.endpoint.as_deref())?;
    (said.model, said.context_tokens) = (args.model.clone(), args.context);
    let mut place = place(paths, said).await?;
    let project = Caller::of_environment().project_dir;
    let decision = decided(paths, &request.task, project.as_deref(), &place);
    request.model = place.endpoint.model.take();
    let limits = args.timeout.map_or_else(Limits::default, |seconds| Limits::within(Duration::from_secs(seconds)));
    let delegation = begun.ask((place, decision), request, limits, screen, interrupted()).await;
    match &delegation.local {
        // Half an answer is on stdout: a second one behind it would be taken for its rest.
        Local::Failed(error) if args.fallback == Fallback::Claude && !screen.has_shown() => {
            say(&format!("{}; Claude does it instead (claude -p)", no_answer(error)));
            let claude = Some(claude::run(&delegation.request, delegation.id, args.json).await);
            Ok(Delegation { claude, ended_at: begun.now_at(), ..delegation })
        }
        _ => Ok(delegation),
    }
}

/// Ends the command as its delegation ended. The one place that sees every delegation, whatever became of it.
fn end(args: &Delegate, delegation: Delegation, screen: &mut Screen) -> Result<ExitCode, Failure> {
    if args.json && ran(&delegation).is_some() {
        print_json(&as_json(&delegation))?;
    }
    match (delegation.local, delegation.claude) {
        (Local::Answered(reply), _) => {
            if !args.json {
                screen.end(&reply.answer)?;
            }
            screen.sum_up(&reply, args.model.as_deref());
            Ok(ExitCode::SUCCESS)
        }
        (Local::Cancelled(code), _) | (_, Some(Claude::Cancelled(code))) => Ok(ExitCode::from(code)),
        (Local::Unwritten(failure), _) | (_, Some(Claude::Failed(failure))) => Err(failure),
        (_, Some(Claude::Answered(_))) => Ok(ExitCode::SUCCESS),
        (Local::Failed(error), None) => {
            screen.break_off();
            let why = if screen.has_shown() { not_whole(&error) } else { no_answer(&error) };
            Err(Failure::new(Code::TryAgain, format!("{why} (try: {})", error.hint())))
        }
    }
}

/// Returns the one line that says why there is no answer.
fn no_answer(error: &ChatError) -> String {
    printable(&format!("no answer from the local model: {error}"))
}

/// Returns the one line that says why what was shown is not all of an answer.
fn not_whole(error: &ChatError) -> String {
    printable(&format!("the answer of the local model is not whole: {error}"))
}
