//! Rows as comma-separated values.

use crate::analytics::costs::view;
use crate::csv::{Table, text};
use crate::ledger::Sums;

const HEAD: [&str; 8] = [
    "key",
    "requests",
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cost_usd",
    "unknown_cost_requests",
];

/// Returns the head and a line a row; a cost that is not known is empty.
pub(super) fn lines(rows: &[(String, Sums)]) -> String {
    let mut table = Table::new(&HEAD);
    for (key, sums) in rows {
        let view = view(sums);
        table.row([
            text(key),
            view.requests.to_string(),
            view.input_tokens.to_string(),
            view.output_tokens.to_string(),
            view.cache_creation_input_tokens.to_string(),
            view.cache_read_input_tokens.to_string(),
            view.cost_usd.map(|usd| usd.to_string()).unwrap_or_default(),
            view.unknown_cost_requests.to_string(),
        ]);
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_empty() {
        let rows = [
            ("m".to_owned(), Sums { requests: 2, output: 7, cost_nano_usd: 1_500_000, unknown: 1, ..Sums::default() }),
            ("n".to_owned(), Sums { requests: 1, unknown: 1, ..Sums::default() }),
        ];
        assert_eq!(lines(&rows), format!("{}\nm,2,0,7,0,0,0.0015,1\nn,1,0,0,0,0,,1\n", HEAD.join(",")));
    }
}
