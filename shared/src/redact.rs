//! How secrets leave a payload before it reaches a disk or a socket: each is replaced by `[redacted:kind]`.
//!
//! One pass over the bytes as they stand, without parsing them: exact shapes of known tokens where a word starts, and
//! values behind sensitive names, flags, headers and in URLs. No regex and nothing built at run time, because every tool
//! call of a session waits for this. Replacements never split an escape sequence or cross a JSON string's end, so valid
//! JSON stays valid. Errs on hiding for exact shapes; values that only refer to a secret (`$TOKEN`) are left alone.

mod assign;
mod charset;
mod flags;
mod names;
mod pem;
mod scanner;
mod shapes;
mod url;
mod value;
mod view;
mod words;

use std::borrow::Cow;

use scanner::{Outcome, Scanner};

/// A payload without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<'a> {
    /// The payload, each secret replaced; as it was given when it holds none.
    pub payload: Cow<'a, [u8]>,
    /// How many were replaced.
    pub count: u64,
}

/// One secret: `from..to` in the bytes that were scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
    kind: &'static str,
}

/// Replaces the secrets of a payload. Total: any bytes are taken; linear in their number.
#[must_use]
pub fn redact(payload: &[u8]) -> Redacted<'_> {
    let spans = match Scanner::new(payload).scan() {
        Outcome::Spans(spans) => spans,
        Outcome::Escaped => view::View::of(payload).spans(),
    };
    let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
    if spans.is_empty() {
        return Redacted { payload: Cow::Borrowed(payload), count };
    }
    let mut redacted = Vec::with_capacity(payload.len() + spans.len() * 16);
    let mut from = 0;
    for span in &spans {
        redacted.extend_from_slice(&payload[from..span.from]);
        redacted.extend_from_slice(b"[redacted:");
        redacted.extend_from_slice(span.kind.as_bytes());
        redacted.push(b']');
        from = span.to;
    }
    redacted.extend_from_slice(&payload[from..]);
    Redacted { payload: Cow::Owned(redacted), count }
}

/// Replaces the secrets of a text and tells how many there were. They are looked for in the text as a string of JSON, as payloads
/// hold it: a quote in it is not its end.
#[must_use]
pub fn redact_text(text: &str) -> (Cow<'_, str>, u64) {
    let json = serde_json::Value::from(text).to_string();
    let Redacted { payload, count } = redact(json.as_bytes());
    if count == 0 {
        return (Cow::Borrowed(text), 0);
    }
    // Replacements keep JSON valid; should one not, nothing is kept.
    (Cow::Owned(serde_json::from_slice(&payload).unwrap_or_else(|_| "[redacted]".to_owned())), count)
}

#[cfg(test)]
mod tests;
