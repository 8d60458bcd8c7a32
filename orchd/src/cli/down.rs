//! `orchd down`: takes out what `orchd up` put in. Recorded data stays unless `--purge`.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use shared::paths::Paths;

use super::args::Down;
use super::{stop, up};
use crate::command::output::{print, say};
use crate::command::{Code, Failure};
use crate::installed;
use crate::service::Manager;

pub(crate) fn run(paths: &Paths, args: &Down) -> Result<ExitCode, Failure> {
    if args.purge && !args.yes {
        confirm(paths)?;
    }
    let hook = installed::hook(paths);
    if hook.is_file() {
        let mut command = Command::new(&hook);
        command.args(["uninstall", "--scope", "user"]);
        up::hook_command(paths, command, "uninstall")?;
    } else {
        say("The hooks' program is not installed; entries in Claude Code's settings, if any, were left alone.");
    }
    stop::stop(paths)?;
    Manager::of(paths).uninstall(paths).map_err(|error| {
        Failure::new(Code::TryAgain, "the service could not be removed").because(error).hint("orchd down")
    })?;
    if let Some(dir) = installed::link_dir(paths) {
        for program in [installed::daemon(paths), hook] {
            removed(&dir, installed::unlink(&dir, &program).map(drop))?;
        }
    }
    for file in [paths.socket(), paths.endpoint_file(), paths.status_line_file(), paths.snapshot_file()] {
        removed(&file, fs::remove_file(&file))?;
    }
    removed(&paths.bin_dir(), fs::remove_dir_all(paths.bin_dir()))?;
    say(
        "Settings of single projects (orch-hook install --scope project or local) were left alone: where they name the hook, \
         take its entries out, or run orchd up and orch-hook uninstall there.",
    );
    if args.purge {
        purge(paths)?;
        print("Removed, with all recorded data.")?;
    } else {
        print(&format!(
            "Removed. Your data is kept in {}; orchd up brings everything back.",
            paths.data_dir.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn confirm(paths: &Paths) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Code::Usage, "--purge deletes recorded data and nobody is here to ask")
            .hint("orchd down --purge --yes"));
    }
    say(&format!("This deletes everything recorded in {}. Type yes to go on:", paths.data_dir.display()));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|source| Failure::of_file("failed to read the answer", source))?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new(Code::Usage, "nothing was removed")) }
}

/// Deletes data, state and settings; of a home of its own only what is ours in it.
fn purge(paths: &Paths) -> Result<(), Failure> {
    for dir in [&paths.data_dir, &paths.state_dir] {
        removed(dir, fs::remove_dir_all(dir))?;
    }
    let config = paths.config_file();
    removed(&config, fs::remove_file(&config))?;
    // Kept when somebody put something else there.
    let _ = fs::remove_dir(&paths.config_dir);
    Ok(())
}

fn removed(what: &Path, done: io::Result<()>) -> Result<(), Failure> {
    match done {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Failure::of_file(format!("failed to remove `{}`", PathBuf::from(what).display()), source))
        }
        _ => Ok(()),
    }
}
