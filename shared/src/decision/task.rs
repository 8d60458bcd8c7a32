//! What is asked for, and by whom.

/// A task to decide about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Task<'a> {
    /// What is to be done, in words.
    pub text: &'a str,
    /// The project's folder; empty where it is not known.
    pub project: &'a str,
    /// The subagent that is to do it, where one is named.
    pub agent: Option<&'a str>,
    /// The tool it is handed over with: `Agent`; None for a prompt.
    pub tool: Option<&'a str>,
}

/// How prompts begin that the client writes itself.
const OWN: [&str; 6] =
    ["<task-notification>", "<system-reminder>", "<command-", "<local-command", "<bash-", "[Request interrupted"];

/// Sources of a prompt that nobody typed.
const UNTYPED: [&str; 4] = ["system", "loop_wakeup", "schedule_wakeup", "poll_event"];

/// Whether a prompt is a task: words of a person that ask for something. A task notification, a wake-up, a slash command and a line
/// for the shell are none. `source` is the client's own word for where it came from, where it gives one.
#[must_use]
pub fn asks_for_something(prompt: &str, source: Option<&str>) -> bool {
    let prompt = prompt.trim_start();
    let is_own = OWN.iter().any(|start| prompt.starts_with(start));
    let is_typed = !source.is_some_and(|source| UNTYPED.contains(&source));
    is_typed && !is_own && !is_command(prompt) && prompt.chars().any(char::is_alphanumeric)
}

/// Whether a prompt is `/a-command with arguments` (a path has more slashes), or `! a line for the shell`.
fn is_command(prompt: &str) -> bool {
    let Some(rest) = prompt.strip_prefix('/') else { return prompt.starts_with('!') };
    let name = rest.split_whitespace().next().unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ':' | '.');
    !name.is_empty() && rest.starts_with(name) && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_task() {
        for (prompt, source, expected) in [
            ("Fix the bug", None, true),
            ("Fix the bug", Some("user"), true),
            ("Fix the bug", Some("sdk"), true),
            ("  \n fix it", None, true),
            ("", None, false),
            (" \n\t", None, false),
            ("...", None, false),
            ("<task-notification>\n<task-id>a</task-id>", None, false),
            ("<system-reminder>be brief</system-reminder>", None, false),
            ("<command-name>/clear</command-name>", None, false),
            ("<div> is not closed, why?", None, true),
            ("/compact", None, false),
            ("/hello world", None, false),
            ("/plugin:review-pr 12", None, false),
            ("/home/dev/app crashes at start", None, true),
            ("/ what is that", None, true),
            ("! ls", None, false),
            ("check the queue", Some("loop_wakeup"), false),
            ("check the queue", Some("schedule_wakeup"), false),
            ("check the queue", Some("poll_event"), false),
            ("修复错误", None, true),
            ("fn main() { println!(); }", None, true),
        ] {
            assert_eq!(asks_for_something(prompt, source), expected, "{prompt:?} {source:?}");
        }
    }
}
