//! The daemon: its settings, whether it answers and in which version, its port, and what waits for it.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::Value;
use shared::paths::Paths;
use shared::protocol::{Reply, Request};
use shared::spool;

use super::Check;
use crate::config::Config;
use crate::daemon_client::{ClientError, ask};
use crate::error::chain;
use crate::outbox;
use crate::port::owner as owner_of;
use crate::view::{Following, ImportState, ImportStatus};

pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Checks that the settings can be used.
pub(super) fn config(paths: &Paths) -> Check {
    let file = paths.config_file();
    match Config::load(paths) {
        Ok(_) if file.exists() => Check::ok("config", format!("{} is fine", file.display())),
        Ok(_) => Check::ok("config", format!("as by default: there is no {}", file.display())),
        Err(error) => Check::fail("config", chain(&error), format!("edit {}", file.display())),
    }
}

/// Checks that a daemon of this version answers.
pub(super) fn answers(paths: &Paths) -> Check {
    match ask(paths, &Request::Status, ANSWER_WITHIN) {
        Ok(Reply::Status(status)) => judge_status(&status, env!("CARGO_PKG_VERSION")),
        Ok(_) => Check::fail("daemon", "answers something else than a status", "orchd restart"),
        Err(error) => {
            let fix = match error {
                ClientError::NotRunning { .. } => "orchd start",
                ClientError::TooLong { .. } => "set a shorter ORCH_HOME",
                ClientError::Foreign { .. } => "chmod 700 the folder, or find out who made it",
                _ => "orchd restart",
            };
            Check::fail("daemon", format!("does not answer on {}: {}", paths.socket().display(), chain(&error)), fix)
        }
    }
}

fn judge_status(status: &Value, ours: &str) -> Check {
    let text = |key| status.get(key).and_then(Value::as_str).unwrap_or_default();
    let version = text("version");
    if version != ours {
        return Check::warn("daemon", format!("is version {version}, this is {ours}"), "orchd restart, or: orchd up");
    }
    if status.get("paused").and_then(Value::as_bool) == Some(true) {
        return Check::warn("daemon", "runs, and recording is paused", "orchd resume");
    }
    Check::ok("daemon", format!("answers, version {version}, {}", text("http")))
}

/// Checks that what the client writes is read as it is written; None where no daemon says so.
pub(super) fn transcripts(paths: &Paths) -> Option<Check> {
    let Ok(Reply::Status(status)) = ask(paths, &Request::Status, ANSWER_WITHIN) else { return None };
    serde_json::from_value(status.get("import")?.clone()).ok().map(|import| judge_import(&import))
}

fn judge_import(import: &ImportStatus) -> Check {
    const NAME: &str = "transcripts";
    let roots = import.roots.join(", ");
    match (import.state, import.following) {
        (ImportState::Failed, _) => {
            let error = import.error.as_deref().unwrap_or("the log says why");
            Check::warn(NAME, format!("the last import failed: {error}"), "orchd import")
        }
        _ if import.skipped_lines > 0 => {
            let (lines, files) = (import.skipped_lines, import.skipped_in.join(", "));
            let message = format!("{lines} lines could not be read and count in no cost: {files}");
            Check::warn(NAME, message, "orchd import --json names more files; please report such lines of the client's")
        }
        (_, Following::Off) => Check::ok(NAME, "not followed, as ledger.transcripts says"),
        (_, Following::Polling) => {
            let reason = import.reason.as_deref().unwrap_or("the system does not tell of changes");
            let message = format!("{roots} polled, which costs seconds and some work: {reason}");
            Check::warn(NAME, message, "raise the limit, then: orchd restart")
        }
        (_, Following::Watching) if roots.is_empty() => Check::ok(NAME, "none yet"),
        (_, Following::Watching) => Check::ok(NAME, format!("followed in {roots}")),
    }
}

/// Checks that the port is ours or free.
pub(super) fn port(paths: &Paths) -> Check {
    const NAME: &str = "port";
    if let Ok(Reply::Status(status)) = ask(paths, &Request::Status, ANSWER_WITHIN) {
        let http = status.get("http").and_then(Value::as_str).unwrap_or_default();
        return Check::ok(NAME, format!("the daemon has {http}"));
    }
    let Ok(config) = Config::load(paths) else {
        return Check::warn(NAME, "not looked at, the settings cannot be used", "see config");
    };
    let port = config.http.port;
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Check::ok(NAME, format!("{port} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let owner = owner_of(port).map_or_else(|| "another process".to_owned(), |owner| owner.to_string());
            Check::fail(NAME, format!("{port} is taken by {owner}"), "stop it, or set http.port in config.toml")
        }
        Err(error) => Check::fail(NAME, format!("{port} cannot be opened: {error}"), "set http.port in config.toml"),
    }
}

/// Checks what hooks have left for the daemon.
pub(super) fn spool(paths: &Paths) -> Check {
    let pending = spool::pending(&paths.spool_dir());
    match (pending.events, pending.kept_events) {
        (0, 0) => Check::ok("spool", "empty"),
        (0, kept) => {
            let message = format!("{kept} events are kept for a newer daemon in {}", paths.spool_dir().display());
            Check::warn("spool", message, "upgrade the daemon: git pull, then .scripts/up")
        }
        (events, kept) => {
            let kept = if kept == 0 { String::new() } else { format!(", {kept} more are kept for a newer daemon") };
            let dir = paths.spool_dir();
            let message = format!("{events} events ({} KB) wait in {}{kept}", pending.size_bytes / 1000, dir.display());
            Check::warn("spool", message, "orchd start; a running daemon takes them within seconds")
        }
    }
}

/// Checks what `orchd delegate` and the MCP server have left for the daemon.
pub(super) fn outbox(paths: &Paths) -> Check {
    match outbox::waiting(&paths.outbox_dir()).len() {
        0 => Check::ok("outbox", "empty"),
        records => {
            let message = format!("{records} delegations wait in {}", paths.outbox_dir().display());
            Check::warn("outbox", message, "orchd start; a running daemon takes them within seconds")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use serde_json::json;

    #[test]
    fn another_version_and_a_pause_are_told() {
        for (status, expected) in [
            (json!({"version": "1", "paused": false, "http": "h"}), State::Ok),
            (json!({"version": "0", "paused": false}), State::Warn),
            (json!({"version": "1", "paused": true}), State::Warn),
        ] {
            assert_eq!(judge_status(&status, "1").state, expected, "{status}");
        }
    }

    #[test]
    fn polling_and_a_failed_import_are_told() {
        let of = |state, following| {
            let (roots, reason) = (vec!["/c".to_owned()], Some("no watches left".to_owned()));
            judge_import(&ImportStatus { state, roots, following, reason, ..ImportStatus::default() })
        };
        for (state, following, expected) in [
            (ImportState::Done, Following::Watching, State::Ok),
            (ImportState::Running, Following::Off, State::Ok),
            (ImportState::Done, Following::Polling, State::Warn),
            (ImportState::Failed, Following::Watching, State::Warn),
        ] {
            assert_eq!(of(state, following).state, expected, "{state:?} {following:?}");
        }
        assert!(of(ImportState::Done, Following::Polling).message.ends_with("no watches left"));
        for following in [Following::Watching, Following::Off] {
            let state = ImportState::Done;
            let skipped = judge_import(&ImportStatus { skipped_lines: 7, state, following, ..ImportStatus::default() });
            assert_eq!((skipped.state, skipped.message.starts_with("7 lines")), (State::Warn, true));
        }
    }

    #[test]
    fn no_daemon_is_a_failure_with_a_command() {
        let home = tempfile::tempdir().expect("temp folder");
        let check = answers(&Paths::under(home.path()));
        assert_eq!((check.state, check.fix.as_deref()), (State::Fail, Some("orchd start")));
    }
}
