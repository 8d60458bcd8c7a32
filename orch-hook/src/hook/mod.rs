//! The hook path: stdin -> redact -> frame -> socket, and on any failure the spool. One deadline over all of it.
//!
//! It prints nothing, exits 0 and is done within 300 ms, also when the daemon hangs, the disk is full or stdin never
//! ends. What it cannot deliver in time it spools; what it cannot spool either is counted where that is possible.

mod deadline;
mod deliver;
mod encoding;
mod header;
mod spooling;
mod stdin;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use shared::paths::Paths;
use shared::protocol::{self, LENGTH_BYTES, MAX_PAYLOAD_BYTES, Request};
use shared::redact;

use deadline::Deadlines;

/// Forwards the payload on stdin. Always succeeds.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    // Our own bug must not look like a failed hook: leave silently, and before the default message is printed.
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
    forward(args);
    ExitCode::SUCCESS
}

fn forward(args: impl Iterator<Item = OsString>) {
    let deadlines = Deadlines::from_now();
    let occurred_at = header::now();
    let home = home_argument(args);
    let Ok(paths) = Paths::resolve(home.as_deref().map(Path::new)) else {
        return;
    };
    let Some(input) = stdin::read(deadlines.stdin) else {
        return;
    };
    let (payload, lossy) = encoding::to_utf8(input.payload);
    let redacted = redact::redact(&payload);
    let (payload, grown_bytes) = fitting(&redacted.payload);
    let header = header::event(occurred_at, input.cut_bytes + grown_bytes, redacted.count, lossy);
    let frame = protocol::encode(&Request::Event(header), Some(payload));
    if !deliver::deliver(&paths, &frame, deadlines.delivery()) {
        spooling::spool(&paths.spool_dir(), &frame[LENGTH_BYTES..], &deadlines);
    }
    // The end of the process frees everything at once; giving buffers back one by one costs as much as redacting them.
    std::process::exit(0);
}

/// Returns the part of the payload that a frame takes, and how many bytes that leaves out: decoding and redacting can
/// make it longer than what was read.
fn fitting(payload: &[u8]) -> (&[u8], u64) {
    if payload.len() <= MAX_PAYLOAD_BYTES {
        return (payload, 0);
    }
    let starts_character = |at: &usize| payload[*at] & 0xc0 != 0x80;
    let end = (MAX_PAYLOAD_BYTES - 3..=MAX_PAYLOAD_BYTES).rev().find(starts_character).unwrap_or(MAX_PAYLOAD_BYTES);
    (&payload[..end], u64::try_from(payload.len() - end).unwrap_or(u64::MAX))
}

/// Returns the folder after `--home`; anything else is ignored, since a complaint would reach the user's session.
fn home_argument(args: impl Iterator<Item = OsString>) -> Option<OsString> {
    let mut args = args.skip_while(|arg| arg != "--home");
    args.next()?;
    args.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_grew_is_cut_between_characters() {
        let full = vec![b'x'; MAX_PAYLOAD_BYTES];
        assert_eq!(fitting(&full), (&full[..], 0));
        let grown = "\u{fffd}".repeat(MAX_PAYLOAD_BYTES / 2);
        let (kept, left_out) = fitting(grown.as_bytes());
        assert!(std::str::from_utf8(kept).is_ok_and(|kept| kept.len() > MAX_PAYLOAD_BYTES - 4));
        assert_eq!(kept.len() + usize::try_from(left_out).expect("small"), grown.len());
    }
}
