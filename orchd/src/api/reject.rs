//! Everything that can go wrong with a request, and the one way it is told: application/problem+json with a hint.
//!
//! The texts are written here; nothing of a request, a file or a source error gets into them.

use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use crate::store::StoreError;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("the request names no host, or more than one")]
    NoHost,
    #[error("the request is for another host")]
    ForeignHost,
    #[error("the request comes from another origin")]
    ForeignOrigin,
    #[error("the request comes from another site")]
    CrossSite,
    #[error("the request carries no valid token or cookie")]
    Unauthorized,
    #[error("bodies are taken as {0} only")]
    ContentType(&'static str),
    #[error("bodies are taken as they are or with gzip")]
    ContentEncoding,
    #[error("this address does not take that method")]
    Method(&'static str),
    #[error("nothing is at this address")]
    NotFound,
    #[error("there is no such {0}")]
    NoSuch(&'static str),
    #[error("parameter `{name}` must be {wanted}")]
    Parameter { name: &'static str, wanted: String },
    #[error("a parameter is unknown here; known are: {}", if known.is_empty() { "none" } else { known })]
    UnknownParameter { known: String },
    #[error("the body {0}")]
    Body(&'static str),
    #[error("the body is larger than this address takes")]
    TooLarge,
    #[error("the body did not arrive in time")]
    SlowBody,
    #[error("too many streams are open")]
    TooManyStreams,
    #[error("the daemon is busy")]
    Busy,
    #[error("the database did not answer")]
    Store(#[source] StoreError),
    #[error("the answer took too long")]
    Timeout,
    #[error("something went wrong inside")]
    Internal,
}

impl warp::reject::Reject for ApiError {}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// A name for programs: `urn:orch:problem:<name>`.
    r#type: String,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong, a sentence.
    detail: String,
    /// What to do, a sentence or a command.
    hint: &'static str,
}

impl ApiError {
    pub(super) fn status(&self) -> StatusCode {
        self.parts().0
    }

    /// Returns status, name and hint.
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        const OPEN: &str = "Open the dashboard at http://127.0.0.1 and its port.";
        const LOG_IN: &str = "Run orchd dashboard to log in, or send the token as Authorization: Bearer.";
        match self {
            Self::NoHost => (StatusCode::BAD_REQUEST, "no-host", OPEN),
            Self::ForeignHost => (StatusCode::MISDIRECTED_REQUEST, "foreign-host", OPEN),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign-origin", OPEN),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross-site", "Type the address or run orchd dashboard."),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", LOG_IN),
            Self::ContentType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", "Send such a body with its Content-Type.")
            }
            Self::ContentEncoding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", "Send Content-Encoding: gzip, or none.")
            }
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method", "See /openapi.json."),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "See /openapi.json."),
            Self::NoSuch(_) => {
                (StatusCode::NOT_FOUND, "no-such-row", "It may have been deleted; fetch the list again.")
            }
            Self::Parameter { .. } | Self::UnknownParameter { .. } => {
                (StatusCode::BAD_REQUEST, "parameter", "See /openapi.json.")
            }
            Self::Body(_) => (StatusCode::BAD_REQUEST, "body", "See /openapi.json."),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Send less."),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "slow-body", "Send the body at once."),
            Self::TooManyStreams => {
                (StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", "Close some tabs of the dashboard.")
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Try again in a moment."),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store", "Run orchd doctor."),
            Self::Timeout => (StatusCode::SERVICE_UNAVAILABLE, "timeout", "Ask for a shorter range."),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The log has more: orchd logs."),
        }
    }

    pub(super) fn into_response(self) -> Response {
        let (status, name, hint) = self.parts();
        if let Self::Store(error) = &self {
            tracing::error!(error = %crate::error::chain(error), "a question to the database failed");
        }
        let problem = Problem {
            r#type: format!("urn:orch:problem:{name}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.to_string(),
            hint,
        };
        let mut response = Response::new(serde_json::to_vec(&problem).unwrap_or_default().into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Self::Method(allowed) = self {
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            other => Self::Store(other),
        }
    }
}

/// Turns what no route took into an answer.
pub(super) async fn recover(rejection: warp::Rejection) -> Result<Response, std::convert::Infallible> {
    let error = match rejection.find::<ApiError>() {
        Some(ApiError::Method(allowed)) => ApiError::Method(allowed),
        _ if rejection.is_not_found() => ApiError::NotFound,
        _ => ApiError::Internal,
    };
    Ok(error.into_response())
}
