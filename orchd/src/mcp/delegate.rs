//! The tool `delegate_task`: reads the files, asks the local model, tells how far it is, and stops when the client says so.

use std::time::Instant;

use rmcp::RoleServer;
use rmcp::model::{CallToolResult, JsonObject};
use rmcp::service::RequestContext;
use serde_json::Value;
use shared::event::DelegationId;
use shared::paths::Paths;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::answer;
use super::arguments::DelegateTask;
use super::caller::tool_use_id;
use super::files::Rules;
use super::progress::Progress;
use super::roots::{Roots, roots_of};
use crate::cli::delegate::local;
use crate::cli::delegate::outcome::{Delegation, Local};
use crate::cli::delegate::place::{Place, usual_place};
use crate::cli::recording::Caller;
use crate::cli::run::load_config;
use crate::delegation::{Policy, Record};
use crate::local_model::chat::request::ContextFile;
use crate::local_model::chat::{Api, ChatRequest, Limits};

/// The exit code that an interrupted command would have.
const INTERRUPTED: u8 = 130;

/// Serves one call, and returns what is to be kept of it. `gone` says that nobody waits for any answer any more.
pub(super) async fn call(
    paths: &Paths,
    arguments: Option<JsonObject>,
    context: &RequestContext<RoleServer>,
    gone: &CancellationToken,
) -> (CallToolResult, Option<Record>) {
    let task = match DelegateTask::of(arguments) {
        Ok(task) => task,
        Err(why) => return (answer::refused(&why), None),
    };
    let files = match files_of(paths, roots_of(context).await, task.files.clone()).await {
        Ok(files) => files,
        Err(why) => return (answer::refused(&why), None),
    };
    let (id, started_at, begun) = (DelegationId(Uuid::now_v7()), chrono::Utc::now().timestamp_micros(), Instant::now());
    let mut place = match usual_place(paths).await {
        Ok(place) => place,
        Err(failure) => return (answer::could_not(&failure.line(), ""), None),
    };
    let (request, hidden) = question(&task, files, &mut place);
    let mut progress = Progress::new(&context.peer, context.meta.get_progress_token());
    let (tries, local) = if let Some(error) = place.refused.take() {
        (0, Local::Failed(error))
    } else {
        let stop = stopped(&context.ct, gone);
        local::answer(&place, &request, Limits::within(task.within()), &mut progress, stop).await
    };
    progress.end().await;
    let ended_at = chrono::Utc::now().timestamp_micros().max(started_at);
    let Place { endpoint, context_tokens, state, .. } = place;
    let delegation = Delegation {
        id,
        started_at,
        ended_at,
        endpoint: endpoint.base_url,
        state,
        request,
        context_tokens,
        tries,
        local_time: begun.elapsed(),
        local,
        claude: None,
    };
    let result = answer::of(&delegation, hidden);
    let record = delegation.record(Policy::Mcp, &Caller::of_environment());
    (result, Some(Record { tool_use_id: tool_use_id(&context.meta), ..record }))
}

/// Returns the texts of the files that may be handed over, or why one may not.
pub(super) async fn files_of(paths: &Paths, roots: Roots, files: Vec<String>) -> Result<Vec<ContextFile>, String> {
    let projects = load_config(paths).map_err(|failure| failure.line())?.capture.projects;
    let reading = tokio::task::spawn_blocking(move || {
        let rules = Rules::new(roots, &projects);
        if rules.roots.first().is_some_and(|project| rules.excludes(project)) {
            return Err("the settings exclude this project".to_owned());
        }
        rules.read(&files).map_err(|error| error.to_string())
    });
    reading.await.unwrap_or_else(|_| Err("the files could not be read".to_owned()))
}

/// Returns the question, and how many secrets were taken out of it: none leaves this machine.
fn question(task: &DelegateTask, files: Vec<ContextFile>, place: &mut Place) -> (ChatRequest, u64) {
    let mut hidden = 0;
    let mut safe = |text: String| if place.endpoint.is_this_machine() { text } else { redacted(text, &mut hidden) };
    let request = ChatRequest {
        api: Api::OpenAi,
        task: safe(task.words()),
        files: files.into_iter().map(|file| ContextFile { text: safe(file.text), name: file.name }).collect(),
        json_schema: task.schema().and_then(|schema| serde_json::from_str::<Value>(&safe(schema.to_string())).ok()),
        stream: true,
        ..ChatRequest::default()
    };
    (ChatRequest { model: place.endpoint.model.take(), ..request }, hidden)
}

/// Takes the secrets out of a text. They are looked for in JSON, where a quote in the text is not the end of it.
fn redacted(text: String, hidden: &mut u64) -> String {
    let json = Value::from(text).to_string();
    let clean = shared::redact::redact(json.as_bytes());
    *hidden += clean.count;
    serde_json::from_slice(&clean.payload).unwrap_or_else(|_| "[redacted]".to_owned())
}

async fn stopped(cancelled: &CancellationToken, gone: &CancellationToken) -> u8 {
    tokio::select! {
        () = cancelled.cancelled() => INTERRUPTED,
        () = gone.cancelled() => INTERRUPTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_model::Endpoint;
    use serde_json::json;

    const SECRET: &str =
        "sk-ant-api03-a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2";

    fn asked(url: &str) -> (ChatRequest, u64) {
        let schema = json!({"type": "object", "description": SECRET});
        let arguments = json!({"task": format!("Use {SECRET}"), "expected": schema});
        let task = DelegateTask::of(arguments.as_object().cloned()).expect("a task");
        let text = format!("fine\npassword = \"hunter2-of-mine\"\nkey = {SECRET}\n");
        let files = vec![ContextFile { name: "a.toml".into(), text }];
        let endpoint = Endpoint { model: Some("r1".into()), ..Endpoint::new(url).expect("valid") };
        question(&task, files, &mut Place { endpoint, context_tokens: None, state: None, refused: None })
    }

    #[test]
    fn no_secret_leaves_this_machine() {
        let (request, hidden) = asked("http://192.168.1.4:1234");
        let said = request.body().to_string();
        assert!(!said.contains(SECRET) && !said.contains("hunter2") && said.contains("fine"), "{said}");
        assert_eq!(hidden, 4);
        assert!(request.json_schema.is_some());
        let (here, hidden) = asked("http://127.0.0.1:1234");
        assert!(here.body().to_string().contains(SECRET));
        assert_eq!((hidden, here.model.as_deref()), (0, Some("r1")));
    }
}
