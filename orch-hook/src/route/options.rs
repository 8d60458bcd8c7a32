//! The arguments of `route`. Pure.

use std::ffi::OsString;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Options {
    pub(super) home: Option<OsString>,
    /// The task, word by word as the shell gave it.
    pub(super) words: Vec<String>,
    pub(super) stdin: bool,
    pub(super) batch: bool,
    pub(super) json: bool,
    pub(super) explain: bool,
    pub(super) exit_code: bool,
    /// The project's folder.
    pub(super) project: String,
    pub(super) agent: Option<String>,
}

/// Who answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// We do.
    Route(Options),
    /// The argument parser: it knows what is wrong, or prints the help.
    Parser,
}

impl Options {
    pub(super) fn parse(mut args: impl Iterator<Item = OsString>) -> Asked {
        let mut options = Self::default();
        let mut project = None;
        let mut only_words = false;
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy();
            if only_words || !text.starts_with('-') || text == "-" {
                options.words.push(text.into_owned());
                continue;
            }
            match &*text {
                "--" => only_words = true,
                "--stdin" => options.stdin = true,
                "--batch" => options.batch = true,
                "--json" => options.json = true,
                "--explain" => options.explain = true,
                "--exit-code" => options.exit_code = true,
                "--home" | "--project" | "--agent" => {
                    let Some(value) = args.next() else { return Asked::Parser };
                    match &*text {
                        "--home" => options.home = Some(value),
                        "--project" => project = Some(value),
                        _ => options.agent = Some(value.to_string_lossy().into_owned()),
                    }
                }
                _ => return Asked::Parser,
            }
        }
        let here = || std::env::current_dir().unwrap_or_default().into_os_string();
        let project = project.unwrap_or_else(here);
        // As the client names folders: whole, without links.
        let whole = std::fs::canonicalize(&project).or_else(|_| std::path::absolute(&project));
        options.project = whole.map_or(project, Into::into).to_string_lossy().into_owned();
        // One way of giving the task, so that none is passed over.
        let is_clear = !options.batch || (options.words.is_empty() && !options.stdin && !options.exit_code);
        if is_clear { Asked::Route(options) } else { Asked::Parser }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Asked {
        Options::parse(args.iter().map(OsString::from))
    }

    #[test]
    fn words_and_flags_in_any_order() {
        let Asked::Route(options) = parse(&["fix", "--json", "it", "--project", "/w", "--agent", "a", "--", "--now"])
        else {
            panic!("understood");
        };
        assert_eq!((options.words.join(" ").as_str(), options.json, &*options.project), ("fix it --now", true, "/w"));
        assert_eq!(options.agent.as_deref(), Some("a"));
    }

    #[test]
    fn what_is_not_known_goes_to_the_parser() {
        for args in
            [&["--help"][..], &["-x"], &["--home"], &["--batch", "text"], &["--batch", "--exit-code"], &["--json=1"]]
        {
            assert_eq!(parse(args), Asked::Parser, "{args:?}");
        }
    }
}
