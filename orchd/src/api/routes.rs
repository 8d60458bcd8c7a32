//! Every address of the server and who answers it.

use std::sync::Arc;

use http::Method;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::context::Shared;
use super::reject::recover;
use super::router::Router;
use super::{
    activity, assets, costs, delegations, documentation, events, export, health, local_model, login, otlp, overview,
    pages, projects, prometheus, routing, sessions, spending, stream, subagents, system, tasks,
};

/// Returns all routes, with what no route takes turned into an error, and their list.
pub(super) fn routes(shared: &Arc<Shared>) -> (BoxedFilter<(Response,)>, Vec<(Method, &'static str)>) {
    let router = rest(pages(Router::new(Arc::clone(shared))));
    let (filter, list) = router.build();
    (filter.recover(recover).unify().boxed(), list)
}

fn pages(router: Router) -> Router {
    router
        .get("/", pages::overview)
        .get("/activity", pages::activity)
        .get("/costs", pages::costs)
        .get("/costs/requests", pages::requests)
        .get("/local", pages::local)
        .get("/routing", pages::routing)
        .get("/subagents", pages::subagents)
        .get("/sessions", pages::sessions)
        .get("/sessions/{id}", pages::session)
        .get("/system", pages::system)
        .get("/assets/{*path}", assets::get)
        .get("/login", login::get)
}

fn rest(router: Router) -> Router {
    router
        .get("/api/v1/overview", overview::get)
        .get("/api/v1/activity", activity::get)
        .get("/api/v1/projects", projects::get)
        .get("/api/v1/costs", costs::get)
        .get("/api/v1/requests", costs::requests_list)
        .get("/api/v1/spending", spending::get)
        .get("/api/v1/sessions", sessions::list)
        .get("/api/v1/sessions/{id}", sessions::get)
        .patch("/api/v1/sessions/{id}", sessions::patch)
        .get("/api/v1/events", events::list)
        .get("/api/v1/events/{event_id}", events::get)
        .get("/api/v1/export", export::get)
        .get("/api/v1/local-model", local_model::get)
        .get("/api/v1/local-model/speed", delegations::speeds)
        .get("/api/v1/delegations", delegations::list)
        .post("/api/v1/delegations", delegations::record)
        .get("/api/v1/savings", delegations::saved)
        .get("/api/v1/routing", routing::get)
        .post("/api/v1/routing/refit", routing::refit)
        .get("/api/v1/tasks", tasks::list)
        .get("/api/v1/subagents", subagents::get)
        .post("/api/v1/feedback", tasks::feedback)
        .get("/api/v1/stream", stream::get)
        .get("/api/v1/system", system::get)
        .get("/health", health::live)
        .get("/health/ready", health::ready)
        .get("/metrics", prometheus::get)
        .get("/openapi.json", documentation::get)
        .post("/v1/logs", otlp::logs)
        .post("/v1/metrics", otlp::metrics)
}
