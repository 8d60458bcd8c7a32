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
use shared::protocol::{self, LENGTH_BYTES, Request};
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
    let redacted = redact::redact(payload);
    let header = header::event(occurred_at, input.cut_bytes, redacted.count, lossy);
    let frame = protocol::encode(&Request::Event(header), Some(&redacted.payload));
    if !deliver::deliver(&paths, &frame, deadlines.delivery()) {
        spooling::spool(&paths.spool_dir(), &frame[LENGTH_BYTES..], &deadlines);
    }
}

/// Returns the folder after `--home`; anything else is ignored, since a complaint would reach the user's session.
fn home_argument(args: impl Iterator<Item = OsString>) -> Option<OsString> {
    let mut args = args.skip_while(|arg| arg != "--home");
    args.next()?;
    args.next()
}
