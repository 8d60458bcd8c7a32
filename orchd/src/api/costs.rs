//! `GET /api/v1/costs` and `GET /api/v1/requests`.

use jiff::civil::Date;
use warp::reply::Response;

use super::params::{Params, bad};
use super::reject::ApiError;
use super::reply::{Tagged, json};
use super::router::Ask;
use crate::analytics::Clock;
use crate::analytics::calendar::day_of;
use crate::analytics::costs::{CostQuery, Group, Period, costs};
use crate::analytics::requests::{Cursor, RequestQuery, requests};

/// The word for requests that belong to no prompt.
const NO_PROMPT: &str = "none";

/// What was spent, on what, and when?
///
/// Costs are API-equivalent: what the requests would cost at list prices. A subscription's invoice is another.
#[utoipa::path(get, path = "/api/v1/costs", tag = "costs",
    params(
        ("group" = Option<String>, Query, description = "What rows are by: day, week, month, session, project, model (the default) or agent; with session also prompt"),
        ("period" = Option<String>, Query, description = "today, 7d, 30d (the default), 90d, month, year or all: days up to today"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("model" = Option<String>, Query, description = "Model, as requests name it"),
        ("agent" = Option<String>, Query, description = "Type of agent; main for the main thread"),
        ("session" = Option<String>, Query, description = "session_id"),
        ("limit" = Option<u32>, Query, description = "Rows, 1 to 1000; 100 by default; the others are summed in `other`")),
    responses((status = 200, body = crate::view::Costs), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let query = days_or(Period::Days(30), &ask.params, &clock)?;
    let group = ask.params.one_of("group", &Group::NAMES)?.unwrap_or(Group::Model);
    let limit = ask.params.limit(100, 1_000)?;
    if group == Group::Prompt && query.session_id.is_none() {
        return Err(bad("group", "prompt only with `session`"));
    }
    let key = format!("costs {} {}", day_of(clock.now_at, &clock.timezone), ask.query);
    let reader = ask.shared.context.reader.clone();
    let answer = ask.shared.answers.get(key, || async move {
        Tagged::json(&reader.query(move |conn| costs(conn, &query, (group, limit), &clock.timezone)).await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}

/// Which requests are behind a number? The newest first.
#[utoipa::path(get, path = "/api/v1/requests", tag = "costs",
    params(
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 by default"),
        ("period" = Option<String>, Query, description = "As of /api/v1/costs; all by default"),
        ("since" = Option<String>, Query, description = "First day, such as 2026-11-01; instead of period"),
        ("until" = Option<String>, Query, description = "Last day; instead of period"),
        ("project" = Option<String>, Query, description = "Project directory"),
        ("model" = Option<String>, Query, description = "Model, as requests name it"),
        ("agent" = Option<String>, Query, description = "Type of agent; main for the main thread"),
        ("session" = Option<String>, Query, description = "session_id"),
        ("prompt" = Option<String>, Query, description = "prompt_id, or none for requests that belong to no prompt; with session")),
    responses((status = 200, body = crate::view::RequestList), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn requests_list(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let params = &ask.params;
    let query = RequestQuery {
        of: days_or(Period::All, params, &clock)?,
        prompt_id: params.text("prompt")?.map(|prompt| if prompt == NO_PROMPT { String::new() } else { prompt }),
        cursor: params.parsed::<Cursor>("cursor", "the next_cursor of a page of this list")?,
        limit: params.limit(50, 200)?,
    };
    if query.prompt_id.is_some() && query.of.session_id.is_none() {
        return Err(bad("prompt", "with `session`"));
    }
    let list = ask.shared.context.reader.query(move |conn| requests(conn, &query, &clock.timezone)).await?;
    json(&ask.headers, &list)
}

/// Reads the first and the last day, or else those of `usual`; None without a bound.
pub(super) fn days(usual: Period, params: &Params, clock: &Clock) -> Result<(Option<Date>, Option<Date>), ApiError> {
    let wanted = "a day such as 2026-11-22";
    let (since, until) = (params.parsed::<Date>("since", wanted)?, params.parsed::<Date>("until", wanted)?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        return Err(bad("since", "no later than until"));
    }
    let period = params.one_of("period", &Period::NAMES)?;
    if period.is_some() && (since.is_some() || until.is_some()) {
        return Err(bad("period", "left out beside since and until"));
    }
    let since = match (since, until, period) {
        (None, None, period) => period.unwrap_or(usual).first_day(day_of(clock.now_at, &clock.timezone)),
        (since, _, _) => since,
    };
    Ok((since, until))
}

/// Reads the days, or else those of `usual`, and what narrows them.
fn days_or(usual: Period, params: &Params, clock: &Clock) -> Result<CostQuery, ApiError> {
    let (since, until) = days(usual, params, clock)?;
    Ok(CostQuery {
        since,
        until,
        project_dir: params.text("project")?,
        model: params.text("model")?,
        agent: params.text("agent")?,
        session_id: params.text("session")?,
    })
}
