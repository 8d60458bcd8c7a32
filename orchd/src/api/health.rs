//! `GET /health`: the process answers. `GET /health/ready`: the database answers and the writer lives.

use http::HeaderMap;
use warp::reply::Response;

use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::store::StoreError;

/// Does the process answer? Tells nothing else: this address needs no token.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses((status = 200)))]
pub(super) async fn live(_ask: Ask) -> Result<Response, ApiError> {
    json(&HeaderMap::new(), &serde_json::json!({ "status": "ok" }))
}

/// Do the database and its writer answer?
#[utoipa::path(get, path = "/health/ready", tag = "system",
    responses((status = 200), (status = 503, body = super::reject::Problem)))]
pub(super) async fn ready(ask: Ask) -> Result<Response, ApiError> {
    let context = &ask.shared.context;
    context
        .reader
        .query(|conn| conn.query_row("SELECT count(*) FROM settings", [], |row| row.get::<_, i64>(0)))
        .await?;
    // An empty edit passes through the writer's queue and comes back.
    match context.writer.mark_lost(Vec::new()).await {
        Ok(()) | Err(StoreError::Busy) => {}
        Err(error) => return Err(ApiError::Store(error)),
    }
    json(&HeaderMap::new(), &serde_json::json!({ "status": "ok" }))
}
