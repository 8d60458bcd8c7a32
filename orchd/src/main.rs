//! `orchd`: the daemon and the user's command. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    orchd::cli::main()
}
