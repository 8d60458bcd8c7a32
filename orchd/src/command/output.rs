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
