//! `orch-hook install` and `orch-hook uninstall`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use shared::paths::Paths;

use super::client_state::{self, Change, McpReport};
use super::daemon::announced;
use super::document::{registered_events, with_handlers, without_handlers};
use super::file::{Scope, SettingsError, back_up, read, remove, replace};
use super::handler::{Handler, is_program};
use super::mcp::Server;
use super::profile::Profile;
use super::status_line::{self, Slot, StatusLineArgs};
use super::telemetry::{Found, Telemetry, found_in, judge, masked, with_telemetry, without_telemetry};
use super::{check::Problem, diff};

/// The number in the `schema` of `--json`.
const SCHEMA: u32 = 1;

/// Adds the hook to Claude Code's settings: one handler per event, foreign entries untouched.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct InstallArgs {
    /// Which settings file
    #[arg(long, value_enum, default_value_t = Scope::User)]
    scope: Scope,
    /// Have the client send its telemetry to the running daemon as well; telemetry of your own is left alone
    #[arg(long)]
    telemetry: bool,
    /// Register the local model's MCP server as well, so that Claude may hand work to it
    #[arg(long)]
    mcp: bool,
    /// How much is recorded [default: what is installed, else standard]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    #[command(flatten)]
    status_line: StatusLineArgs,
    /// The program that Claude Code runs, a file named `orch-hook` [default: the stable copy in the data directory's `bin/`]
    #[arg(long, value_name = "PATH")]
    command: Option<PathBuf>,
    /// Show the change as a diff and leave the file as it is
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Removes exactly our entries from Claude Code's settings.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct UninstallArgs {
    /// Which settings file
    #[arg(long, value_enum, default_value_t = Scope::User)]
    scope: Scope,
    /// Take out the telemetry only
    #[arg(long)]
    telemetry: bool,
    /// Take out the MCP server only
    #[arg(long)]
    mcp: bool,
    /// Show the change as a diff and leave the file as it is
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What a command did.
#[derive(Debug, Serialize)]
struct Report {
    schema: u32,
    scope: &'static str,
    profile: Option<&'static str>,
    settings: PathBuf,
    /// The file was, or with `dry_run` would be, changed.
    changed: bool,
    dry_run: bool,
    /// Events that the hook is registered for afterwards.
    events: Vec<String>,
    /// `on` when the client's telemetry goes to a daemon of ours afterwards, `foreign` when it goes elsewhere, else `off`.
    telemetry: &'static str,
    /// What `--statusline` did: `ours`, `chained` (the user's command runs first) or `left`.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_line: Option<&'static str>,
    /// Why something that was asked for was left alone, and what the status line shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    backup: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    /// What became of the MCP server, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    mcp: Option<McpReport>,
}

/// Runs `install` and prints what it did. Both files are looked at before anything is written, so that all is done or nothing.
pub(crate) fn install(args: &InstallArgs, paths: &Paths, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let handler =
        Handler { command: command(args, paths)?, home: paths.home_override.as_deref().map(text).transpose()? };
    let server = if args.mcp { Some(server(args, paths)?) } else { None };
    let wanted = if args.telemetry { Some(wanted_telemetry(args.scope, paths)?) } else { None };
    let (mut profile, mut notice) = (Profile::Standard, wanted.clone().and_then(Result::err));
    let edit = |before: &str| {
        profile = args.profile.unwrap_or(Profile::of(&registered_events(before)?));
        let after = with_handlers(before, &handler, &profile.registrations())?;
        let (after, slot) = args.status_line.apply(after, &handler, args.scope == Scope::User)?;
        let Some(Ok(telemetry)) = &wanted else { return Ok((after, slot)) };
        let (after, found) = with_telemetry(&after, telemetry)?;
        if let Found::Foreign(name) = found {
            notice = Some(format!("telemetry was left alone: the settings have {name} already"));
        }
        Ok((after, slot))
    };
    let mut plan = Plan::new(args.scope, args.dry_run, edit)?;
    plan.report.profile = Some(profile.name());
    let notices: Vec<_> = notice.into_iter().chain(plan.report.notice.take()).collect();
    plan.report.notice = (!notices.is_empty()).then(|| notices.join("\n"));
    let change = server.map(Change::Register);
    plan.report.mcp = change.as_ref().map(client_state::check).transpose()?;
    if !args.dry_run {
        put_in_place(args, paths)?;
        plan.write()?;
        if let Some(change) = &change {
            plan.report.mcp = Some(client_state::apply(change).inspect_err(|_| plan.take_back())?);
        }
    }
    print(&plan.report, args.json, out)
}

/// Runs `uninstall` and prints what it did.
pub(crate) fn uninstall(args: &UninstallArgs, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let edit = |before: &str| {
        if args.telemetry || args.mcp {
            let after = if args.telemetry { without_telemetry(before)? } else { before.to_owned() };
            return Ok((after, Slot::None));
        }
        let (after, slot) = status_line::without_status_line(&without_handlers(before)?)?;
        Ok((without_telemetry(&after)?, slot))
    };
    let mut plan = Plan::new(args.scope, args.dry_run, edit)?;
    if !args.dry_run {
        plan.write()?;
    }
    // It is the user's, as the settings of that scope are.
    if args.mcp || args.scope == Scope::User && !args.telemetry {
        let change = if args.dry_run { client_state::check } else { client_state::apply };
        plan.report.mcp = Some(change(&Change::Remove)?);
    }
    print(&plan.report, args.json, out)
}

/// Returns the server to register: the stable copy of the daemon's program.
fn server(args: &InstallArgs, paths: &Paths) -> Result<Server, SettingsError> {
    if args.scope != Scope::User {
        return Err(SettingsError::ServerOfProject);
    }
    let program = paths.bin_dir().join(if cfg!(windows) { "orchd.exe" } else { "orchd" });
    if !program.is_file() {
        return Err(SettingsError::NoServer(program));
    }
    Ok(Server { command: text(&program)?, home: paths.home_override.as_deref().map(text).transpose()? })
}

/// Returns the telemetry to turn on, or why it is left alone: the variables of the settings would hide those of the environment.
fn wanted_telemetry(scope: Scope, paths: &Paths) -> Result<Result<Telemetry, String>, SettingsError> {
    if scope != Scope::User {
        return Err(SettingsError::TelemetryOfProject);
    }
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    let environment: Vec<_> = std::env::vars_os().filter_map(text).collect();
    Ok(match judge(&environment) {
        Found::Foreign(name) => Err(format!("telemetry was left alone: the environment has {name} already")),
        Found::Nothing | Found::Ours => Ok(announced(paths)?),
    })
}

/// What is to become of a settings file.
struct Plan {
    report: Report,
    /// The file's text; None when there is no file.
    found: Option<String>,
    after: String,
}

impl Plan {
    /// Reads the file and edits its text. Nothing is written.
    fn new(
        scope: Scope,
        dry_run: bool,
        edit: impl FnOnce(&str) -> Result<(String, Slot), Problem>,
    ) -> Result<Self, SettingsError> {
        let path = scope.file()?;
        let found = read(&path)?;
        let before = found.as_deref().unwrap_or_default();
        let unusual = |problem| SettingsError::Unusual { path: path.clone(), problem };
        // No file, an empty one and an empty object say the same to Claude Code.
        let (edited, slot) = edit(before).map_err(unusual)?;
        let changed = if found.is_none() { !matches!(edited.trim(), "" | "{}") } else { edited != before };
        let after = if changed { edited } else { before.to_owned() };
        let report = Report {
            schema: SCHEMA,
            scope: scope.name(),
            profile: None,
            changed,
            dry_run,
            events: registered_events(&after).map_err(unusual)?,
            telemetry: match found_in(&after) {
                Ok(Found::Ours) => "on",
                Ok(Found::Foreign(_)) => "foreign",
                Ok(Found::Nothing) | Err(_) => "off",
            },
            status_line: slot.name(),
            notice: slot.notice(),
            backup: None,
            mcp: None,
            diff: dry_run.then(|| masked(&diff::unified(&path, before, &after))),
            settings: path,
        };
        Ok(Self { report, found, after })
    }

    /// Replaces the file, if that changes anything.
    fn write(&mut self) -> Result<(), SettingsError> {
        let Self { report, found, after } = self;
        if !report.changed {
            return Ok(());
        }
        // The backup is the file as it was before us; a later change of ours does not overwrite it.
        let before = found.as_deref().unwrap_or_default();
        let is_new = registered_events(before).is_ok_and(|ours| ours.is_empty())
            && found_in(before) != Ok(Found::Ours)
            && !status_line::is_ours(before);
        if found.is_some() && is_new {
            report.backup = Some(back_up(&report.settings)?);
        }
        // A token of ours is for the owner alone.
        replace(&report.settings, found.as_deref(), after, report.telemetry == "on")
    }

    /// Makes the file what it was before it was written, unless somebody changed it since. Why that is done is the error to tell.
    fn take_back(&self) {
        let Report { settings, changed, telemetry, .. } = &self.report;
        let _ = match &self.found {
            _ if !changed => Ok(()),
            Some(before) => replace(settings, Some(&self.after), before, *telemetry == "on"),
            None => remove(settings, &self.after),
        };
    }
}

fn print(report: &Report, json: bool, out: &mut impl Write) -> Result<(), anyhow::Error> {
    if json {
        serde_json::to_writer_pretty(&mut *out, report)?;
        writeln!(out)?;
        return Ok(());
    }
    for diff in report.diff.iter().chain(report.mcp.as_ref().and_then(|mcp| mcp.diff.as_ref())) {
        write!(out, "{diff}")?;
    }
    let file = report.settings.display();
    match (report.changed, report.dry_run, report.events.len()) {
        (false, _, 0) => writeln!(out, "{file} holds nothing of ours; nothing to do")?,
        (false, _, events) => writeln!(out, "{file} is up to date: {events} events")?,
        (true, true, _) => writeln!(out, "nothing was changed; run without --dry-run to write {file}")?,
        (true, false, 0) => writeln!(out, "removed what was ours from {file}")?,
        (true, false, 1) => writeln!(out, "registered 1 event in {file}")?,
        (true, false, events) => writeln!(out, "registered {events} events in {file}")?,
    }
    if report.telemetry == "on" {
        writeln!(out, "the client's telemetry goes to the daemon")?;
    }
    if let Some(notice) = &report.notice {
        writeln!(out, "{notice}")?;
    }
    if let Some(line) = report.mcp.as_ref().and_then(|mcp| mcp.line(report.dry_run)) {
        writeln!(out, "{line}")?;
    }
    for backup in report.backup.iter().chain(report.mcp.as_ref().and_then(|mcp| mcp.backup.as_ref())) {
        writeln!(out, "the file as it was: {}", backup.display())?;
    }
    Ok(())
}

/// Returns the absolute path that goes into the settings.
fn command(args: &InstallArgs, paths: &Paths) -> Result<String, SettingsError> {
    let path = match &args.command {
        Some(named) if !named.is_absolute() => return Err(SettingsError::Relative(named.clone())),
        Some(named) if !named.is_file() || !text(named).is_ok_and(|path| is_program(&path)) => {
            return Err(SettingsError::NotTheHook(named.clone()));
        }
        Some(named) => named.clone(),
        None => stable(paths),
    };
    text(&path)
}

/// Sees that the program is there which the settings are to name.
fn put_in_place(args: &InstallArgs, paths: &Paths) -> Result<(), SettingsError> {
    let stable = stable(paths);
    if args.command.is_none() && !stable.is_file() { copy_self(&stable) } else { Ok(()) }
}

fn stable(paths: &Paths) -> PathBuf {
    paths.bin_dir().join(if cfg!(windows) { "orch-hook.exe" } else { "orch-hook" })
}

/// Puts a copy of this program where no build and no package manager cleans up, as `orchd up` does.
fn copy_self(stable: &std::path::Path) -> Result<(), SettingsError> {
    let failed = |action, path: &std::path::Path, source| SettingsError::File { action, path: path.into(), source };
    let own = std::env::current_exe().map_err(|source| failed("find", "orch-hook".as_ref(), source))?;
    let folder = stable.parent().unwrap_or(stable);
    std::fs::create_dir_all(folder).map_err(|source| failed("make", folder, source))?;
    // Renamed into place: a hook that starts meanwhile sees a whole program or none.
    let part = folder.join(format!(".orch-hook.{}", std::process::id()));
    let copied = std::fs::copy(&own, &part).and_then(|_| std::fs::rename(&part, stable));
    copied.map_err(|source| {
        // The first failure is the one to tell.
        let _ = std::fs::remove_file(&part);
        failed("write", stable, source)
    })
}

fn text(path: &std::path::Path) -> Result<String, SettingsError> {
    path.to_str().map(str::to_owned).ok_or_else(|| SettingsError::OddPath(path.to_path_buf()))
}
