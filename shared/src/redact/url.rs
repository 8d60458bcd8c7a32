//! Credentials in URLs: `scheme://user:password@host`, `scheme://token@host`.

use super::Span;
use super::charset::{ENDS_VALUE, WORD, is};
use super::scanner::Scanner;
use super::value::{is_random, is_reference};

/// Longest `user:password@host` that is looked at.
const MAX_AUTHORITY_BYTES: usize = 512;
/// How much of the path is looked at for the `@` of a password with a slash in it.
const MAX_TAIL_BYTES: usize = 128;

/// Looks at the `://` at `at`.
pub(super) fn find(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    if !at.checked_sub(1).is_some_and(|before| is(bytes[before], WORD)) {
        return None;
    }
    let from = at + 3;
    let limit = bytes.len().min(from + MAX_AUTHORITY_BYTES);
    let ends = |&byte: &u8| matches!(byte, b'/' | b'?' | b'#') || ends_text(byte);
    let length = bytes[from..limit].iter().position(ends).unwrap_or(limit - from);
    let authority = &bytes[from..from + length];
    let colon = authority.iter().position(|&byte| byte == b':');
    let sign = authority.iter().rposition(|&byte| byte == b'@').or_else(|| {
        // A password may hold a slash that nobody encoded; a port may not.
        let tail_from = colon.filter(|colon| !is_port(&authority[colon + 1..]))? + 1;
        let tail = &bytes[from + tail_from..bytes.len().min(from + length + MAX_TAIL_BYTES)];
        let tail = &tail[..tail.iter().position(|&byte| ends_text(byte)).unwrap_or(tail.len())];
        tail.iter().rposition(|&byte| byte == b'@').map(|at| tail_from + at)
    })?;
    let secret_from = from + colon.filter(|colon| *colon < sign).map_or(0, |colon| colon + 1);
    let secret = &bytes[secret_from..from + sign];
    let is_password = secret_from > from;
    let found = !secret.is_empty() && !is_reference(secret) && (is_password || secret.len() >= 16 && is_random(secret));
    found.then_some(Span { from: secret_from, to: from + sign, kind: "url-password" })
}

fn ends_text(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'\'' | b'`' | b'<' | b'>' | 0..=b' ') && is(byte, ENDS_VALUE) || byte == b'>'
}

fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}
