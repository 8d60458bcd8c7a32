//! `POST /v1/logs` and `POST /v1/metrics`: the client's telemetry, as OTLP over HTTP has it.
//!
//! 200 means recorded. 503 asks to send the same again, which may be done at any time: what was recorded is known. Errors are
//! told as everywhere here; senders of OTLP look at the status alone.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use warp::reply::Response;

use super::guard::PROTOBUF;
use super::reject::ApiError;
use super::router::Ask;
use crate::telemetry::{Body, Encoding, Intake, IntakeError, MOST_BYTES, accepted};

/// Takes events; `api_request` becomes part of the ledger.
#[utoipa::path(post, path = "/v1/logs", tag = "telemetry", security(("telemetry" = []), ("token" = [])),
    request_body(content((String = "application/json"), (String = "application/x-protobuf")),
        description = "ExportLogsServiceRequest, with gzip or without; at most 4 MiB as sent, 16 MiB inflated"),
    responses((status = 200, description = "ExportLogsServiceResponse in the encoding of the request"),
        (status = "4XX", body = super::reject::Problem),
        (status = 503, description = "Send it again", body = super::reject::Problem)))]
pub(super) async fn logs(ask: Ask) -> Result<Response, ApiError> {
    let intake = ask.shared.context.intake.clone();
    let _turn = intake.turn().await?;
    let (body, encoding) = read(ask).await?;
    let taken = intake.logs(body).await?;
    Ok(answer(encoding, taken.unreadable))
}

/// Takes metrics, which are checked and counted: events say the same by the request.
#[utoipa::path(post, path = "/v1/metrics", tag = "telemetry", security(("telemetry" = []), ("token" = [])),
    request_body(content((String = "application/json"), (String = "application/x-protobuf")),
        description = "ExportMetricsServiceRequest, with gzip or without; at most 4 MiB as sent, 16 MiB inflated"),
    responses((status = 200, description = "ExportMetricsServiceResponse in the encoding of the request"),
        (status = "4XX", body = super::reject::Problem),
        (status = 503, description = "Send it again", body = super::reject::Problem)))]
pub(super) async fn metrics(ask: Ask) -> Result<Response, ApiError> {
    let intake: Intake = ask.shared.context.intake.clone();
    let _turn = intake.turn().await?;
    let (body, encoding) = read(ask).await?;
    intake.metrics(body).await?;
    Ok(answer(encoding, 0))
}

async fn read(ask: Ask) -> Result<(Body, Encoding), ApiError> {
    let gzip = is_gzip(&ask.headers)?;
    let is_protobuf = |given: &HeaderValue| given.as_bytes().eq_ignore_ascii_case(PROTOBUF.as_bytes());
    // The guard let only the two in.
    let protobuf = ask.headers.get(CONTENT_TYPE).is_some_and(is_protobuf);
    let encoding = if protobuf { Encoding::Protobuf } else { Encoding::Json };
    let bytes = ask.body.bytes(&ask.headers, MOST_BYTES).await?;
    Ok((Body { bytes, encoding, gzip }, encoding))
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, ApiError> {
    let mut given = headers.get_all(CONTENT_ENCODING).iter();
    match (given.next().map(HeaderValue::as_bytes), given.next()) {
        (None, None) => Ok(false),
        (Some(one), None) if one.eq_ignore_ascii_case(b"gzip") => Ok(true),
        (Some(one), None) if one.eq_ignore_ascii_case(b"identity") => Ok(false),
        _ => Err(ApiError::ContentEncoding),
    }
}

fn answer(encoding: Encoding, unreadable: u64) -> Response {
    let mut response = Response::new(accepted(encoding, unreadable).into());
    let kind = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => PROTOBUF,
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::TooLarge => Self::TooLarge,
            IntakeError::Malformed => Self::Body("is no OTLP message of that kind"),
            IntakeError::Store(error) => error.into(),
        }
    }
}
