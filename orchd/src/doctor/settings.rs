//! Claude Code's settings files: where they are, which hooks of ours they hold, and what in them turns hooks off.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Check;

/// One hook of ours in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookEntry {
    /// The event it is on.
    pub(crate) event: String,
    /// The program it names.
    pub(crate) program: PathBuf,
    /// What follows `--home`.
    pub(crate) home: Option<PathBuf>,
}

/// Returns the folder of the user's settings.
pub(crate) fn user_dir() -> Option<PathBuf> {
    let set = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".claude")))
}

fn managed_file() -> PathBuf {
    PathBuf::from(if cfg!(target_os = "macos") {
        "/Library/Application Support/ClaudeCode/managed-settings.json"
    } else if cfg!(windows) {
        r"C:\Program Files\ClaudeCode\managed-settings.json"
    } else {
        "/etc/claude-code/managed-settings.json"
    })
}

/// Returns the settings of a file: `Ok(None)` when it is not there.
pub(crate) fn read(file: &Path) -> Result<Option<Value>, String> {
    match std::fs::read_to_string(file) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => {
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map(Some).map_err(|error| error.to_string())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns the hooks in the settings that run `orch-hook`.
pub(crate) fn our_hooks(settings: &Value) -> Vec<HookEntry> {
    let events = settings.get("hooks").and_then(Value::as_object).into_iter().flatten();
    let mut found = Vec::new();
    for (event, groups) in events {
        let groups = groups.as_array().into_iter().flatten();
        let handlers = groups.filter_map(|group| group.get("hooks")?.as_array()).flatten();
        for handler in handlers {
            let words = words_of(handler);
            let Some((program, rest)) = words.split_first() else { continue };
            let program = PathBuf::from(program);
            if program.file_stem().is_none_or(|stem| stem != "orch-hook") {
                continue;
            }
            found.push(HookEntry { event: event.clone(), program, home: home_of(rest) });
        }
    }
    found
}

/// Returns the words of a handler: exec form has `args`, shell form only a line.
fn words_of(handler: &Value) -> Vec<String> {
    let Some(command) = handler.get("command").and_then(Value::as_str) else { return Vec::new() };
    match handler.get("args").and_then(Value::as_array) {
        Some(args) => {
            let args = args.iter().filter_map(Value::as_str).map(str::to_owned);
            std::iter::once(command.to_owned()).chain(args).collect()
        }
        None => split(command),
    }
}

/// Splits a simple shell line: blanks between words, single and double quotes around them, no expansion.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn home_of(args: &[String]) -> Option<PathBuf> {
    args.iter().enumerate().find_map(|(at, arg)| match arg.strip_prefix("--home") {
        Some("") => args.get(at + 1).map(PathBuf::from),
        Some(rest) => rest.strip_prefix('=').map(PathBuf::from),
        None => None,
    })
}

/// Returns what in the settings of user, project and administrator keeps hooks from running.
pub(crate) fn overrides() -> Vec<Check> {
    const NAME: &str = "settings";
    let mut checks = Vec::new();
    let project = std::env::current_dir().unwrap_or_default().join(".claude");
    let user = user_dir().map(|dir| dir.join("settings.json"));
    for file in user.into_iter().chain([project.join("settings.json"), project.join("settings.local.json")]) {
        match read(&file) {
            Ok(settings) => checks.extend(settings.and_then(|settings| disabled(&settings, &file))),
            Err(error) => checks.push(Check::fail(
                NAME,
                format!("{} cannot be read: {error}", file.display()),
                "repair it; Claude Code ignores the whole file",
            )),
        }
    }
    let managed = managed_file();
    if let Ok(Some(settings)) = read(&managed) {
        let only_managed = settings.get("allowManagedHooksOnly").and_then(Value::as_bool) == Some(true);
        checks.extend(disabled(&settings, &managed));
        if only_managed {
            let message = format!("{} allows only the administrator's hooks", managed.display());
            checks.push(Check::fail(NAME, message, "ask your administrator to allow orch-hook"));
        }
    }
    if let Some(dir) = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()) {
        let message = format!("CLAUDE_CONFIG_DIR is {}; sessions without it use ~/.claude", Path::new(&dir).display());
        checks.push(Check::warn(NAME, message, "run orchd up once with and once without it"));
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, "nothing turns hooks off"));
    }
    checks
}

fn disabled(settings: &Value, file: &Path) -> Option<Check> {
    let off = settings.get("disableAllHooks").and_then(Value::as_bool) == Some(true);
    let message = format!("disableAllHooks is set in {}", file.display());
    off.then(|| Check::fail("settings", message, "set disableAllHooks to false there"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn our_hooks_are_found_in_both_forms_and_others_are_not() {
        let settings = json!({"hooks": {
            "Stop": [{"hooks": [
                {"type": "command", "command": "/d/bin/orch-hook", "args": ["hook", "--home", "/x y"], "timeout": 2},
                {"type": "command", "command": "notify-send done"},
                {"type": "http", "url": "http://127.0.0.1"},
            ]}],
            "PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "'/d e/orch-hook' hook --home=\"/x y\""}]}],
            "Broken": 7,
        }});
        let entry = |event: &str, program: &str| HookEntry {
            event: event.into(),
            program: program.into(),
            home: Some("/x y".into()),
        };
        let mut found = our_hooks(&settings);
        found.sort_by(|a, b| a.event.cmp(&b.event));
        assert_eq!(found, [entry("PreToolUse", "/d e/orch-hook"), entry("Stop", "/d/bin/orch-hook")]);
        assert_eq!(our_hooks(&json!([])), []);
    }

    #[test]
    fn a_switch_that_turns_all_hooks_off_is_found() {
        let file = Path::new("/s.json");
        assert!(disabled(&json!({"disableAllHooks": true}), file).is_some());
        assert!(disabled(&json!({"disableAllHooks": false, "hooks": {}}), file).is_none());
    }
}
