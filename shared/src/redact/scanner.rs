//! The pass over the bytes: finds where words, assignments, flags and URLs start and asks the rules about each.

use super::charset::{self, CLASS, HEX, TRIGGER, WORD, is};
use super::{Span, assign, flags, pem, shapes, url, words};

/// What a scan found.
pub(super) enum Outcome {
    Spans(Vec<Span>),
    /// Printable characters stand escaped (`\u0041`, `\/`): the bytes have to be scanned in a decoded view.
    Escaped,
}

/// The program whose arguments are being read, where its short flags hold secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Other,
    /// `-pSECRET`.
    Mysql,
    /// Takes `-p SECRET` after the word `login`.
    Registry,
    /// `-p SECRET` and `-pSECRET`.
    Password,
    /// `-P SECRET`.
    BigPassword,
    /// `-a SECRET`.
    Redis,
    /// `-w SECRET`.
    Ldap,
    /// `-b COOKIES`.
    Curl,
}

/// How far a program's flags may stand from its name.
const MAX_COMMAND_BYTES: usize = 512;

/// How far ahead a value's end is looked for: longer ones are no secrets (PEM keys are found by their armour).
pub(super) const REACH: usize = 8 << 10;
/// The same once looking ahead has cost more than the text is long: made to be slow, no text keeps a session waiting.
const SHORT_REACH: usize = 128;
/// What looking ahead may cost, for each byte of the text and besides.
const REACH_PER_BYTE: usize = 4;
const REACH_BESIDES: usize = 64 << 10;

pub(super) struct Scanner<'a> {
    pub(super) bytes: &'a [u8],
    /// The last program named, where, and up to where its command is known not to have ended.
    program: (Program, usize, usize),
    /// Bytes that may still be looked at ahead of the place of the scan.
    spare: usize,
    /// A place behind an escape or a percent code: what starts here is a word, whatever stands before it.
    pub(super) fresh: usize,
    /// How often a shape's rest was judged in the run that ends here: many prefixes in one run are no secrets.
    pub(super) judged: (usize, u32),
    /// The last run found for each set: what starts within it ends where it ends.
    runs: [(usize, usize); charset::SETS],
    /// The last unquoted value that was measured; what starts within it ends where it ends.
    pub(super) value_run: (usize, usize),
    /// The bytes are a decoded view; what still looks escaped is left.
    decoded: bool,
    spans: Vec<Span>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let runs = [(0, 0); charset::SETS];
        Self {
            bytes,
            program: (Program::Other, 0, 0),
            spare: bytes.len() * REACH_PER_BYTE + REACH_BESIDES,
            fresh: 0,
            judged: (0, 0),
            runs,
            value_run: (0, 0),
            decoded: false,
            spans: Vec::new(),
        }
    }

    pub(super) fn of_view(bytes: &'a [u8]) -> Self {
        Self { decoded: true, ..Self::new(bytes) }
    }

    pub(super) fn scan(mut self) -> Outcome {
        let bytes = self.bytes;
        let mut at = next_stop(bytes, 0);
        while at < bytes.len() {
            let behind = if is(bytes[at], WORD) {
                match shapes::find(&mut self, at) {
                    Some(span) => self.found(at, span),
                    None => word_end(bytes, at + 1),
                }
            } else {
                match self.trigger(at, bytes[at]) {
                    Some(next) => next,
                    None => return Outcome::Escaped,
                }
            };
            at = next_stop(bytes, behind);
        }
        Outcome::Spans(self.spans)
    }

    /// Returns where to go on; None when the bytes have to be decoded first.
    fn trigger(&mut self, at: usize, byte: u8) -> Option<usize> {
        let span = match byte {
            b'\\' => return self.escape(at),
            b'%' => return Some(self.percent(at)),
            b':' if self.bytes[at + 1..].starts_with(b"//") => url::find(self, at),
            b'=' | b'>' | b':' => assign::find(self, at),
            b'-' if self.bytes[at..].starts_with(b"-----BEGIN ") => pem::find(self.bytes, at),
            b'-' if self.bytes[at..].starts_with(b"-----END ") => {
                pem::find_end(self.bytes, at).map(|span| self.over(span))
            }
            b'-' if self.bytes[at + 1..].starts_with(b"us") => shapes::mailchimp(self, at),
            b'-' => flags::find(self, at),
            b'~' => shapes::azure(self, at),
            _ => None,
        };
        Some(span.map_or(at + 1, |span| self.found(at, span)))
    }

    /// Notes a secret that the bytes at `at` led to, and returns where to go on.
    fn found(&mut self, at: usize, mut span: Span) -> usize {
        let mut place = at;
        while place < span.from {
            if !is(self.bytes[place], WORD) {
                place += 1;
                continue;
            }
            // What stands between may be a secret by its shape.
            if let Some(shape) = shapes::find_exact(self, place) {
                if shape.to > span.from {
                    span = Span { to: span.to.max(shape.to), ..shape };
                    break;
                }
                self.spans.push(shape);
                place = shape.to;
            }
            place = word_end(self.bytes, place);
        }
        // A shape says more than the name that the value stood behind.
        let shape = shapes::find_exact(self, span.from).filter(|shape| shape.to == span.to);
        self.spans.push(Span { kind: shape.map_or(span.kind, |shape| shape.kind), ..span });
        self.fresh = span.to;
        span.to
    }

    /// Takes a secret that begins before the place of the scan: what was found in it is part of it.
    fn over(&mut self, span: Span) -> Span {
        while self.spans.last().is_some_and(|found| found.from >= span.from) {
            self.spans.pop();
        }
        let free = self.spans.last().map_or(0, |found| found.to);
        Span { from: span.from.max(free), ..span }
    }

    /// Passes backslashes and the escape that they make, at any depth of nesting.
    fn escape(&mut self, at: usize) -> Option<usize> {
        let count = backslashes(self.bytes, at);
        let next = at + count;
        let is_escape = count % 2 == 1;
        let end = match self.bytes.get(next) {
            Some(b'u') => {
                let code = self.bytes.get(next + 1..next + 5);
                if !self.decoded && code.is_some_and(is_printable) {
                    return None;
                }
                if code.is_some_and(|code| code.iter().all(|&byte| is(byte, HEX))) {
                    self.colour(next + 5)
                } else {
                    next
                }
            }
            Some(b'/') if is_escape && !self.decoded => return None,
            Some(b'"') => next + 1,
            Some(b'n' | b'r' | b't' | b'b' | b'f') => {
                if !is_escape && let Some(span) = shapes::find(self, next) {
                    return Some(self.found(next, span));
                }
                next + 1
            }
            Some(_) if is_escape => next + 1,
            _ => next,
        };
        self.fresh = end;
        Some(end)
    }

    /// Passes what follows an escape character in a terminal's colour code.
    fn colour(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        if !rest.starts_with(b"[") {
            return at;
        }
        let ends = |&byte: &u8| !matches!(byte, b'0'..=b'9' | b';');
        let length = rest.iter().skip(1).take(16).position(ends);
        length.filter(|length| rest[length + 1].is_ascii_alphabetic()).map_or(at, |length| at + length + 2)
    }

    fn percent(&mut self, at: usize) -> usize {
        match self.bytes.get(at + 1..at + 3) {
            Some(code) if code.iter().all(|&byte| is(byte, HEX)) => {
                self.fresh = at + 3;
                if code.eq_ignore_ascii_case(b"3d") || code.eq_ignore_ascii_case(b"3a") {
                    return assign::find_encoded(self, at).map_or(at + 3, |span| self.found(at, span));
                }
                at + 3
            }
            _ => at + 1,
        }
    }

    /// Whether a word or a flag can start here.
    pub(super) fn starts_word(&self, at: usize) -> bool {
        at == 0 || at == self.fresh || !is(self.bytes[at - 1], WORD)
    }

    /// Returns where the run of the set's bytes that holds `from` ends.
    pub(super) fn run(&mut self, set: u16, from: usize) -> usize {
        let slot = set.trailing_zeros() as usize;
        let (start, end) = self.runs[slot];
        if (start..end).contains(&from) {
            return end;
        }
        let length = self.bytes[from..].iter().position(|&byte| !is(byte, set));
        let end = length.map_or(self.bytes.len(), |length| from + length);
        self.runs[slot] = (from, end);
        end
    }

    /// Notes the program that the word at `at` names.
    pub(super) fn enters(&mut self, program: Program, at: usize) {
        self.program = (program, at, at);
    }

    /// Returns how far ahead of `from` a value's end may be looked for.
    pub(super) fn limit(&self, from: usize) -> usize {
        self.bytes.len().min(from + if self.spare > 0 { REACH } else { SHORT_REACH })
    }

    /// Notes how far ahead was looked.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.spare = self.spare.saturating_sub(bytes);
    }

    /// Returns the program whose arguments stand at `at`: the last one, unless its command has ended before.
    pub(super) fn program(&mut self, at: usize) -> Program {
        let (program, from, seen) = self.program;
        if program == Program::Other || at - from > MAX_COMMAND_BYTES {
            return Program::Other;
        }
        let bytes = self.bytes;
        let is_escaped = |place: usize| place > from && bytes[place - 1] == b'\\';
        let ends = |place: usize| match bytes[place] {
            b';' | b'|' => true,
            b'"' => !is_escaped(place),
            // A line that ends with a backslash goes on.
            b'n' => is_escaped(place) && !is_escaped(place - 1),
            _ => false,
        };
        let ended = (seen..at).any(ends);
        self.program = if ended { (Program::Other, at, at) } else { (program, from, at) };
        self.program.0
    }

    /// Whether nothing was found at or behind `from`.
    pub(super) fn is_free(&self, from: usize) -> bool {
        self.spans.last().is_none_or(|span| span.to <= from)
    }

    pub(super) fn word_rule(&mut self, rule: words::Rule, at: usize, end: usize) -> Option<Span> {
        words::apply(self, rule, at, end)
    }
}

/// Returns the next place to look at: a trigger, or a word that a shape could start with. A function of its own, because
/// it runs for every byte: alone it stays in registers.
#[inline(never)]
fn next_stop(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let class = CLASS[usize::from(bytes[at])];
        if class & WORD != 0 {
            if shapes::may_start(bytes, at, class) {
                break;
            }
            at = word_end(bytes, at + 1);
        } else if class & TRIGGER != 0 {
            break;
        } else {
            at += 1;
        }
    }
    at
}

/// Returns where the word that `at` stands in ends.
#[inline]
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && CLASS[usize::from(bytes[at])] & WORD != 0 {
        at += 1;
    }
    at
}

/// Returns how many backslashes stand at `at`.
pub(super) fn backslashes(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|&&byte| byte == b'\\').count()
}

/// Returns the place behind the backslashes at `at` and the escape that they make.
pub(super) fn past_escape(bytes: &[u8], at: usize) -> usize {
    let next = at + backslashes(bytes, at);
    match bytes.get(next) {
        Some(b'u') if bytes.get(next + 1..next + 5).is_some_and(|code| code.iter().all(|&byte| is(byte, HEX))) => {
            next + 5
        }
        Some(b'n' | b'r' | b't' | b'b' | b'f') => next + 1,
        _ => next,
    }
}

/// Whether four hexadecimal digits are the code of a printable ASCII character.
pub(super) fn is_printable(code: &[u8]) -> bool {
    matches!(code, [b'0', b'0', b'2'..=b'7', low] if is(*low, HEX)) && !code.eq_ignore_ascii_case(b"007f")
}
