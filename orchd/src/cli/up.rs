//! `orchd up`: from nothing to a live dashboard. Running it again repairs, and upgrades a running daemon.

use std::io::{self, IsTerminal};
use std::process::{Command, ExitCode};
use std::time::Duration;

use shared::decision::Policy;
use shared::paths::Paths;

use super::args::Up;
use super::import::{absolute, size};
use super::{control, dashboard, start, stop};
use crate::command::output::{print, say};
use crate::command::settings::load_config;
use crate::command::{Code, Failure};
use crate::config::{DEFAULT_FILE, Edit, with_policy};
use crate::doctor::mcp::{self, Registered};
use crate::doctor::{self, State};
use crate::ingest::transcripts::roots_of_environment;
use crate::logging::line::Colours;
use crate::service::Manager;
use crate::service::command::{output_of, text_of};
use crate::{installed, private};

/// Longest the hook's installer may take.
const INSTALL_WITHIN: Duration = Duration::from_secs(20);
/// How often it is looked how much history there is.
const LOOK_EVERY: Duration = Duration::from_millis(30);

pub(crate) fn run(paths: &Paths, args: &Up) -> Result<ExitCode, Failure> {
    let changed = place_programs(paths)?;
    place_links(paths);
    write_config(paths)?;
    let delegates = may_delegate(args)?;
    let changed = set_policy(paths, delegates, args.no_delegation)? || changed;
    let manager = if args.no_service { Manager::Detached } else { Manager::of(paths) };
    // The daemon first: hooks are not pointed at one that cannot run.
    let http = run_daemon(paths, manager, changed)?;
    install_hooks(paths, args, delegates)?;
    let faults = doctor::essentials(paths);
    for check in faults.iter().filter(|check| check.state != State::Ok) {
        say(&check.line(Colours::of_stderr()));
    }
    if faults.iter().any(|check| check.state == State::Fail) {
        return Err(Failure::new(Code::Unavailable, "it is installed, and does not work yet").hint("orchd doctor"));
    }
    // All is installed by now: what is not known of the history is no reason to fail.
    if let Err(failure) = read_history(paths) {
        say(&failure.text(Colours::of_stderr()));
    }
    let url = control::login(paths)?;
    let opened = !args.no_open && dashboard::has_display(|name| std::env::var_os(name)) && dashboard::open(&url);
    let address = if opened || args.no_open { http } else { url };
    let orchd = installed::spoken(paths);
    print(&format!("Dashboard  {address}   (again at any time: {orchd} dashboard)"))?;
    print("Next       work in Claude Code as ever; sessions appear with their next prompt")?;
    print(&format!("Undo       {orchd} down   (your data stays; with --purge it goes too)"))?;
    Ok(ExitCode::SUCCESS)
}

/// Copies both programs to their stable place. Returns whether the daemon's changed.
fn place_programs(paths: &Paths) -> Result<bool, Failure> {
    let this = std::env::current_exe()
        .and_then(|exe| exe.canonicalize())
        .map_err(|source| Failure::new(Code::Internal, "failed to find this program's own file").because(source))?;
    let hook = installed::find_hook(&this).ok_or_else(|| {
        let folder = this.parent().unwrap_or(&this).display().to_string();
        Failure::new(Code::Unavailable, format!("no orch-hook beside this program in `{folder}`"))
            .hint("cargo build --profile hook -p orch-hook, or: .scripts/up")
    })?;
    let placed = |from: &std::path::Path, to: &std::path::Path| {
        installed::place(from, to)
            .map_err(|source| Failure::of_file(format!("failed to copy to `{}`", to.display()), source))
    };
    placed(&hook, &installed::hook(paths))?;
    placed(&this, &installed::daemon(paths))
}

/// Makes the programs reachable by name. A name that is taken is no reason to stop.
fn place_links(paths: &Paths) {
    let Some(dir) = installed::link_dir(paths) else { return };
    for program in [installed::daemon(paths), installed::hook(paths)] {
        match installed::link(&dir, &program) {
            Ok(installed::Link::Ours) => {}
            Ok(installed::Link::Foreign) => {
                let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
                say(&format!(
                    "{} is something else and was left alone; ours is {}",
                    dir.join(name).display(),
                    program.display()
                ));
            }
            Err(error) => say(&format!("no link to {} in {}: {error}", program.display(), dir.display())),
        }
    }
}

fn write_config(paths: &Paths) -> Result<(), Failure> {
    let file = paths.config_file();
    if file.exists() {
        return Ok(());
    }
    shared::paths::make_private_dir(&paths.config_dir)
        .and_then(|()| private::write_whole(&file, DEFAULT_FILE.as_bytes(), 0o600))
        .map_err(|source| Failure::of_file(format!("failed to write `{}`", file.display()), source))
}

/// Has the hook tell Claude when the local model would do, or no longer. Returns whether the settings changed.
fn set_policy(paths: &Paths, delegates: bool, refused: bool) -> Result<bool, Failure> {
    let policy = match (delegates, refused) {
        (true, _) => Policy::Advise,
        (false, true) => Policy::Observe,
        (false, false) => return Ok(false),
    };
    // Who keeps settings elsewhere has a link here, which stays one.
    let file = paths.config_file();
    let file = file.canonicalize().unwrap_or(file);
    let failed = |source| Failure::of_file(format!("failed to change `{}`", file.display()), source);
    let text = std::fs::read_to_string(&file).map_err(failed)?;
    let text = match with_policy(&text, policy) {
        None => return Ok(false),
        Some(Edit::Done(text)) => text,
        Some(Edit::ByHand(setting)) => {
            say(&format!("{} was left as it is; to have it so, set there: {setting}", file.display()));
            return Ok(false);
        }
    };
    private::write_whole(&file, text.as_bytes(), 0o600).map_err(failed)?;
    Ok(true)
}

/// Whether Claude may hand work to the local model: as the user says, now or when it was registered.
fn may_delegate(args: &Up) -> Result<bool, Failure> {
    let is_registered = || matches!(mcp::registered(), Ok((_, Registered::Ours(..))));
    if args.no_delegation || args.yes {
        return Ok(!args.no_delegation);
    }
    if is_registered() {
        return Ok(true);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        say("Claude hands no work to your local model; to let it: orchd up --yes");
        return Ok(false);
    }
    say("May Claude hand suitable work to your local model? [y/N]");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|source| Failure::of_file("failed to read the answer", source))?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn install_hooks(paths: &Paths, args: &Up, delegates: bool) -> Result<(), Failure> {
    if args.no_delegation {
        // An earlier run may have registered it.
        let mut command = Command::new(installed::hook(paths));
        command.args(["uninstall", "--scope", "user", "--mcp"]);
        hook_command(paths, command, "uninstall")?;
    }
    let mut command = Command::new(installed::hook(paths));
    command.args(["install", "--scope", "user"]);
    if delegates {
        command.arg("--mcp");
    }
    command.arg(if args.no_statusline { "--no-statusline" } else { "--statusline" });
    if let Some(profile) = args.profile {
        command.args(["--profile", profile.as_str()]);
    }
    if !args.no_telemetry {
        command.arg("--telemetry");
        return hook_command(paths, command, "install");
    }
    hook_command(paths, command, "install")?;
    // An earlier run may have turned it on.
    let mut command = Command::new(installed::hook(paths));
    command.args(["uninstall", "--scope", "user", "--telemetry"]);
    hook_command(paths, command, "uninstall")
}

/// Lets the daemon read what the client has written so far, and does not wait. The daemon's environment may lack
/// `CLAUDE_CONFIG_DIR`; this one's has it.
fn read_history(paths: &Paths) -> Result<(), Failure> {
    if !load_config(paths)?.ledger.transcripts {
        return Ok(());
    }
    let roots = absolute(&roots_of_environment());
    control::start_import(paths, roots.clone())?;
    // How much there is to read is known after a moment; whether it is read does not matter here.
    for _ in 0..10 {
        let answer = control::import_progress(paths, roots.clone())?;
        match (answer["state"].as_str(), answer["bytes"].as_u64().unwrap_or(0)) {
            (Some("running"), 0) => std::thread::sleep(LOOK_EVERY),
            (Some("running"), bytes) => {
                say(&reading(bytes, &installed::spoken(paths)));
                return Ok(());
            }
            // A short history is read by now.
            _ => return Ok(()),
        }
    }
    Ok(())
}

fn reading(bytes: u64, orchd: &str) -> String {
    format!("Reading {} of transcripts in the background; `{orchd} import` shows how far it is.", size(bytes))
}

/// Runs the hook's installer; its own words are the error when it refuses.
pub(super) fn hook_command(paths: &Paths, mut command: Command, what: &str) -> Result<(), Failure> {
    match &paths.home_override {
        Some(home) => command.env(shared::paths::HOME_VARIABLE, home),
        None => command.env_remove(shared::paths::HOME_VARIABLE),
    };
    let hint = "repair Claude Code's settings.json as it says, then run this again";
    match output_of(command, INSTALL_WITHIN) {
        Ok(output) if output.status.success() => {
            say(&text_of(&output));
            Ok(())
        }
        Ok(output) => {
            let code = if output.status.code() == Some(73) { Code::CannotCreate } else { Code::Config };
            let said = text_of(&output);
            let said = said.strip_prefix("orch-hook: ").unwrap_or(&said);
            Err(Failure::new(code, format!("the hooks could not be {what}ed: {said}")).hint(hint))
        }
        Err(source) => {
            Err(Failure::new(Code::Unavailable, "failed to run orch-hook").because(source).hint("orchd doctor"))
        }
    }
}

/// Leaves a daemon of this very build running; else starts one.
fn run_daemon(paths: &Paths, manager: Manager, changed: bool) -> Result<String, Failure> {
    let running = start::answering(paths);
    let unit_is_new = manager != Manager::Detached && !manager.is_installed(paths);
    match running {
        Some(http) if !changed && !unit_is_new => Ok(http),
        _ => {
            // Also one that does not answer: it holds the lock.
            stop::stop(paths)?;
            start::start(paths, manager)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        assert!(["y\n", " Yes ", "YES"].iter().all(|answer| is_yes(answer)));
        assert!(!["", "\n", "n", "no", "maybe", "yes please"].iter().any(|answer| is_yes(answer)));
    }

    #[test]
    fn what_is_read_in_the_background_is_told() {
        assert_eq!(
            reading(1_234_567_890, "orchd"),
            "Reading 1.2 GB of transcripts in the background; `orchd import` shows how far it is."
        );
    }
}
