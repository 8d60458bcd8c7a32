//! `GET /api/v1/sessions`, `GET` and `PATCH /api/v1/sessions/{id}`.

use shared::event::SessionId;
use warp::reply::Response;

use super::params::{Params, bad};
use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::analytics::session_detail::{session, session_detail};
use crate::analytics::sessions::{Cursor, SessionQuery, Sort, sessions};
use crate::view::SessionPatch;

/// Characters of a label.
const MOST_LABEL: usize = 120;
const STATES: [&str; 5] = ["working", "waiting", "idle", "ended", "lost"];

/// Which sessions are there?
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions",
    params(
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 by default"),
        ("q" = Option<String>, Query, description = "Found in label, title, id or directory"),
        ("state" = Option<String>, Query, description = "working, waiting, idle, ended, lost; several with commas"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("pinned" = Option<bool>, Query, description = "Only pinned ones, or only others"),
        ("sort" = Option<String>, Query, description = "last (the default), started, events, tools or failures"),
        ("order" = Option<String>, Query, description = "desc (the default) or asc")),
    responses((status = 200, body = crate::view::SessionList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn list(ask: Ask) -> Result<Response, ApiError> {
    let query = query(&ask.params)?;
    let list = ask.shared.context.reader.query(move |conn| sessions(conn, &query)).await?;
    json(&ask.headers, &list)
}

fn query(params: &Params) -> Result<SessionQuery, ApiError> {
    let states = params.names("state")?;
    if states.iter().any(|state| !STATES.contains(&&**state)) {
        return Err(bad("state", format!("one or more of {}", STATES.join(", "))));
    }
    Ok(SessionQuery {
        text: params.text("q")?,
        states,
        project_dir: params.text("project")?,
        pinned: params.flag("pinned")?,
        sort: params.one_of("sort", &Sort::NAMES)?.unwrap_or_default(),
        ascending: params.one_of("order", &[("desc", false), ("asc", true)])?.unwrap_or_default(),
        cursor: params.parsed::<Cursor>("cursor", "the next_cursor of a page of this list")?,
        limit: params.limit(50, 200)?,
    })
}

/// Where did time go in one session?
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "session_id")),
    responses((status = 200, body = crate::view::SessionDetail), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(mut ask: Ask) -> Result<Response, ApiError> {
    let id = ask.segments.remove(0);
    let clock = ask.shared.clock();
    let found = ask.shared.context.reader.query(move |conn| session_detail(conn, &id, &clock)).await?;
    json(&ask.headers, &found.ok_or(ApiError::NoSuch("session"))?)
}

/// Label or pin a session.
#[utoipa::path(patch, path = "/api/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "session_id")),
    request_body = SessionPatch,
    responses((status = 200, body = crate::view::SessionRow), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn patch(mut ask: Ask) -> Result<Response, ApiError> {
    let id = SessionId::parse(&ask.segments.remove(0)).ok_or(ApiError::NoSuch("session"))?;
    let patch = checked(ask.body.json(&ask.headers).await?)?;
    let context = &ask.shared.context;
    if !context.writer.edit_session(id.clone(), patch).await? {
        return Err(ApiError::NoSuch("session"));
    }
    ask.shared.answers.forget();
    let found = context.reader.query(move |conn| session(conn, id.as_str())).await?;
    json(&ask.headers, &found.ok_or(ApiError::NoSuch("session"))?)
}

/// Returns the patch with its label trimmed, none instead of an empty one.
fn checked(patch: SessionPatch) -> Result<SessionPatch, ApiError> {
    let label = patch.label.map(|label| label.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()));
    if let Some(Some(text)) = &label {
        if text.chars().count() > MOST_LABEL {
            return Err(ApiError::Body("has a label of more than 120 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(ApiError::Body("has a label with control characters"));
        }
    }
    Ok(SessionPatch { label, ..patch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let patch = |text: &str| checked(serde_json::from_str(text).expect("a patch")).map(|patch| patch.label).ok();
        assert_eq!(patch("{}"), Some(None));
        assert_eq!(patch(r#"{"label": null}"#), Some(Some(None)));
        assert_eq!(patch(r#"{"label": "  "}"#), Some(Some(None)));
        assert_eq!(patch(r#"{"label": " a "}"#), Some(Some(Some("a".to_owned()))));
        assert_eq!(patch(r#"{"label": "a\u001b[0m"}"#), None);
        assert_eq!(patch(&format!(r#"{{"label": "{}"}}"#, "é".repeat(120))), Some(Some(Some("é".repeat(120)))));
        assert_eq!(patch(&format!(r#"{{"label": "{}"}}"#, "é".repeat(121))), None);
    }
}
