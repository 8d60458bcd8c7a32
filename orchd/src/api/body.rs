//! Bodies of requests: read here only, with a limit of bytes and of time.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use serde::de::DeserializeOwned;
use warp::Filter;
use warp::filters::BoxedFilter;

use super::reject::ApiError;

/// Bytes of a body in JSON.
const MOST_BYTES: usize = 64 << 10;
/// Time a body may take; below the limit of a whole answer, so that the reason is told.
const LONGEST: Duration = Duration::from_secs(8);

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send + Sync>>;

/// A body that was not read yet; None where a route takes none.
pub(super) struct Body(Option<Pieces>);

/// Leaves the body where it is.
pub(super) fn no_body() -> BoxedFilter<(Body,)> {
    warp::any().map(|| Body(None)).boxed()
}

/// Hands the body over unread.
pub(super) fn streamed() -> BoxedFilter<(Body,)> {
    let pieces = warp::body::stream();
    pieces
        .map(|pieces| {
            let copied = StreamExt::map(Box::pin(pieces), copy);
            Body(Some(Box::pin(copied)))
        })
        .boxed()
}

fn copy(piece: Result<impl Buf, warp::Error>) -> Result<Bytes, warp::Error> {
    piece.map(|mut piece| piece.copy_to_bytes(piece.remaining()))
}

impl Body {
    /// Reads at most `most` bytes.
    pub(super) async fn bytes(self, headers: &HeaderMap, most: usize) -> Result<Vec<u8>, ApiError> {
        let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > most as u64) {
            return Err(ApiError::TooLarge);
        }
        tokio::time::timeout(LONGEST, self.read(most)).await.map_err(|_| ApiError::SlowBody)?
    }

    /// Reads a JSON object.
    pub(super) async fn json<T: DeserializeOwned>(self, headers: &HeaderMap) -> Result<T, ApiError> {
        let bytes = self.bytes(headers, MOST_BYTES).await?;
        // serde would take the fields of a struct from an array as well.
        let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
        let value = is_object.then(|| serde_json::from_slice(&bytes).ok()).flatten();
        value.ok_or(ApiError::Body("is not the JSON that this address takes"))
    }

    async fn read(self, most: usize) -> Result<Vec<u8>, ApiError> {
        let mut bytes = Vec::new();
        let Some(mut pieces) = self.0 else { return Ok(bytes) };
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| ApiError::Body("broke off"))?;
            if bytes.len() + piece.len() > most {
                return Err(ApiError::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}
