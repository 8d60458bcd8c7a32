//! The empty files by which hooks know that a session was advised: one for each while and session, so that it can be made only once.

use crate::event::Micros;

/// A session is advised at most once in each of these, microseconds.
pub const WHILE: Micros = 600 * 1_000_000;

/// Returns the name of a session's mark at a time.
#[must_use]
pub fn name(session_id: &str, now_at: Micros) -> String {
    format!("{}-{:08x}", now_at.div_euclid(WHILE), crc32fast::hash(session_id.as_bytes()))
}

/// Whether a mark says nothing any more. What is no mark is not ours to judge.
#[must_use]
pub fn is_over(name: &str, now_at: Micros) -> bool {
    let made = name.split_once('-').and_then(|(made, _)| made.parse::<i64>().ok());
    // A clock that was set back must not find an old mark standing for now.
    made.is_some_and(|made| (made - now_at.div_euclid(WHILE)).abs() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_hold_for_a_while_of_a_session() {
        let now = 1_795_338_600_000_000;
        let mark = name("a", now);
        assert_eq!(mark, name("a", now + WHILE - 1 - now % WHILE));
        assert!(mark != name("b", now) && mark != name("a", now + WHILE));
        for (later, over) in [(0, false), (WHILE, false), (2 * WHILE, true), (-2 * WHILE, true)] {
            assert_eq!(is_over(&mark, now + later), over, "{later}");
        }
        assert!(!is_over("notes.txt", now) && !is_over("x-1", now));
    }
}
