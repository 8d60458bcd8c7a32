//! `GET /api/v1/overview`.

use warp::reply::Response;

use super::reject::ApiError;
use super::reply::Tagged;
use super::router::Ask;
use crate::analytics::overview::{Recording, overview};

/// Is anything waiting or broken, what runs now, how does today compare?
#[utoipa::path(get, path = "/api/v1/overview", tag = "analytics",
    params(("project" = Option<String>, Query, description = "Project directory")),
    responses((status = 200, body = crate::view::Overview), (status = "4XX", body = super::reject::Problem)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let project = ask.params.text("project")?;
    let key = format!("overview {}", project.as_deref().unwrap_or_default());
    let shared = &ask.shared;
    let answer = shared.answers.get(key, || async {
        let clock = shared.clock();
        let recording = Recording {
            paused: shared.context.writer.paused(),
            spool_pending: super::process::spool(&shared.context.facts.spool_dir).pending,
            events: shared.context.writer.counters().stored,
            budget: shared.context.budget,
        };
        let memory = std::sync::Arc::clone(&shared.memory);
        let asked =
            shared.context.reader.query(move |conn| overview(conn, &clock, project.as_deref(), recording, &memory));
        Tagged::json(&asked.await?)
    });
    Ok(answer.await?.reply(&ask.headers, "application/json"))
}
