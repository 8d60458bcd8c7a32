//! How much of a project is recorded.

use std::path::{Path, PathBuf};

/// A project with a rule of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRule {
    /// The project's folder, absolute; folders below it follow the rule too.
    pub dir: PathBuf,
    /// How much of it is recorded.
    pub record: Recording,
}

/// How much of a project is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recording {
    /// Events and their bodies.
    #[default]
    Full,
    /// Events without bodies, prompts and commands.
    Metadata,
    /// Nothing: its events are acknowledged and counted as dropped.
    Off,
}

impl Recording {
    /// Returns the word used in `config.toml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Metadata => "metadata",
            Self::Off => "off",
        }
    }
}

/// Returns how much of the project in `dir` is recorded: the rule of the deepest folder around it, else [`Recording::Full`].
#[must_use]
pub fn recording_of(rules: &[ProjectRule], dir: &str) -> Recording {
    rules
        .iter()
        .filter(|rule| Path::new(dir).starts_with(&rule.dir))
        .max_by_key(|rule| rule.dir.components().count())
        .map_or(Recording::Full, |rule| rule.record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_folder_decides() {
        let rule = |dir: &str, record| ProjectRule { dir: dir.into(), record };
        let rules = [
            rule("/home/dev/work", Recording::Metadata),
            rule("/home/dev/work/secret", Recording::Off),
            rule("/home/dev/work/secret/open", Recording::Full),
        ];
        for (dir, expected) in [
            ("/home/dev/other", Recording::Full),
            ("/home/dev/work", Recording::Metadata),
            ("/home/dev/workshop", Recording::Full),
            ("/home/dev/work/app/src", Recording::Metadata),
            ("/home/dev/work/secret/", Recording::Off),
            ("/home/dev/work/secret/open/x", Recording::Full),
            ("", Recording::Full),
        ] {
            assert_eq!(recording_of(&rules, dir), expected, "{dir}");
        }
    }
}
