//! `GET /api/v1/activity`.

use shared::event::Micros;
use warp::reply::Response;

use super::params::{Params, bad};
use super::reject::ApiError;
use super::reply::Tagged;
use super::router::Ask;
use crate::analytics::activity::{Range, activity};
use crate::analytics::{Clock, DAY, HOUR, QUARTER, Scope};

/// The ranges that have a name.
const RANGES: [(&str, Micros); 5] = [("15m", QUARTER), ("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY)];

/// What happened over a range, by time, tool and project?
#[utoipa::path(get, path = "/api/v1/activity", tag = "analytics",
    params(
        ("range" = Option<String>, Query, description = "15m, 1h, 24h (the default), 7d or 30d, up to now"),
        ("from" = Option<String>, Query, description = "Start: microseconds since 1970 or RFC 3339; instead of range"),
        ("to" = Option<String>, Query, description = "End; now by default"),
        ("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Activity), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let clock = ask.shared.clock();
    let range = range(&ask.params, &clock)?;
    let project = ask.params.text("project")?;
    let key = format!("activity {}", ask.query);
    let (reader, memory) = (ask.shared.context.reader.clone(), std::sync::Arc::clone(&ask.shared.memory));
    let answer = ask.shared.answers.get(key, || async move {
        let asked = reader.query(move |conn| {
            let scope = Scope::of(conn, project.as_deref())?;
            activity(conn, &range, &clock, scope, &memory)
        });
        Tagged::json(&asked.await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}

fn range(params: &Params, clock: &Clock) -> Result<Range, ApiError> {
    let named = params.one_of("range", &RANGES)?;
    let (from, to) = (params.moment("from")?, params.moment("to")?);
    if from.is_none() && to.is_none() && named.is_none_or(|width| width == DAY) {
        return Ok(Range::last_day(clock));
    }
    let to_at = to.unwrap_or(clock.now_at);
    let from_at = from.unwrap_or(to_at - named.unwrap_or(DAY));
    if from_at >= to_at {
        return Err(bad("from", "before the end of the range"));
    }
    Ok(Range::new(from_at, to_at, clock))
}
