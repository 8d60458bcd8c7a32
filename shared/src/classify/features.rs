//! What the heads see of a text: words and pairs of words by their hashes, and some counts.

use super::exact::ln;
use super::murmur::murmur3;
use super::words::{self, GROUPS, TRADES};

/// How many characters of a text are looked at.
pub const PREFIX_CHARS: usize = 1_500;

/// Counts that are not of a group of words.
const SHAPES: usize = 24;

/// All counts: those of the text's shape, those of the groups of words, those of what comes first, and the trades' shares.
pub const DENSE: usize = SHAPES + 2 * GROUPS + TRADES;

/// What a count is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The text's shape.
    Shape,
    /// The kind of work, by groups of words.
    Work,
    /// The trade, by groups of words.
    Trade,
}

impl About {
    /// Returns what a count of [`Features::dense`] is about.
    #[must_use]
    pub fn count(count: usize) -> Self {
        match count.checked_sub(SHAPES) {
            None => Self::Shape,
            Some(of) if of < 2 * GROUPS && of % GROUPS < GROUPS - TRADES => Self::Work,
            Some(_) => Self::Trade,
        }
    }
}

/// The features of one text.
#[derive(Clone)]
pub struct Features {
    /// The hash of every word and every pair of words, in the order of the text.
    grams: Vec<u32>,
    /// See `Shape`; then ln(1 + n) of each group of words; then whether the first word is in the group, and of a trade,
    /// whether it is named first; then the share of words that each trade has.
    pub dense: [f32; DENSE],
}

/// The groups that are trades.
const TRADE_BITS: u32 = (1 << GROUPS) - (1 << (GROUPS - TRADES));

/// The counts of a text's shape, in the order of [`Features::dense`].
#[derive(Debug, Clone, Copy)]
#[repr(usize)]
enum Shape {
    Chars,
    Words,
    Lines,
    OneLine,
    Long,
    Code,
    Backticks,
    Identifiers,
    Symbols,
    Question,
    Numbers,
    DigitShare,
    Paths,
    Urls,
    UpperShare,
    CapitalFirst,
    WordLength,
    Options,
    Formula,
    Bullets,
    Foreign,
    Distinct,
    Sentences,
    Quotes,
}

const SHAPE_NAMES: [&str; SHAPES] = [
    "length",
    "number of words",
    "number of lines",
    "a single line",
    "cut at the limit",
    "code blocks",
    "code in backticks",
    "identifiers",
    "share of symbols",
    "a question",
    "numbers",
    "share of digits",
    "paths",
    "links",
    "share of capitals",
    "starts with a capital",
    "length of words",
    "options to choose from",
    "formulas",
    "bullets",
    "share of other scripts",
    "share of words used once",
    "sentences",
    "quotes",
];

impl Features {
    /// Returns the features of a text: any text has some.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let prefix = prefix(text);
        let mut reader = Reader {
            // Most words have four letters or more, and a space.
            grams: Vec::with_capacity(prefix.len() / 2),
            differing: [0; SIEVE / 64],
            groups: [0; GROUPS],
            first: 0,
            words: 0,
            word_bytes: 0,
        };
        reader.read(prefix);
        let dense = reader.dense(prefix);
        Self { grams: reader.grams, dense }
    }

    /// Returns the hash of every word and every pair of words, in the order of the text.
    #[must_use]
    pub fn grams(&self) -> &[u32] {
        &self.grams
    }

    /// Returns what the strengths of a text's words are divided by: a long text's words say less each. Words that no head knows count here.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "6,000 words and pairs at most")]
    pub fn length(&self) -> f64 {
        f64::from(strength(1)) * (self.grams.len().max(1) as f64).sqrt()
    }
}

/// Returns how strongly a word speaks that occurs so often in a text, 255 times at most: by the square root, in 64ths, so that strengths add up
/// in integers.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the root of a byte")]
pub fn strength(count: u8) -> i16 {
    match count {
        0 => 0,
        1 => 64,
        _ => (64.0 * f64::from(count).sqrt() + 0.5) as i16,
    }
}

/// Bits that tell how many words differ: so many that few of a text's share one; a power of two.
const SIEVE: usize = 8_192;

/// The places of the bits that are set, from the lowest.
pub(super) struct Bits(pub(super) u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (bit < 64).then_some(bit)
    }
}

/// Returns the part of a text that is looked at, cut between characters.
#[must_use]
pub fn prefix(text: &str) -> &str {
    if text.len() <= PREFIX_CHARS {
        return text;
    }
    text.char_indices().nth(PREFIX_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// What stands before the first token, so that the first word is told from the same word elsewhere.
const BEGIN: &[u8] = b"^ ";

/// A word of the text, in lower case, and what it is known by.
pub(super) struct Token<'a> {
    pub word: &'a [u8],
    /// The word before, a space, and this one.
    pub pair: &'a [u8],
    pub hash: u32,
    /// Made of the hashes of both words: cheaper than to read both again.
    pub pair_hash: u32,
}

/// Calls `each` with every token of the text.
///
/// A token is a run of ASCII letters and `_`, a run of ASCII digits, or any other character that is not white space.
pub(super) fn tokens(text: &str, mut each: impl FnMut(&Token<'_>)) {
    // Tokens with a space between, so that a pair is one slice.
    let mut line = Vec::with_capacity(text.len() * 2 + BEGIN.len() + 8);
    line.extend_from_slice(BEGIN);
    let mut before = (0, murmur3(BEGIN.trim_ascii_end()));
    let mut end = |line: &mut Vec<u8>, from: usize| {
        let word = &line[from..];
        let hash = murmur3(word);
        each(&Token { word, pair: &line[before.0..], hash, pair_hash: pair_hash(before.1, hash) });
        before = (from, hash);
        line.push(b' ');
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let from = line.len();
        if byte >= 0x80 {
            let Some(char) = text[at..].chars().next() else { break };
            at += char.len_utf8();
            if !char.is_whitespace() {
                foreign(char, &mut line, &mut end);
            }
            continue;
        }
        let run = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => run(&bytes[at..], |byte| byte.is_ascii_alphabetic() || byte == b'_'),
            b'0'..=b'9' => run(&bytes[at..], |byte| byte.is_ascii_digit()),
            b'\t'..=b'\r' | b' ' => 0,
            _ => 1,
        };
        line.extend(bytes[at..at + run].iter().map(u8::to_ascii_lowercase));
        if run > 0 {
            end(&mut line, from);
        }
        at += run.max(1);
    }
}

/// Returns what a pair of words is known by.
#[must_use]
pub fn pair_hash(before: u32, hash: u32) -> u32 {
    murmur3((u64::from(before) | u64::from(hash) << 32).to_le_bytes().as_slice())
}

/// Returns how many bytes from the first belong together.
fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !belongs(byte)).unwrap_or(bytes.len())
}

/// Adds a character beyond ASCII. A capital may become several, and each is a token.
fn foreign(char: char, line: &mut Vec<u8>, end: &mut impl FnMut(&mut Vec<u8>, usize)) {
    for char in char.to_lowercase() {
        let from = line.len();
        line.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        end(line, from);
    }
}

/// Returns what a count is called in reasons.
pub(super) fn dense_name(count: usize) -> String {
    match count.checked_sub(SHAPES) {
        None => SHAPE_NAMES[count].to_owned(),
        Some(group) if group < GROUPS => format!("words of {}", words::NAMES[group]),
        Some(group) if group < 2 * GROUPS => format!("first word of {}", words::NAMES[group - GROUPS]),
        Some(trade) => format!("share of words of {}", words::NAMES[trade - GROUPS - TRADES]),
    }
}

struct Reader {
    grams: Vec<u32>,
    differing: [u64; SIEVE / 64],
    groups: [u16; GROUPS],
    first: u32,
    words: u32,
    word_bytes: usize,
}

impl Reader {
    fn read(&mut self, text: &str) {
        tokens(text, |&Token { word, hash, pair_hash, .. }| {
            self.gram(hash);
            self.gram(pair_hash);
            if word[0].is_ascii_lowercase() {
                self.words += 1;
                self.word_bytes += word.len();
                let groups = words::groups_of(word, hash);
                if self.words == 1 {
                    self.first = groups & !TRADE_BITS;
                }
                if self.first & TRADE_BITS == 0 {
                    self.first |= groups & TRADE_BITS;
                }
                for group in Bits(groups.into()) {
                    self.groups[group] += 1;
                }
            }
        });
    }

    fn gram(&mut self, gram: u32) {
        let bit = gram as usize % SIEVE;
        self.differing[bit / 64] |= 1 << (bit % 64);
        self.grams.push(gram);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "small counts, and shares of them"
    )]
    fn dense(&self, text: &str) -> [f32; DENSE] {
        let distinct = self.differing.iter().map(|word| word.count_ones()).sum::<u32>();
        let signs = Signs::of(text);
        let mut dense = [0.0; DENSE];
        let many = |n: usize| ln(1.0 + n as f64) as f32;
        let share = |n: usize, of: usize| (n as f64 / of.max(1) as f64) as f32;
        let yes = |is: bool| f32::from(u8::from(is));
        let mut set = |shape: Shape, value: f32| dense[shape as usize] = value;
        set(Shape::Chars, many(text.len()));
        set(Shape::Words, many(self.words as usize));
        set(Shape::Lines, many(signs.lines));
        set(Shape::OneLine, yes(signs.lines == 0));
        set(Shape::Long, yes(text.len() >= PREFIX_CHARS));
        set(Shape::Code, many(signs.fences));
        set(Shape::Backticks, many(signs.backticks));
        set(Shape::Identifiers, many(signs.identifiers));
        set(Shape::Symbols, share(signs.symbols, text.len()));
        set(Shape::Question, yes(signs.questions > 0));
        set(Shape::Numbers, many(signs.numbers));
        set(Shape::DigitShare, share(signs.digits, text.len()));
        set(Shape::Paths, many(signs.paths));
        set(Shape::Urls, many(signs.urls));
        set(Shape::UpperShare, share(signs.uppers, text.len()));
        set(Shape::CapitalFirst, yes(text.starts_with(|char: char| char.is_ascii_uppercase())));
        set(Shape::WordLength, share(self.word_bytes, self.words as usize));
        set(Shape::Options, many(signs.options));
        set(Shape::Formula, many(signs.formulas));
        set(Shape::Bullets, many(signs.bullets));
        set(Shape::Foreign, share(signs.foreign, text.len()));
        set(Shape::Distinct, share(distinct as usize, self.grams.len()));
        set(Shape::Sentences, many(signs.sentences));
        set(Shape::Quotes, many(signs.quotes));
        for (group, &count) in self.groups.iter().enumerate() {
            dense[SHAPES + group] = many(count.into());
            dense[SHAPES + GROUPS + group] = yes(self.first & (1 << group) != 0);
            if let Some(trade) = group.checked_sub(GROUPS - TRADES) {
                dense[SHAPES + 2 * GROUPS + trade] = share(count.into(), self.words as usize);
            }
        }
        dense
    }
}

/// Counts over the bytes of a text.
#[derive(Default)]
struct Signs {
    lines: usize,
    fences: usize,
    backticks: usize,
    identifiers: usize,
    symbols: usize,
    questions: usize,
    numbers: usize,
    digits: usize,
    paths: usize,
    urls: usize,
    uppers: usize,
    options: usize,
    formulas: usize,
    bullets: usize,
    foreign: usize,
    sentences: usize,
    quotes: usize,
}

impl Signs {
    fn of(text: &str) -> Self {
        let mut signs = Self::default();
        let bytes = text.as_bytes();
        let at = |place: usize| bytes.get(place).copied().unwrap_or(b' ');
        let mut before = b'\n';
        for (place, &byte) in bytes.iter().enumerate() {
            // Most of a text, and none of what is counted here.
            if byte.is_ascii_lowercase() || byte == b' ' {
                before = byte;
                continue;
            }
            let next = at(place + 1);
            match byte {
                b'A'..=b'Z' => {
                    signs.uppers += 1;
                    signs.identifiers += usize::from(before.is_ascii_lowercase());
                    signs.options += usize::from(before == b'\n' && matches!(next, b'.' | b')') && place > 0);
                }
                b'0'..=b'9' => {
                    signs.digits += 1;
                    signs.numbers += usize::from(!before.is_ascii_digit());
                }
                b'\n' => signs.lines += 1,
                b'`' => {
                    signs.backticks += 1;
                    signs.fences += usize::from(before == b'`' && next == b'`');
                }
                b'_' => {
                    signs.identifiers += usize::from(before.is_ascii_alphanumeric() && next.is_ascii_alphanumeric());
                }
                b'?' => signs.questions += 1,
                b'/' => {
                    signs.urls += usize::from(before == b':' && next == b'/');
                    signs.paths += usize::from(before.is_ascii_alphanumeric() && next.is_ascii_alphanumeric());
                }
                b'.' => {
                    signs.sentences += usize::from(next == b' ' || next == b'\n');
                    signs.paths += usize::from(before.is_ascii_alphanumeric() && next.is_ascii_lowercase());
                }
                b'$' | b'\\' => signs.formulas += 1,
                b'-' | b'*' => signs.bullets += usize::from(before == b'\n' && next == b' '),
                b'"' | b'\'' => signs.quotes += 1,
                b'{' | b'}' | b'(' | b')' | b'[' | b']' | b'<' | b'>' | b'=' | b';' | b'+' | b'^' | b'|' | b'&'
                | b'%' | b'#' | b'@' => signs.symbols += 1,
                0x80.. => signs.foreign += 1,
                _ => {}
            }
            before = byte;
        }
        signs
    }
}
