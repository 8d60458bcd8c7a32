//! `GET /api/v1/local-model`.

use warp::reply::Response;

use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::analytics::local_model::history;
use crate::view::{LocalModelView, SCHEMA};

/// Is there a local model that work may go to, how was it before, and what is to be done where there is none? Asks no server.
#[utoipa::path(get, path = "/api/v1/local-model", tag = "local model",
    responses((status = 200, body = LocalModelView), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let (clock, context) = (ask.shared.clock(), &ask.shared.context);
    let (now_at, snapshot) = (clock.now_at, context.local_model.snapshot());
    let (history, probes) = context.reader.query(move |conn| history(conn, &clock)).await?;
    let view = LocalModelView {
        schema: SCHEMA,
        now_at,
        now: (&snapshot.health).into(),
        models: snapshot.health.models.clone(),
        endpoints: snapshot.endpoints.iter().map(Into::into).collect(),
        history,
        probes,
    };
    json(&ask.headers, &view)
}
