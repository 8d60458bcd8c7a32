//! Private keys in PEM armour, whole, cut off, and with their line ends escaped at any depth.

use super::Span;
use super::charset::{ALNUM, is};
use super::scanner::{backslashes, past_escape};

const END: &[u8] = b"-----END ";
const BEGIN: &[u8] = b"-----BEGIN ";

/// Longest label between `BEGIN` and the dashes.
const MAX_LABEL_BYTES: usize = 48;

/// Shortest line of a key whose other lines are not all there.
const MIN_LINE_BYTES: usize = 16;

/// Looks at the `-----BEGIN ` at `at`.
pub(super) fn find(bytes: &[u8], at: usize) -> Option<Span> {
    let label = &bytes[at + BEGIN.len()..];
    let label = &label[..label.len().min(MAX_LABEL_BYTES)];
    let length = label.windows(5).position(|window| window == b"-----")?;
    if !label[..length].windows(11).any(|window| window == b"PRIVATE KEY") {
        return None;
    }
    let body = at + BEGIN.len() + length + 5;
    let to = whole(bytes, body).unwrap_or_else(|| cut_off(bytes, body));
    Some(Span { from: at, to, kind: "private-key" })
}

/// Looks at the `-----END ` at `at`, whose opening line is not there: `tail key.pem`, or a payload whose middle was left out.
pub(super) fn find_end(bytes: &[u8], at: usize) -> Option<Span> {
    let label = &bytes[at + END.len()..];
    let label = &label[..label.len().min(MAX_LABEL_BYTES)];
    let length = label.windows(5).position(|window| window == b"-----")?;
    if !label[..length].windows(11).any(|window| window == b"PRIVATE KEY") {
        return None;
    }
    let (mut from, mut lines) = (at, 0);
    loop {
        let end = before_line_end(bytes, from);
        if end == from {
            break;
        }
        let run = bytes[..end].iter().rev().take_while(|&&byte| is_base64(byte)).count();
        let mut start = end - run;
        // What follows a backslash is the letter of a line's end, or its code.
        if start > 0 && bytes[start - 1] == b'\\' {
            start += if bytes[start..end].first() == Some(&b'u') { 5 } else { 1 };
        }
        let line = end.saturating_sub(start);
        // The last line may be short, or made of padding.
        if line == 0 || line < MIN_LINE_BYTES && from < at {
            break;
        }
        from = start;
        lines += usize::from(line >= MIN_LINE_BYTES);
    }
    (lines > 0).then_some(Span { from, to: at + END.len() + length + 5, kind: "private-key" })
}

/// Returns the end of the line before the line that starts at `at`, or `at` when no line ends there.
fn before_line_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        let before = &bytes[..end];
        let code = before.len().checked_sub(5).map(|from| &before[from..]);
        let letters = match (before, code) {
            ([.., b' ' | b'\t' | b'\n' | b'\r'], _) => {
                end -= 1;
                continue;
            }
            ([.., b'\\', b'n' | b'r' | b't'], _) => 1,
            (_, Some([b'u', b'0', b'0', b'0', _])) if before[..end - 5].ends_with(b"\\") => 5,
            _ => return end,
        };
        end -= letters;
        end -= bytes[..end].iter().rev().take_while(|&&byte| byte == b'\\').count();
    }
}

fn is_base64(byte: u8) -> bool {
    is(byte, ALNUM) || matches!(byte, b'+' | b'/' | b'=')
}

/// Returns the place behind the closing line. Stops at the next key, so that many openings cost no more than one.
fn whole(bytes: &[u8], body: usize) -> Option<usize> {
    let mut at = body;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let count = backslashes(bytes, at);
                at += count;
                if bytes.get(at) == Some(&b'"') && count.is_multiple_of(2) {
                    return None;
                }
                at += usize::from(count % 2 == 1);
            }
            b'"' => return None,
            b'-' if bytes[at..].starts_with(BEGIN) => return None,
            b'-' if bytes[at..].starts_with(END) => {
                let rest = &bytes[at + END.len()..];
                let rest = &rest[..rest.len().min(MAX_LABEL_BYTES)];
                let length = rest.windows(5).position(|window| window == b"-----");
                return Some(at + END.len() + length.map_or(0, |length| length + 5));
            }
            _ => at += 1,
        }
    }
    None
}

/// Returns the place behind the last line of a key without a closing line.
fn cut_off(bytes: &[u8], body: usize) -> usize {
    let mut to = body;
    let mut at = body;
    let mut previous = MIN_LINE_BYTES;
    while let Some(&byte) = bytes.get(at) {
        if is_base64(byte) {
            let length = bytes[at..].iter().position(|&byte| !is_base64(byte));
            let length = length.unwrap_or(bytes.len() - at);
            // The last line may be short.
            if length < MIN_LINE_BYTES && previous < 40 {
                break;
            }
            previous = length;
            at += length;
            to = at;
        } else if byte == b'\\' {
            let next = past_escape(bytes, at);
            // A line's end; anything else ends the key.
            if !matches!(bytes[next - 1], b'n' | b'r' | b't' | b'a' | b'd' | b'A' | b'D' | b'9') {
                break;
            }
            at = next;
        } else if byte.is_ascii_whitespace() {
            at += 1;
        } else {
            break;
        }
    }
    to
}
