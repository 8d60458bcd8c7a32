//! A payload with its escaped printable characters decoded, and the way back to where each stood.

use super::Span;
use super::scanner::{Outcome, Scanner, backslashes, is_printable};

pub(super) struct View {
    bytes: Vec<u8>,
    /// Where in the payload the unit starts that each byte came from, and the payload's end.
    origins: Vec<u32>,
}

impl View {
    /// Decodes `\u0041` at any depth of nesting and `\/`. A decoded quote or backslash keeps one backslash before it.
    pub(super) fn of(payload: &[u8]) -> Self {
        let mut view =
            Self { bytes: Vec::with_capacity(payload.len()), origins: Vec::with_capacity(payload.len() + 1) };
        let mut at = 0;
        while let Some(&byte) = payload.get(at) {
            if byte != b'\\' {
                view.push(at, &[byte]);
                at += 1;
                continue;
            }
            let count = backslashes(payload, at);
            let next = at + count;
            let code = payload.get(next + 1..next + 5).filter(|code| is_printable(code));
            match (payload.get(next), code) {
                (Some(b'u'), Some(code)) => {
                    let high = char::from(code[2]).to_digit(16).unwrap_or(0);
                    let low = char::from(code[3]).to_digit(16).unwrap_or(0);
                    let decoded = u8::try_from(high << 4 | low).unwrap_or(b'?');
                    if matches!(decoded, b'"' | b'\\') {
                        view.push(at, &[b'\\', decoded]);
                    } else {
                        view.push(at, &[decoded]);
                    }
                    at = next + 5;
                }
                (Some(b'/'), _) if count % 2 == 1 => {
                    for place in at..next - 1 {
                        view.push(place, b"\\");
                    }
                    view.push(next - 1, b"/");
                    at = next + 1;
                }
                (following, _) => {
                    for place in at..next {
                        view.push(place, b"\\");
                    }
                    // The escaped character goes with its backslash.
                    if let Some(&byte) = following
                        && count % 2 == 1
                    {
                        view.push(next, &[byte]);
                        at = next + 1;
                    } else {
                        at = next;
                    }
                }
            }
        }
        view.origins.push(origin(payload.len()));
        view
    }

    fn push(&mut self, place: usize, bytes: &[u8]) {
        for &byte in bytes {
            self.bytes.push(byte);
            self.origins.push(origin(place));
        }
    }

    /// Returns the secrets' places in the payload.
    pub(super) fn spans(&self) -> Vec<Span> {
        let Outcome::Spans(spans) = Scanner::of_view(&self.bytes).scan() else { return Vec::new() };
        let place = |at: usize| self.origins.get(at).map_or(0, |&place| usize::try_from(place).unwrap_or(0));
        spans.into_iter().map(|span| Span { from: place(span.from), to: place(span.to), kind: span.kind }).collect()
    }
}

fn origin(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
