//! `orch-hook statusline`: one line for Claude Code's status line, behind the output of the user's own command.
//!
//! Whatever happens it exits 0 and prints what it knows: the client shows nothing at all of a command that fails. It opens
//! no database and asks nobody: what it knows beside the payload stands in one small file.

mod chain;
mod forward;
mod line;
mod money;
mod payload;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::paths::Paths;
use shared::status_line::FiguresFile;

use crate::hook::{now, stdin};
use crate::kept_file;
use line::{Look, line};
use payload::Seen;

/// When stdin is no longer waited for. The client writes it right after starting us.
const STDIN: Duration = Duration::from_millis(500);
/// When the whole run is over: the user's command gets what is left of it. Lines that come later than the next one pile up.
const END: Duration = Duration::from_secs(3);
/// Columns that the line may take where the client does not say how many there are.
const COLUMNS: usize = 100;

/// The arguments, as the settings hold them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    home: Option<OsString>,
    /// The user's own command.
    chain: Option<OsString>,
    help: bool,
}

/// Prints the line. Always succeeds.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let options = Options::parse(args);
    if options.help {
        return crate::cli::run();
    }
    // Our own bug must not take the user's line away with a failure.
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
    let started = Instant::now();
    // Ours, called by the very command that it was told to call: one line is enough, and a circle would never end.
    if std::env::var_os(chain::MARK).is_some() {
        return ExitCode::SUCCESS;
    }
    let input = stdin::read(started + STDIN).map(|input| input.head).unwrap_or_default();
    let mut out = options.chain.map(|command| chain::run(&command, &input, started + END)).unwrap_or_default();
    let seen = Seen::of(&input);
    let paths = Paths::resolve(options.home.as_deref().map(Path::new)).ok();
    let file = paths.as_ref().map(|paths| kept_file::read(&paths.status_line_file())).unwrap_or_default();
    let ours = line(&seen, FiguresFile::decode(&file).as_ref(), now(), look());
    join(&mut out, &ours);
    let mut stdout = std::io::stdout().lock();
    // A client that went away needs no line.
    let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
    if let Some(paths) = &paths {
        forward::forward(paths, seen.limits);
    }
    std::process::exit(0);
}

impl Options {
    fn parse(mut args: impl Iterator<Item = OsString>) -> Self {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--home") => options.home = args.next(),
                Some("--chain") => options.chain = args.next().filter(|command| !command.is_empty()),
                Some("--help" | "-h") => options.help = true,
                // A complaint would stand where the line is to stand.
                _ => {}
            }
        }
        options
    }
}

/// Puts our line below what the user's command said.
fn join(out: &mut Vec<u8>, ours: &str) {
    while out.last().is_some_and(u8::is_ascii_whitespace) {
        out.pop();
    }
    if !out.is_empty() {
        // A colour that it left open ends with it.
        if out.contains(&0x1b) {
            out.extend_from_slice(b"\x1b[0m");
        }
        out.push(b'\n');
    }
    out.extend_from_slice(ours.as_bytes());
    if out.last().is_none_or(|last| *last != b'\n') {
        out.push(b'\n');
    }
}

fn look() -> Look {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let columns = set("COLUMNS").and_then(|text| text.to_str()?.parse().ok()).filter(|columns| *columns > 0);
    Look {
        colours: set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb"),
        columns: columns.unwrap_or(COLUMNS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_taken_as_the_settings_hold_them() {
        let parse = |args: &[&str]| Options::parse(args.iter().map(OsString::from));
        let (home, chain) = (Some(OsString::from("/x")), Some(OsString::from("my --help")));
        assert_eq!(parse(&["--chain", "my --help", "--home", "/x"]), Options { home, chain, help: false });
        assert_eq!(parse(&["--chain", "", "--later", "x"]), Options::default());
        assert!(parse(&["-h"]).help && !parse(&["--chain"]).help);
    }

    #[test]
    fn the_users_line_stands_above_ours() {
        let join = |theirs: &[u8], ours: &str| {
            let mut out = theirs.to_vec();
            join(&mut out, ours);
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(join(b"", "ours"), "ours\n");
        assert_eq!(join(b"theirs\n\n", "ours"), "theirs\nours\n");
        assert_eq!(join(b"a\nb", "ours"), "a\nb\nours\n");
        assert_eq!(join(b"\x1b[31mred", "ours"), "\x1b[31mred\x1b[0m\nours\n");
        assert_eq!((join(b"theirs", ""), join(b"", "")), ("theirs\n".into(), "\n".into()));
    }
}
