//! The line itself, pure: what is known, in, text out.

use shared::event::Micros;
use shared::plan_limits::LimitWindow;
use shared::status_line::FiguresFile;

use super::money::{dollars, spent};
use super::payload::Seen;

/// From here on a limit is worth a look, and worth a stop; basis points.
const HIGH: u32 = 8_000;
const FULL: u32 = 9_500;
/// Longest text of the daemon that is shown, in characters.
const MAX_TEXT: usize = 48;
const SEPARATOR: &str = " | ";

/// How the line may look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) colours: bool,
    /// Columns that it may take.
    pub(super) columns: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Plain,
    Dim,
    Yellow,
    Red,
}

/// One part of the line.
struct Part {
    text: String,
    colour: Colour,
    /// Where the line is too long, parts with the least go first.
    worth: u8,
}

/// Returns the line: the plan's limits first, since they are what a user with a plan runs into; then costs at list prices.
pub(super) fn line(seen: &Seen, file: Option<&FiguresFile<'_>>, now_at: Micros, look: Look) -> String {
    let file = file.filter(|file| file.is_fresh(now_at));
    let mut parts = Vec::with_capacity(8);
    let mut add = |text: String, colour, worth| parts.push(Part { text, colour, worth });
    let windows = [("5h", seen.limits.five_hour, 9), ("7d", seen.limits.seven_day, 8)];
    for (name, window, worth) in windows {
        if let Some((text, colour)) = window.and_then(|window| limit(name, window, now_at)) {
            add(text, colour, worth);
        }
    }
    if let Some(warning) = file.and_then(FiguresFile::warning) {
        add(printable(&warning), Colour::Yellow, 7);
    }
    // With a plan nobody pays these: the first of them says what they are.
    let mut label = if seen.limits.is_empty() { "" } else { "API-eq. " };
    let ledger = file.zip(seen.session_id.as_deref()).and_then(|(file, id)| file.session(id)).map(spent);
    if let Some(cost) = ledger.or_else(|| seen.cost_nano_usd.map(dollars)) {
        add(format!("{label}session {cost}"), Colour::Plain, 6);
        label = "";
    }
    if let Some(today) = file.and_then(|file| file.today(now_at)) {
        add(format!("{label}today {}", spent(today)), Colour::Plain, 5);
    }
    if let Some(saved) = file.and_then(FiguresFile::saved_nano_usd) {
        add(format!("saved {}", dollars(saved)), Colour::Plain, 4);
    }
    if let Some(model) = file.and_then(FiguresFile::local_model) {
        add(format!("local {}", printable(&model)), Colour::Plain, 3);
    }
    if file.is_none() {
        add("orchd off".to_owned(), Colour::Dim, 2);
    }
    fit(&mut parts, look.columns);
    paint(&parts, look.colours)
}

/// Returns a limit as `5h 42% (1h12m)`: used, and how long until it starts anew. One that has started anew since is not known.
fn limit(name: &str, window: LimitWindow, now_at: Micros) -> Option<(String, Colour)> {
    let used = window.used_basis_points;
    let colour = match used {
        FULL.. => Colour::Red,
        HIGH.. => Colour::Yellow,
        _ => Colour::Plain,
    };
    let percent = used.saturating_add(50) / 100;
    let text = match window.resets_at.map(|at| at.saturating_sub(now_at)) {
        Some(..=0) => return None,
        Some(left) => format!("{name} {percent}% ({})", span(left)),
        None => format!("{name} {percent}%"),
    };
    Some((text, colour))
}

/// Returns a time as `3d4h`, `1h12m` or `59m`, rounded up to the minute.
fn span(left: Micros) -> String {
    let minutes = left.saturating_add(59_999_999) / 60_000_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h{minutes:02}m"),
        (days, hours, _) => format!("{days}d{hours}h"),
    }
}

/// Returns a text of which every character takes its place and nothing else: no controls, nothing that turns the direction.
fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.chars().take(MAX_TEXT).map(shown).collect()
}

/// Columns of a text; what is not ASCII may take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Leaves parts out until the line fits; the last one stays.
fn fit(parts: &mut Vec<Part>, columns: usize) {
    let whole = |parts: &[Part]| {
        let texts: usize = parts.iter().map(|part| width(&part.text)).sum();
        texts + SEPARATOR.len() * parts.len().saturating_sub(1)
    };
    while parts.len() > 1 && whole(parts) > columns {
        let least = parts.iter().enumerate().min_by_key(|(_, part)| part.worth).map_or(0, |(at, _)| at);
        parts.remove(least);
    }
}

fn paint(parts: &[Part], colours: bool) -> String {
    let mut line = String::with_capacity(160);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            line.push_str(SEPARATOR);
        }
        let code = match part.colour {
            Colour::Dim if colours => "2",
            Colour::Yellow if colours => "33",
            Colour::Red if colours => "31",
            _ => {
                line.push_str(&part.text);
                continue;
            }
        };
        for piece in ["\x1b[", code, "m", &part.text, "\x1b[0m"] {
            line.push_str(piece);
        }
    }
    line
}

#[cfg(test)]
mod tests;
