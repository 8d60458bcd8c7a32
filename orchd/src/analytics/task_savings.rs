//! What cheaper models saved, what the local model could have saved, and where all tasks ran.

use rusqlite::{Connection, Row, params};
use shared::event::Micros;

use super::Scope;
use super::costs::usd;
use crate::routing::bootstrap::Estimate;
use crate::routing::interval::share;
use crate::view::{SavingFigure, TasksRan};

/// Judged tasks below which no share is told.
const FEWEST_JUDGED: u32 = 20;

/// What tasks of all kinds sum to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TaskSavings {
    /// Where they ran.
    pub(super) ran: TasksRan,
    downshifted: i64,
    unknown_downshifts: i64,
    downshift_saving: i64,
    passed_by: i64,
    unknown_costs: i64,
    passed_by_cost: i64,
    judged: u32,
    judged_as_good: u32,
}

/// Answers what tasks decided in a range sum to.
pub(super) fn task_savings(
    conn: &Connection,
    (from_at, before_at): (Micros, Micros),
    scope: Scope,
) -> rusqlite::Result<TaskSavings> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/judged_as_local.sql"))?;
    let (judged, judged_as_good) = ask.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/task_savings.sql"))?;
    let sums = |row: &Row<'_>| {
        Ok(TaskSavings {
            ran: TasksRan { local: row.get("ran_local")?, claude: row.get("ran_claude")? },
            downshifted: row.get("downshifted")?,
            unknown_downshifts: row.get("unknown_downshifts")?,
            downshift_saving: row.get("downshift_saving")?,
            passed_by: row.get("passed_by")?,
            unknown_costs: row.get("unknown_costs")?,
            passed_by_cost: row.get("passed_by_cost")?,
            judged,
            judged_as_good,
        })
    };
    ask.query_row(params![from_at, before_at, scope.0], sums)
}

impl TaskSavings {
    /// Returns what cheaper models saved.
    pub(super) fn downshift(&self) -> SavingFigure {
        let what = "Work that a cheaper model of Claude did: the price of the model that the session used most less the cheaper one's, on the \
                    tokens that were really used.";
        let known = self.downshifted - self.unknown_downshifts;
        match (self.downshifted, known) {
            (0, _) => {
                unknown("nothing_downshifted", format!("{what} No call was given a cheaper model in these days."))
            }
            (_, 0) => unknown("unknown_price", format!("{what} It is known of none of these calls yet.")),
            _ => {
                SavingFigure::known(usd(self.downshift_saving), format!("{what}{}", left_out(self.unknown_downshifts)))
            }
        }
    }

    /// Returns what the local model could have saved: an estimate with its interval. Only what was judged says how often it is as good.
    pub(super) fn could_have_saved(&self) -> SavingFigure {
        let what = "Work that the router would have kept here, and Claude did: what it cost, times how often the local model was as good in \
                    such tasks of yours that were judged. An estimate, before electricity.";
        let as_good =
            share(self.judged_as_good as usize, self.judged as usize).filter(|_| self.judged >= FEWEST_JUDGED);
        let Some(Estimate { value, low, high }) = as_good else {
            let text = format!("{what} Too few outcomes yet: {} of {FEWEST_JUDGED}.", self.judged);
            return unknown("too_few_outcomes", text);
        };
        if self.passed_by == self.unknown_costs && self.passed_by > 0 {
            return unknown("unknown_price", format!("{what} What these tasks cost is not known yet."));
        }
        let cost = usd(self.passed_by_cost);
        let judged = self.judged;
        SavingFigure {
            low_usd: Some(cost * low),
            high_usd: Some(cost * high),
            ..SavingFigure::known(
                cost * value,
                format!(
                    "{what} {:.0} % of {judged} were, which stands for {:.0} to {:.0} %.{}",
                    value * 100.0,
                    low * 100.0,
                    high * 100.0,
                    left_out(self.unknown_costs)
                ),
            )
        }
    }
}

fn unknown(reason: &'static str, text: String) -> SavingFigure {
    SavingFigure { usd: None, low_usd: None, high_usd: None, reason: Some(reason), text }
}

fn left_out(tasks: i64) -> String {
    match tasks {
        0 => String::new(),
        1 => " One task is left out, whose cost is not known.".to_owned(),
        tasks => format!(" {tasks} tasks are left out, whose cost is not known."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn what_is_not_known_is_said() {
        let conn = seed::database();
        let ask = || task_savings(&conn, (0, Micros::MAX), Scope::ALL).expect("answers");
        let none = ask();
        assert_eq!((none.downshift().reason, none.downshift().usd), (Some("nothing_downshifted"), None));
        assert_eq!((none.could_have_saved().reason, none.could_have_saved().usd), (Some("too_few_outcomes"), None));
        let add = |n: i64,
                   kind: &str,
                   parent: Option<&str>,
                   downshift: Option<&str>,
                   cost: Option<i64>,
                   saving: Option<i64>| {
            conn.execute(
                "INSERT INTO handoff_events (task_id, kind, parent_task, project_id, decided_at, policy, reasons, tries, local_ms, recommended_route,
                   ran, downshifted_to, cost_nano_usd, saving_nano_usd)
                 VALUES (?1, ?2, ?3, 1, ?1, 'observe', '[]', 0, 0, 'local', 'claude', ?4, ?5, ?6)",
                params![n, kind, parent, downshift, cost, saving],
            )
            .expect("stores");
        };
        for n in 0..20 {
            add(n, "prompt", None, None, Some(1_000_000_000), None);
            conn.execute(
                "INSERT INTO task_outcomes (task_id, outcome, ended_at, duration_ms, label, evidence, quality_parts, as_good, judged_by, judged_at)
                 VALUES (?1, 'completed', 0, 0, 'unknown', '[]', '{}', ?2, 'user', 0)",
                params![n.to_string(), n % 4 != 0],
            )
            .expect("stores");
        }
        add(30, "agent", None, Some("haiku"), Some(0), Some(5_000_000_000));
        add(31, "agent", None, Some("haiku"), None, None);
        add(32, "prompt", Some("delegation:1"), None, Some(7), None);
        let all = ask();
        assert_eq!(all.ran, TasksRan { local: 0, claude: 22 }, "what is part of a delegation is not counted");
        assert_eq!(all.downshift().usd, Some(5.0));
        assert!(all.downshift().text.ends_with("One task is left out, whose cost is not known."));
        let could = all.could_have_saved();
        assert_eq!((could.usd, could.reason), (Some(15.0), None), "three in four of 20 dollars");
        assert!(
            could.low_usd.is_some_and(|low| (10.0..11.0).contains(&low))
                && could.high_usd.is_some_and(|high| (17.0..18.0).contains(&high))
        );
    }
}
