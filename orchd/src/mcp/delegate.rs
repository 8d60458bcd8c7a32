//! The tool `delegate_task`: reads the files, asks the local model, tells how far it is, and stops when the client says so.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{CallToolResult, JsonObject};
use rmcp::service::RequestContext;
use serde_json::Value;
use shared::paths::Paths;
use shared::redact::redact_text;
use tokio_util::sync::CancellationToken;

use super::answer;
use super::arguments::DelegateTask;
use super::caller::tool_use_id;
use super::files::Rules;
use super::progress::Progress;
use super::roots::{Roots, roots_of};
use crate::command::settings::load_config;
use crate::delegate::deciding::decided;
use crate::delegate::place::{Place, usual_place};
use crate::delegate::{Begun, Caller};
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
    let roots = roots_of(context).await;
    let files = match files_of(paths, roots, task.files.clone(), task.words().len()).await {
        Ok(files) => files,
        Err(why) => return (answer::refused(&why), None),
    };
    let begun = Begun::now();
    let place = match usual_place(paths).await {
        Ok(place) => place,
        Err(failure) => return (answer::could_not(&failure.line(), ""), None),
    };
    // Megabytes are looked through for secrets.
    let caller = Caller::of_environment();
    let (paths, project) = (paths.clone(), caller.project_dir.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let decision = decided(&paths, &task.words(), project.as_deref(), &place);
        (question(&task, files, place), decision)
    });
    let Ok((Question { request, hidden, place, within }, decision)) = asking.await else {
        return (answer::could_not("the question could not be made", ""), None);
    };
    let mut progress = Progress::new(&context.peer, context.meta.get_progress_token());
    let (limits, stop) = (Limits::within(within), stopped(&context.ct, gone));
    let delegation = begun.ask((place, decision), request, limits, &mut progress, stop).await;
    progress.end().await;
    let result = answer::of(&delegation, hidden);
    let record = delegation.record(Policy::Mcp, &caller);
    (result, Some(Record { tool_use_id: tool_use_id(&context.meta), ..record }))
}

/// Returns the texts of the files that may be handed over with a task of so many bytes, or why one may not.
pub(super) async fn files_of(
    paths: &Paths,
    roots: Roots,
    files: Vec<String>,
    task_bytes: usize,
) -> Result<Vec<ContextFile>, String> {
    let paths = paths.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let projects = load_config(&paths).map_err(|failure| failure.line())?.capture.projects;
        let rules = Rules::new(roots, &projects);
        if rules.roots.first().is_some_and(|project| rules.excludes(project)) {
            return Err("the settings exclude this project".to_owned());
        }
        rules.read(&files, task_bytes).map_err(|error| error.to_string())
    });
    reading.await.unwrap_or_else(|_| Err("the files could not be read".to_owned()))
}

/// What is asked, and where.
#[derive(Debug)]
struct Question {
    request: ChatRequest,
    /// How many secrets were taken out of it: none leaves this machine.
    hidden: u64,
    place: Place,
    within: Duration,
}

fn question(task: &DelegateTask, files: Vec<ContextFile>, mut place: Place) -> Question {
    let mut hidden = 0;
    let mut safe = |text: String| {
        if place.endpoint.is_this_machine() {
            return text;
        }
        let (clean, count) = redact_text(&text);
        hidden += count;
        clean.into_owned()
    };
    let request = ChatRequest {
        api: Api::OpenAi,
        task: safe(task.words()),
        files: files.into_iter().map(|file| ContextFile { text: safe(file.text), name: file.name }).collect(),
        json_schema: task.schema().and_then(|schema| serde_json::from_str::<Value>(&safe(schema.to_string())).ok()),
        stream: true,
        ..ChatRequest::default()
    };
    let request = ChatRequest { model: place.endpoint.model.take(), ..request };
    Question { request, hidden, place, within: task.within() }
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
        let asked = question(&task, files, Place { endpoint, context_tokens: None, state: None, refused: None });
        (asked.request, asked.hidden)
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
