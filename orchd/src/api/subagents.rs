//! `GET /api/v1/subagents`.

use std::path::PathBuf;

use warp::reply::Response;

use super::costs::days;
use super::reject::ApiError;
use super::reply::Tagged;
use super::router::Ask;
use crate::agent_files::{project_folder, read_folder};
use crate::analytics::calendar::day_of;
use crate::analytics::costs::Period;
use crate::analytics::projects::projects;
use crate::analytics::subagents::{Definition, subagents};

/// Projects whose subagents are looked up.
const MOST_PROJECTS: usize = 50;
/// What the client brings along.
const BUILT_IN: [(&str, &str); 5] = [
    ("general-purpose", "Searches and does tasks of several steps."),
    ("Explore", "Looks around in the code, reading only."),
    ("Plan", "Plans before anything is changed."),
    ("statusline-setup", "Sets the status line up."),
    ("claude-code-guide", "Answers questions about Claude Code."),
];
/// The subagents that the router knows by their words, besides `general-purpose`.
const SEED: [(&str, &str); 4] = [
    ("api-testing-specialist", "APIs: requests, contracts, integration tests."),
    ("performance-testing-expert", "Load, speed and bottlenecks."),
    ("security-testing-guardian", "Vulnerabilities and how to close them."),
    ("database-testing-specialist", "Schemas, migrations and queries."),
];

/// Which subagents ran, how did that come out, what did it take, and which follow each other?
#[utoipa::path(get, path = "/api/v1/subagents", tag = "tasks",
    params(
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; 30d by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Subagents), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let range = days(Period::Days(30), &ask.params, &clock)?;
    let project = ask.params.text("project")?;
    let key = format!("subagents {} {}", day_of(clock.now_at, &clock.timezone), ask.query);
    let (reader, folders) = (ask.shared.context.reader.clone(), ask.shared.context.agent_folders.clone());
    let answer = ask.shared.answers.get(key, || async move {
        let known = reader.query(projects).await?.items.into_iter().map(|item| item.project_dir);
        let wanted = project.clone();
        let read = move || {
            let dirs = known.filter(|dir| !dir.is_empty() && wanted.as_ref().is_none_or(|wanted| wanted == dir));
            defined(&folders, dirs.take(MOST_PROJECTS))
        };
        let defined = tokio::task::spawn_blocking(read).await.map_err(|_| ApiError::Internal)?;
        let ask =
            move |conn: &rusqlite::Connection| subagents(conn, range, project.as_deref(), &defined, &clock.timezone);
        Tagged::json(&reader.query(ask).await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}

/// Returns the subagents that are defined, the nearest first: of the projects, of the user, of the client, of the router.
fn defined(user: &[PathBuf], project_dirs: impl Iterator<Item = String>) -> Vec<Definition> {
    let of_folder = |folder: PathBuf, source| {
        let files = read_folder(&folder).into_iter();
        files.map(move |file| Definition { name: file.name, description: file.description, source })
    };
    let of_table = |table: &[(&str, &str)], source| {
        let each = |(name, text): &(&str, &str)| Definition {
            name: (*name).to_owned(),
            description: Some((*text).to_owned()),
            source,
        };
        table.iter().map(each).collect::<Vec<_>>()
    };
    let mut defined: Vec<_> = project_dirs.flat_map(|dir| of_folder(project_folder(&dir), "project")).collect();
    defined.extend(user.iter().flat_map(|folder| of_folder(folder.clone(), "user")));
    defined.extend(of_table(&BUILT_IN, "built-in"));
    defined.extend(of_table(&SEED, "seed"));
    defined
}
