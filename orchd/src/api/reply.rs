//! Answers: JSON with an ETag, 304 for what the asker already has.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use warp::reply::Response;

use super::auth::hex;
use super::reject::ApiError;

/// A body that is made once and may be sent often.
#[derive(Debug, Clone)]
pub(super) struct Tagged {
    pub(super) bytes: Bytes,
    pub(super) etag: HeaderValue,
}

impl Tagged {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { etag: etag(&Sha256::digest(&bytes)), bytes }
    }

    pub(super) fn json<T: Serialize>(value: &T) -> Result<Self, ApiError> {
        let json = serde_json::to_vec(value).map_err(|error| {
            tracing::error!(error = %crate::error::chain(&error), "an answer could not be written as JSON");
            ApiError::Internal
        })?;
        Ok(Self::new(json.into()))
    }

    /// Returns the answer, or 304 when `headers` say that the asker has it.
    pub(super) fn reply(self, headers: &HeaderMap, content_type: &str) -> Response {
        let known = is_known(headers, &self.etag);
        let mut response = Response::new(if known { Bytes::new().into() } else { self.bytes.into() });
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if let Ok(content_type) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        response.headers_mut().insert(ETAG, self.etag);
        response
    }
}

/// Returns the tag of a content by its SHA-256.
pub(super) fn etag(hash: &[u8]) -> HeaderValue {
    let hex = hex(hash.get(..16).unwrap_or(hash));
    HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Returns whether If-None-Match names the tag; weak tags count, for proxies and browsers weaken what they compress.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = given.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

/// Returns a value as JSON.
pub(super) fn json<T: Serialize>(headers: &HeaderMap, value: &T) -> Result<Response, ApiError> {
    Ok(Tagged::json(value)?.reply(headers, "application/json"))
}

/// Returns a text of a content type.
pub(super) fn text(content_type: &'static str, text: impl Into<Bytes>) -> Response {
    let mut response = Response::new(text.into().into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Returns a redirect that is fetched with GET.
pub(super) fn see_other(path: &'static str) -> Response {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(path));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tags_are_not_sent_again() {
        let tagged = Tagged::new(Bytes::from_static(b"x"));
        let tag = tagged.etag.to_str().expect("ascii").to_owned();
        for (given, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
        ] {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(&given).expect("valid"))]);
            assert_eq!(tagged.clone().reply(&headers, "text/plain").status(), status, "{given}");
        }
    }
}
