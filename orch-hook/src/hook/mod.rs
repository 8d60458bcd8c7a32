//! The hook path: stdin -> decide (prompts, Agent calls) -> redact -> frame -> socket, and on any failure the spool. One deadline over
//! all of it.
//!
//! It prints nothing but what a policy other than `observe` asks for, exits 0 and is done within 300 ms, also when the daemon hangs, the disk is full or stdin never
//! ends. What it cannot deliver in time it spools; what it cannot spool either is counted where that is possible.

mod advice_limit;
mod agents;
mod deadline;
mod decide;
mod deliver;
mod encoding;
mod header;
mod spooling;
pub(crate) mod stdin;
mod steer;
mod task;
mod watchdog;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use shared::paths::Paths;
use shared::protocol::{self, EventHeader, LENGTH_BYTES, MAX_PAYLOAD_BYTES, Request};
use shared::redact;

use deadline::Deadlines;
pub(crate) use deliver::connect;
pub(crate) use header::now;

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
    let read_bytes = input.head.len();
    let (head, lossy) = encoding::to_utf8(input.head);
    let mut header = header::event(occurred_at, lossy);
    header.cut_bytes = input.cut_bytes;
    let came = decide::Came { payload: &head, as_written: !lossy && head.len() == read_bytes && input.cut_bytes == 0 };
    decide::take(&came, &mut header, &paths);
    let payload = clean(&head, input.tail, &mut header);
    let frame = protocol::encode(&Request::Event(header), Some(&payload));
    if !deliver::deliver(&paths, &frame, deadlines.delivery()) {
        spooling::spool(&paths.spool_dir(), &frame[LENGTH_BYTES..], &deadlines);
    }
    // The end of the process frees everything at once; giving buffers back one by one costs as much as redacting them.
    std::process::exit(0);
}

/// Returns the payload without its secrets, and tells the header what was left out. Start and end of a cut payload are looked at
/// apart: what seems to go on from one to the other never stood together.
fn clean<'a>(head: &'a [u8], tail: Vec<u8>, header: &mut EventHeader) -> Cow<'a, [u8]> {
    let redacted = redact::redact(head);
    header.redactions = redacted.count;
    // Decoding and redacting can make it longer than what was read.
    if tail.is_empty() && redacted.payload.len() <= MAX_PAYLOAD_BYTES {
        return redacted.payload;
    }
    let (tail, lossy) = encoding::to_utf8(tail);
    let end = redact::redact(&tail);
    header.lossy |= lossy;
    header.redactions += end.count;
    header.tail_bytes = end.payload.len() as u64;
    let mut payload = redacted.payload.into_owned();
    let over = (payload.len() + end.payload.len()).saturating_sub(MAX_PAYLOAD_BYTES);
    if over > 0 {
        header.cut_bytes += stdin::cut(&mut payload, over);
    }
    payload.extend_from_slice(&end.payload);
    Cow::Owned(payload)
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
    fn a_payload_that_grew_is_cut_between_words() {
        let grown = format!("a {}", "\u{fffd}".repeat(MAX_PAYLOAD_BYTES / 2));
        for text in [grown, "password=hunter22 ".repeat(MAX_PAYLOAD_BYTES / 18)] {
            let mut header = header::event(0, false);
            header.cut_bytes = 5;
            let payload = clean(text.as_bytes(), b"\"end\"}".to_vec(), &mut header);
            assert!(std::str::from_utf8(&payload).is_ok());
            assert!(payload.len() <= MAX_PAYLOAD_BYTES && payload.ends_with(b"\"end\"}"));
            assert!(header.cut_bytes > 5 && header.tail_bytes == 6);
        }
    }
}
