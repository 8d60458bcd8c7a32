//! `GET /openapi.json`: every route, from the notes on the handlers. A test compares it with the router's list.

use std::sync::LazyLock;

use http::Method;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use warp::reply::Response;

use super::reject::ApiError;
use super::reply::Tagged;
use super::router::Ask;

#[derive(OpenApi)]
#[openapi(
    info(title = "AI Orchestration Analytics", description = "What Claude Code's sessions and subagents do. Every `_at` is microseconds since 1970, UTC."),
    paths(
        super::pages::overview, super::pages::activity, super::pages::sessions, super::pages::session, super::pages::system,
        super::assets::get, super::login::get,
        super::overview::get, super::activity::get, super::projects::get,
        super::sessions::list, super::sessions::get, super::sessions::patch,
        super::events::list, super::events::get, super::export::get, super::stream::get,
        super::system::get, super::health::live, super::health::ready, super::prometheus::get, get,
        super::costs::get, super::costs::requests_list, super::spending::get, super::pages::costs, super::pages::requests, super::pages::local, super::pages::routing, super::pages::subagents,
        super::local_model::get, super::delegations::record, super::delegations::list, super::delegations::saved, super::delegations::speeds, super::routing::get, super::routing::refit, super::otlp::logs, super::otlp::metrics,
        super::tasks::list, super::tasks::feedback, super::subagents::get,
    ),
    modifiers(&Security),
    security(("token" = []), ("cookie" = [])),
)]
pub(super) struct Documentation;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The token file's line."));
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        let telemetry = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let telemetry = telemetry.description(Some("The line of the telemetry token's file; it opens /v1/ alone."));
        components.add_security_scheme("telemetry", SecurityScheme::Http(telemetry.build()));
        let cookie = ApiKeyValue::with_description("orch_<port>", "Set by /login.");
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Documentation::openapi);

/// Returns the names of the parameters that an address of the API takes behind its `?`.
pub(super) fn parameters(method: &Method, template: &str) -> Vec<&'static str> {
    let operation = |item: &'static utoipa::openapi::PathItem| -> Option<&'static Operation> {
        match *method {
            Method::GET => item.get.as_ref(),
            Method::PATCH => item.patch.as_ref(),
            Method::POST => item.post.as_ref(),
            _ => None,
        }
    };
    let found = DOCUMENT.paths.paths.get(template).and_then(operation);
    let parameters = found.and_then(|operation| operation.parameters.as_deref()).unwrap_or_default();
    let name = |parameter: &'static RefOr<Parameter>| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.as_str()),
        _ => None,
    };
    parameters.iter().filter_map(name).collect()
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "system", responses((status = 200)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    static JSON: LazyLock<Option<Tagged>> = LazyLock::new(|| Tagged::json(&*DOCUMENT).ok());
    let document = JSON.clone().ok_or(ApiError::Internal)?;
    Ok(document.reply(&ask.headers, "application/json"))
}
