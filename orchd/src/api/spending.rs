//! `GET /api/v1/spending`.

use warp::reply::Response;

use super::reject::ApiError;
use super::reply::Tagged;
use super::router::Ask;
use crate::analytics::spending::spending;

/// What do today, this week and this month cost so far, where is the month going, and how much of budgets and plan is used?
#[utoipa::path(get, path = "/api/v1/spending", tag = "costs",
    params(("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Spending), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let project = ask.params.text("project")?;
    let key = format!("spending {}", project.as_deref().unwrap_or_default());
    let (clock, context) = (ask.shared.clock(), &ask.shared.context);
    let (reader, budget, import) = (context.reader.clone(), context.budget, context.import.status());
    let answer = ask.shared.answers.get(key, || async move {
        Tagged::json(&reader.query(move |conn| spending(conn, &clock, project.as_deref(), &budget, import)).await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}
