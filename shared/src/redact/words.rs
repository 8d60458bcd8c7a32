//! Words that announce a secret: `Bearer X`, `password is X`, `aws_secret_access_key X`, and programs whose flags hold one.

use super::Span;
use super::charset::{BASE64, DOTTED, WORD, is};
use super::names::{self, Name};
use super::scanner::{Program, Scanner};
use super::value::{self, JUDGED_BYTES, Quote, Value, is_code, is_random, is_reference, value_at};

/// What a word of the table means. The word's prefix ends with the space behind it, except for programs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// A scheme of an authorization header without the header's name.
    Scheme,
    /// `password is X`, `password: X`, `password X` behind `login`.
    Spoken,
    /// The value follows behind a space.
    Spaced,
    /// `ENV NAME value`: a name, a space, a value.
    Env,
    /// `login`: the registry programs take passwords from here.
    Login,
    /// The word is a program.
    Enter(Program),
}

/// How far `password X` may stand behind `login` or `machine`.
const NETRC_BYTES: usize = 160;

/// Looks at the word at `at` whose prefix ends at `body`.
pub(super) fn apply(scanner: &mut Scanner<'_>, rule: Rule, at: usize, body: usize) -> Option<Span> {
    if !scanner.starts_word(at) {
        return None;
    }
    match rule {
        Rule::Enter(program) => {
            scanner.enters(program, at);
            None
        }
        Rule::Login => {
            if scanner.program(at) == Program::Registry {
                scanner.enters(Program::Password, at);
            }
            None
        }
        Rule::Scheme => {
            let span = credential(scanner, body, 12)?;
            let is_bearer =
                scanner.bytes[at].eq_ignore_ascii_case(&b'b') && scanner.bytes[at + 1].eq_ignore_ascii_case(&b'e');
            Some(Span { kind: if is_bearer { "bearer-token" } else { "basic-auth" }, ..span })
        }
        Rule::Spaced => {
            let value = value_at(scanner, body, true)?;
            let text = value.bytes(scanner);
            let found = text.len() >= 8 && is_random(text) && !is_reference(text) && !is_code(text);
            found.then_some(Span { from: value.from, to: value.to, kind: "secret" })
        }
        Rule::Env => {
            let length = scanner.bytes[body..].iter().take(64).position(|&byte| !is(byte, WORD))?;
            let name = names::classify(&scanner.bytes[body..body + length])?;
            let value = value_at(scanner, body + length + 1, true).filter(|_| scanner.bytes[body + length] == b' ')?;
            let text = value.bytes(scanner);
            let found = text.len() >= 6 && matches!(name, Name::Password | Name::Secret) && !is_reference(text);
            found.then_some(Span { from: value.from, to: value.to, kind: name.kind() })
        }
        Rule::Spoken => spoken(scanner, at, body),
    }
}

/// Returns the credential of an `Authorization` value that starts at `at`.
pub(super) fn authorization(scanner: &mut Scanner<'_>, at: usize, in_string: bool) -> Option<Span> {
    let bytes = scanner.bytes;
    let from = match value::quote_at(bytes, at) {
        Some((Quote::Double(0), _)) if in_string => return None,
        Some((_, from)) => from,
        None if in_string => at,
        None => return None,
    };
    let length = bytes[from..].iter().take(32).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')?;
    let is_scheme = length > 0 && bytes[from + length] == b' ';
    if is_scheme {
        return credential(scanner, from + length + 1, 4).map(|span| Span { kind: "authorization", ..span });
    }
    let span = credential(scanner, from, 12)?;
    Some(Span { kind: "authorization", ..span })
}

/// Returns the credential at `at` if it is no reference and, when short, not a word of prose.
fn credential(scanner: &mut Scanner<'_>, at: usize, min: usize) -> Option<Span> {
    let value = value::unquoted(scanner, at)?;
    let text = value.bytes(scanner);
    let plain = text
        .iter()
        .take(JUDGED_BYTES)
        .all(|&byte| is(byte, BASE64 | DOTTED | WORD) || byte == b'~' || byte == b':' || byte == b',');
    let found = text.len() >= min
        && !is_reference(text)
        && (is_random(text) || min < 8 && !plain || min < 8 && text.len() >= 16);
    (found && !is_code(text)).then_some(Span { from: value.from, to: value.to, kind: "authorization" })
}

/// `password is X`, `password: X` and the `password X` of a netrc line.
fn spoken(scanner: &mut Scanner<'_>, at: usize, body: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    let rest = &bytes[body..];
    let said = [
        &b"is: "[..],
        b"is now: ",
        b"is now ",
        b"is:",
        b"is = ",
        b"is ",
        b"was: ",
        b"was ",
        b"= ",
        b": ",
        b"-> ",
        b"to ",
        b"of ",
    ];
    let link = said.iter().find(|link| rest.starts_with(link));
    let is_explicit = link.is_some_and(|link| link.contains(&b':') || link.contains(&b'='));
    if let Some(link) = link {
        let value = trimmed(scanner, body + link.len())?;
        let text = value.bytes(scanner);
        let enough =
            is_random(text) || is_explicit && text.iter().any(|byte| !byte.is_ascii_alphabetic()) && text.len() >= 6;
        let quoted = value.quote != Quote::None
            && !text.contains(&b' ')
            && text.len() >= 4
            && matches!(**link, [b'i', b's', ..] | [b'w', ..]);
        let found = text.len() >= 4 && (enough || quoted) && !is_reference(text) && !is_code(text);
        return found.then_some(Span { from: value.from, to: value.to, kind: "password" });
    }
    let value = trimmed(scanner, body)?;
    let text = value.bytes(scanner);
    if text.len() < 4 || text.starts_with(b"-") || is_reference(text) || is_code(text) {
        return None;
    }
    let is_prose = text.iter().all(u8::is_ascii_lowercase);
    let found =
        if !is_prose && text.len() >= 12 && is_random(text) { true } else { follows_login(bytes, at, value.quote) };
    found.then_some(Span { from: value.from, to: value.to, kind: "password" })
}

/// Whether a netrc line or a statement of SQL leads to the word at `at`.
fn follows_login(bytes: &[u8], at: usize, quote: Quote) -> bool {
    if quote != Quote::None && (bytes[..at].ends_with(b"WITH ") || bytes[..at].ends_with(b"with ")) {
        return true;
    }
    let before = &bytes[at.saturating_sub(NETRC_BYTES)..at];
    // `login NAME password VALUE`: the name stands directly before.
    let mut words = before.rsplit(|&byte| byte == b' ' || byte == b'\\');
    words.nth(2).is_some_and(|word| word.ends_with(b"login") || word.ends_with(b"user"))
}

/// Returns the value without a sentence's end.
fn trimmed(scanner: &mut Scanner<'_>, at: usize) -> Option<Value> {
    let mut value = value_at(scanner, at, true)?;
    while value.quote == Quote::None
        && value.to > value.from
        && matches!(scanner.bytes[value.to - 1], b'.' | b',' | b'?')
    {
        value.to -= 1;
    }
    (value.to > value.from).then_some(value)
}
