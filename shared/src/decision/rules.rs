//! What the user laid down: tasks that always go one way, and paths that keep a task in one place.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pattern::{matches, may_stand_in, stands_in};
use super::{Route, Task};

/// Tasks that always go one way. Every condition that is given must hold; the first rule that holds counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Where to.
    pub route: Route,
    /// The project's folder, or one above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The subagent's name; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Words that stand in the task; `*` stands for anything between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The tool that it is handed over with; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

impl Rule {
    pub(super) fn holds(&self, task: &Task<'_>) -> bool {
        let named = |pattern: &Option<String>, name: Option<&str>| {
            pattern.as_deref().is_none_or(|pattern| name.is_some_and(|name| matches(pattern, name)))
        };
        self.project.as_deref().is_none_or(|dir| is_in(task.project, dir))
            && named(&self.agent, task.agent)
            && named(&self.tool, task.tool)
            && self.pattern.as_deref().is_none_or(|pattern| stands_in(pattern, task.text))
    }

    /// Returns the rule in words.
    pub(super) fn words(&self) -> String {
        let conditions =
            [("project", &self.project), ("agent", &self.agent), ("pattern", &self.pattern), ("tool", &self.tool)];
        let given = conditions.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_deref()?)));
        given.collect::<Vec<_>>().join(", ")
    }
}

/// Paths whose tasks stay in one place: on this machine for privacy, or with Claude.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SensitivePath {
    /// The path; `*` stands for anything, slashes too.
    pub path: String,
    /// Where its tasks stay.
    pub route: Route,
}

/// Characters around a path in a sentence that are no part of it.
const AROUND: [char; 16] = ['`', '"', '\'', '(', ')', '[', ']', '{', '}', '<', '>', ',', ';', ':', '@', '!'];

impl SensitivePath {
    /// Whether the task names such a path, or its project lies there. `home` is what `~` stands for.
    pub(super) fn holds(&self, task: &Task<'_>, home: Option<&str>) -> bool {
        let lies_there = |path: &str| matches(&self.path, path) || is_in(path, &self.path);
        // A name in a sentence is told from the project's folder, and may be that of a folder itself.
        let is_one = |word: &str| {
            let named = path_of(word);
            let from_home = if named == "~" { Some("") } else { named.strip_prefix("~/") };
            let (from, rest) = from_home.zip(home).map_or((task.project, named), |(rest, home)| (home, rest));
            let from_there = format!("{from}/{rest}/");
            !named.is_empty()
                && (lies_there(named) || lies_there(&from_there) || lies_there(from_there.trim_end_matches('/')))
        };
        let from_home = || home.is_some_and(|home| lies_there(home) || self.may_be_told_from(home, task.text));
        let is_named = || {
            let may_be = may_stand_in(&self.path, task.text)
                || self.may_be_told_from(task.project, task.text)
                || task.text.contains('~') && from_home();
            may_be && task.text.split_whitespace().any(is_one)
        };
        !task.project.is_empty() && lies_there(task.project) || is_named()
    }

    /// Whether the text may name a path as it is seen from a folder: the rest of the path stands in it, or what the path says may be
    /// the folder's part already. Spares most texts a look at each word.
    fn may_be_told_from(&self, folder: &str, text: &str) -> bool {
        match self.path.strip_prefix(folder.trim_end_matches('/')) {
            Some(rest) if rest.starts_with('/') => may_stand_in(rest, text),
            _ => self.path.contains('*') && may_stand_in(&self.path, folder),
        }
    }
}

/// Returns the path in a word of a sentence: without what stands around it, and without the line behind it.
fn path_of(word: &str) -> &str {
    let path =
        word.trim_start_matches(AROUND).trim_end_matches(|last| AROUND.contains(&last) || matches!(last, '.' | '?'));
    let line = path.rsplit_once(':').filter(|(_, line)| line.bytes().all(|digit| digit.is_ascii_digit()));
    line.map_or(path, |(path, _)| path)
}

/// Whether a folder is another or lies in it. Between whole names: `/work` does not hold `/workshop`.
#[must_use]
pub fn is_in(dir: &str, above: &str) -> bool {
    !above.is_empty() && Path::new(dir).starts_with(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_conditions_of_a_rule_must_hold() {
        let task =
            Task { text: "Write a commit message", project: "/w/app/src", agent: Some("Explore"), tool: Some("Agent") };
        let rule = Rule { route: Route::Local, project: None, agent: None, pattern: None, tool: None };
        let text = |text: &str| Some(text.to_owned());
        for (rule, expected) in [
            (Rule { project: text("/w/app"), ..rule.clone() }, true),
            (Rule { project: text("/w/app/"), ..rule.clone() }, true),
            (Rule { project: text("/w/ap"), ..rule.clone() }, false),
            (Rule { agent: text("exp*"), ..rule.clone() }, true),
            (Rule { agent: text("plan"), ..rule.clone() }, false),
            (Rule { tool: text("Agent"), ..rule.clone() }, true),
            (Rule { pattern: text("commit*message"), ..rule.clone() }, true),
            (Rule { pattern: text("commit"), agent: text("plan"), ..rule.clone() }, false),
        ] {
            assert_eq!(rule.holds(&task), expected, "{rule:?}");
        }
        let prompt = Task { agent: None, tool: None, ..task };
        assert!(!Rule { agent: text("*"), ..rule }.holds(&prompt));
    }

    #[test]
    fn paths_are_found_in_sentences() {
        let rule = SensitivePath { path: "*/secrets/*".into(), route: Route::Local };
        for (text, expected) in [
            ("read conf/secrets/prod.env", true),
            ("read `./secrets/prod.env`, please", true),
            ("(app/secrets/a)", true),
            ("(see app/secrets/a).", true),
            ("app/secrets/a.rs:12: fails", true),
            ("read secrets/key.txt", true),
            ("look into app/secrets", true),
            ("tell me a secret", false),
            ("", false),
        ] {
            assert_eq!(rule.holds(&Task { text, ..Task::default() }, None), expected, "{text}");
        }
        assert!(rule.holds(&Task { text: "fix it", project: "/w/secrets/app", ..Task::default() }, None));
        let dir = SensitivePath { path: "/w/clients".into(), route: Route::Claude };
        assert!(dir.holds(&Task { text: "fix it", project: "/w/clients/a", ..Task::default() }, None));
        assert!(dir.holds(&Task { text: "read /w/clients/a.txt", ..Task::default() }, None));
        assert!(!dir.holds(&Task { text: "read /w/clientship", project: "/w", ..Task::default() }, None));
    }

    #[test]
    fn paths_are_told_from_home_and_from_the_project() {
        let holds = |path: &str, text: &str, project: &str, home: Option<&str>| {
            SensitivePath { path: path.into(), route: Route::Local }
                .holds(&Task { text, project, ..Task::default() }, home)
        };
        let home = Some("/home/christopher");
        for (path, text, expected) in [
            ("/home/christopher/clients", "read ~/clients/a.txt", true),
            ("/home/christopher/clients", "read `~/clients`", true),
            ("/home/christopher/clients", "read ~/client", false),
            ("/home/christopher/clients", "read clients/a.txt", false),
            ("/home/christopher", "look through ~", true),
            ("/home", "look through ~/.", true),
            ("/home/christopher/*/keys", "read ~/app/keys", true),
            ("secrets", "read ~/secrets/a", false),
        ] {
            assert_eq!(holds(path, text, "/p", home), expected, "{path} {text}");
            assert!(!holds(path, text, "/p", None), "{path} {text}");
        }
        for (path, text, expected) in [
            ("/w/longprojectname/sec", "read sec/a", true),
            ("/w/longprojectname/*/sec", "read app/sec", true),
            ("/w/longprojectname/sec", "read second", false),
        ] {
            assert_eq!(holds(path, text, "/w/longprojectname", None), expected, "{path} {text}");
        }
    }
}
