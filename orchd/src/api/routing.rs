//! `GET /api/v1/routing` and `POST /api/v1/routing/refit`.

use warp::reply::Response;

use super::costs::days;
use super::reject::ApiError;
use super::reply::{Tagged, json};
use super::router::Ask;
use crate::analytics::calendar::day_of;
use crate::analytics::costs::Period;
use crate::analytics::routing::{RoutingQuery, routing};
use crate::calibration::{RefitAsk, answer};
use crate::view::RefitAnswer;

/// Longest name of a model, bytes.
const MOST_NAME: usize = 256;

/// What did the router recommend, how did that come out, and what would another threshold have done?
#[utoipa::path(get, path = "/api/v1/routing", tag = "routing",
    params(
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; 30d by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Routing), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let calibration = ask.shared.context.calibration.clone();
    let (since, until) = days(Period::Days(30), &ask.params, &clock)?;
    let (project_dir, model) = (ask.params.text("project")?, calibration.model());
    let query = RoutingQuery { since, until, project_dir, model };
    let key = format!("routing {} {} {:?}", day_of(clock.now_at, &clock.timezone), ask.query, query.model);
    let reader = ask.shared.context.reader.clone();
    let made = ask.shared.answers.get(key, || async move {
        let (settings, floor) = (calibration.settings(), calibration.quality_floor());
        let made = reader.query(move |conn| routing(conn, &query, (&settings, floor), &clock.timezone)).await?;
        Tagged::json(&made)
    });
    Ok(made.await?.reply(&ask.headers, "application/json"))
}

/// Fit to the user's outcomes with a local model, or go back to the fit before. A fit that is worse on held-back outcomes is refused.
#[utoipa::path(post, path = "/api/v1/routing/refit", tag = "routing",
    request_body = RefitAsk,
    responses((status = 200, body = RefitAnswer), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn refit(ask: Ask) -> Result<Response, ApiError> {
    let wanted: RefitAsk = ask.body.json(&ask.headers).await?;
    if wanted.model.as_ref().is_some_and(|model| model.trim().is_empty() || model.len() > MOST_NAME) {
        return Err(ApiError::Body("has a model that is no name of one"));
    }
    if wanted.rollback && wanted.dry_run {
        return Err(ApiError::Body("asks to go back and to change nothing; say one of them"));
    }
    let done = ask.shared.context.calibration.refit(wanted, ask.shared.clock().now_at).await?;
    ask.shared.answers.forget();
    json(&ask.headers, &answer(done))
}
