//! `GET /api/v1/tasks` and `POST /api/v1/feedback`.

use warp::reply::Response;

use super::costs::days;
use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::analytics::costs::Period;
use crate::analytics::delegations::{Cursor, NOBODY};
use crate::analytics::tasks::{KINDS, TaskQuery, tasks};
use crate::feedback::{NotTaken, Word, give};

/// What was decided about each task, where did it run, what did it take, how did it come out? The newest first.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks",
    params(
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 by default"),
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; all by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("kind" = Option<String>, Query, description = "prompt, agent or delegation"),
        ("route" = Option<String>, Query, description = "Recommended: local or claude"),
        ("ran" = Option<String>, Query, description = "local, claude, or nobody where nothing shows that it ran"),
        ("label" = Option<String>, Query, description = "success, failure or unknown"),
        ("disagree" = Option<bool>, Query, description = "true: those that ran elsewhere than recommended; false: the others")),
    responses((status = 200, body = crate::view::TaskList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn list(ask: Ask) -> Result<Response, ApiError> {
    let (clock, params) = (ask.shared.clock(), &ask.params);
    let word = |name, known: &[&'static str]| {
        let pairs: Vec<_> = known.iter().map(|word| (*word, *word)).collect();
        params.one_of(name, &pairs).map(|word| word.map(str::to_owned))
    };
    let (since, until) = days(Period::All, params, &clock)?;
    let query = TaskQuery {
        since,
        until,
        project_dir: params.text("project")?,
        kind: word("kind", &KINDS)?,
        route: word("route", &["local", "claude"])?,
        ran: word("ran", &["local", "claude", NOBODY])?,
        label: word("label", &["success", "failure", "unknown"])?,
        disagree: params.flag("disagree")?,
    };
    let page = (params.parsed::<Cursor>("cursor", "the next_cursor of a page of this list")?, params.limit(50, 200)?);
    let list = ask.shared.context.reader.query(move |conn| tasks(conn, &query, page, &clock.timezone)).await?;
    json(&ask.headers, &list)
}

/// Say how a task came out, or whether its recommended route was right. The task as it stands by that is the answer.
#[utoipa::path(post, path = "/api/v1/feedback", tag = "tasks",
    request_body = Word,
    responses((status = 200, body = crate::view::TaskRow), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn feedback(ask: Ask) -> Result<Response, ApiError> {
    let word: Word = ask.body.json(&ask.headers).await?;
    let (context, now_at) = (&ask.shared.context, ask.shared.clock().now_at);
    let row = give(&context.reader, &context.writer, word, now_at).await.map_err(|error| match error {
        NotTaken::NoTask => ApiError::NoSuch("task"),
        NotTaken::NoRoute => ApiError::Body("is about the route of a task for which none was recommended"),
        NotTaken::Store(error) => error.into(),
    })?;
    json(&ask.headers, &row)
}
