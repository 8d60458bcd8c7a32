//! The plan's limits: of what several sessions tell, the newest.
//!
//! Each client tells what it heard with its own last answer, which may be hours ago, whenever its line is drawn. Within a window use
//! only grows, so the most that was told is the newest.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;
use shared::plan_limits::{LimitWindow, PlanLimits};

/// Times of one reset may differ by this much.
const SAME_RESET: Micros = 120_000_000;
/// After this long without an equal or higher figure a lower one holds: the plan was changed.
const LOWER_AFTER: Micros = 15 * 60 * 1_000_000;
/// A figure that did not change is written again after this long.
const REPEAT_AFTER: Micros = 60_000_000;

/// A limit and when it was told.
type Told = (LimitWindow, Micros);

/// Records what a client told; what is older than what is known changes nothing.
pub(super) fn record(connection: &Connection, limits: &PlanLimits, now_at: Micros) -> Result<(), rusqlite::Error> {
    let mut ask =
        connection.prepare_cached("SELECT used_basis_points, resets_at, seen_at FROM plan_limits WHERE window = ?1")?;
    for (name, window) in [("five_hour", limits.five_hour), ("seven_day", limits.seven_day)] {
        let Some(told) = window else { continue };
        let known = ask.query_row([name], |row| {
            Ok((LimitWindow { used_basis_points: row.get(0)?, resets_at: row.get(1)? }, row.get(2)?))
        });
        if is_news(known.optional()?, told, now_at) {
            let mut write = connection.prepare_cached(include_str!("sql/set_plan_limit.sql"))?;
            write.execute(params![name, told.used_basis_points, told.resets_at, now_at])?;
        }
    }
    Ok(())
}

/// Whether what is told now is newer than what is known.
fn is_news(known: Option<Told>, told: LimitWindow, now_at: Micros) -> bool {
    let Some((known, seen_at)) = known else { return true };
    let age = now_at.saturating_sub(seen_at);
    let order = match (known.resets_at, told.resets_at) {
        (Some(before), Some(after)) if before.abs_diff(after) > SAME_RESET.unsigned_abs() => before.cmp(&after),
        _ => known.used_basis_points.cmp(&told.used_basis_points),
    };
    match order {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => age >= REPEAT_AFTER,
        // A clock that was set back must not keep a figure for ever.
        std::cmp::Ordering::Greater => !(0..LOWER_AFTER).contains(&age),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Micros = 3_600_000_000;
    const NOW: Micros = 500_000 * HOUR;

    fn window(used_basis_points: u32, resets_at: impl Into<Option<Micros>>) -> LimitWindow {
        LimitWindow { used_basis_points, resets_at: resets_at.into() }
    }

    #[test]
    fn an_idle_session_does_not_turn_back_what_a_busy_one_told() {
        let ago = |age: Micros| Some((window(4_200, NOW + HOUR), NOW - age));
        for (case, known, told, news) in [
            ("nothing known", None, window(0, None), true),
            ("more used", ago(0), window(4_300, NOW + HOUR), true),
            ("the same a second later", ago(1_000_000), window(4_200, NOW + HOUR), false),
            ("the same a minute later", ago(REPEAT_AFTER), window(4_200, NOW + HOUR), true),
            ("an old answer", ago(REPEAT_AFTER), window(1_000, NOW + HOUR), false),
            ("a reset told a little differently", ago(0), window(1_000, NOW + HOUR + SAME_RESET), false),
            ("the window before", ago(0), window(9_900, NOW - 4 * HOUR), false),
            ("the next window", ago(0), window(100, NOW + 6 * HOUR), true),
            ("a larger plan", ago(LOWER_AFTER), window(1_000, NOW + HOUR), true),
            ("a clock that was set back", ago(-HOUR), window(1_000, NOW + HOUR), true),
            ("no reset told", ago(0), window(9_000, None), true),
        ] {
            assert_eq!(is_news(known, told, NOW), news, "{case}");
        }
    }
}
