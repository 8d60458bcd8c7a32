//! `orchd feedback`: the user's word on a task, to the daemon that runs, else into the database.

use std::process::ExitCode;
use std::time::Duration;

use rusqlite::Connection;
use serde::Deserialize;
use shared::paths::Paths;

use super::args::{About, Feedback as Args, Verdict};
use crate::clock::now;
use crate::command::database::{connect, failed, unreadable};
use crate::command::output::{print, print_json};
use crate::command::settings::{load_config, wrong_settings};
use crate::command::{Code, Failure};
use crate::config::time_zone;
use crate::daemon_client::Endpoint;
use crate::feedback::{NotTaken, Said, Subject, Word, give};
use crate::instance::{Instance, is_locked};
use crate::logging::line::printable;
use crate::metrics::Metrics;
use crate::store::{Store, StoreOptions};
use crate::updates::Updates;

/// Longest that the daemon may take.
const WITHIN: Duration = Duration::from_secs(5);
/// The word for the newest task that is over.
const LAST: &str = "last";

pub(super) fn run(paths: &Paths, args: &Args) -> Result<ExitCode, Failure> {
    let word = Word {
        task: resolve(&connect(paths)?, &args.task)?,
        verdict: match args.verdict {
            Verdict::Good => Said::Good,
            Verdict::Bad => Said::Bad,
        },
        about: match args.about {
            About::Result => Subject::Result,
            About::Route => Subject::Route,
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    let told = if is_locked(paths) { runtime.block_on(there(paths, &word)) } else { here(paths, &runtime, word) };
    let row = told?;
    if args.json {
        print_json(&row)?;
    } else {
        let text = |name: &str| row[name].as_str().unwrap_or("not known").to_owned();
        let judged = match row["judged_as_good"].as_bool() {
            Some(true) => "as good as Claude's",
            Some(false) => "not as good as Claude's",
            None => "not judged",
        };
        let line = format!("{}: it came out as {}; the local answer is {judged}", text("task_id"), text("label"));
        print(&printable(&line))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the id of the task that is meant: a whole id, the start of one, with or without its kind, or `last`.
fn resolve(conn: &Connection, wanted: &str) -> Result<String, Failure> {
    if wanted == LAST {
        let mut ask = conn.prepare(include_str!("../../queries/last_task.sql")).map_err(failed)?;
        let found = ask.query_map([], |row| row.get(0)).map_err(failed)?.next().transpose().map_err(failed)?;
        return found.ok_or_else(|| Failure::new(Code::Usage, "no task is over yet").hint("orchd status"));
    }
    let mut ask = conn.prepare(include_str!("../../queries/tasks_named.sql")).map_err(failed)?;
    let found = ask.query_map([wanted], |row| row.get(0)).map_err(failed)?.collect::<rusqlite::Result<Vec<String>>>();
    let mut found = found.map_err(failed)?;
    // A whole id may be the start of another.
    let is_whole = |id: &String| id == wanted || id.split_once(':').is_some_and(|(_, rest)| rest == wanted);
    if found.len() == 1 || found.first().is_some_and(is_whole) {
        return Ok(found.swap_remove(0));
    }
    let problem =
        if found.is_empty() { "no task has an id that begins so" } else { "several tasks have ids that begin so" };
    let hint = if found.is_empty() {
        "orchd feedback last good, or an id from the Routing page"
    } else {
        "write more of the id"
    };
    Err(Failure::new(Code::Usage, problem).hint(hint))
}

/// What the daemon says where it does not take it.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

async fn there(paths: &Paths, word: &Word) -> Result<serde_json::Value, Failure> {
    let busy = || Failure::new(Code::TryAgain, "the daemon does not answer").hint("orchd status");
    let (Some(endpoint), Ok(token)) = (Endpoint::read(paths), std::fs::read_to_string(paths.token_file())) else {
        return Err(busy());
    };
    let client = reqwest::Client::builder().no_proxy().timeout(WITHIN).redirect(reqwest::redirect::Policy::none());
    let client = client.build().map_err(|error| busy().because(error))?;
    let asked = client.post(format!("{}/api/v1/feedback", endpoint.http)).bearer_auth(token.trim()).json(word);
    let answer = asked.send().await.map_err(|error| busy().because(error.without_url()))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| busy().because(error.without_url()))?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| busy().because(error));
    }
    let detail = serde_json::from_slice::<Problem>(&body).map_or_else(|_| status.to_string(), |problem| problem.detail);
    let code = if status.is_client_error() { Code::Usage } else { Code::TryAgain };
    Err(Failure::new(code, format!("the daemon refused: {detail}")))
}

fn here(paths: &Paths, runtime: &tokio::runtime::Runtime, word: Word) -> Result<serde_json::Value, Failure> {
    let config = load_config(paths)?;
    let timezone = time_zone(&config.display.timezone).map_err(|error| wrong_settings(paths, error))?;
    let _instance = Instance::acquire(paths)
        .map_err(|error| Failure::new(Code::TryAgain, "the database cannot be locked").because(error))?;
    let options = StoreOptions { patient: true, ..StoreOptions::new(&config, &timezone) };
    let store = Store::open(&paths.database(), options, Metrics::default(), Updates::default()).map_err(unreadable)?;
    let given = runtime.block_on(give(&store.reader(), &store.writer(), word, now()));
    store.close();
    let row = given.map_err(|error| {
        let code = if matches!(error, NotTaken::Store(_)) { Code::Unavailable } else { Code::Usage };
        Failure::new(code, "nothing was changed").because(error)
    })?;
    serde_json::to_value(row)
        .map_err(|error| Failure::new(Code::Internal, "the answer cannot be written").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;

    #[test]
    fn tasks_are_found_by_what_their_ids_begin_with() {
        let conn = seed::database();
        for (id, kind, at, over) in [
            ("prompt:aa11", "prompt", 1, Some(5)),
            ("prompt:aa22", "prompt", 2, Some(6)),
            ("prompt:aa2", "prompt", 3, None),
            ("agent:toolu_1", "agent", 4, Some(7)),
            ("prompt:a%b", "prompt", 0, Some(1)),
        ] {
            conn.execute(
                "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, reasons, tries, local_ms, settled_at)
                 VALUES (?1, ?2, 1, ?3, 'observe', '[]', 0, 0, ?4)",
                (id, kind, at, over),
            )
            .expect("stores");
        }
        for (wanted, found) in [
            ("last", Some("agent:toolu_1")),
            ("prompt:aa11", Some("prompt:aa11")),
            ("aa1", Some("prompt:aa11")),
            ("aa", None),
            ("aa2", Some("prompt:aa2")),
            ("prompt:aa2", Some("prompt:aa2")),
            ("prompt:aa22", Some("prompt:aa22")),
            ("toolu_", Some("agent:toolu_1")),
            ("a%", Some("prompt:a%b")),
            ("%", None),
            ("", None),
            ("zz", None),
        ] {
            assert_eq!(resolve(&conn, wanted).ok().as_deref(), found, "{wanted:?}");
        }
    }
}
