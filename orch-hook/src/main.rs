//! The command that Claude Code runs as a hook.
//!
//! The hot path goes from here into [`hook`] without the argument parser. It never hurts the session: whatever happens,
//! it exits 0 and prints nothing. The status line and `route` go past the parser too. The other commands are the user's and behave like any command.

mod cli;
mod hook;
mod kept_file;
mod knowledge;
mod route;
mod settings;
mod statusline;

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::process::ExitCode;

/// The allocator of musl takes eight system calls to serve a hook's first few allocations; this one takes two.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(first) if first == OsStr::new("hook") => hook::run(args),
        Some(first) if first == OsStr::new("statusline") => statusline::run(args),
        Some(first) if first == OsStr::new("route") => route::run(args),
        None if !std::io::stdin().is_terminal() => hook::run(args),
        _ => cli::run(),
    }
}
