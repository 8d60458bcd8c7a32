//! `orch-hook route`: where a task should run, for scripts. As quick as the hook, so it goes past the argument parser; what it does not
//! know it gives to that, which explains itself.

mod answer;
mod batch;
mod options;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use shared::decision::{Route, Task, decide};
use shared::paths::Paths;

use crate::hook::now;
use crate::knowledge::Knowledge;
use options::{Asked, Options};

/// The task went to Claude, and the caller asked for the exit code to tell.
const CLAUDE: u8 = 10;
/// Wrong use of the command (sysexits).
const USAGE: u8 = 64;
/// What was read is no task.
const DATA: u8 = 65;
/// stdin or stdout failed.
const IO: u8 = 74;

/// Longest task, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Runs the command.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let options = match Options::parse(args) {
        Asked::Route(options) => options,
        // Help, and what is wrong, in the words of all commands.
        Asked::Parser => return crate::cli::run(),
    };
    let Ok(paths) = Paths::resolve(options.home.as_deref().map(Path::new)) else {
        return fail(USAGE, "there is no home directory; try: --home DIR");
    };
    let knowledge = Knowledge::read(&paths, now());
    let code = if options.batch { batch::run(&options, &knowledge) } else { one(&options, &knowledge) };
    // The end of the process frees everything at once.
    std::process::exit(i32::from(code));
}

fn one(options: &Options, knowledge: &Knowledge) -> u8 {
    let text = match text(options) {
        Ok(Some(text)) => text,
        // What lies behind may name what has to stay here.
        Ok(None) => return say(DATA, "the task is longer than 1 MiB; try: a part of it that says what is to be done"),
        Err(error) => return say(IO, &format!("stdin cannot be read: {error}")),
    };
    if !text.chars().any(char::is_alphanumeric) {
        return say(USAGE, "there is no task; try: orch-hook route \"fix the typo\", or --stdin");
    }
    let task = Task { text: &text, project: &options.project, agent: options.agent.as_deref(), tool: None };
    let decision = decide(&task, &knowledge.settings, knowledge.local.as_ref());
    let out = if options.json {
        Value::from(answer::json(&decision, knowledge, options.explain.then_some(&*text))).to_string()
    } else {
        answer::words(&decision, options.explain.then_some(&*text))
    };
    if let Err(error) = print(&out) {
        return say(IO, &format!("stdout cannot be written: {error}"));
    }
    if options.exit_code && decision.route == Route::Claude { CLAUDE } else { 0 }
}

/// Returns the task; None where it is too long.
fn text(options: &Options) -> std::io::Result<Option<String>> {
    let mut text = options.words.join(" ");
    if options.stdin {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    Ok((text.len() <= MOST_BYTES).then_some(text))
}

/// Prints a line. A reader that went away has all it wants.
fn print(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn say(code: u8, problem: &str) -> u8 {
    // Nowhere left to say it when stderr is gone.
    let _ = writeln!(std::io::stderr(), "orch-hook: {problem}");
    code
}

fn fail(code: u8, problem: &str) -> ExitCode {
    ExitCode::from(say(code, problem))
}
