//! Values: where one ends, and whether it is a secret or only speaks of one.

use super::charset::{ENDS_VALUE, WORD, is};
use super::scanner::{REACH, Scanner, backslashes};

/// What is looked at of a value to judge it.
pub(super) const JUDGED_BYTES: usize = 128;

/// What holds a value together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    None,
    /// A double quote with so many backslashes before it.
    Double(usize),
    /// A single quote or a backtick.
    Single(u8),
}

/// A value without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) quote: Quote,
}

impl Value {
    pub(super) fn bytes<'a>(&self, scanner: &Scanner<'a>) -> &'a [u8] {
        &scanner.bytes[self.from..self.to]
    }
}

/// Returns the quote at `at` and where its content starts. A bare quote is the JSON string's own, never a value's.
pub(super) fn quote_at(bytes: &[u8], at: usize) -> Option<(Quote, usize)> {
    match *bytes.get(at)? {
        single @ (b'\'' | b'`') => Some((Quote::Single(single), at + 1)),
        b'"' => Some((Quote::Double(0), at + 1)),
        b'\\' => {
            let count = backslashes(bytes, at);
            let is_quote = count % 2 == 1 && bytes.get(at + count) == Some(&b'"');
            is_quote.then_some((Quote::Double(count), at + count + 1))
        }
        _ => None,
    }
}

/// Returns the value that starts at `at`. Inside a JSON string (`in_string`) a bare quote is no value's start.
pub(super) fn value_at(scanner: &mut Scanner<'_>, at: usize, in_string: bool) -> Option<Value> {
    match quote_at(scanner.bytes, at) {
        Some((Quote::Double(0), _)) if in_string => None,
        Some((quote, from)) => match quoted_end(scanner, quote, from) {
            Some(to) => (to > from).then_some(Value { from, to, quote }),
            // An apostrophe, or a quote that was cut off.
            None => unquoted(scanner, from),
        },
        None if in_string => unquoted(scanner, at),
        None => None,
    }
}

/// Returns the value that starts at `at` and runs to the next space or quote.
pub(super) fn unquoted(scanner: &mut Scanner<'_>, at: usize) -> Option<Value> {
    let to = unquoted_end(scanner, at)?;
    (to > at).then_some(Value { from: at, to, quote: Quote::None })
}

/// Returns the place of the closing quote; None when the JSON string ends before it.
pub(super) fn quoted_end(scanner: &mut Scanner<'_>, quote: Quote, from: usize) -> Option<usize> {
    let (end, looked) = closing(scanner.bytes, quote, from, scanner.limit(from));
    scanner.spend(looked - from);
    end
}

/// Returns the place of the closing quote before `limit`, and how far was looked for it.
fn closing(bytes: &[u8], quote: Quote, from: usize, limit: usize) -> (Option<usize>, usize) {
    let mut at = from;
    while at < limit {
        match bytes[at] {
            b'"' => return ((quote == Quote::Double(0)).then_some(at), at),
            b'\\' => {
                let count = backslashes(bytes, at);
                match bytes.get(at + count) {
                    Some(b'"') if count.is_multiple_of(2) => {
                        return ((quote == Quote::Double(0)).then_some(at + count), at);
                    }
                    Some(b'"') => match quote {
                        Quote::Double(own) if count <= own => return (Some(at), at),
                        _ => at += count + 1,
                    },
                    Some(_) if count % 2 == 1 => at += count + 1,
                    _ => at += count,
                }
            }
            byte if quote == Quote::Single(byte) => return (Some(at), at),
            _ => at += 1,
        }
    }
    (None, at)
}

fn unquoted_end(scanner: &mut Scanner<'_>, from: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    let limit = bytes.len().min(from + REACH);
    let (start, end) = scanner.value_run;
    if (start..end).contains(&from) {
        return Some(end);
    }
    let mut at = from;
    while at < limit {
        let byte = bytes[at];
        let ends = match byte {
            b'\\' => {
                // A shell's escape of a special character belongs to the value.
                let count = backslashes(bytes, at);
                let next = bytes.get(at + count).copied().unwrap_or(b' ');
                let is_shell = count == 2 && next.is_ascii_punctuation() && !matches!(next, b'"' | b'\'' | b'`');
                at += if is_shell { count } else { 0 };
                !is_shell
            }
            b',' => bytes.get(at + 1).is_none_or(|&next| is(next, ENDS_VALUE)),
            b'}' => !bytes[from..at].contains(&b'{'),
            b')' => !bytes[from..at].contains(&b'('),
            _ => is(byte, ENDS_VALUE),
        };
        if ends {
            break;
        }
        at += 1;
    }
    scanner.value_run = (from, at);
    (at < from + REACH).then_some(at)
}

/// What stands for a secret that is elsewhere, by its start.
#[rustfmt::skip]
static REFERENCE_STARTS: &[&[u8]] = &[
    b"process.env", b"os.environ", b"os.getenv", b"os.Getenv", b"env.", b"ENV[", b"ENV.", b"env(", b"secrets.", b"vars.", b"var.",
    b"config.", b"settings.", b"self.", b"this.", b"options.", b"opts.", b"args.", b"import.meta", b"Deno.", b"System.", b"op://",
    b"vault:", b"ref+", b"local.", b"module.", b"params.", b"props.", b"req.", b"request.", b"ctx.", b"cfg.", b"arn:aws:",
    b"{{", b"#{", b"@{", b"%(", b"<", b"*", b"data.", b"std::env", b"state.", b"file:", b"projects/", b"your_", b"your-", b"YOUR_",
    b"YOUR-", b"/dev/", b"@/", b"env:", b"sha256:", b"sha512-", b"[redacted",
];

/// The first bytes of [`REFERENCE_STARTS`], so that most values cost one look.
static REFERENCE_FIRSTS: [bool; 256] = {
    let mut firsts = [false; 256];
    let mut at = 0;
    while at < REFERENCE_STARTS.len() {
        firsts[REFERENCE_STARTS[at][0] as usize] = true;
        at += 1;
    }
    firsts
};

/// Longest of [`PLACEHOLDERS`].
const MAX_PLACEHOLDER_BYTES: usize = 9;

/// Words in the place of a value that are none.
#[rustfmt::skip]
static PLACEHOLDERS: &[&[u8]] = &[
    b"null", b"none", b"nil", b"true", b"false", b"undefined", b"string", b"str", b"number", b"int", b"integer", b"bool",
    b"boolean", b"any", b"object", b"bytes", b"text", b"required", b"optional", b"password", b"passwd", b"secret", b"token",
    b"hidden", b"redacted", b"unknown", b"default", b"yes", b"no", b"on", b"off", b"auto", b"varchar", b"prompt", b"input",
];

/// Whether the value only refers to a secret, or stands in its place.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let value = &value[..value.len().min(JUDGED_BYTES)];
    let Some(&first) = value.first() else { return true };
    if value.iter().all(|&byte| byte == first) && !first.is_ascii_digit() {
        return true;
    }
    (first == b'$' && is_variable(&value[1..]))
        || (first == b'%' && value.len() > 1 && (value.ends_with(b"%") || value.len() == 2))
        || (first == b'{' && value.ends_with(b"}"))
        || REFERENCE_FIRSTS[usize::from(first)] && REFERENCE_STARTS.iter().any(|start| value.starts_with(start))
        || value.len() <= MAX_PLACEHOLDER_BYTES && PLACEHOLDERS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || (value.len() >= 10 && value.windows(10).any(|window| window == b"[redacted:"))
        || value.windows(2).any(|window| window == b"${")
        || value.ends_with(b"...")
}

/// `NAME`, `{NAME}`, `(command)`, and `NAME` with more behind a separator.
fn is_variable(rest: &[u8]) -> bool {
    match rest.first() {
        None | Some(b'{' | b'(') => true,
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
            let end = rest.iter().position(|&byte| !is(byte, WORD)).unwrap_or(rest.len());
            rest.get(end)
                .is_none_or(|next| matches!(next, b':' | b'-' | b'.' | b'/' | b'@' | b'$' | b',' | b'[' | b'+'))
        }
        // `$1`
        Some(first) => rest.len() == 1 && first.is_ascii_digit(),
    }
}

/// Whether an unquoted value is program text: a call, a path of names, a generic type.
pub(super) fn is_code(value: &[u8]) -> bool {
    let value = &value[..value.len().min(JUDGED_BYTES)];
    let name = |byte: &u8| is(*byte, WORD) || matches!(byte, b'.' | b':' | b'&' | b'?' | b'!');
    match value.iter().position(|byte| !name(byte)) {
        Some(at) => matches!(value[at], b'(' | b'[' | b'{') && at > 0,
        // Names and paths of names; a lone word of letters is no code.
        None => {
            value.windows(2).any(|pair| matches!(pair[0], b'.' | b':') && pair[1].is_ascii_alphabetic())
                && !is_random(value)
        }
    }
}

/// Whether the bytes look drawn by chance: digits among letters, signs among letters, or capitals in odd places.
pub(super) fn is_random(value: &[u8]) -> bool {
    let value = &value[..value.len().min(JUDGED_BYTES)];
    let (mut upper, mut lower, mut digits, mut signs, mut turns) = (0, 0, 0, 0, 0);
    let mut before = b' ';
    for &byte in value {
        match byte {
            b'A'..=b'Z' => {
                upper += 1;
                turns += usize::from(before.is_ascii_digit() || before.is_ascii_lowercase());
            }
            b'a'..=b'z' => {
                lower += 1;
                turns += usize::from(before.is_ascii_digit());
            }
            b'0'..=b'9' => {
                digits += 1;
                turns += usize::from(before.is_ascii_alphabetic());
            }
            b'!' | b'@' | b'#' | b'^' | b'&' | b'*' | b'+' | b'=' | b'~' | b'%' | b'$' => signs += 1,
            _ => {}
        }
        before = byte;
    }
    let letters = upper + lower;
    if letters == 0 {
        return digits >= 20;
    }
    (digits > 0 && (turns >= 3 || digits >= 2 && letters >= 2))
        || (signs > 0 && letters >= 4)
        || (upper > 0 && lower > 0 && upper * 4 > letters && letters >= 8)
}

/// Whether the value is a UUID: a name, hardly ever a secret.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    let dashes = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| if dashes(at) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}
