//! What was spent beside what was meant to be. Pure.

use crate::analytics::costs::{Group, usd};
use crate::config::Budget;
use crate::ledger::Sums;
use crate::view::{BudgetState, BudgetUse};

/// Returns how much of a period's budget is used; None without a budget.
pub(super) fn used(budget: &Budget, period: Group, spent: &Sums) -> Option<BudgetUse> {
    let limit = match period {
        Group::Day => budget.day_nano_usd,
        Group::Week => budget.week_nano_usd,
        Group::Month => budget.month_nano_usd,
        _ => 0,
    };
    if limit <= 0 {
        return None;
    }
    let warns = i128::from(limit) * i128::from(budget.warn_percent) / 100;
    let state = if spent.cost_nano_usd >= limit {
        BudgetState::Exceeded
    } else if i128::from(spent.cost_nano_usd) >= warns {
        BudgetState::Warning
    } else {
        BudgetState::Ok
    };
    Some(BudgetUse { limit_usd: usd(limit), ratio: usd(spent.cost_nano_usd) / usd(limit), state })
}

/// Returns the warning that stands in a line: of the worst budget, if any warns.
pub(super) fn warning<'b>(budgets: impl IntoIterator<Item = (&'b str, &'b BudgetUse)>) -> Option<String> {
    let worst = budgets
        .into_iter()
        .filter(|(_, used)| used.state != BudgetState::Ok)
        .max_by(|(_, a), (_, b)| a.ratio.total_cmp(&b.ratio))?;
    let (period, BudgetUse { ratio, limit_usd, .. }) = worst;
    // Rounded down: 100 % is said when all of it is spent.
    Some(format!("{:.0}% of the {period}'s ${limit_usd:.2}", (ratio * 100.0).floor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_warns_from_its_share_on() {
        let budget = Budget { day_nano_usd: 10_000_000_000, warn_percent: 80, ..Budget::default() };
        let spent = |usd: f64| Sums { cost_nano_usd: nano(usd), ..Sums::default() };
        for (cost, state) in [
            (0.0, BudgetState::Ok),
            (7.999, BudgetState::Ok),
            (8.0, BudgetState::Warning),
            (9.999_999_999, BudgetState::Warning),
            (10.0, BudgetState::Exceeded),
            (25.0, BudgetState::Exceeded),
        ] {
            assert_eq!(used(&budget, Group::Day, &spent(cost)).expect("a budget").state, state, "{cost}");
        }
        assert_eq!(used(&budget, Group::Week, &spent(1.0)), None);
    }

    #[expect(clippy::cast_possible_truncation, reason = "small amounts")]
    fn nano(usd: f64) -> i64 {
        (usd * 1e9).round() as i64
    }

    #[test]
    fn the_worst_budget_stands_in_the_line() {
        let use_of = |ratio: f64, state| BudgetUse { limit_usd: 20.0, ratio, state };
        let (day, month) = (use_of(0.85, BudgetState::Warning), use_of(1.2, BudgetState::Exceeded));
        assert_eq!(warning([("day", &day), ("month", &month)]).as_deref(), Some("120% of the month's $20.00"));
        assert_eq!(warning([("day", &use_of(0.5, BudgetState::Ok))]), None);
    }
}
