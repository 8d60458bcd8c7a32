//! JSON strings and numbers of foreign payloads, decoded without ever failing on what they hold.

use std::borrow::Cow;

/// Returns a key as it is compared: unescaped where it holds an escape.
pub(super) fn key(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    match unescape(raw) {
        Some(text) => Cow::Owned(text.into_owned().into_bytes()),
        None => Cow::Borrowed(raw),
    }
}

/// Returns the text between a string's quotes. None when an escape is none of JSON's.
pub(super) fn unescape(raw: &[u8]) -> Option<Cow<'_, str>> {
    let Some(first) = memchr::memchr(b'\\', raw) else {
        return Some(String::from_utf8_lossy(raw));
    };
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut plain = first;
    loop {
        out.push_str(&String::from_utf8_lossy(&rest[..plain]));
        rest = &rest[plain..];
        let Some((_, escape)) = rest.split_first() else { return Some(Cow::Owned(out)) };
        // A document cut inside an escape ends before it.
        let Some((&kind, after)) = escape.split_first() else { return Some(Cow::Owned(out)) };
        rest = after;
        match kind {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'"' | b'\\' | b'/' => out.push(char::from(kind)),
            b'u' => rest = unicode(rest, &mut out)?,
            _ => return None,
        }
        plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
    }
}

/// Decodes what follows `\u`, a pair of surrogates included, and returns the rest.
fn unicode<'a>(digits: &'a [u8], out: &mut String) -> Option<&'a [u8]> {
    let Some((unit, rest)) = unit(digits) else {
        // Cut inside the escape.
        return (digits.len() < 4).then_some(&digits[digits.len()..]);
    };
    if let Some((low, after)) =
        rest.strip_prefix(b"\\u").and_then(self::unit).filter(|_| (0xd800..0xdc00).contains(&unit))
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return Some(after);
    }
    out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(rest)
}

/// Reads four hexadecimal digits.
pub(crate) fn unit(digits: &[u8]) -> Option<(u32, &[u8])> {
    let (four, rest) = digits.split_first_chunk::<4>()?;
    let mut unit = 0;
    for &digit in four {
        unit = unit << 4 | char::from(digit).to_digit(16)?;
    }
    Some((unit, rest))
}

/// Returns the whole part of a JSON number with a fraction or an exponent, if it fits.
pub(super) fn whole(text: &str) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    let starts_right = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let value = text.parse::<f64>().ok().filter(|value| starts_right && value.abs() <= LIMIT)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers up to 2^53 fit")]
    Some(value as i64)
}
