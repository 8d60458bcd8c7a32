//! How a foreign payload is read: the top-level keys of a JSON object and where their values lie, without a full parse.
//!
//! One rule for the hook and the daemon. Tolerant on purpose: a BOM, a cut document, bad UTF-8, lone surrogates, broken
//! nested values and any depth cost at most the value they stand in. Linear in the payload, without recursion.

use std::borrow::Cow;

mod end;
mod text;

/// What was unusual about a payload, as stored with its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u32);

impl Flags {
    /// The document ends before its closing brace, or bytes beyond the cap were not kept.
    pub const TRUNCATED: Self = Self(1);
    /// The bytes were not UTF-8 and were decoded with replacement characters.
    pub const LOSSY: Self = Self(2);
    /// Secrets were replaced.
    pub const REDACTED: Self = Self(4);
    /// Trailing bytes, duplicate keys (the last one counts) or something that is not JSON between the members.
    pub const IRREGULAR: Self = Self(8);
    /// The event came through the spool.
    pub const SPOOLED: Self = Self(16);

    /// Returns both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Above this many members duplicates are looked for by sorting instead of comparing each with each.
const FEW_MEMBERS: usize = 32;

/// Top-level keys and the spans of their values.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    members: Vec<Member<'a>>,
    flags: Flags,
}

#[derive(Debug, Clone)]
struct Member<'a> {
    key: Cow<'a, [u8]>,
    value: &'a [u8],
    /// The document ended inside the value.
    cut: bool,
}

/// Returns the members of the object that `payload` starts with, or None when it is no JSON object at all.
#[must_use]
pub fn scan(payload: &[u8]) -> Option<Scan<'_>> {
    let bytes = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
    let mut reader = Reader { bytes, at: 0 };
    reader.skip_space();
    (reader.next()? == b'{').then(|| reader.members())
}

/// Returns the members of an object of which the start, `head`, and the end, `tail`, were kept, but not what lay between.
#[must_use]
pub fn scan_parts<'a>(head: &'a [u8], tail: &'a [u8]) -> Option<Scan<'a>> {
    let mut found = scan(head)?;
    found.members.extend(end::members(tail));
    Some(found)
}

impl<'a> Scan<'a> {
    /// Returns the string under `key`, unescaped: lone surrogates and bad UTF-8 become U+FFFD. None when the value is
    /// no string or the document ends inside it.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        let member = self.member(key).filter(|member| !member.cut)?;
        text::unescape(member.value.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
    }

    /// Returns the string under `key` like [`Scan::text`], and what there is of it when the document ends inside it.
    #[must_use]
    pub fn text_so_far(&self, key: &str) -> Option<Cow<'a, str>> {
        let member = self.member(key)?;
        let inner = member.value.strip_prefix(b"\"")?;
        text::unescape(if member.cut { inner } else { inner.strip_suffix(b"\"")? })
    }

    /// Returns the number under `key`, cut to a whole one.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        let text = std::str::from_utf8(self.raw(key)?).ok()?;
        text.parse().ok().or_else(|| text::whole(text))
    }

    /// Returns the truth value under `key`.
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.raw(key)? {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// Returns the bytes of the value under `key`, as they stand in the payload; the last one of duplicates.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&'a [u8]> {
        self.member(key).map(|member| member.value)
    }

    /// Returns the bytes of the value under `key` like [`Scan::raw`]; None when the document ends inside it.
    #[must_use]
    pub fn whole(&self, key: &str) -> Option<&'a [u8]> {
        self.member(key).filter(|member| !member.cut).map(|member| member.value)
    }

    /// Returns the members of the object under `key`.
    #[must_use]
    pub fn nested(&self, key: &str) -> Option<Scan<'a>> {
        scan(self.raw(key)?)
    }

    /// Returns the keys in the order of the payload, duplicates included.
    pub fn keys(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.members.iter().map(|member| String::from_utf8_lossy(&member.key))
    }

    /// Returns [`Flags::TRUNCATED`] and [`Flags::IRREGULAR`] where they hold.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.flags
    }

    fn member(&self, key: &str) -> Option<&Member<'a>> {
        self.members.iter().rev().find(|member| *member.key == *key.as_bytes())
    }

    fn has_duplicates(&self) -> bool {
        if self.members.len() <= FEW_MEMBERS {
            let twice = |(at, member): (usize, &Member)| self.members[..at].iter().any(|other| other.key == member.key);
            return self.members.iter().enumerate().any(twice);
        }
        let mut keys: Vec<&[u8]> = self.members.iter().map(|member| &*member.key).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn members(mut self) -> Scan<'a> {
        let mut scan = Scan { members: Vec::with_capacity(16), flags: Flags::default() };
        let irregular = |scan: &mut Scan<'a>| scan.flags = scan.flags.with(Flags::IRREGULAR);
        loop {
            self.skip_space();
            match self.next() {
                None => {
                    scan.flags = scan.flags.with(Flags::TRUNCATED);
                    break;
                }
                Some(b'}') => {
                    self.skip_space();
                    if self.at < self.bytes.len() {
                        irregular(&mut scan);
                    }
                    break;
                }
                Some(b',') => {}
                Some(b'"') => {
                    let key_from = self.at;
                    if !self.skip_string() {
                        continue;
                    }
                    let key = &self.bytes[key_from..self.at - 1];
                    self.skip_space();
                    if self.peek() != Some(b':') {
                        irregular(&mut scan);
                        continue;
                    }
                    self.at += 1;
                    self.skip_space();
                    let value_from = self.at;
                    let complete = self.skip_value();
                    if self.at > value_from {
                        let value = &self.bytes[value_from..self.at];
                        scan.members.push(Member { key: text::key(key), value, cut: !complete });
                    } else {
                        irregular(&mut scan);
                    }
                }
                Some(_) => irregular(&mut scan),
            }
        }
        if scan.has_duplicates() {
            irregular(&mut scan);
        }
        scan
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Moves behind the closing quote; false when there is none.
    fn skip_string(&mut self) -> bool {
        while let Some(found) = memchr::memchr2(b'"', b'\\', &self.bytes[self.at..]) {
            let is_quote = self.bytes[self.at + found] == b'"';
            self.at += found + 1;
            if is_quote {
                return true;
            }
            self.at = (self.at + 1).min(self.bytes.len());
        }
        self.at = self.bytes.len();
        false
    }

    /// Moves behind the value; false when the document ends inside it.
    fn skip_value(&mut self) -> bool {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.skip_string()
            }
            Some(b'{' | b'[') => self.skip_nested(),
            _ => {
                let rest = &self.bytes[self.at..];
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                let length = rest.iter().position(ends);
                self.at += length.unwrap_or(rest.len());
                length.is_some()
            }
        }
    }

    fn skip_nested(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(byte) = self.next() {
            match byte {
                b'"' if !self.skip_string() => return false,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests;
