//! Our MCP server in `~/.claude.json`, or in that file under `CLAUDE_CONFIG_DIR`: read, edited and replaced. The client writes the file
//! itself while it runs, so it is read right before it is written, and again when it changed meanwhile.

use std::path::{Path, PathBuf};

use serde::Serialize;
use shared::mcp_server::{NAME, state_file};

use super::diff;
use super::file::{SettingsError, back_up, read, replace};
use super::mcp::{self, Found, Server};

/// How often it is tried against a client that writes at the same time.
const TRIES: u32 = 8;

/// What became of the MCP server.
#[derive(Debug, Serialize)]
pub(super) struct McpReport {
    pub(super) file: PathBuf,
    /// `on` when our server stands there afterwards, `foreign` when somebody else's has its name, else `off`.
    pub(super) server: &'static str,
    /// The file was, or with a dry run would be, changed.
    pub(super) changed: bool,
    pub(super) backup: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diff: Option<String>,
}

/// What is to become of it.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Register(Server),
    Remove,
}

/// Tells how the file would be changed, or why it cannot be.
pub(super) fn check(change: &Change) -> Result<McpReport, SettingsError> {
    once(&file()?, change, true)
}

/// Changes the file.
pub(super) fn apply(change: &Change) -> Result<McpReport, SettingsError> {
    let path = file()?;
    for _ in 1..TRIES {
        match once(&path, change, false) {
            Err(SettingsError::Changed { .. }) => {}
            done => return done,
        }
    }
    once(&path, change, false)
}

fn once(path: &Path, change: &Change, dry_run: bool) -> Result<McpReport, SettingsError> {
    let found = read(path)?;
    let before = match (change, found.as_deref()) {
        // What is broken and has nothing of ours does not keep the rest from being taken out.
        (Change::Remove, Some(text)) if !text.contains(NAME) => "",
        (_, text) => text.unwrap_or_default(),
    };
    let unusual = |problem| SettingsError::Unusual { path: path.to_path_buf(), problem };
    let had = mcp::found_in(before).map_err(unusual)?;
    let edited = match change {
        Change::Register(server) => mcp::with_server(before, server).map(|(text, _)| text),
        Change::Remove => mcp::without_server(before),
    };
    let after = edited.map_err(unusual)?;
    // No file and an empty object say the same to the client.
    let changed = if before.is_empty() { after.trim() != "{}" } else { after != before };
    let after = if changed { after.as_str() } else { before };
    let mut report = McpReport {
        file: path.to_path_buf(),
        server: match mcp::found_in(after).map_err(unusual)? {
            Found::Nothing => "off",
            Found::Ours => "on",
            Found::Foreign => "foreign",
        },
        changed,
        backup: None,
        diff: dry_run.then(|| diff::unified(path, before, after)),
    };
    if !changed || dry_run {
        return Ok(report);
    }
    // The backup is the file as it was before us.
    if found.is_some() && had == Found::Nothing {
        report.backup = Some(back_up(path)?);
    }
    replace(path, found.as_deref(), after, false)?;
    Ok(report)
}

impl McpReport {
    /// Returns the line for people, None where there is nothing to tell.
    pub(super) fn line(&self, dry_run: bool) -> Option<String> {
        let file = self.file.display();
        Some(match (self.server, self.changed) {
            _ if dry_run && self.changed => format!("run without --dry-run to write {file}"),
            ("on", true) => {
                format!("registered the MCP server `{NAME}` in {file}: Claude may hand work to your local model")
            }
            ("on", false) => format!("the MCP server `{NAME}` is registered in {file}"),
            ("foreign", _) => format!("the MCP server was left alone: {file} has another one named `{NAME}`"),
            (_, true) => format!("removed the MCP server `{NAME}` from {file}"),
            _ => return None,
        })
    }
}

fn file() -> Result<PathBuf, SettingsError> {
    state_file().ok_or(SettingsError::NoHome)
}
