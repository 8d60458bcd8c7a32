//! What every request passes, in this order: guard, limit of time, routes, compression; and what every answer carries.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt};
use tower_http::compression::CompressionLayer;

use super::context::Shared;
use super::guard::Guard;
use super::pages::locked;
use super::reject::ApiError;
use super::routes::routes;
use crate::metrics::{Metric, Metrics};

/// Time until an answer must have begun; the body of a stream goes on.
const LONGEST: Duration = Duration::from_secs(10);

/// Scripts and styles from here only, nothing inline, no frame, no form, text nodes instead of markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// A body that breaks off. A named type: boxed errors make the futures around them too general to spawn.
type Error = std::io::Error;
/// An answer on its way out.
pub(super) type Answer = http::Response<UnsyncBoxBody<Bytes, Error>>;
/// A body on its way in.
type Incoming = BoxBody<Bytes, Error>;
/// Warp's own type of a service cannot be named.
type Routes = BoxCloneSyncService<Request<Incoming>, Answer, Infallible>;

/// The door and the routes behind it.
#[derive(Debug, Clone)]
pub(super) struct Front {
    guard: Arc<Guard>,
    routes: Routes,
    metrics: Metrics,
}

impl Front {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let guard = Arc::new(Guard::new(shared.context.auth.clone(), shared.port));
        // Streams are left alone by the layer: it knows their content type.
        let compressed = CompressionLayer::new().layer(warp::service(routes(shared).0));
        let boxed = ServiceExt::<Request<Incoming>>::map_response(compressed, whole);
        Self { guard, routes: Routes::new(boxed), metrics: shared.context.metrics.clone() }
    }

    /// Answers one request; never fails. `blemished`: see [`super::strict`].
    pub(super) async fn answer<B>(&self, request: Request<B>, blemished: bool) -> Answer
    where
        B: hyper::body::Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let started = Instant::now();
        let (mut parts, body) = request.into_parts();
        let id = uuid::Uuid::now_v7().to_string();
        let method = parts.method.clone();
        let mut answer = if let Err(refusal) = self.guard.admit(&parts, blemished) {
            refused(&parts, refusal)
        } else {
            // A code works once: a look at its URL must not use it up.
            if parts.method == Method::HEAD && parts.uri.path() != "/login" {
                // The server leaves the body out again.
                parts.method = Method::GET;
            }
            let body = body.map_err(Error::other).boxed();
            self.routed(Request::from_parts(parts, body)).await
        };
        finish(answer.headers_mut(), &id);
        let took = started.elapsed();
        if !is_stream(answer.headers()) {
            self.metrics.record(Metric::Http, took);
        }
        // Neither path nor query: a path may name a session, a query what was searched for.
        tracing::debug!(
            request.id = id,
            http.method = %method,
            http.status = answer.status().as_u16(),
            duration_us = took.as_micros(),
            "answered"
        );
        answer
    }

    async fn routed(&self, request: Request<Incoming>) -> Answer {
        let answered = AssertUnwindSafe(self.routes.clone().oneshot(request)).catch_unwind();
        match tokio::time::timeout(LONGEST, answered).await {
            Ok(Ok(Ok(answer))) if leaves_a_body(answer.status()) => closing(answer),
            Ok(Ok(Ok(answer))) => answer,
            Ok(Err(_panic)) => {
                tracing::error!("a handler panicked");
                closing(whole(ApiError::Internal.into_response()))
            }
            Err(_elapsed) => closing(whole(ApiError::Timeout.into_response())),
        }
    }
}

/// Answers from which a body may be left unread: the connection cannot be used again.
fn leaves_a_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT)
}

/// Returns a refusal: a page for browsers that are not logged in, else a problem. Nothing that comes behind is read.
fn refused(request: &Parts, refusal: ApiError) -> Answer {
    let path = request.uri.path();
    let for_people = !path.starts_with("/api/") && !path.starts_with("/assets/") && wants_html(&request.headers);
    let unauthorized = matches!(refusal, ApiError::Unauthorized);
    let response = if unauthorized && for_people { locked(refusal.status()) } else { refusal.into_response() };
    let mut answer = closing(whole(response));
    if unauthorized {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn whole<B>(response: http::Response<B>) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    response.map(|body| body.map_err(Error::other).boxed_unsync())
}

fn closing(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn is_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"text/event-stream")
}

/// Adds what every answer carries.
fn finish(headers: &mut HeaderMap, id: &str) {
    if !headers.contains_key(CACHE_CONTROL) || is_stream(headers) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let fixed: [(HeaderName, &'static str); 7] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}
