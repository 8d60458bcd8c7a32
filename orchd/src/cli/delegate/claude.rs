//! The fallback: Claude Code does the task, as `claude -p` with everything on its standard input.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use shared::event::{DelegationId, PARENT_TASK_VARIABLE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::Failure;
use crate::command::Code;
use crate::command::signals::interrupted;
use crate::delegate::outcome::Claude;
use crate::local_model::chat::ChatRequest;

/// Set by a Claude Code session that we may be called from; another one must not take itself for a part of it.
const OF_THE_CALLER: [&str; 2] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"];
/// Largest answer that is read for `--json`.
const ANSWER_BYTES_MAX: u64 = 32 << 20;
/// How long it may take to end after it was asked to.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Runs it; with `capture` its answer is read, else it goes where ours would. Its hooks inherit whose task it does, so that its
/// session does not count beside the delegation.
pub(super) async fn run(request: &ChatRequest, id: DelegationId, capture: bool) -> Claude {
    let mut command = Command::new("claude");
    command.arg("-p").env(PARENT_TASK_VARIABLE, id.to_string()).stdin(Stdio::piped()).kill_on_drop(true);
    for name in OF_THE_CALLER {
        command.env_remove(name);
    }
    command.stdout(if capture { Stdio::piped() } else { Stdio::inherit() });
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(source) => {
            let failure = Failure::new(Code::TryAgain, "the fallback `claude` cannot be started").because(source);
            return Claude::Failed(failure.hint("install Claude Code, or put it into PATH"));
        }
    };
    let done = tokio::select! {
        code = pin!(interrupted()) => Err(code),
        done = talk(&mut child, text(request)) => Ok(done),
    };
    match done {
        Ok(Ok(answer)) => Claude::Answered(answer.filter(|_| capture)),
        Ok(Err(failure)) => Claude::Failed(failure),
        Err(code) => {
            end(&mut child).await;
            Claude::Cancelled(code)
        }
    }
}

/// Returns all that the local model would have been told, as one text.
fn text(request: &ChatRequest) -> String {
    let schema = request.json_schema.as_ref();
    let schema = schema.map(|schema| format!("Answer with JSON alone, which must fit this schema: {schema}"));
    [request.system.clone(), Some(request.prompt()), schema].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// Hands the text over, reads the answer and waits for the end, all at once: neither side may wait for a full pipe.
async fn talk(child: &mut Child, text: String) -> Result<Option<String>, Failure> {
    let failed = |source| Failure::new(Code::TryAgain, "the fallback `claude -p` broke off").because(source);
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let telling = async {
        if let Some(mut stdin) = stdin {
            // One that does not read to the end says why by its exit code.
            let _ = stdin.write_all(text.as_bytes()).await;
        }
    };
    let reading = async {
        let mut bytes = Vec::new();
        match stdout {
            Some(stdout) => stdout.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await.map(|_| Some(bytes)),
            None => Ok(None),
        }
    };
    let ((), answer) = tokio::join!(telling, reading);
    let (answer, status) = (answer.map_err(failed)?, child.wait().await.map_err(failed)?);
    if !status.success() {
        return Err(Failure::new(Code::TryAgain, format!("the fallback `claude -p` failed: {status}")));
    }
    Ok(answer.map(|bytes| String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()))
}

/// Asks it to end as Ctrl-C would, so that its own hooks run, and insists after a while.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(pid) = child.id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
    }
    if tokio::time::timeout(END_WITHIN, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_all_that_the_local_model_was() {
        let request = ChatRequest {
            task: "Say why.".into(),
            system: Some("Be short.".into()),
            json_schema: Some(serde_json::json!({"type": "object"})),
            ..ChatRequest::default()
        };
        let expected =
            "Be short.\n\nSay why.\n\nAnswer with JSON alone, which must fit this schema: {\"type\":\"object\"}";
        assert_eq!(text(&request), expected);
    }
}
