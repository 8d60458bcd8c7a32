//! Amounts as the line shows them: short, and never 0 where nobody knows.

use shared::status_line::Spent;

const NANO: i64 = 1_000_000_000;
const CENT: i64 = NANO / 100;

/// Returns what requests cost: `$1.24`, `$1.20+?` when the price of some is not known, `$?` when of none it is.
pub(super) fn spent(spent: Spent) -> String {
    match (spent.cost_nano_usd, spent.unknown_cost_requests) {
        (cost, 0) => dollars(cost),
        (0, _) => "$?".to_owned(),
        (cost, _) => format!("{}+?", dollars(cost)),
    }
}

/// Returns an amount of at most seven digits.
pub(super) fn dollars(nano_usd: i64) -> String {
    let cents = nano_usd.max(0).saturating_add(CENT / 2) / CENT;
    match (nano_usd, cents) {
        (1.., 0) => "<$0.01".to_owned(),
        (_, 0..10_000) => format!("${}.{:02}", cents / 100, cents % 100),
        (_, 10_000..10_000_000) => format!("${}", (cents + 50) / 100),
        _ => format!("${}k", (cents + 50_000) / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_rounded() {
        for (nano_usd, text) in [
            (0, "$0.00"),
            (1, "<$0.01"),
            (4_999_999, "<$0.01"),
            (5_000_000, "$0.01"),
            (76_856_000, "$0.08"),
            (1_239_999_999, "$1.24"),
            (99_990_000_000, "$99.99"),
            (99_996_000_000, "$100"),
            (1_234_560_000_000, "$1235"),
            (250_000_000_000_000, "$250k"),
            (i64::MAX, "$9223372k"),
            (-5, "$0.00"),
        ] {
            assert_eq!(dollars(nano_usd), text, "{nano_usd}");
        }
    }

    #[test]
    fn what_has_no_price_is_never_shown_as_nothing() {
        for (cost_nano_usd, unknown_cost_requests, text) in
            [(1_200_000_000, 3, "$1.20+?"), (0, 1, "$?"), (0, 0, "$0.00"), (1, 1, "<$0.01+?")]
        {
            assert_eq!(spent(Spent { cost_nano_usd, unknown_cost_requests }), text);
        }
    }
}
