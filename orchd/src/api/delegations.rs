//! `POST` and `GET /api/v1/delegations`.

use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use super::reject::ApiError;
use super::reply::json;
use super::router::Ask;
use crate::delegation::{Record, Recorded};
use crate::view::SCHEMA;

/// What became of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DelegationRecorded {
    /// [`SCHEMA`].
    schema: u32,
    /// The task.
    task_id: String,
    /// What became of it.
    recorded: Recorded,
}

/// Record a delegation that has ended. Told again under the same id it changes nothing.
#[utoipa::path(post, path = "/api/v1/delegations", tag = "local model",
    request_body = Record,
    responses((status = 200, body = DelegationRecorded), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn record(ask: Ask) -> Result<Response, ApiError> {
    let record: Record = ask.body.json(&ask.headers).await?;
    let record = record.checked(ask.shared.clock().now_at).map_err(ApiError::Body)?;
    let task_id = record.task_id.clone();
    let recorded = ask.shared.context.delegations.record(record).await?;
    json(&ask.headers, &DelegationRecorded { schema: SCHEMA, task_id, recorded })
}
