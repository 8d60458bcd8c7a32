//! A JSON log line as one line for people: time, level, message, then the fields.

use std::fmt::Write as _;
use std::io::IsTerminal;

use serde_json::{Map, Value};

/// Whether levels are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Escape codes around the level.
    On,
    /// Plain text.
    Off,
}

impl Colours {
    /// Returns whether stderr wants colours: a terminal that is not dumb, and no `NO_COLOR`.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self::when(std::io::stderr().is_terminal())
    }

    /// Returns whether stdout wants colours.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self::when(std::io::stdout().is_terminal())
    }

    fn when(terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("CLICOLOR").is_some_and(|value| value == "0")
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if terminal && !refused { Self::On } else { Self::Off }
    }

    /// Returns `text` in a colour (an SGR code such as `31`), or as it is.
    #[must_use]
    pub fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Off => text.to_owned(),
        }
    }
}

/// Returns the line for people, with a newline; a line that is not JSON is returned cleaned of control characters.
#[must_use]
pub fn for_people(line: &str, colours: Colours) -> String {
    let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(line) else {
        return format!("{}\n", printable(line.trim_end()));
    };
    let mut take = |key: &str| fields.remove(key).as_ref().map(plain).unwrap_or_default();
    let (at, level, message, target) = (take("timestamp"), take("level"), take("message"), take("target"));
    let span = fields.remove("span");
    // The date is in the file; a terminal is watched today.
    let time = at.get(11..19).unwrap_or(&at);
    let code = match level.as_str() {
        "ERROR" => "31",
        "WARN" => "33",
        "INFO" => "32",
        _ => "2",
    };
    let mut text = format!("{time} {} {message}", colours.paint(code, &format!("{level:<5}")));
    for (key, value) in span.as_ref().and_then(Value::as_object).into_iter().flatten().chain(&fields) {
        // Writing into a String cannot fail.
        let _ = write!(text, " {}={}", printable(key), plain(value));
    }
    if !target.is_empty() && !target.starts_with("orchd") {
        let _ = write!(text, " ({target})");
    }
    text.push('\n');
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        other => printable(&other.to_string()),
    }
}

/// Returns the text with every control character and text-direction mark escaped.
#[must_use]
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) { clean.extend(c.escape_default()) } else { clean.push(c) }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_well_and_control_characters_steer_nothing() {
        for (line, expected) in [
            (
                r#"{"timestamp":"2026-11-22T10:11:12.123456Z","level":"INFO","message":"listening","http":"x","target":"orchd::api","n":3}"#,
                "10:11:12 INFO  listening http=x n=3\n",
            ),
            (
                r#"{"timestamp":"t","level":"WARN","message":"a\nb\u001b[31m","target":"hyper","span":{"name":"s"}}"#,
                "t WARN  a\\nb\\u{1b}[31m name=s (hyper)\n",
            ),
            (r#"{"level":"INFO","message":"m","k\u001b":"\u202e\u0085"}"#, " INFO  m k\\u{1b}=\\u{202e}\\u{85}\n"),
            ("not\u{7} json\n", "not\\u{7} json\n"),
        ] {
            assert_eq!(for_people(line, Colours::Off), expected);
        }
        assert!(for_people(r#"{"level":"ERROR","message":"m"}"#, Colours::On).contains("\u{1b}[31mERROR\u{1b}[0m"));
    }
}
