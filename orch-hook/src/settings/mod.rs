//! Our entries in Claude Code's settings: added, changed and removed without touching anything else.
//!
//! `document` is pure: text in, text out. `file` finds, reads and replaces the file. `command` is what the user calls.

mod check;
mod command;
mod daemon;
mod diff;
mod document;
mod file;
mod handler;
mod profile;
mod status_line;
mod telemetry;

pub(crate) use command::{InstallArgs, UninstallArgs, install, uninstall};
pub(crate) use file::SettingsError;
