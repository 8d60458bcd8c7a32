//! Writing to the two streams: data to stdout, quiet when its reader goes away; talk to stderr, never failing.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::failure::{Code, Failure};

/// Writes text and a newline to stdout.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_part(&format!("{text}\n"))
}

/// Writes text to stdout, of which more follows.
pub(crate) fn print_part(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|source| match source.kind() {
        ErrorKind::BrokenPipe => Failure::reader_gone(),
        _ => Failure::of_file("failed to write to standard output", source),
    })
}

/// Writes a value as indented JSON to stdout.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|source| Failure::new(Code::Internal, "failed to write JSON").because(source))?;
    print(&text)
}

/// Writes text and a newline to stderr; a closed stderr is nobody's problem.
pub(crate) fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.write_all(b"\n"));
}

/// Writes a number with commas between its thousands.
pub(crate) fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// Writes how many there are of something: `1 request`, `2,000 requests`.
pub(crate) fn counted(number: i64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (number, text) in [(0, "0 requests"), (1, "1 request"), (1_200, "1,200 requests")] {
            assert_eq!(counted(number, "request"), text);
        }
    }
}
