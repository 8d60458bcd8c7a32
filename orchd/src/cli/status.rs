//! `orchd status`: what the daemon is doing, for people or as JSON.

use std::process::ExitCode;

use serde_json::{Value, json};
use shared::paths::Paths;
use shared::spool;

use super::control::{self, ANSWER_WITHIN};
use super::import::size;
use crate::command::output::{print, print_json, say};
use crate::command::{Code, Failure};
use crate::control::STATUS_SCHEMA;
use crate::logging::line::printable;
use crate::view::{Following, ImportState, ImportStatus};

pub(crate) fn run(paths: &Paths, as_json: bool) -> Result<ExitCode, Failure> {
    match control::status(paths, ANSWER_WITHIN) {
        Ok(mut status) => {
            if as_json {
                if let Some(fields) = status.as_object_mut() {
                    // The frame's, not the status's.
                    fields.remove("v");
                    fields.insert("running".to_owned(), Value::Bool(true));
                }
                print_json(&status)?;
            } else {
                print(&for_people(&status))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let failure = control::failure_of(error);
            let pending = spool::pending(&paths.spool_dir());
            if as_json {
                // The names of a running daemon's status, so that a script need not ask which of them are there.
                print_json(&json!({
                    "schema": STATUS_SCHEMA,
                    "running": false,
                    "version": env!("CARGO_PKG_VERSION"),
                    "pid": null,
                    "schema_version": null,
                    "started_at": null,
                    "uptime_s": null,
                    "socket": paths.socket(),
                    "http": null,
                    "db": paths.database(),
                    "paused": null,
                    "spool": { "pending": pending.events, "kept": pending.kept_events, "size_bytes": pending.size_bytes },
                    "counters": null,
                    "import": null,
                    "local_model": { "state": "unknown", "model": null },
                }))?;
            } else {
                if pending.events > 0 {
                    say(&format!("{} events wait in the spool; they are stored when the daemon runs.", pending.events));
                }
                if pending.kept_events > 0 {
                    say(&format!("{} events are kept in the spool for a newer daemon.", pending.kept_events));
                }
            }
            let _ = failure.report();
            Ok(if failure.code() == Code::NoPermission { Code::NoPermission } else { Code::Unavailable }.into())
        }
    }
}

/// Says how far reading transcripts is, in a line.
fn history(import: &Value) -> String {
    // One of an older daemon says nothing of it.
    let Ok(import) = serde_json::from_value::<ImportStatus>(import.clone()) else { return "-".to_owned() };
    let ImportStatus { percent, bytes, error, unread, roots, reason, .. } = &import;
    let first = match import.state {
        ImportState::Idle => "not read yet".to_owned(),
        ImportState::Running => format!("reading {} of transcripts, {percent} % done", size(*bytes)),
        ImportState::Done if *unread > 0 => format!("read, but for {unread} files (orchd import names them)"),
        ImportState::Done => "read".to_owned(),
        ImportState::Failed => format!("reading failed: {}", error.as_deref().unwrap_or("see orchd logs")),
    };
    let then = match (import.following, roots.len()) {
        (Following::Off, _) => "not followed (ledger.transcripts)".to_owned(),
        (_, 0) => "no transcripts yet".to_owned(),
        (Following::Watching, _) => format!("following {}", roots.join(", ")),
        (Following::Polling, _) => {
            format!("polling {}: {}", roots.join(", "), reason.as_deref().unwrap_or("changes are not told"))
        }
    };
    let skipped = match import.skipped_lines {
        0 => String::new(),
        lines => format!("; {lines} lines could not be read (orchd import names their files)"),
    };
    format!("{first}; {then}{skipped}")
}

fn for_people(status: &Value) -> String {
    let text = |pointer: &str| match status.pointer(pointer) {
        Some(Value::String(text)) => printable(text),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    let paused = status.pointer("/paused").and_then(Value::as_bool) == Some(true);
    let state = if paused { "paused (orchd resume)" } else { "recording" };
    let uptime = duration(status.pointer("/uptime_s").and_then(Value::as_u64).unwrap_or_default());
    let kept = match status.pointer("/spool/kept").and_then(Value::as_u64).unwrap_or_default() {
        0 => String::new(),
        kept => format!(", {kept} kept for a newer daemon"),
    };
    let counters = ["received", "stored", "duplicate", "rejected", "dropped"]
        .map(|name| format!("{} {name}", text(&format!("/counters/{name}"))))
        .join(", ");
    let advice = status.pointer("/local_model/advice").and_then(Value::as_str);
    let advice = advice.map(|advice| format!("{:11}{}", "", printable(advice)));
    [
        format!("state      {state}, since {uptime}, pid {}, version {}", text("/pid"), text("/version")),
        format!("dashboard  {}   (open it with: orchd dashboard)", text("/http")),
        format!("events     {counters}"),
        format!("spool      {} waiting{kept}", text("/spool/pending")),
        format!("database   {} (schema {})", text("/db"), text("/schema_version")),
        format!("history    {}", printable(&history(&status["import"]))),
        format!("socket     {}", text("/socket")),
        format!("local      {}", text("/local_model/message")),
    ]
    .into_iter()
    .chain(advice)
    .collect::<Vec<_>>()
    .join("\n")
}

/// Returns a time span in its two largest units.
fn duration(seconds: u64) -> String {
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, h, _, _) => format!("{d} d {h} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_well() {
        let status = json!({
            "pid": 42, "version": "0.1.0", "schema_version": 1, "uptime_s": 3725, "socket": "/s", "db": "/d",
            "http": "http://127.0.0.1:6724", "paused": false, "spool": {"pending": 2, "kept": 1},
            "counters": {"received": 9, "stored": 6, "duplicate": 1, "rejected": 1, "dropped": 1},
            "local_model": {"state": "down", "model": null, "message": "http://127.0.0.1:1234 is down",
                "advice": "open LM Studio, Developer tab, Start server"},
            "import": ImportStatus { state: ImportState::Running, percent: 7, bytes: 1_200_000_000, following: Following::Watching,
                roots: vec!["/c".into()], ..ImportStatus::default() },
        });
        insta::assert_snapshot!(for_people(&status), @r"
        state      recording, since 1 h 2 min, pid 42, version 0.1.0
        dashboard  http://127.0.0.1:6724   (open it with: orchd dashboard)
        events     9 received, 6 stored, 1 duplicate, 1 rejected, 1 dropped
        spool      2 waiting, 1 kept for a newer daemon
        database   /d (schema 1)
        history    reading 1.2 GB of transcripts, 7 % done; following /c
        socket     /s
        local      http://127.0.0.1:1234 is down
                   open LM Studio, Developer tab, Start server
        ");
    }

    #[test]
    fn what_became_of_the_history_is_said() {
        let of = |import: ImportStatus| history(&json!(import));
        let done = ImportStatus { state: ImportState::Done, unread: 2, ..ImportStatus::default() };
        assert_eq!(of(done), "read, but for 2 files (orchd import names them); not followed (ledger.transcripts)");
        let skipped = ImportStatus { state: ImportState::Done, skipped_lines: 3, ..ImportStatus::default() };
        assert_eq!(
            of(skipped),
            "read; not followed (ledger.transcripts); 3 lines could not be read (orchd import names their files)"
        );
        let (following, reason) = (Following::Polling, Some("no watches".to_owned()));
        let polled = ImportStatus { following, reason, roots: vec!["/c".into()], ..ImportStatus::default() };
        assert_eq!(of(polled), "not read yet; polling /c: no watches");
        assert_eq!(history(&Value::Null), "-");
    }

    #[test]
    fn spans_have_two_units() {
        for (seconds, expected) in [(0, "0 s"), (61, "1 min 1 s"), (7260, "2 h 1 min"), (90_000, "1 d 1 h")] {
            assert_eq!(duration(seconds), expected);
        }
    }
}
