//! `POST` and `GET /api/v1/delegations`, `GET /api/v1/savings` and `GET /api/v1/local-model/speed`.

use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use super::costs::days;
use super::params::Params;
use super::reject::ApiError;
use super::reply::{Tagged, json};
use super::router::Ask;
use crate::analytics::Clock;
use crate::analytics::calendar::day_of;
use crate::analytics::costs::Period;
use crate::analytics::delegations::{Cursor, DelegationQuery, NOBODY, delegations};
use crate::analytics::local_speed::speed;
use crate::analytics::savings::savings;
use crate::delegation::Record;
use crate::delegation_recorder::Recorded;
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

/// Which tasks were handed to the local model, and what became of them? The newest first.
#[utoipa::path(get, path = "/api/v1/delegations", tag = "local model",
    params(
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 by default"),
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; all by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("session" = Option<String>, Query, description = "session_id"),
        ("ran" = Option<String>, Query, description = "local, claude, or nobody for those that nobody finished"),
        ("outcome" = Option<String>, Query, description = "completed, fell_back, failed or cancelled"),
        ("reason" = Option<String>, Query, description = "Why it was not completed, a word; length for answers at their token limit")),
    responses((status = 200, body = crate::view::DelegationList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn list(ask: Ask) -> Result<Response, ApiError> {
    let (clock, params) = (ask.shared.clock(), &ask.params);
    let word = |name, known: &[&'static str]| {
        let pairs: Vec<_> = known.iter().map(|word| (*word, *word)).collect();
        params.one_of(name, &pairs).map(|word| word.map(str::to_owned))
    };
    let query = DelegationQuery {
        session_id: params.text("session")?,
        ran: word("ran", &["local", "claude", NOBODY])?,
        outcome: word("outcome", &["completed", "fell_back", "failed", "cancelled"])?,
        reason: params.text("reason")?,
        ..of_days(Period::All, params, &clock)?
    };
    let page = (params.parsed::<Cursor>("cursor", "the next_cursor of a page of this list")?, params.limit(50, 200)?);
    let list = ask.shared.context.reader.query(move |conn| delegations(conn, &query, page, &clock.timezone)).await?;
    json(&ask.headers, &list)
}

/// What did the local model save? Four figures that are never added, each with its assumption.
#[utoipa::path(get, path = "/api/v1/savings", tag = "local model",
    params(
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; 30d by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Savings), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn saved(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let query = of_days(Period::Days(30), &ask.params, &clock)?;
    let key = format!("savings {} {}", day_of(clock.now_at, &clock.timezone), ask.query);
    let reader = ask.shared.context.reader.clone();
    let answer = ask.shared.answers.get(key, || async move {
        Tagged::json(&reader.query(move |conn| savings(conn, &query, &clock.timezone)).await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}

/// How fast was the local model over time? Exact percentiles of the tasks that ran here.
#[utoipa::path(get, path = "/api/v1/local-model/speed", tag = "local model",
    params(
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; 30d by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::LocalModelSpeed), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn speeds(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let query = of_days(Period::Days(30), &ask.params, &clock)?;
    let key = format!("speed {} {}", day_of(clock.now_at, &clock.timezone), ask.query);
    let reader = ask.shared.context.reader.clone();
    let answer = ask.shared.answers.get(key, || async move {
        Tagged::json(&reader.query(move |conn| speed(conn, &query, &clock.timezone)).await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}

/// Reads the days, or else those of `usual`, and the project.
fn of_days(usual: Period, params: &Params, clock: &Clock) -> Result<DelegationQuery, ApiError> {
    let (since, until) = days(usual, params, clock)?;
    Ok(DelegationQuery { since, until, project_dir: params.text("project")?, ..DelegationQuery::default() })
}
