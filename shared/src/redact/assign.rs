//! Values behind a name: `NAME=value`, `name: value`, `"name":"value"` at any depth of quoting, `<name>value</name>`.

use super::charset::{TOKEN, WORD, is};
use super::names::{self, Name};
use super::scanner::Scanner;
use super::value::{self, JUDGED_BYTES, Quote, Value, is_code, is_random, is_reference, is_uuid, value_at};
use super::{Span, words};

/// Longest name that is looked at.
const MAX_NAME_BYTES: usize = 64;
/// Spaces that may stand around the operator.
const MAX_SPACES: usize = 16;

/// What stands before an operator.
struct Left<'a> {
    name: &'a [u8],
    /// The quote around the name.
    quote: Quote,
    /// Spaces stand between name and operator.
    spaced: bool,
    /// What stands before the name.
    before: Option<u8>,
}

/// Looks at the `=`, `:` or `>` at `at`.
pub(super) fn find(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    let operator = bytes[at];
    let previous = at.checked_sub(1).map(|before| bytes[before])?;
    // Most colons are JSON's own.
    if previous == b'"' && !matches!(bytes[..at - 1], [.., b'\\']) && !names::may_end(&bytes[..at - 1]) {
        return None;
    }
    let mut end = at;
    let mut next = at + 1;
    match (operator, previous, bytes.get(next)) {
        // Comparisons and paths of names are no assignments.
        (b'=', b'=' | b'!' | b'<' | b'>', _)
        | (b'=', _, Some(b'='))
        | (b':', b':', _)
        | (b':', _, Some(b':' | b'=')) => return None,
        (b'=', b':', _) => end -= 1,
        (b'=', _, Some(b'>')) => next += 1,
        _ => {}
    }
    let left = left_of(bytes, end)?;
    let name = names::classify(left.name)?;
    if operator == b'>' && left.before != Some(b'<') {
        return None;
    }
    right(scanner, &left, name, operator, next)
}

/// Looks at a percent-encoded `=` or `:`.
pub(super) fn find_encoded(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let left = left_of(scanner.bytes, at)?;
    let name = names::classify(left.name)?;
    let length = scanner.bytes[at + 3..].iter().take(1024).position(|&byte| !is(byte, TOKEN)).unwrap_or(0);
    let value = Value { from: at + 3, to: at + 3 + length, quote: Quote::None };
    let found = is_random(value.bytes(scanner)) && length >= 8;
    found.then_some(Span { from: value.from, to: value.to, kind: name.kind() })
}

fn left_of(bytes: &[u8], operator: usize) -> Option<Left<'_>> {
    let mut end = operator;
    while end > 0 && bytes[end - 1] == b' ' && operator - end < MAX_SPACES {
        end -= 1;
    }
    let spaced = end < operator;
    // `env["NAME"] = value`
    if let [.., b'"' | b'\'', b']'] = bytes[..end] {
        end -= 1;
    }
    let mut quote = Quote::None;
    match *bytes.get(end.checked_sub(1)?)? {
        b'"' => {
            end -= 1;
            let count = bytes[..end].iter().rev().take_while(|&&byte| byte == b'\\').count();
            end -= count;
            quote = Quote::Double(count);
        }
        single @ (b'\'' | b'`') => {
            end -= 1;
            quote = Quote::Single(single);
        }
        _ => {}
    }
    if !names::may_end(&bytes[..end]) {
        return None;
    }
    let floor = end.saturating_sub(MAX_NAME_BYTES);
    let mut from = end;
    while from > floor && (is(bytes[from - 1], TOKEN) || bytes[from - 1] == b'.') {
        from -= 1;
    }
    let before = from.checked_sub(1).map(|at| bytes[at]);
    // The letter of an escape such as `\n` is not the name's.
    if before == Some(b'\\') && from < end {
        from += 1;
    }
    (from < end).then_some(Left { name: &bytes[from..end], quote, spaced, before })
}

fn right(scanner: &mut Scanner<'_>, left: &Left<'_>, name: Name, operator: u8, next: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    let spaces = bytes[next..].iter().take(MAX_SPACES).take_while(|&&byte| byte == b' ').count();
    let at = next + spaces;
    let in_string = left.quote != Quote::Double(0);
    // Only JSON's own colon follows a name in JSON's own quotes.
    if !in_string && operator != b':' {
        return None;
    }
    match name {
        Name::Authorization => return words::authorization(scanner, at, in_string),
        Name::Cookie => return cookie(scanner, at, in_string),
        Name::Session if operator != b'=' => return None,
        _ => {}
    }
    let value = value_at(scanner, at, in_string)?;
    let loose = operator == b':' || spaces > 0 || left.spaced;
    let text = value.bytes(scanner);
    let stands_alone = value.quote == Quote::None && stands_alone(bytes, value.to);
    is_secret(name, left, text, value.quote, (loose && operator != b'>', stands_alone)).then_some(Span {
        from: value.from,
        to: value.to,
        kind: name.kind(),
    })
}

fn is_secret(name: Name, left: &Left<'_>, text: &[u8], quote: Quote, (loose, stands_alone): (bool, bool)) -> bool {
    let min = match name {
        Name::Password => 3,
        Name::Secret => 6,
        _ => 12,
    };
    if text.len() < min || is_reference(text) {
        return false;
    }
    let digits_only = text.iter().all(u8::is_ascii_digit);
    let is_loud = left.name.iter().all(|byte| !byte.is_ascii_lowercase());
    match name {
        Name::Session => is_random(text) && !is_uuid(text),
        Name::Weak => {
            let long = if quote == Quote::None { 12 } else { 16 };
            text.len() >= long && is_random(text) && !is_uuid(text) && !is_path(text) && !text.contains(&b' ')
        }
        Name::Secret if digits_only || is_path(text) => false,
        Name::Password if text.starts_with(b"/") && is_path(text) => false,
        _ if quote != Quote::None && text.contains(&b' ') => {
            name == Name::Password && names::is_phrase(left.name) || !text.contains(&b'.') && has_digit_word(text)
        }
        Name::Password if quote != Quote::None => !is_label(text) || is_one_word(text),
        _ if quote != Quote::None => !is_label(text),
        _ if loose => (is_random(text) || name == Name::Password && has_inner_digit(text)) && !is_code(text),
        _ if is_loud && !is_code(text) => true,
        Name::Password if stands_alone && is_dotted(text) => !is_label(text) || is_one_word(text),
        _ => !is_loud && !is_code(text) && !is_label(text),
    }
}

/// Whether a text of several words has one that looks random: a passphrase, not prose.
fn has_digit_word(text: &[u8]) -> bool {
    text.split(|&byte| byte == b' ').any(|word| word.len() >= 6 && is_random(word))
}

/// Whether the value is itself the name of a secret (`"type": "access_token"`) or of a file. Names in program text hardly have
/// digits; passwords do.
fn is_label(text: &[u8]) -> bool {
    text.iter().all(|&byte| is(byte, WORD) && !byte.is_ascii_digit() || byte == b'-' || byte == b'.')
        && !is_random(text)
        && names::classify(text).is_some()
}

/// Whether the value is a lone word in small letters that says more than what it is: `mysecret`, not `secret`.
fn is_one_word(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_lowercase) && !names::is_ending(text)
}

/// Whether the value is words in small letters with dots between: a path of names, or a password.
pub(super) fn is_dotted(text: &[u8]) -> bool {
    text.len() <= JUDGED_BYTES
        && text.iter().all(|&byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.')
}

/// Whether a digit stands before a letter: `hunter2secret`, not `value2`.
fn has_inner_digit(text: &[u8]) -> bool {
    let text = &text[..text.len().min(JUDGED_BYTES)];
    text.len() >= 6 && text.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic())
}

/// Whether what follows the value at `end` is not the sign with which program text goes on.
fn stands_alone(bytes: &[u8], end: usize) -> bool {
    match bytes[end..] {
        [b',' | b')' | b']' | b'}', ..] => false,
        // `Password=x;Encrypt=true` is a connection's, `password=x;` a statement.
        [b';', next, ..] => next.is_ascii_alphabetic(),
        _ => true,
    }
}

fn is_path(text: &[u8]) -> bool {
    text.starts_with(b"/") && text.iter().skip(1).any(|&byte| byte == b'/') && !text.ends_with(b"=")
        || text.starts_with(b"./")
        || text.starts_with(b"../")
        || text.starts_with(b"~/")
        || text.starts_with(b"http://")
        || text.starts_with(b"https://")
}

/// The value of a cookie header: everything up to the quote or the line's end.
fn cookie(scanner: &mut Scanner<'_>, at: usize, in_string: bool) -> Option<Span> {
    let bytes = scanner.bytes;
    let (from, to) = match value::quote_at(bytes, at) {
        Some((Quote::Double(0), _)) if in_string => return None,
        Some((quote, from)) => (from, value::quoted_end(scanner, quote, from)?),
        None if in_string => (at, line_end(scanner, at)),
        None => return None,
    };
    let text = &bytes[from..to];
    let equals = text.iter().position(|&byte| !is(byte, TOKEN) && !matches!(byte, b'.' | b'%'))?;
    let pair = equals > 0 && text[equals] == b'=';
    let first = text[equals + 1..].split(|&byte| byte == b';').next().unwrap_or_default();
    (pair && first.len() >= 4 && !is_reference(first)).then_some(Span { from, to, kind: "cookie" })
}

/// Returns where a header's line ends: at a quote, an escape or as far as is looked.
fn line_end(scanner: &mut Scanner<'_>, from: usize) -> usize {
    let ends = |&byte: &u8| matches!(byte, b'"' | b'\\' | b'\'' | b'`' | 0..=0x1f);
    let rest = &scanner.bytes[from..scanner.limit(from)];
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    scanner.spend(length);
    from + length
}
