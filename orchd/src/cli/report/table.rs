//! A table as wide as the terminal: narrow ones leave columns of tokens out, and cut long names in their middle.

use std::io::IsTerminal;

use super::Answer;
use crate::cli::args::ReportBy;
use crate::command::number::{counted, grouped};
use crate::logging::line::printable;
use crate::view::CostSums;

/// Width where nobody says how wide the terminal is: a file or a pipe.
const WIDE: usize = 120;
/// Narrowest width that is served.
const NARROWEST: usize = 40;
/// Narrowest and widest column of names.
const NAME: std::ops::RangeInclusive<usize> = 12..=44;
/// Width that a name gives up before a column is left out.
const SHORT: usize = 20;
/// Heading and cell; the cell of a cost is written with so many decimals.
type Column = (&'static str, fn(&CostSums, usize) -> String);
const COLUMNS: [Column; 6] = [
    ("requests", |sums, _| grouped(sums.requests)),
    ("input", |sums, _| grouped(sums.input_tokens)),
    ("output", |sums, _| grouped(sums.output_tokens)),
    ("cache write", |sums, _| grouped(sums.cache_creation_input_tokens)),
    ("cache read", |sums, _| grouped(sums.cache_read_input_tokens)),
    ("cost USD", cost),
];
/// Columns by what is left out first where there is no room.
const SPARE: [usize; 5] = [0, 1, 3, 4, 2];
/// Decimals of costs, and of those of which some would be nothing in cents.
const CENTS: usize = 2;
const FINER: usize = 4;

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
    let sums: Vec<&CostSums> = rows.iter().map(|row| &row.sums).chain([&total]).collect();
    let decimals = if sums.iter().any(|sums| is_small(sums)) { FINER } else { CENTS };
    // Two blanks keep the columns apart.
    let widths = COLUMNS.map(|(name, cell)| {
        let longest = sums.iter().map(|sums| cell(sums, decimals).len()).max().unwrap_or(0);
        longest.max(name.len()) + 2
    });
    let keys: Vec<String> = rows.iter().map(|row| printable(&row.key)).collect();
    let longest = keys.iter().map(|key| key.chars().count()).max().unwrap_or(0).max(heading(answer.by).len());
    let wanted = (longest + 1).clamp(*NAME.start(), *NAME.end());
    let mut shown: Vec<usize> = (0..COLUMNS.len()).collect();
    let taken = |shown: &[usize]| shown.iter().map(|&column| widths[column]).sum::<usize>();
    let mut left_out = Vec::new();
    for spare in SPARE {
        if wanted.min(SHORT) + taken(&shown) > width {
            shown.retain(|&column| column != spare);
            left_out.push(COLUMNS[spare].0);
        }
    }
    let name = wanted.min(width.saturating_sub(taken(&shown))).max(8);
    let line = |key: &str, cell: &dyn Fn(usize) -> String| {
        shown.iter().fold(format!("{:<name$}", cut(key, name)), |line, &column| {
            let width = widths[column];
            format!("{line}{:>width$}", cell(column))
        })
    };
    let mut lines = vec![line(heading(answer.by), &|column| COLUMNS[column].0.to_owned())];
    lines.extend(rows.iter().zip(&keys).map(|(row, key)| line(key, &|column| COLUMNS[column].1(&row.sums, decimals))));
    lines.push(line("total", &|column| COLUMNS[column].1(&total, decimals)));
    lines.push(String::new());
    if !left_out.is_empty() {
        lines.push(format!("No room for {}: a wider terminal, --csv and --json show all.", left_out.join(", ")));
    }
    lines.push(format!(
        "API-equivalent cost at list prices, days in {}. A subscription's invoice is another.",
        answer.timezone
    ));
    if total.unknown_cost_requests > 0 {
        let are = if total.unknown_cost_requests == 1 { "is" } else { "are" };
        lines.push(format!(
            "? {} {are} not in the costs: the price of all or of a part of what they used is not known (`orchd prices list --help`).",
            counted(total.unknown_cost_requests, "request")
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

/// Returns a cost with so many decimals; `?` stands where some or all of it is not known.
fn cost(sums: &CostSums, decimals: usize) -> String {
    let mark = if sums.unknown_cost_requests > 0 { "?" } else { "" };
    sums.cost_usd.map_or_else(|| "?".to_owned(), |usd| format!("{}{mark}", dollars(usd, decimals)))
}

/// Whether a cost would be nothing, or nearly so, in cents.
fn is_small(sums: &CostSums) -> bool {
    sums.cost_usd.is_some_and(|usd| usd > 0.0 && usd < 0.1)
}

/// Writes dollars with so many decimals and commas between the thousands; what would look like nothing and is more as `<0.0001`.
pub(super) fn dollars(usd: f64, decimals: usize) -> String {
    let text = format!("{usd:.decimals$}");
    if usd > 0.0 && !text.contains(|digit| matches!(digit, '1'..='9')) {
        return format!("<0.{:0>decimals$}", 1);
    }
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    whole.parse::<i64>().map_or_else(|_| text.clone(), |whole| format!("{}.{rest}", grouped(whole)))
}

/// Cuts a text in its middle: both ends of a path and of an id tell something.
fn cut(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
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
    fn cells_never_touch_a_name_gives_way_first_and_what_is_left_out_is_said() {
        let large = Sums { requests: 1, input: 2_020_000_000_000, output: 2_000_000_000_000, ..Sums::default() };
        let tiny = Sums { requests: 1, cost_nano_usd: 24_000, ..Sums::default() };
        let key = "/home/dev/\u{202e}a-long-name/".to_owned() + &"deep/".repeat(30);
        let answer = Answer { rows: vec![(key, large), ("\u{1b}[31mred".to_owned(), tiny)], ..answer() };
        let text = lines(&answer, 103);
        let table: Vec<_> = text.lines().take(3).collect();
        assert_eq!(
            table,
            [
                "project               requests              input             output  cache write  cache read  cost USD",
                "/home/dev…eep/deep/          1  2,020,000,000,000  2,000,000,000,000            0           0    0.0000",
                "\\u{1b}[31mred                1                  0                  0            0           0   <0.0001",
            ]
        );
        assert!(lines(&answer, 60).contains("No room for requests, input"));
    }

    #[test]
    fn names_are_cut_only_where_they_do_not_fit() {
        let days = Answer { rows: vec![("2026-11-22".to_owned(), Sums::default())], by: ReportBy::Daily, ..answer() };
        assert!(lines(&days, 120).lines().nth(1).expect("a row").starts_with("2026-11-22 "));
    }

    #[test]
    fn numbers() {
        let sums = |usd, unknown| CostSums { cost_usd: usd, unknown_cost_requests: unknown, ..CostSums::default() };
        for (given, decimals, text) in [
            (sums(Some(1.005), 0), CENTS, "1.00"),
            (sums(Some(0.0042), 0), FINER, "0.0042"),
            (sums(Some(0.000_024), 0), FINER, "<0.0001"),
            (sums(Some(0.0), 0), CENTS, "0.00"),
            (sums(Some(2.5), 1), CENTS, "2.50?"),
            (sums(Some(1_234_567.891), 0), FINER, "1,234,567.8910"),
            (sums(None, 1), CENTS, "?"),
        ] {
            assert_eq!(cost(&given, decimals), text);
        }
    }
}
