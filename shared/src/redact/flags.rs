//! Values behind flags: `--password X`, `--token=X` (as an assignment), `-u user:X`, `-pX` where the program takes it so.

use super::Span;
use super::assign::is_dotted;
use super::charset::{TOKEN, is};
use super::names::{self, Name};
use super::scanner::{Program, Scanner};
use super::value::{Quote, Value, is_code, is_random, is_reference, quote_at, value_at};

const MAX_FLAG_BYTES: usize = 48;

/// Looks at the `-` at `at`.
pub(super) fn find(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    if !scanner.starts_word(at) || at > 0 && at != scanner.fresh && matches!(bytes[at - 1], b'-' | b'.' | b'/') {
        return None;
    }
    match *bytes.get(at + 1)? {
        b'-' => long(scanner, at + 2),
        letter if letter.is_ascii_alphabetic() => short(scanner, at + 1, letter),
        _ => None,
    }
}

fn long(scanner: &mut Scanner<'_>, from: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    let rest = &bytes[from..bytes.len().min(from + MAX_FLAG_BYTES)];
    let length = rest.iter().position(|&byte| !is(byte, TOKEN))?;
    let name = &rest[..length];
    if !matches!(rest[length], b' ' | b'"' | b'\\' | b'\'') {
        return None;
    }
    let at = argument(bytes, from + length)?;
    if matches!(name, b"user" | b"proxy-user") {
        return user(scanner, at);
    }
    let found = names::classify(name)?;
    match found {
        Name::Cookie => cookies(scanner, at),
        Name::Password | Name::Secret | Name::Weak => {
            let value = value_in(scanner, at)?;
            let text = value.bytes(scanner);
            let looks = match found {
                Name::Password => text.len() >= 3,
                Name::Secret => text.len() >= 6 && !text.iter().all(u8::is_ascii_digit) && !text.starts_with(b"id="),
                _ => text.len() >= 16 && is_random(text) && !text.contains(&b'/') && !text.contains(&b'.'),
            };
            let is_flag = text.starts_with(b"-") && !is_random(text);
            // A shell has no paths of names: what looks like one is a value.
            let is_shell = rest[length] == b' ' || value.quote != Quote::None;
            let is_code = is_code(text) && !(found == Name::Password && is_shell && is_dotted(text));
            let found_secret = looks && !is_flag && !is_reference(text) && !is_code;
            found_secret.then_some(Span { from: value.from, to: value.to, kind: found.kind() })
        }
        _ => None,
    }
}

fn short(scanner: &mut Scanner<'_>, at: usize, letter: u8) -> Option<Span> {
    let bytes = scanner.bytes;
    let next = *bytes.get(at + 1)?;
    let glued = next != b' ' && quote_at(bytes, at + 1).is_none_or(|(quote, _)| quote != Quote::Double(0));
    let program = scanner.program(at);
    match (letter, program) {
        (b'u' | b'U', _) if !glued || program == Program::Curl => {
            let at = if glued { at + 1 } else { argument(bytes, at + 1)? };
            user(scanner, at)
        }
        (b'b', Program::Curl) if !glued => argument(bytes, at + 1).and_then(|at| cookies(scanner, at)),
        (b'p', Program::Mysql | Program::Password) if glued => password(scanner, at + 1),
        (b'p', Program::Password) | (b'P', Program::BigPassword) | (b'a', Program::Redis) | (b'w', Program::Ldap) => {
            let at = if glued { at + 1 } else { argument(bytes, at + 1)? };
            password(scanner, at)
        }
        _ => None,
    }
}

/// Returns where the flag's argument starts: behind spaces, or behind the comma of a list of strings.
fn argument(bytes: &[u8], at: usize) -> Option<usize> {
    let spaces = |at: usize| at + bytes[at..].iter().take(16).take_while(|&&byte| byte == b' ').count();
    if bytes.get(at) == Some(&b' ') {
        return Some(spaces(at));
    }
    let (_, after) = quote_at(bytes, at)?;
    let comma = spaces(after);
    (bytes.get(comma) == Some(&b',')).then(|| spaces(comma + 1))
}

/// Returns the argument's value; in a list of JSON strings its quotes are JSON's own.
fn value_in(scanner: &mut Scanner<'_>, at: usize) -> Option<Value> {
    let is_list = at > 0 && matches!(scanner.bytes[..at].iter().rev().find(|&&byte| byte != b' '), Some(b','));
    let value = value_at(scanner, at, !is_list)?;
    // The next member's key is no argument.
    let is_key = value.quote == Quote::Double(0) && scanner.bytes[value.to + 1..].trim_ascii_start().starts_with(b":");
    (!is_key).then_some(value)
}

/// `user:password`.
fn user(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let value = value_in(scanner, at)?;
    let text = value.bytes(scanner);
    let colon = text.iter().position(|&byte| byte == b':')?;
    let (name, secret) = (&text[..colon], &text[colon + 1..]);
    let is_ids =
        secret.iter().all(u8::is_ascii_digit) || secret == name || secret.starts_with(b"//") || secret.contains(&b' ');
    let found = !secret.is_empty() && !is_ids && !is_reference(secret);
    found.then_some(Span { from: value.from + colon + 1, to: value.to, kind: "password" })
}

fn password(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let value = value_in(scanner, at)?;
    let text = value.bytes(scanner);
    let is_flag = text.starts_with(b"-") && !is_random(text);
    let found = text.len() >= 3 && !is_flag && !is_reference(text);
    found.then_some(Span { from: value.from, to: value.to, kind: "password" })
}

/// Cookies given as text; the name of a cookie file has no `=`.
fn cookies(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let value = value_in(scanner, at)?;
    let text = value.bytes(scanner);
    let equals = text.iter().position(|&byte| byte == b'=')?;
    let secret = &text[equals + 1..];
    (secret.len() >= 4 && !is_reference(secret)).then_some(Span { from: value.from, to: value.to, kind: "cookie" })
}
