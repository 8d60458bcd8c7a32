//! The harness of the end-to-end tests: it starts the two real programs and looks at what a user could see.
//!
//! Nothing here knows the insides of `orchd` or `orch-hook`: only `shared` (paths and frames), the documented tables and
//! the HTTP API as plain JSON.

pub mod bench;
pub mod chat_server;
pub mod daemon;
pub mod database;
pub mod exclusive;
pub mod home;
pub mod hook;
pub mod http;
pub mod leak;
pub mod local_model;
pub mod manifest;
pub mod mcp;
pub mod payload;
pub mod process;
pub mod programs;
pub mod random;
pub mod socket;
pub mod stand_in;
pub mod statistics;
pub mod terminal;
pub mod transcript;
pub mod wait;

pub use daemon::TestDaemon;
pub use home::TestHome;
pub use hook::{HookRun, HookStart, run_hook};
pub use wait::{wait_for, wait_until};

use std::io::Write;

/// Prints one line of a measurement or a bar, also when the test passes.
///
/// # Panics
///
/// When standard output is gone.
pub fn say(line: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
