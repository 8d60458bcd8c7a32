//! `GET /api/v1/events` and `GET /api/v1/events/{event_id}`.

use warp::reply::Response;

use super::params::{Params, bad};
use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::analytics::events::{EventQuery, event, events};

/// What just happened, anywhere?
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(
        ("before" = Option<i64>, Query, description = "next_before of the page before"),
        ("after" = Option<i64>, Query, description = "Only events stored after this seq"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 by default"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("session" = Option<String>, Query, description = "session_id"),
        ("event" = Option<String>, Query, description = "hook_event_name; several with commas"),
        ("tool" = Option<String>, Query, description = "tool_name"),
        ("agent" = Option<String>, Query, description = "agent_id"),
        ("failed" = Option<bool>, Query, description = "Only failures, or only others"),
        ("q" = Option<String>, Query, description = "Found in summary, tool or name of the event"),
        ("from" = Option<String>, Query, description = "Happened at or after: microseconds since 1970 or RFC 3339"),
        ("to" = Option<String>, Query, description = "Happened at or before")),
    responses((status = 200, body = crate::view::EventList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn list(ask: Ask) -> Result<Response, ApiError> {
    let query = query(&ask.params)?;
    let clock = ask.shared.clock();
    let list = ask.shared.context.reader.query(move |conn| events(conn, &query, &clock)).await?;
    json(&ask.headers, &list)
}

fn query(params: &Params) -> Result<EventQuery, ApiError> {
    let seq = |name| -> Result<Option<i64>, ApiError> {
        let seq = params.parsed::<i64>(name, "the seq of an event")?;
        if seq.is_some_and(|seq| seq < 0) { Err(bad(name, "the seq of an event")) } else { Ok(seq) }
    };
    Ok(EventQuery {
        before: seq("before")?,
        after: seq("after")?,
        limit: params.limit(100, 500)?,
        project_dir: params.text("project")?,
        session_id: params.text("session")?,
        events: params.names("event")?,
        tool_name: params.text("tool")?,
        agent_id: params.text("agent")?,
        failed: params.flag("failed")?,
        text: params.text("q")?,
        from_at: params.moment("from")?,
        to_at: params.moment("to")?,
    })
}

/// What is known of one event, its payload included?
#[utoipa::path(get, path = "/api/v1/events/{event_id}", tag = "events",
    params(("event_id" = String, Path, description = "event_id")),
    responses((status = 200, body = crate::view::EventDetail), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(mut ask: Ask) -> Result<Response, ApiError> {
    let id = ask.segments.remove(0);
    let found = ask.shared.context.reader.query(move |conn| event(conn, &id)).await?;
    json(&ask.headers, &found.ok_or(ApiError::NoSuch("event"))?)
}
