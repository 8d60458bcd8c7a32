//! Our entries in Claude Code's settings: added, changed and removed without touching anything else.
//!
//! `document` is pure: text in, text out. `file` finds, reads and replaces the file. `command` is what the user calls. MCP servers of the
//! user stand in a file beside the settings, which the client itself writes all the time: `mcp` is pure, `client_state` the edge.

mod check;
mod client_state;
mod command;
mod daemon;
mod diff;
mod document;
mod file;
mod handler;
mod mcp;
mod profile;
mod status_line;
mod telemetry;

pub(crate) use command::{InstallArgs, UninstallArgs, install, uninstall};
pub(crate) use file::SettingsError;
