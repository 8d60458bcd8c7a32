//! `GET /api/v1/projects`.

use warp::reply::Response;

use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;

/// Which projects are known?
#[utoipa::path(get, path = "/api/v1/projects", tag = "analytics",
    responses((status = 200, body = crate::view::ProjectList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let projects = ask.shared.context.reader.query(crate::analytics::projects::projects).await?;
    json(&ask.headers, &projects)
}
