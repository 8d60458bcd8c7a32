//! The decision about the task that an event begins, and what Claude is answered. The only part of the hook that prints.

use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use shared::decision::{Policy, decide};
use shared::paths::Paths;
use shared::protocol::{Decided, EventHeader};

use super::task::{Begun, Call};
use super::{advice_limit, agents, steer};
use crate::knowledge::Knowledge;

/// Longest that agents' files are looked through.
const AGENTS_WITHIN: Duration = Duration::from_millis(60);
/// Room of the thread that does.
const STACK: usize = 128 << 10;

/// A payload before anything was taken out of it.
pub(super) struct Came<'a> {
    /// What was read of it.
    pub(super) payload: &'a [u8],
    /// That is all of it, byte by byte as the client wrote it.
    pub(super) as_written: bool,
}

/// Decides where the payload begins a task, tells the header, and answers where the project's policy says so.
pub(super) fn take(came: &Came<'_>, header: &mut EventHeader, paths: &Paths) {
    let Some(begun) = Begun::of(came.payload) else { return };
    let now_at = header.occurred_at;
    let knowledge = Knowledge::read(paths, now_at);
    let project = begun.project(header.project_dir.as_deref());
    let decision = decide(&begun.task(project), &knowledge.settings, knowledge.local.as_ref());
    let policy = knowledge.settings.policy_of(project);
    let answer = match (policy, &begun.call) {
        // Who does a task because the local model could not is not sent back to it.
        (Policy::Advise, None) if header.parent_task.is_none() => steer::advice(&decision, knowledge.local.as_ref())
            .filter(|_| advice_limit::is_due(&paths.advised_dir(), &begun.session_id, now_at)),
        (Policy::Downshift, Some(call)) if came.as_written && steer::is_small(&decision) => {
            cheaper(came.payload, call, project)
        }
        _ => None,
    };
    let is_said = answer.is_some_and(|answer| {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(answer.as_bytes()).and_then(|()| stdout.flush()).is_ok()
    });
    let downshifted_to = (is_said && begun.call.is_some()).then(|| steer::CHEAP_MODEL.to_owned());
    let advised = is_said && begun.call.is_none();
    header.decided = Some(Box::new(Decided { decision, policy, advised, downshifted_to }));
}

fn cheaper(payload: &[u8], call: &Call<'_>, project: &str) -> Option<String> {
    let answer = steer::downshift(payload, call.input)?;
    (!is_chosen(&call.agent, project)).then_some(answer)
}

/// Whether somebody chose the subagent's model. The user's folders may lie on a disk that hangs: who cannot tell in time leaves the call as
/// it is, and the event still goes its way.
fn is_chosen(agent: &str, project: &str) -> bool {
    let (tell, told) = mpsc::channel();
    let (agent, project) = (agent.to_owned(), project.to_owned());
    let looking = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let cwd = std::env::current_dir().unwrap_or_default();
        // Nobody may be listening any more.
        let _ = tell.send(agents::model_is_chosen(&agent, &project, &cwd));
    });
    looking.is_err() || told.recv_timeout(AGENTS_WITHIN).unwrap_or(true)
}
