//! The last members of an object, read from its end: all that a payload tells behind a value of any size.

use super::{Member, text};

/// Most members that are read.
const MOST: usize = 16;

/// Returns the members that stand directly before the closing brace that `bytes` end with, as long as their values are strings,
/// numbers or words. No bracket is crossed on the way, so each of them is a member of the outermost object, whatever stands in
/// the values before.
pub(super) fn members(bytes: &[u8]) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes.trim_ascii_end();
    let Some(inner) = rest.strip_suffix(b"}") else { return found };
    rest = inner;
    while found.len() < MOST {
        let Some((before, value)) = scalar(rest.trim_ascii_end()) else { break };
        let Some(before) = before.trim_ascii_end().strip_suffix(b":") else { break };
        let Some((before, key)) = string(before.trim_ascii_end()) else { break };
        found.push(Member { key: text::key(&key[1..key.len() - 1]), value, cut: false });
        match before.trim_ascii_end().strip_suffix(b",") {
            Some(before) => rest = before,
            None => break,
        }
    }
    found.reverse();
    found
}

/// Returns the value at the end, and what stands before it.
fn scalar(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.last() == Some(&b'"') {
        return string(bytes);
    }
    let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let from = bytes.iter().rposition(|byte| !of_word(byte))? + 1;
    (from < bytes.len()).then(|| bytes.split_at(from))
}

/// Returns the string at the end with its quotes, and what stands before it. Inside a string every quote is escaped, so the nearest
/// one that is not opens it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = bytes.strip_suffix(b"\"")?.len();
    if is_escaped(bytes, end) {
        return None;
    }
    loop {
        let quote = memchr::memrchr(b'"', &bytes[..end])?;
        // What stands before the first byte is not known: the quote there may be escaped.
        if quote == 0 {
            return None;
        }
        if !is_escaped(bytes, quote) {
            return Some(bytes.split_at(quote));
        }
        end = quote;
    }
}

fn is_escaped(bytes: &[u8], at: usize) -> bool {
    let count = bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
    // Where backslashes reach the start, there may be more of them.
    count % 2 == 1 || count > 0 && count == at
}
