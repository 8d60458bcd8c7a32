//! How much of the user's plan is used, as far as anybody told.

use rusqlite::Connection;
use shared::event::Micros;

use crate::view::{PlanLimitsView, PlanWindow};

/// Answers the limits. A window that has started anew since it was told is not known.
pub fn plan_limits(conn: &Connection, now_at: Micros) -> rusqlite::Result<PlanLimitsView> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/plan_limits.sql"))?;
    let mut rows = ask.query([])?;
    let mut limits = PlanLimitsView::default();
    while let Some(row) = rows.next()? {
        let window = PlanWindow { used_percentage: f64::from(row.get::<_, u32>(1)?) / 100.0, resets_at: row.get(2)? };
        if window.resets_at.is_some_and(|at| at <= now_at) {
            continue;
        }
        match row.get_ref(0)?.as_str()? {
            "five_hour" => limits.five_hour = Some(window),
            "seven_day" => limits.seven_day = Some(window),
            // A later version may know more.
            _ => continue,
        }
        limits.seen_at = limits.seen_at.max(row.get(3)?);
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = 1_795_338_600_000_000;

    fn database(rows: &str) -> Connection {
        let conn = Connection::open_in_memory().expect("opens");
        conn.execute_batch(include_str!("../../schema.sql")).expect("valid");
        if !rows.is_empty() {
            conn.execute_batch(&format!("INSERT INTO plan_limits VALUES {rows}")).expect("stored");
        }
        conn
    }

    #[test]
    fn what_was_told_last_is_answered() {
        assert_eq!(plan_limits(&database(""), NOW).expect("answers"), PlanLimitsView::default());
        let conn = database(&format!(
            "('five_hour', 4250, {}, 7), ('seven_day', 100, NULL, 9), ('year', 1, NULL, 99)",
            NOW + 1
        ));
        let limits = plan_limits(&conn, NOW).expect("answers");
        assert_eq!(limits.five_hour, Some(PlanWindow { used_percentage: 42.5, resets_at: Some(NOW + 1) }));
        assert_eq!(limits.seven_day, Some(PlanWindow { used_percentage: 1.0, resets_at: None }));
        assert_eq!(limits.seen_at, Some(9));
    }

    #[test]
    fn a_window_that_is_over_is_not_known() {
        let conn = database(&format!("('five_hour', 9900, {NOW}, 7)"));
        assert_eq!(plan_limits(&conn, NOW).expect("answers"), PlanLimitsView::default());
    }
}
