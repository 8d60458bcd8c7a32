//! What each byte can be: one table of bits for the scanner and the rules.

/// A letter, a digit or `_`: what words are made of.
pub(super) const WORD: u16 = 1;
/// [`WORD`] and `-`.
pub(super) const TOKEN: u16 = 1 << 1;
/// A hexadecimal digit.
pub(super) const HEX: u16 = 1 << 2;
/// A letter or a digit.
pub(super) const ALNUM: u16 = 1 << 3;
/// Base64, both alphabets, with `=`.
pub(super) const BASE64: u16 = 1 << 4;
/// [`TOKEN`] and `.`.
pub(super) const DOTTED: u16 = 1 << 5;
/// An upper-case letter or a digit.
pub(super) const UPPER: u16 = 1 << 6;
/// A byte at which the scanner has to look.
pub(super) const TRIGGER: u16 = 1 << 7;
/// Ends a value that no quote holds.
pub(super) const ENDS_VALUE: u16 = 1 << 8;
/// A decimal digit.
pub(super) const DIGIT: u16 = 1 << 9;
/// [`BASE64`], `.`, `~`, `%` and `:`: what longer keys are made of.
pub(super) const LOOSE: u16 = 1 << 10;

/// What a shape without a prefix starts with.
pub(super) const SINGLE: u16 = 1 << 11;

/// How many sets there are: a run's end is remembered for each.
pub(super) const SETS: usize = 11;

pub(super) static CLASS: [u16; 256] = classes();

/// Whether the byte is in the set.
#[inline]
pub(super) fn is(byte: u8, set: u16) -> bool {
    CLASS[usize::from(byte)] & set != 0
}

const fn classes() -> [u16; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "at is below 256")]
        let byte = at as u8;
        let mut class = 0;
        if byte.is_ascii_alphanumeric() {
            class |= WORD | TOKEN | ALNUM | BASE64 | DOTTED | LOOSE;
        }
        if byte.is_ascii_hexdigit() {
            class |= HEX;
        }
        if byte.is_ascii_uppercase() || byte.is_ascii_digit() {
            class |= UPPER;
        }
        if byte.is_ascii_digit() {
            class |= DIGIT;
        }
        if byte.is_ascii_digit() || matches!(byte, b'M' | b'N' | b'O') {
            class |= SINGLE;
        }
        class |= match byte {
            b'_' => WORD | TOKEN | BASE64 | DOTTED | LOOSE,
            b'-' => TOKEN | BASE64 | DOTTED | TRIGGER | LOOSE,
            b'.' => DOTTED | LOOSE,
            b'+' | b'/' => BASE64 | LOOSE,
            b'~' | b'%' | b':' => LOOSE | TRIGGER,
            b'=' => BASE64 | TRIGGER | LOOSE,
            b'>' => TRIGGER,
            b'\\' => TRIGGER | ENDS_VALUE,
            b'"' | b';' | b'&' | b'|' | b'\'' | b'`' | b')' | b'}' | b']' | b'<' | 0..=b' ' => ENDS_VALUE,
            _ => 0,
        };
        table[at] = class;
        at += 1;
    }
    table
}
