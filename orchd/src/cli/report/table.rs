//! A table as wide as the terminal: narrow ones leave columns of tokens out, and cut long names in their middle.

use std::io::IsTerminal;

use super::Answer;
use crate::cli::args::ReportBy;
use crate::cli::output::grouped;
use crate::view::CostSums;

/// Width where nobody says how wide the terminal is: a file or a pipe.
const WIDE: usize = 120;
/// Narrowest width that is served.
const NARROWEST: usize = 40;
/// Narrowest and widest column of names.
const NAME: std::ops::RangeInclusive<usize> = 12..=44;
/// Heading, width and cell.
type Column = (&'static str, usize, fn(&CostSums) -> String);
const COLUMNS: [Column; 6] = [
    ("requests", 10, |sums| grouped(sums.requests)),
    ("input", 13, |sums| grouped(sums.input_tokens)),
    ("output", 13, |sums| grouped(sums.output_tokens)),
    ("cache write", 15, |sums| grouped(sums.cache_creation_input_tokens)),
    ("cache read", 17, |sums| grouped(sums.cache_read_input_tokens)),
    ("cost USD", 13, cost),
];
/// Columns by what is left out first where there is no room.
const SPARE: [usize; 5] = [0, 1, 3, 4, 2];

/// Returns how wide a line may be.
pub(super) fn width() -> usize {
    let given = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    given.or_else(terminal_width).unwrap_or(WIDE).max(NARROWEST)
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let stdout = std::io::stdout();
    let size = stdout.is_terminal().then(|| rustix::termios::tcgetwinsize(&stdout).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    std::io::stdout().is_terminal().then_some(80)
}

/// Returns the report for people.
pub(super) fn lines(answer: &Answer, width: usize) -> String {
    if answer.rows.is_empty() {
        return "No requests in this range. `orchd import` reads the transcripts that Claude Code keeps.".to_owned();
    }
    let (rows, total) = (answer.views(), answer.total());
    let longest = rows.iter().map(|row| row.key.chars().count()).max().unwrap_or(0).max(heading(answer.by).len());
    let name = (longest + 1).clamp(*NAME.start(), *NAME.end());
    let mut shown: Vec<usize> = (0..COLUMNS.len()).collect();
    for spare in SPARE {
        if name + shown.iter().map(|&column| COLUMNS[column].1).sum::<usize>() > width {
            shown.retain(|&column| column != spare);
        }
    }
    let name = name.min(width.saturating_sub(shown.iter().map(|&column| COLUMNS[column].1).sum())).max(8);
    let line = |key: &str, cell: &dyn Fn(usize) -> String| {
        shown.iter().fold(format!("{:<name$}", cut(key, name)), |line, &column| {
            let width = COLUMNS[column].1;
            format!("{line}{:>width$}", cell(column))
        })
    };
    let mut lines = vec![line(heading(answer.by), &|column| COLUMNS[column].0.to_owned())];
    lines.extend(rows.iter().map(|row| line(&row.key, &|column| COLUMNS[column].2(&row.sums))));
    lines.push(line("total", &|column| COLUMNS[column].2(&total)));
    lines.push(String::new());
    lines.push(format!(
        "API-equivalent cost at list prices, days in {}. A subscription's invoice is another.",
        answer.timezone
    ));
    if total.unknown_cost_requests > 0 {
        lines.push(format!(
            "? {} requests of models without a price are not in the costs: `orchd prices list --help`.",
            grouped(total.unknown_cost_requests)
        ));
    }
    lines.join("\n")
}

fn heading(by: ReportBy) -> &'static str {
    match by {
        ReportBy::Daily => "day",
        ReportBy::Weekly => "week from",
        ReportBy::Monthly => "month",
        ReportBy::Session => "session",
        ReportBy::Project => "project",
        ReportBy::Model => "model",
        ReportBy::Agent => "agent",
    }
}

/// Returns a cost to the cent, or finer where that would be nothing; `?` stands where some or all of it is not known.
pub(super) fn cost(sums: &CostSums) -> String {
    let mark = if sums.unknown_cost_requests > 0 { "?" } else { "" };
    match sums.cost_usd {
        None => "?".to_owned(),
        Some(usd) if usd != 0.0 && usd.abs() < 0.1 => format!("{usd:.4}{mark}"),
        Some(usd) => format!("{usd:.2}{mark}"),
    }
}

/// Cuts a text in its middle: both ends of a path and of an id tell something.
fn cut(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect();
    if letters.len() < most {
        return letters.into_iter().collect();
    }
    // One blank keeps the columns apart, one place is the mark's.
    let kept = most.saturating_sub(2);
    let (head, tail) = (kept / 2, kept - kept / 2);
    let ends = letters[..head].iter().chain(['…'].iter()).chain(&letters[letters.len() - tail..]);
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::costs::CostQuery;
    use crate::ledger::Sums;

    fn answer() -> Answer {
        let sums = |n: i64, unknown| Sums {
            requests: n,
            input: 1_234 * n,
            output: 56 * n,
            cache_read: 7_000_000 * n,
            cache_creation: 800 * n,
            cost_nano_usd: 12_345_678 * n,
            unknown,
        };
        let rows = vec![
            ("/home/dev/a-rather-long-name/of-a-project/in-a-deep-folder/shop".to_owned(), sums(1_200, 3)),
            ("/home/dev/api".to_owned(), sums(2, 0)),
            ("/home/dev/local".to_owned(), Sums { cost_nano_usd: 0, ..sums(4, 4) }),
        ];
        Answer { timezone: "UTC".to_owned(), query: CostQuery::default(), by: ReportBy::Project, rows }
    }

    #[test]
    fn a_wide_table() {
        insta::assert_snapshot!(lines(&answer(), 130));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_the_cost_stays() {
        for width in [NARROWEST, 60, 80, 100, 120] {
            let text = lines(&answer(), width);
            let table: Vec<_> = text.lines().take(5).collect();
            assert!(table.iter().all(|line| line.chars().count() <= width), "{width}: {text}");
            assert!(table[0].ends_with("cost USD"), "{width}: {text}");
        }
    }

    #[test]
    fn names_are_cut_only_where_they_do_not_fit() {
        let days = Answer { rows: vec![("2026-11-22".to_owned(), Sums::default())], by: ReportBy::Daily, ..answer() };
        assert!(lines(&days, 120).lines().nth(1).expect("a row").starts_with("2026-11-22 "));
    }

    #[test]
    fn numbers() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        let sums = |usd, unknown| CostSums { cost_usd: usd, unknown_cost_requests: unknown, ..CostSums::default() };
        for (given, text) in [
            (sums(Some(1.005), 0), "1.00"),
            (sums(Some(0.0042), 0), "0.0042"),
            (sums(Some(0.0), 0), "0.00"),
            (sums(Some(2.5), 1), "2.50?"),
            (sums(None, 1), "?"),
        ] {
            assert_eq!(cost(&given), text);
        }
    }
}
