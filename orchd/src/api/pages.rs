//! The pages: one HTML file whose script reads the address.

use http::StatusCode;
use http::header::CACHE_CONTROL;
use warp::reply::Response;

use super::assets;
use super::reject::ApiError;
use super::reply::text;
use super::router::Ask;

/// The first page; the same file as every other page.
#[utoipa::path(get, path = "/", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn overview(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// What just happened, anywhere.
#[utoipa::path(get, path = "/activity", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn activity(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// What was spent, on what, and where it is going.
#[utoipa::path(get, path = "/costs", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn costs(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// The requests behind a cost.
#[utoipa::path(get, path = "/costs/requests", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn requests(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// Whether the local model can work, how fast it is and what it saved.
#[utoipa::path(get, path = "/local", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn local(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// Whether the router's decisions are right, and how sure that is.
#[utoipa::path(get, path = "/routing", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn routing(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// Which subagents earn their cost.
#[utoipa::path(get, path = "/subagents", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn subagents(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// All sessions.
#[utoipa::path(get, path = "/sessions", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn sessions(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// One session.
#[utoipa::path(get, path = "/sessions/{id}", tag = "pages",
    params(("id" = String, Path, description = "session_id")),
    responses((status = 200, content_type = "text/html")))]
pub(super) async fn session(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

/// The tool itself.
#[utoipa::path(get, path = "/system", tag = "pages", responses((status = 200, content_type = "text/html")))]
pub(super) async fn system(ask: Ask) -> Result<Response, ApiError> {
    page(&ask).await
}

async fn page(ask: &Ask) -> Result<Response, ApiError> {
    let file = assets::read("index.html", ask.shared.context.assets_dir.as_deref()).await.ok_or(ApiError::NotFound)?;
    let mut response = text("text/html; charset=utf-8", file.bytes);
    response.headers_mut().insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Returns the page for a browser that is not logged in.
pub(super) fn locked(status: StatusCode) -> Response {
    let mut response = text("text/html; charset=utf-8", include_str!("locked.html"));
    *response.status_mut() = status;
    response
}
