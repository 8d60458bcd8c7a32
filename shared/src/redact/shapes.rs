//! Exact shapes: what a word starts with decides, then how the rest must look. Tables live in `shapes/`.

mod table;

use super::Span;
use super::charset::{self, BASE64, DIGIT, DOTTED, HEX, SINGLE, TOKEN, UPPER, is};
use super::scanner::{Scanner, past_escape};
use super::value::is_random;
use super::words::Rule as WordRule;

/// What follows a prefix.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rest {
    /// At least so many bytes of the set.
    Min(u16, usize),
    /// Like `Min`, and they must look random: the prefix alone could start a name.
    Random(u16, usize),
    /// Exactly so many bytes of the set.
    Exact(u16, usize),
    /// Three base64 parts with dots between.
    Jwt,
    /// An AWS key id, perhaps with its secret close by.
    AwsId,
    /// Digits, a colon and 34 or more bytes.
    Telegram,
    /// Three parts with dots between, of 23, 6 and 27 bytes or more.
    Discord,
    /// The rest of a URL, up to a space or a quote.
    Url,
    /// A rule that looks at words instead of shapes.
    Word(WordRule),
}

/// How many prefixes of one run are judged.
const MAX_JUDGED: u32 = 16;

/// One shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    prefix: &'static str,
    kind: &'static str,
    rest: Rest,
}

/// A bot's token starts with digits alone.
const BOT: Shape = Shape { prefix: "1", kind: "telegram-token", rest: Rest::Telegram };
/// A bot's token starts with the first letter of a user's id in base64.
const DISCORD: Shape = Shape { prefix: "M", kind: "discord-token", rest: Rest::Discord };

/// Filters over how prefixes start, one bit for each hash: over the first four bytes of most, over three of the short ones.
static LONG: Filter = filter(4, usize::MAX);
static SHORT: Filter = filter(2, 3);
type Filter = [u64; 1 << (HASH_BITS - 6)];
const HASH_BITS: u32 = 14;

const fn hash(bytes: u32) -> usize {
    (bytes.wrapping_mul(0x27d4_eb2f) >> (32 - HASH_BITS)) as usize
}

const fn holds(filter: &Filter, hash: usize) -> bool {
    filter[hash / 64] >> (hash % 64) & 1 == 1
}

/// Returns the filter over the prefixes of so many bytes: of the first four, or of three. The third may be anything to a prefix
/// of two.
const fn filter(min: usize, max: usize) -> Filter {
    let mut filter: Filter = [0; 1 << (HASH_BITS - 6)];
    let mut at = 0;
    while at < table::SHAPES.len() {
        let prefix = table::SHAPES[at].prefix.as_bytes();
        at += 1;
        if prefix.len() < min || prefix.len() > max {
            continue;
        }
        let fourth = if prefix.len() > 3 { prefix[3] } else { 0 };
        let mut third = if prefix.len() > 2 { prefix[2] } else { 0 };
        loop {
            let hash = hash(u32::from_le_bytes([prefix[0], prefix[1], third, fourth]));
            filter[hash / 64] |= 1 << (hash % 64);
            if prefix.len() > 2 || third == u8::MAX {
                break;
            }
            third += 1;
        }
    }
    filter
}

/// For each first byte, the range of [`table::SHAPES`] whose prefixes start with it.
static GROUPS: [(u16, u16); 256] = groups();

/// The second bytes of all prefixes, beside [`table::SHAPES`].
static SECONDS: [u8; table::SHAPES.len()] = {
    let mut seconds = [0; table::SHAPES.len()];
    let mut at = 0;
    while at < seconds.len() {
        seconds[at] = table::SHAPES[at].prefix.as_bytes()[1];
        at += 1;
    }
    seconds
};

const fn groups() -> [(u16, u16); 256] {
    let mut groups = [(0, 0); 256];
    let mut at = 0;
    while at < table::SHAPES.len() {
        let first = table::SHAPES[at].prefix.as_bytes()[0] as usize;
        #[expect(clippy::cast_possible_truncation, reason = "the table is far smaller than 65,536 rows")]
        let place = at as u16;
        if groups[first].1 == 0 {
            groups[first].0 = place;
        }
        assert!(groups[first].1 == 0 || groups[first].1 == place, "rows must be grouped by their first byte");
        groups[first].1 = place + 1;
        at += 1;
    }
    groups
}

/// Whether a shape could start at `at`, whose byte is of this class: cheap, for every word.
#[inline]
pub(super) fn may_start(bytes: &[u8], at: usize, class: u16) -> bool {
    let Some(&four) = bytes[at..].first_chunk::<4>() else { return false };
    let word = u32::from_le_bytes(four);
    holds(&LONG, hash(word))
        || holds(&SHORT, hash(word & 0x00ff_ffff))
        || class & SINGLE != 0 && may_be_single(&bytes[at..])
}

/// Whether a shape without a prefix could be here.
fn may_be_single(text: &[u8]) -> bool {
    if text[0].is_ascii_digit() {
        text.len() > 36 && text[1..6].iter().all(u8::is_ascii_digit)
    } else {
        text.len() > 50 && text[23..30].contains(&b'.')
    }
}

/// Returns the secret that starts at `at`, or that the word at `at` announces.
pub(super) fn find(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    first_of(scanner, at, true)
}

/// Returns the secret whose shape starts at `at`.
pub(super) fn find_exact(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    if may_start(scanner.bytes, at, charset::CLASS[usize::from(scanner.bytes[at])]) {
        first_of(scanner, at, false)
    } else {
        None
    }
}

fn first_of(scanner: &mut Scanner<'_>, at: usize, with_words: bool) -> Option<Span> {
    let text = &scanner.bytes[at..];
    let (first, second) = (*text.first()?, *text.get(1)?);
    let (from, to) = GROUPS[usize::from(first)];
    let group = usize::from(from)..usize::from(to);
    for (shape, _) in table::SHAPES[group.clone()].iter().zip(&SECONDS[group]).filter(|(_, known)| **known == second) {
        if text.starts_with(shape.prefix.as_bytes())
            && (with_words || !matches!(shape.rest, Rest::Word(_)))
            && let Some(span) = check(scanner, shape, at)
        {
            return Some(span);
        }
    }
    match first {
        b'0'..=b'9' => check(scanner, &BOT, at),
        b'M' | b'N' | b'O' => check(scanner, &DISCORD, at),
        _ => None,
    }
}

fn check(scanner: &mut Scanner<'_>, shape: &Shape, at: usize) -> Option<Span> {
    let bytes = scanner.bytes;
    let body = at + shape.prefix.len();
    let to = match shape.rest {
        Rest::Min(set, min) => run_of(scanner, set, body, min)?,
        Rest::Random(set, min) => {
            let to = run_of(scanner, set, body, min)?;
            let (end, times) = scanner.judged;
            scanner.judged = if end == to { (to, times + 1) } else { (to, 1) };
            (scanner.judged.1 <= MAX_JUDGED && is_random(&bytes[body..to])).then_some(to)?
        }
        Rest::Exact(set, length) => {
            let to = run_of(scanner, set, body, length)?;
            let ends = bytes.get(to).is_none_or(|&byte| !is(byte, charset::WORD));
            (to == body + length && ends).then_some(to)?
        }
        Rest::Jwt => jwt(scanner, body)?,
        Rest::AwsId => return aws(scanner, shape, at, body),
        Rest::Telegram => telegram(scanner, body)?,
        Rest::Discord => discord(scanner, at)?,
        Rest::Url => {
            let ends = |&byte: &u8| is(byte, charset::ENDS_VALUE);
            let length = bytes[body..].iter().take(512).position(ends).unwrap_or(bytes.len().min(body + 512) - body);
            (length >= 16).then_some(body + length)?
        }
        Rest::Word(rule) => return scanner.word_rule(rule, at, body),
    };
    Some(Span { from: at, to, kind: shape.kind })
}

/// Returns where the run ends if it is long enough; ends of sentences and padding stay out.
fn run_of(scanner: &mut Scanner<'_>, set: u16, from: usize, min: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    let mut to = if from < bytes.len() { scanner.run(set, from) } else { from };
    while to > from && bytes[to - 1] == b'.' {
        to -= 1;
    }
    (to >= from + min).then_some(to)
}

fn jwt(scanner: &mut Scanner<'_>, body: usize) -> Option<usize> {
    let mut to = run_of(scanner, TOKEN, body, 8)?;
    for part in 0..4 {
        if scanner.bytes.get(to) != Some(&b'.') {
            return (part > 0).then_some(to);
        }
        // The second part is the claims; what follows may be empty.
        match run_of(scanner, TOKEN, to + 1, if part == 0 { 8 } else { 1 }) {
            Some(end) => to = end,
            None => return (part > 0).then_some(to),
        }
    }
    Some(to)
}

/// A key id, and up to the first 40 bytes of base64 close behind it.
fn aws(scanner: &mut Scanner<'_>, shape: &Shape, at: usize, body: usize) -> Option<Span> {
    let id_end = run_of(scanner, UPPER, body, 12)?;
    let bytes = scanner.bytes;
    let near = bytes.len().min(id_end + 64);
    let mut place = id_end;
    let mut to = id_end;
    while place < near {
        if !is(bytes[place], BASE64) {
            // Another string has nothing to do with it.
            if bytes[place] == b'"' {
                break;
            }
            // The letter of an escape is not the run's.
            place = if bytes[place] == b'\\' { past_escape(bytes, place) } else { place + 1 };
            continue;
        }
        let end = bytes[place..].iter().take(48).position(|&byte| !is(byte, BASE64)).map_or(place + 48, |n| place + n);
        let end = end.min(bytes.len());
        if end - place == 40 && mixes_cases(&bytes[place..end]) {
            to = end;
            break;
        }
        place = end;
    }
    Some(Span { from: at, to, kind: shape.kind })
}

fn mixes_cases(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_uppercase) && run.iter().any(u8::is_ascii_lowercase)
}

fn telegram(scanner: &mut Scanner<'_>, body: usize) -> Option<usize> {
    // The prefix is the first digit, or `bot`.
    let colon = run_of(scanner, DIGIT, body, 5).filter(|end| *end <= body + 11)?;
    if scanner.bytes.get(colon) != Some(&b':') {
        return None;
    }
    let to = run_of(scanner, TOKEN, colon + 1, 30)?;
    is_random(&scanner.bytes[colon + 1..to]).then_some(to)
}

fn discord(scanner: &mut Scanner<'_>, at: usize) -> Option<usize> {
    let first =
        run_of(scanner, TOKEN, at, 23).filter(|end| *end <= at + 30 && scanner.bytes.get(*end) == Some(&b'.'))?;
    let second = run_of(scanner, TOKEN, first + 1, 6)?;
    let is_short = second <= first + 8 && scanner.bytes.get(second) == Some(&b'.');
    if is_short { run_of(scanner, TOKEN, second + 1, 27) } else { None }
}

/// A key of 32 hexadecimal digits before the `-us12` at `at`.
pub(super) fn mailchimp(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    let from = at.checked_sub(32).filter(|from| scanner.is_free(*from))?;
    let bytes = scanner.bytes;
    let is_key =
        (scanner.fresh == from || scanner.starts_word(from)) && bytes[from..at].iter().all(|&byte| is(byte, HEX));
    let to = run_of(scanner, DIGIT, at + 3, 1)?;
    is_key.then_some(Span { from, to, kind: "mailchimp-key" })
}

/// What follows the `Q~` of an Azure client secret whose `~` stands at `at`.
pub(super) fn azure(scanner: &mut Scanner<'_>, at: usize) -> Option<Span> {
    if !matches!(scanner.bytes[..at], [.., digit, b'Q'] if digit.is_ascii_digit()) {
        return None;
    }
    let to = run_of(scanner, DOTTED, at + 1, 28)?;
    Some(Span { from: at + 1, to, kind: "azure-secret" })
}
