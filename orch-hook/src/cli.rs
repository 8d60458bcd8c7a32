//! The user's commands: arguments in, exit code out. Never 2, which Claude Code reads as "block".

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use shared::paths::Paths;

use crate::settings::{self, InstallArgs, SettingsError, UninstallArgs};

/// Wrong use of the command (sysexits).
const USAGE: u8 = 64;
/// The daemon must have run first.
const UNAVAILABLE: u8 = 69;
/// Something failed that is not the user's doing.
const INTERNAL: u8 = 70;
/// A file could not be written.
const CANNOT_CREATE: u8 = 73;
/// A settings file that must be mended first.
const CONFIG: u8 = 78;

/// Records what Claude Code does, for orchd
#[derive(Debug, Parser)]
#[command(name = "orch-hook", version, after_help = EXAMPLES)]
struct Cli {
    /// Use this folder for config, data, spool and socket, as ORCH_HOME does
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  orch-hook install --dry-run          show what would change in ~/.claude/settings.json
  orch-hook install                    record sessions, prompts, tools and subagents
  orch-hook install --statusline       show limits and costs below your own status line
  orch-hook install --profile light    record calls of the Agent tool only
  orch-hook install --scope local      only in this project, only for you
  orch-hook install --telemetry        have the client tell the daemon of every request as well
  orch-hook install --mcp              let Claude hand suitable work to your local model
  orch-hook route \"fix the typo\"       where a task should run, and why
  orch-hook uninstall                  take exactly our entries out again
  orch-hook hook < payload.json        what Claude Code runs; prints nothing, always exits 0";

#[derive(Debug, Subcommand)]
enum Command {
    /// Forward one hook payload from stdin to the daemon (what Claude Code runs)
    Hook,
    /// Print the status line for the payload on stdin (what Claude Code runs)
    Statusline(StatuslineArgs),
    /// Say where a task should run: on the local model or on Claude
    Route(RouteArgs),
    /// Add the hook to Claude Code's settings
    Install(InstallArgs),
    /// Remove our entries from Claude Code's settings
    Uninstall(UninstallArgs),
}

/// Prints one line: the plan's limits, this session's cost, today's. It exits 0 whatever happens. NO_COLOR is honoured.
#[derive(Debug, Args)]
struct StatuslineArgs {
    /// A command of yours that runs first, with the same stdin; its output stands above the line
    #[arg(long, value_name = "COMMAND")]
    chain: Option<OsString>,
}

/// Says where a task should run. It asks nobody: what the daemon knows of the local model and of your own outcomes stands in a small
/// file; without a daemon the answer is claude. The confidence is a calibrated probability that the route is the right one.
#[derive(Debug, Args)]
#[command(after_help = ROUTE_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RouteArgs {
    /// The task, in words
    #[arg(value_name = "TEXT")]
    text: Vec<OsString>,
    /// Read the task from stdin
    #[arg(long)]
    stdin: bool,
    /// Read a task from each line of stdin, {"text": "...", "id", "project", "agent"}, and answer each with a line of JSON
    #[arg(long, conflicts_with_all = ["text", "stdin", "exit_code"])]
    batch: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Say what of the words moved the decision
    #[arg(long)]
    explain: bool,
    /// Exit with 0 for local and 10 for claude
    #[arg(long)]
    exit_code: bool,
    /// The project's folder, for rules and policies of projects [default: the current one]
    #[arg(long, value_name = "DIR")]
    project: Option<OsString>,
    /// The subagent that is to do it, for rules of agents
    #[arg(long, value_name = "NAME")]
    agent: Option<OsString>,
}

const ROUTE_EXAMPLES: &str = "Examples:
  orch-hook route \"write a commit message for this diff\"
  git diff | orch-hook route --stdin --json
  orch-hook route --exit-code \"summarise the log\" && orchd delegate \"summarise the log\"
  orch-hook route --batch < tasks.jsonl > decisions.jsonl

Exit codes: 0 decided (with --exit-code: local), 10 claude (with --exit-code), 64 wrong use, 65 a line of --batch cannot be read,
74 stdin or stdout failed";

/// Runs the user's command.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wrong = error.use_stderr();
            // A closed terminal is no reason to fail differently.
            let _ = error.print();
            return ExitCode::from(if wrong { USAGE } else { 0 });
        }
    };
    let mut out = std::io::stdout().lock();
    let done = match &cli.command {
        // Reached only as `orch-hook --home DIR hook`: settings put `hook` first.
        Some(Command::Hook) => return crate::hook::run(cli.home.iter().flat_map(|dir| ["--home".into(), dir.into()])),
        // Likewise.
        Some(Command::Statusline(args)) => return crate::statusline::run(statusline_words(cli.home.as_deref(), args)),
        // Likewise, and for help.
        Some(Command::Route(args)) => return crate::route::run(route_words(cli.home.as_deref(), args)),
        Some(Command::Install(args)) => Paths::resolve(cli.home.as_deref())
            .map_err(Into::into)
            .and_then(|paths| settings::install(args, &paths, &mut out)),
        Some(Command::Uninstall(args)) => settings::uninstall(args, &mut out),
        None => write!(out, "{}", Cli::command().render_help()).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere left to say it when stderr is gone.
            let _ = writeln!(std::io::stderr(), "orch-hook: {error:#}\n{}", advice(&error));
            ExitCode::from(code(&error))
        }
    }
}

fn statusline_words(home: Option<&Path>, args: &StatuslineArgs) -> impl Iterator<Item = OsString> {
    let home = home.map(|home| ["--home".into(), home.into()]);
    let chain = args.chain.clone().map(|command| ["--chain".into(), command]);
    home.into_iter().chain(chain).flatten()
}

fn route_words(home: Option<&Path>, args: &RouteArgs) -> impl Iterator<Item = OsString> {
    let flags = [
        (args.stdin, "--stdin"),
        (args.batch, "--batch"),
        (args.json, "--json"),
        (args.explain, "--explain"),
        (args.exit_code, "--exit-code"),
    ];
    let flags: Vec<OsString> = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag.into()).collect();
    let valued =
        [("--home", home.map(Into::into)), ("--project", args.project.clone()), ("--agent", args.agent.clone())];
    let valued =
        valued.into_iter().filter_map(|(flag, value)| Some([flag.into(), value?])).flatten().collect::<Vec<_>>();
    flags.into_iter().chain(valued).chain(["--".into()]).chain(args.text.clone())
}

fn code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<SettingsError>() {
        Some(SettingsError::Unusual { .. } | SettingsError::NotUtf8 { .. }) => CONFIG,
        Some(SettingsError::File { .. } | SettingsError::Changed { .. }) => CANNOT_CREATE,
        Some(
            SettingsError::Relative(_)
            | SettingsError::NotTheHook(_)
            | SettingsError::OddPath(_)
            | SettingsError::TelemetryOfProject
            | SettingsError::ServerOfProject
            | SettingsError::NoHome,
        ) => USAGE,
        Some(SettingsError::NoDaemon { .. } | SettingsError::NoServer(_)) => UNAVAILABLE,
        None => INTERNAL,
    }
}

/// Returns what to do next.
fn advice(error: &anyhow::Error) -> &'static str {
    match error.downcast_ref::<SettingsError>() {
        Some(SettingsError::Unusual { .. } | SettingsError::NotUtf8 { .. }) => {
            "try: mend that place (Claude Code itself may not read the file), then run the command again"
        }
        Some(SettingsError::Changed { .. }) => "try: run the command again",
        Some(SettingsError::File { .. }) => "try: check who may write there, or use another --scope",
        Some(SettingsError::NotTheHook(_)) => "try: give a copy of orch-hook, or a wrapper, that name",
        Some(SettingsError::NoDaemon { .. }) => "try: orchd start, then run the command again",
        Some(SettingsError::TelemetryOfProject) => "try: orch-hook install --scope user --telemetry",
        Some(SettingsError::NoServer(_)) => "try: orchd up",
        Some(SettingsError::ServerOfProject) => "try: orch-hook install --scope user --mcp",
        _ => "try: orch-hook --help",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_exit_code_blocks_claude() {
        assert!(![USAGE, UNAVAILABLE, INTERNAL, CANNOT_CREATE, CONFIG].contains(&2));
    }
}
