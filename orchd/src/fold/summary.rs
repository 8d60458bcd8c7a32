//! The one line that says what an event is about.

use shared::payload::Scan;

/// Longest summary, in characters.
const SUMMARY_CHARS: usize = 200;
/// Longest title taken from a prompt, in characters.
const TITLE_CHARS: usize = 120;

/// Input fields that say what a tool call is about, the most telling first.
const TELLING: [&str; 14] = [
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "description",
    "url",
    "query",
    "skill",
    "subject",
    "path",
    "question",
    "name",
    "prompt",
    "message",
];

/// Returns the line for people; None when the payload holds nothing to say.
pub(super) fn summary(event: &str, payload: &Scan<'_>) -> Option<String> {
    let field = |key: &str| payload.text_so_far(key);
    let text = match event {
        "PreToolUse" | "PostToolUse" | "PermissionRequest" => return of_input(payload),
        "PostToolUseFailure" => {
            field("error").or_else(|| payload.nested("tool_input").and_then(|input| telling(&input)))
        }
        "UserPromptSubmit" => return field("prompt").and_then(|prompt| of_prompt(&prompt)),
        "UserPromptExpansion" => field("command_name"),
        "Notification" | "Elicitation" => field("message"),
        "Stop" | "SubagentStop" => field("last_assistant_message"),
        "StopFailure" => field("error_details").or_else(|| field("error")),
        "SubagentStart" => field("agent_type"),
        "SessionStart" | "ConfigChange" => field("source"),
        "SessionEnd" | "PermissionDenied" => field("reason"),
        "PreCompact" | "PostCompact" | "Setup" => field("trigger"),
        "PreModelSwitch" | "PostModelSwitch" => field("to_model"),
        "TaskCreated" | "TaskCompleted" => field("task_subject"),
        "InstructionsLoaded" | "FileChanged" => field("file_path"),
        "CwdChanged" => field("new_cwd"),
        "MessageDisplay" => field("delta"),
        _ => None,
    };
    text.and_then(|text| line(&text, SUMMARY_CHARS))
}

/// Returns the first characters of a prompt, for a title.
pub(super) fn title(prompt: &str) -> Option<String> {
    line(prompt, TITLE_CHARS)
}

/// Returns what a task notification says between `<tag>` and `</tag>`.
pub(super) fn tag<'a>(notification: &'a str, tag: &str) -> Option<&'a str> {
    let open = notification.find(&format!("<{tag}>"))? + tag.len() + 2;
    let rest = &notification[open..];
    Some(rest[..rest.find(&format!("</{tag}>"))?].trim())
}

/// Whether a summary is as long as one that was cut.
#[must_use]
pub fn may_be_cut(summary: &str) -> bool {
    // A space is not left at the end.
    summary.chars().count() >= SUMMARY_CHARS - 1
}

fn of_prompt(prompt: &str) -> Option<String> {
    let said = if prompt.starts_with(super::decode::TASK_NOTIFICATION) { tag(prompt, "summary") } else { None };
    line(said.unwrap_or(prompt), SUMMARY_CHARS)
}

fn of_input(payload: &Scan<'_>) -> Option<String> {
    let input = payload.nested("tool_input")?;
    // A command's first line says more than the start of a script pressed into one line.
    if let Some(command) = input.text_so_far("command") {
        return command.lines().find_map(|one| line(one, SUMMARY_CHARS));
    }
    telling(&input).and_then(|text| line(&text, SUMMARY_CHARS))
}

fn telling<'a>(input: &Scan<'a>) -> Option<std::borrow::Cow<'a, str>> {
    TELLING.iter().find_map(|key| input.text_so_far(key))
}

/// Returns `text` as one line of at most `chars` characters: white space pressed together, control characters gone.
pub(super) fn line(text: &str, chars: usize) -> Option<String> {
    let mut line = String::with_capacity(text.len().min(chars + 4));
    let mut left = chars;
    let mut space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            space = !line.is_empty();
        } else if !hidden(character) {
            let needed = 1 + usize::from(space);
            if needed > left {
                break;
            }
            if space {
                line.push(' ');
                space = false;
            }
            line.push(character);
            left -= needed;
        }
    }
    (!line.is_empty()).then_some(line)
}

/// Control characters, and those that turn the direction of the text around them.
fn hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, expected) in [
            ("", None),
            (" \n\t ", None),
            ("  two\n\twords  ", Some("two words")),
            ("\u{1b}[31mred\u{7}", Some("[31mred")),
            ("a\u{202e}b", Some("ab")),
            ("ärger über alles", Some("ärger über")),
        ] {
            assert_eq!(line(text, 10).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn summaries() {
        for (event, payload, expected) in [
            ("PreToolUse", r#"{"tool_input":{"description":"d","command":"\n  make\ntest"}}"#, Some("make")),
            ("PreToolUse", r#"{"tool_input":{"file_path":"/a/b.rs","content":"x"}}"#, Some("/a/b.rs")),
            ("PreToolUse", r#"{"tool_input":{"pattern":"fn main","path":"src"}}"#, Some("fn main")),
            ("PreToolUse", r#"{"tool_input":{"description":"Find it","prompt":"long"}}"#, Some("Find it")),
            ("PreToolUse", r#"{"tool_input":{"command":"cut he"#, Some("cut he")),
            ("PreToolUse", r#"{"tool_input":[1]}"#, None),
            ("PostToolUseFailure", r#"{"error":"Exit code 1\nno such file"}"#, Some("Exit code 1 no such file")),
            ("UserPromptSubmit", r#"{"prompt":"Do this.\nThen that."}"#, Some("Do this. Then that.")),
            (
                "UserPromptSubmit",
                r#"{"prompt":"<task-notification>\n<summary>Agent \"x\" finished</summary>"}"#,
                Some("Agent \"x\" finished"),
            ),
            ("SessionStart", r#"{"source":"startup"}"#, Some("startup")),
            ("SomethingNew", r#"{"message":"m"}"#, None),
        ] {
            let scan = shared::payload::scan(payload.as_bytes()).expect("an object");
            assert_eq!(summary(event, &scan).as_deref(), expected, "{event} {payload}");
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cut = line(&"ß".repeat(500), SUMMARY_CHARS).expect("not empty");
        assert_eq!(cut.chars().count(), SUMMARY_CHARS);
    }
}
