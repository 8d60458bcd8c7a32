//! One request to a server that may be anybody's: what came back, bounded in size, and in words where it is of no use.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::header::ACCEPT;
use reqwest::{Client, Response};
use serde_json::Value;

use super::Endpoint;

/// Most of an answer that is read: some hundred models. As parsed JSON it stays far below 16 MB, whatever it holds.
pub(super) const MOST_BYTES: usize = 512 * 1024;
/// Most of the answer to a refused request that is read.
const MOST_ERROR_BYTES: usize = 4 * 1024;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// 200 with JSON.
    Json(Value),
    /// 200 with something else, or an answer that no list of models is: what it was.
    Foreign(String),
    /// There is no such address here.
    NotThere,
    /// 401 or 403.
    Forbidden,
    /// 429, or 503 for a while.
    Busy,
    /// 503 while a model is loaded, as llama.cpp says it.
    Loading,
    /// No answer that could be used: why.
    Failed(String),
}

/// Asks one server, and counts how often.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    pub(super) client: &'a Client,
    pub(super) endpoint: &'a Endpoint,
    pub(super) sent: &'a AtomicU32,
}

impl Asker<'_> {
    /// Gets one path. The time it may take is the caller's to limit.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut request = self.client.get(self.endpoint.url(path)).header(ACCEPT, "application/json");
        if let Some(token) = &self.endpoint.token {
            request = request.bearer_auth(token.expose());
        }
        match request.send().await {
            Ok(response) => read(response).await,
            Err(error) => Answer::Failed(reason(&error)),
        }
    }
}

async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    match status {
        200 => match body(response, MOST_BYTES).await {
            Ok(Some(bytes)) => parsed(&bytes),
            Ok(None) => Answer::Foreign("its answer has no end".to_owned()),
            Err(reason) => Answer::Failed(reason),
        },
        300..=399 => Answer::Foreign("it sends elsewhere (a redirect, which is not followed)".to_owned()),
        401 | 403 => Answer::Forbidden,
        400 | 404 | 405 | 501 => Answer::NotThere,
        429 => Answer::Busy,
        503 => match body(response, MOST_ERROR_BYTES).await {
            Ok(Some(bytes)) if String::from_utf8_lossy(&bytes).to_ascii_lowercase().contains("loading") => {
                Answer::Loading
            }
            _ => Answer::Busy,
        },
        500.. => Answer::Failed(format!("it answers with the error {status}")),
        _ => Answer::Foreign(format!("it answers with status {status}")),
    }
}

/// Returns a body up to `most` bytes; None when it is longer. Nothing is inflated: the client knows no encoding.
async fn body(mut response: Response, most: usize) -> Result<Option<Vec<u8>>, String> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn parsed(bytes: &[u8]) -> Answer {
    match serde_json::from_slice::<Value>(bytes) {
        // Older LM Studios answer 200 to any address, with this.
        Ok(json) if json.get("error").is_some_and(|error| error.to_string().contains("Unexpected endpoint")) => {
            Answer::NotThere
        }
        Ok(json) => Answer::Json(json),
        Err(_) if bytes.trim_ascii_start().starts_with(b"<") => {
            Answer::Foreign("it answers with a web page".to_owned())
        }
        Err(_) => Answer::Foreign("its answer is no JSON".to_owned()),
    }
}

/// Returns why there was no answer. The address is known to whoever reads it, and is left out.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            match inner.kind() {
                io::ErrorKind::ConnectionRefused => return "nothing listens there".to_owned(),
                io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                    return BROKE_OFF.to_owned();
                }
                _ => {}
            }
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        return "it cannot be reached in time".to_owned();
    }
    if error.is_connect() { "it cannot be reached".to_owned() } else { BROKE_OFF.to_owned() }
}

const BROKE_OFF: &str = "it broke off its answer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_apart() {
        for (bytes, expected) in [
            ("{\"data\":[]}", Answer::Json(serde_json::json!({"data": []}))),
            ("<html>hi</html>", Answer::Foreign("it answers with a web page".into())),
            ("{\"data\":[", Answer::Foreign("its answer is no JSON".into())),
            ("", Answer::Foreign("its answer is no JSON".into())),
            (
                "{\"error\":\"Unexpected endpoint or method. (GET /api/v1/models). Returning 200 anyway\"}",
                Answer::NotThere,
            ),
        ] {
            assert_eq!(parsed(bytes.as_bytes()), expected, "{bytes}");
        }
        let deep = "[".repeat(100_000);
        assert!(matches!(parsed(deep.as_bytes()), Answer::Foreign(_)), "depth is bounded");
    }
}
