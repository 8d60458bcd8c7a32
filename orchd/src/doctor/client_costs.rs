//! The ledger against the client's own count of each session.

use std::path::Path;

use super::Check;
use crate::analytics::client_costs::{Comparison, compare};
use crate::store::open_reading;

const NAME: &str = "client cost";
/// Sessions that are named.
const NAMED: usize = 3;

/// Compares; None where no session was counted, or the database cannot be asked, which is another check's.
pub(super) fn check(file: &Path) -> Option<Check> {
    let conn = file.is_file().then(|| open_reading(file).ok()).flatten()?;
    judge(&compare(&conn).ok()?)
}

fn judge(found: &Comparison) -> Option<Check> {
    let Comparison { sessions, left_out, short } = found;
    if *sessions == 0 {
        return None;
    }
    if !short.is_empty() {
        let named: Vec<_> = short.iter().take(NAMED).map(String::as_str).collect();
        let more = if short.len() > NAMED { " and others" } else { "" };
        let message = format!(
            "in {} of {sessions} sessions the client counted more tokens than the ledger: {}{more}",
            short.len(),
            named.join(", ")
        );
        return Some(Check::warn(NAME, message, "orchd import, then look at orchd report session --explain"));
    }
    let message = match left_out {
        0 => format!("the ledger has all that the client counted in {sessions} sessions"),
        _ => format!(
            "the client counted {sessions} sessions; in {left_out} it made requests that no transcript holds, such as compaction: telemetry tells of those"
        ),
    };
    Some(Check::ok(NAME, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_no_known_reason_is_a_warning() {
        let line = |sessions, left_out, short: &[&str]| {
            let short = short.iter().map(|&id| id.to_owned()).collect();
            judge(&Comparison { sessions, left_out, short })
                .map_or("nothing".to_owned(), |check| check.line(crate::logging::line::Colours::Off))
        };
        insta::assert_snapshot!(
            [line(0, 0, &[]), line(3, 0, &[]), line(3, 1, &[]), line(9, 1, &["a", "b", "c", "d"])].join("\n"),
            @r"
        nothing
        ok    client cost  the ledger has all that the client counted in 3 sessions
        ok    client cost  the client counted 3 sessions; in 1 it made requests that no transcript holds, such as compaction: telemetry tells of those
        warn  client cost  in 4 of 9 sessions the client counted more tokens than the ledger: a, b, c and others
                           fix: orchd import, then look at orchd report session --explain
        "
        );
    }

    #[test]
    fn without_a_database_there_is_nothing_to_compare() {
        assert_eq!(check(Path::new("/nonexistent/orch.db")), None);
    }
}
