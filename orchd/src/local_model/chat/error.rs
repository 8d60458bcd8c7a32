//! Why there is no answer: one variant for each thing a user can understand, a word for records, and what to do.

use std::time::Duration;

use serde_json::Value;
use shared::redact::redact_text;

use super::chunk::message;
use super::limits::Limit;
use super::reply::Reply;
use super::sse::EventTooLarge;
use crate::local_model::State;

/// Longest of a server's own words that is repeated, in characters.
const WORDS_MAX: usize = 300;
/// Of a reply that is none, characters of its beginning that are repeated.
const BEGINNING_MAX: usize = 80;
/// Bytes of them that are looked at: more than is repeated, for half a secret is not known as one.
const LOOKED_AT: usize = 16 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Nobody listens there, or not in time.
    #[error("nothing answers at {url}")]
    Unreachable {
        /// The address.
        url: String,
        /// Whether the connection was refused at once.
        refused: bool,
        /// What the system said.
        #[source]
        source: reqwest::Error,
    },
    /// It connects and then does not speak HTTP.
    #[error("what listens at {url} is no model server")]
    NotHttp {
        /// The address.
        url: String,
        /// What was wrong.
        #[source]
        source: reqwest::Error,
    },
    /// 401 or 403.
    #[error("the server needs a token")]
    NeedsToken,
    /// No model is loaded and none loads by itself.
    #[error("the server has no model for this: {0}")]
    NoModel(String),
    /// It was looked at before, and cannot answer as it is.
    #[error("{found}")]
    Unavailable {
        /// How it is.
        state: State,
        /// The same in a line.
        found: String,
        /// What the user can do about it.
        advice: String,
    },
    /// 503 while it loads its model, with how long was waited for it.
    #[error("the server is still loading its model after {} s", .0.as_secs())]
    Loading(Duration),
    /// 429 or 503.
    #[error("the server is busy{}", asked_to_wait(*.retry_after))]
    Busy {
        /// 429 or 503.
        status: u16,
        /// When it asks to be asked again.
        retry_after: Option<Duration>,
    },
    /// The task is larger than what the model has loaded.
    #[error("the task does not fit: {0}")]
    TooLong(String),
    /// Another status that is no success.
    #[error("the server answers {status}: {words}")]
    Status {
        /// The status.
        status: u16,
        /// Its own words, cut.
        words: String,
    },
    /// It sends us elsewhere.
    #[error("the server redirects to `{0}`, which is not followed")]
    Redirect(String),
    /// No token came.
    #[error("no token within {} s", .0.as_secs_f64())]
    SlowFirstToken(Duration),
    /// It fell silent in the middle.
    #[error("the server fell silent for {} s", .0.as_secs_f64())]
    Stalled(Duration),
    /// It went on for too long.
    #[error("the answer did not end within {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    /// Larger than anything a local model says.
    #[error("the reply is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// One event larger than the limit.
    #[error("the reply cannot be read")]
    Event(#[source] EventTooLarge),
    /// The connection ended before the reply did.
    #[error("the answer broke off")]
    BrokeOff(#[source] Option<reqwest::Error>),
    /// The connection ended before a reply began.
    #[error("the server hung up without an answer")]
    HungUp(#[source] reqwest::Error),
    /// The server gave up, in the middle of a reply or instead of one.
    #[error("the server gave up: {0}")]
    Server(String),
    /// 200, and then no reply of a chat.
    #[error("the reply is not one of a model server: {0}")]
    NotUnderstood(String),
    /// Reasoning perhaps, but no answer.
    #[error("the model gave no answer{}", ended_by(.reply))]
    Empty {
        /// What there is besides.
        reply: Box<Reply>,
    },
    /// Not JSON, where JSON was asked for.
    #[error("the answer is not JSON, which was asked for")]
    NotJson {
        /// What it is.
        reply: Box<Reply>,
        /// Why that is none.
        #[source]
        source: serde_json::Error,
    },
}

fn asked_to_wait(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" and asks to wait {} s", wait.as_secs()))
}

fn ended_by(reply: &Reply) -> &'static str {
    if reply.is_cut() { ": its context was full before it came to one" } else { "" }
}

impl ChatError {
    /// Returns the error of an answer that is not 200.
    #[must_use]
    pub fn of_status(status: u16, location: Option<&str>, retry_after: Option<&str>, body: &[u8]) -> Self {
        let words = words_of(body);
        match status {
            300..=399 => Self::Redirect(cut(location.unwrap_or("nowhere"))),
            401 | 403 => Self::NeedsToken,
            503 if words.to_ascii_lowercase().contains("loading") => Self::Loading(Duration::ZERO),
            429 | 503 => Self::Busy { status, retry_after: retry_after.and_then(seconds) },
            404 if words.to_ascii_lowercase().contains("model") => Self::NoModel(words),
            _ => Self::known(words).unwrap_or_else(|words| Self::Status { status, words }),
        }
    }

    /// Returns the error of bytes that are no reply of a chat, with how they begin.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]);
        let words: String = redact_text(&start).0.chars().take(BEGINNING_MAX).collect();
        Self::NotUnderstood(format!("it begins with `{}`", words.escape_debug()))
    }

    /// Returns the error of words that stand where a reply should.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        Self::known(cut(words)).unwrap_or_else(Self::Server)
    }

    /// Returns the error that a server's words tell of, where they are known; no server has codes for all of them.
    fn known(words: String) -> Result<Self, String> {
        const NO_MODEL: [&str; 4] =
            ["no models loaded", "no model loaded", "model not found", "not found, try pulling"];
        const TOO_LONG: [&str; 4] = ["context size", "context length", "context window", "exceed_context"];
        let small = words.to_ascii_lowercase();
        let says = |parts: [&str; 4]| parts.iter().any(|part| small.contains(part));
        match (says(NO_MODEL), says(TOO_LONG)) {
            (true, _) => Ok(Self::NoModel(words)),
            (_, true) => Ok(Self::TooLong(words)),
            _ => Err(words),
        }
    }

    /// Returns the error of a limit that was reached, with how long was waited.
    #[must_use]
    pub fn of_limit(limit: Limit, waited: Duration) -> Self {
        // Milliseconds of the timer are of no use to anybody.
        let waited = Duration::from_millis(u64::try_from(waited.as_millis() / 100 * 100).unwrap_or(u64::MAX));
        match limit {
            Limit::FirstToken => Self::SlowFirstToken(waited),
            Limit::Idle => Self::Stalled(waited),
            Limit::Whole | Limit::AfterTheEnd => Self::TooSlow(waited),
        }
    }

    /// Whether no model had worked when it came, where nothing of an answer had come either: the server was not there, was none, or
    /// refused the question.
    #[must_use]
    pub fn is_before_a_model(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::NotHttp { .. }
                | Self::NotUnderstood(_)
                | Self::Redirect(_)
                | Self::NeedsToken
                | Self::NoModel(_)
                | Self::Unavailable { .. }
                | Self::Loading(_)
                | Self::Busy { .. }
                | Self::TooLong(_)
                | Self::Status { status: 400..=499, .. }
        )
    }

    /// Returns the reply that came whole and is of no use; None where none came.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Empty { reply } | Self::NotJson { reply, .. } => Some(reply),
            _ => None,
        }
    }

    /// Returns the word that records and `--json` use.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::Unavailable { state: State::Down, .. } => "unreachable",
            Self::NotHttp { .. } => "wrong_server",
            Self::Unavailable { state, .. } => state.word(),
            Self::Loading(_) => "loading",
            Self::NeedsToken => "needs_token",
            Self::NoModel(_) => "no_model",
            Self::Busy { .. } => "busy",
            Self::TooLong(_) => "too_long",
            Self::Status { .. } => "status",
            Self::Redirect(_) => "redirect",
            Self::SlowFirstToken(_) => "slow_first_token",
            Self::Stalled(_) => "stalled",
            Self::TooSlow(_) => "too_slow",
            Self::TooLarge(_) | Self::Event(_) => "too_large",
            Self::BrokeOff(_) => "broke_off",
            Self::HungUp(_) => "hung_up",
            Self::Server(_) => "server_error",
            Self::NotUnderstood(_) => "not_understood",
            Self::Empty { .. } => "empty",
            Self::NotJson { .. } => "not_json",
        }
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Unavailable { advice, .. } => advice,
            Self::Unreachable { .. } => "start the server (LM Studio: `lms server start`), or --fallback claude",
            Self::NotHttp { .. } | Self::Redirect(_) | Self::NotUnderstood(_) => {
                "look at what listens there; the address is that of LM Studio, Ollama or llama.cpp"
            }
            Self::NeedsToken => "name a file with the server's token as token_file in [local] of config.toml",
            Self::NoModel(_) => "load a model (LM Studio: `lms load`), or name one with --model",
            Self::TooLong(_) => "load the model with a larger context, or leave files out, or --fallback claude",
            Self::SlowFirstToken(_) | Self::TooSlow(_) | Self::Loading(_) => {
                "--timeout with more seconds, or --fallback claude"
            }
            Self::Empty { .. } | Self::NotJson { .. } => "load a larger context or another model, or --fallback claude",
            // What is asked is at fault: it would be refused again.
            Self::Status { status: 400..=407 | 409..=499, .. } => {
                "mend what the server refuses (the schema, a --set, the model's name), or --fallback claude"
            }
            _ => "again later, or --fallback claude",
        }
    }
}

impl From<EventTooLarge> for ChatError {
    fn from(source: EventTooLarge) -> Self {
        Self::Event(source)
    }
}

/// Returns a server's own words out of the body of an error: of its JSON, else of its first line.
fn words_of(body: &[u8]) -> String {
    let json = serde_json::from_slice::<Value>(body).ok();
    let words = json.map(|json| message(json.get("error").unwrap_or(&json)));
    let words = words.unwrap_or_else(|| String::from_utf8_lossy(body).trim().lines().next().unwrap_or("").to_owned());
    if words.is_empty() { "nothing".to_owned() } else { cut(&words) }
}

/// Returns a text of a stranger, short enough for one line, and without secrets: servers repeat what they were sent, and these words
/// go to the screen, into records and to Claude.
fn cut(text: &str) -> String {
    let (clean, _) = redact_text(&text[..text.floor_char_boundary(LOOKED_AT)]);
    match clean.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.into_owned(),
    }
}

/// Returns the wait of a `Retry-After` in seconds; a date is not worth a parser here.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for (status, body, reason, text) in [
            (401, "{}", "needs_token", "the server needs a token"),
            (429, "", "busy", "the server is busy and asks to wait 7 s"),
            (503, "", "busy", "the server is busy and asks to wait 7 s"),
            (
                503,
                r#"{"error":{"message":"Loading model"}}"#,
                "loading",
                "the server is still loading its model after 0 s",
            ),
            (
                404,
                r#"{"error":{"message":"No models loaded. Please load a model.","type":"invalid_request_error"}}"#,
                "no_model",
                "the server has no model for this: No models loaded. Please load a model.",
            ),
            (
                404,
                r#"{"error":"model 'x' not found"}"#,
                "no_model",
                "the server has no model for this: model 'x' not found",
            ),
            (404, "<html>Not Found</html>", "status", "the server answers 404: <html>Not Found</html>"),
            (
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size"}}"#,
                "too_long",
                "the task does not fit: the request exceeds the available context size",
            ),
            (500, "", "status", "the server answers 500: nothing"),
            (302, "", "redirect", "the server redirects to `http://there/`, which is not followed"),
        ] {
            let error = ChatError::of_status(status, Some("http://there/"), Some("7"), body.as_bytes());
            assert_eq!((error.reason(), error.to_string().as_str()), (reason, text), "{status} {body}");
            assert_eq!(error.is_before_a_model(), status != 500, "{status} {body}");
            assert!(!error.hint().is_empty());
        }
        assert_eq!(ChatError::of_words("No models loaded.").reason(), "no_model");
        assert_eq!(ChatError::of_words("out of memory").to_string(), "the server gave up: out of memory");
        for (status, advice) in
            [(400, "mend what the server refuses"), (422, "mend"), (500, "again later"), (418, "mend")]
        {
            let error = ChatError::of_status(status, None, None, br#"{"error":"'type' must be a string"}"#);
            assert!(error.hint().starts_with(advice), "{status}: {}", error.hint());
        }
        let long = ChatError::of_status(500, None, None, "é".repeat(9000).as_bytes()).to_string();
        assert!(long.chars().count() < 400, "a stranger's words are cut");
    }
    #[test]
    fn a_servers_words_hold_no_secret() {
        let secret = format!("sk-ant-api03-{}", "a1B2".repeat(24));
        let words = format!("{} bad key {secret} given", "x".repeat(WORDS_MAX - 30));
        let body = serde_json::json!({"error": {"message": words}}).to_string();
        for error in [
            ChatError::of_status(400, None, None, body.as_bytes()),
            ChatError::of_status(500, None, None, words.as_bytes()),
            ChatError::of_status(302, Some(&words), None, b""),
            ChatError::of_words(&words),
            ChatError::of_bytes(&words.as_bytes()[WORDS_MAX - 40..]),
        ] {
            let said = error.to_string();
            assert!(!said.contains("a1B2") && said.contains("[redacted"), "{said}");
        }
    }
}
