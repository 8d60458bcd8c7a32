//! What our handler looks like, and how it is told from everybody else's.

use jsonc_parser::cst::{CstInputValue, CstObject};

use super::profile::Registration;

/// Seconds after which Claude Code kills the hook; the hook itself is done far earlier. Also lifts SessionEnd's limit.
const TIMEOUT_S: u32 = 2;

/// The command that Claude Code shall run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handler {
    /// Absolute path of the program.
    pub command: String,
    /// Baked in as `--home` when everything lies under one folder.
    pub home: Option<String>,
}

impl Handler {
    /// Returns the handler in exec form: Claude Code starts it without a shell.
    pub(super) fn value(&self) -> CstInputValue {
        let mut args = vec!["hook".into()];
        if let Some(home) = &self.home {
            args.extend(["--home".into(), home.as_str().into()]);
        }
        CstInputValue::Object(vec![
            ("type".into(), "command".into()),
            ("command".into(), self.command.as_str().into()),
            ("args".into(), CstInputValue::Array(args)),
            ("timeout".into(), TIMEOUT_S.into()),
        ])
    }

    /// Returns the group that holds the handler of one registration.
    pub(super) fn group(&self, registration: Registration) -> CstInputValue {
        let handlers = ("hooks".to_owned(), CstInputValue::Array(vec![self.value()]));
        let matcher = registration.matcher.map(|tools| ("matcher".to_owned(), tools.into()));
        CstInputValue::Object(matcher.into_iter().chain([handlers]).collect())
    }
}

/// Whether a handler of the settings is ours: a program named `orch-hook` that is given `hook`, in either form.
pub(super) fn is_ours(handler: &CstObject) -> bool {
    let Some(value) = handler.to_serde_value() else {
        return false;
    };
    let Some(command) = value["command"].as_str() else {
        return false;
    };
    match value["args"].as_array() {
        Some(args) => is_program(command) && args.first().is_some_and(|first| first == "hook"),
        None => command.strip_suffix(" hook").is_some_and(|program| is_program(program.trim_matches(['"', '\'']))),
    }
}

/// Whether a path is by its name one of the hook's program.
pub(super) fn is_program(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    matches!(name, "orch-hook" | "orch-hook.exe")
}

#[cfg(test)]
mod tests {
    use jsonc_parser::cst::CstRootNode;

    use super::*;

    fn check(handler: &str, expected: bool) {
        let root = CstRootNode::parse(handler, &super::super::check::STRICT).expect("valid JSON");
        assert_eq!(is_ours(&root.object_value().expect("an object")), expected, "{handler}");
    }

    #[test]
    fn ours_is_told_by_program_and_argument() {
        check(r#"{"type":"command","command":"/a/orch-hook","args":["hook"],"timeout":2}"#, true);
        check(r#"{"type":"command","command":"/b c/orch-hook","args":["hook","--home","/x"]}"#, true);
        check(r#"{"type":"command","command":"C:\\x\\orch-hook.exe","args":["hook"]}"#, true);
        check(r#"{"type":"command","command":"\"/a/orch-hook\" hook"}"#, true);
        check(r#"{"type":"command","command":"/a/orch-hook","args":["statusline"]}"#, false);
        check(r#"{"type":"command","command":"/a/my-orch-hook","args":["hook"]}"#, false);
        check(r#"{"type":"command","command":"echo orch-hook hook x"}"#, false);
        check(r#"{"type":"http","url":"http://127.0.0.1/orch-hook"}"#, false);
    }
}
