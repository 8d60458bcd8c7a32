//! Whether somebody chose the model of a subagent: in its own file, or for all of them. Files that cannot be understood count as chosen:
//! what a person laid down is never overridden by a guess.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The subagent of the client's own that runs on the session's model.
const BUILT_IN: &str = "general-purpose";
/// Set by a user who wants one model for all subagents.
const MODEL_VARIABLE: &str = "CLAUDE_CODE_SUBAGENT_MODEL";
/// Files that are looked at in one folder; with more of them nothing is steered.
const MOST_FILES: usize = 200;
/// Bytes of a file that hold what stands before its text.
const HEAD_BYTES: u64 = 8 << 10;
/// Folders above the project in which the client looks too.
const MOST_FOLDERS: usize = 32;

/// Whether a model was chosen for a subagent, or nobody can tell. Reads the folders that the client reads.
pub(super) fn model_is_chosen(agent: &str, project: &str, cwd: &Path) -> bool {
    if std::env::var_os(MODEL_VARIABLE).is_some_and(|model| !model.is_empty()) {
        return true;
    }
    let found: Option<Vec<Declared>> =
        folders(project, cwd).iter().map(|folder| declared(folder)).collect::<Option<Vec<_>>>().map(|all| all.concat());
    let Some(found) = found else { return true };
    let mut own = found.iter().filter(|declared| declared.name == agent).peekable();
    // Neither ours to know nor the user's: a plugin's, or one of the command line.
    if own.peek().is_none() {
        return agent != BUILT_IN;
    }
    own.any(|declared| declared.model.is_some())
}

fn folders(project: &str, cwd: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for start in [Path::new(project), cwd] {
        folders.extend(start.ancestors().take(MOST_FOLDERS).map(|dir| dir.join(".claude/agents")));
    }
    let set = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    folders.extend(set.or_else(|| Some(std::env::home_dir()?.join(".claude"))).map(|dir| dir.join("agents")));
    folders.sort();
    folders.dedup();
    folders
}

/// What stands at the top of an agent's file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    name: String,
    model: Option<String>,
}

/// Returns the agents of a folder; None when it cannot be told.
fn declared(folder: &Path) -> Option<Vec<Declared>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Some(Vec::new()),
        Err(_) => return None,
    };
    let mut agents = Vec::new();
    for (count, entry) in entries.enumerate() {
        let path = entry.ok()?.path();
        let is_text = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        // Links are followed, as the client does.
        let found = std::fs::metadata(&path);
        // Folders of agents are the client's to search; who keeps them gets nothing steered.
        if count >= MOST_FILES || found.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
            return None;
        }
        if is_text {
            // What is no file must not make us wait.
            found.ok().filter(std::fs::Metadata::is_file)?;
            agents.push(head(&path)?);
        }
    }
    Some(agents)
}

fn head(path: &Path) -> Option<Declared> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    // The end may stand inside a character.
    parse(&String::from_utf8_lossy(&bytes), path.file_stem()?.to_str()?)
}

/// Returns what the lines between the first two `---` say, as far as they are plain: names in the first column, each with its value.
/// None where anything else could be a choice. Any model but the session's own is one.
fn parse(text: &str, stem: &str) -> Option<Declared> {
    let mut declared = Declared { name: stem.to_owned(), model: None };
    let mut lines = text.trim_start_matches('\u{feff}').lines().skip_while(|line| line.trim().is_empty());
    if lines.next().is_none_or(|line| line.trim_end() != "---") {
        return (!text.contains("model")).then_some(declared);
    }
    for line in lines {
        if line.trim_end() == "---" {
            return Some(declared);
        }
        // What belongs to the line above, or says nothing.
        if line.starts_with([' ', '\t', '#', '-']) || line.trim().is_empty() {
            continue;
        }
        let (key, value) = line.split_once(':').filter(|(key, _)| is_plain(key))?;
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        match key {
            "name" if value.is_empty() || value.starts_with(['|', '>', '&', '*', '!']) => return None,
            "name" => value.clone_into(&mut declared.name),
            "model" if value != "inherit" => declared.model = Some(value.to_owned()),
            _ => {}
        }
    }
    // It does not end within what is read.
    None
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_top() {
        for (text, expected) in [
            ("---\nname: explorer\nmodel: haiku\n---\nYou look.", Some(("explorer", Some("haiku")))),
            ("---\nname: \"explorer\"\nmodel: 'opus' # dear\n---", Some(("explorer", Some("opus")))),
            ("---\nname: explorer\nmodel: inherit\n---", Some(("explorer", None))),
            ("---\nname: explorer\nmodel:\n---", Some(("explorer", Some("")))),
            ("---\r\nname: explorer\r\nmodel: haiku\r\n---\r\n", Some(("explorer", Some("haiku")))),
            ("\n\n---\nname: explorer\nmodel: haiku\n---", Some(("explorer", Some("haiku")))),
            (
                "---\nname: explorer\ndescription: |\n  name: other\n  model: x\ntools:\n- Read\n---",
                Some(("explorer", None)),
            ),
            ("---\ndescription: x\n---\nmodel: haiku", Some(("stem", None))),
            ("No head.", Some(("stem", None))),
            ("", Some(("stem", None))),
            ("No head.\nmodel: haiku", None),
            ("---\nname: explorer\nmodel: haiku", None),
            ("---\r\rmodel: opus\r---", None),
            ("---\n{name: explorer, model: opus}\n---", None),
            ("---\n? model\n: opus\n---", None),
            ("---\n\"model\": opus\n---", None),
            ("---\nname: |\n  explorer\n---", None),
        ] {
            let expected =
                expected.map(|(name, model)| Declared { name: name.into(), model: model.map(str::to_owned) });
            assert_eq!(parse(text, "stem"), expected, "{text:?}");
        }
    }

    #[test]
    fn files_of_the_project_and_above_count() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let agents = folder.path().join("app/.claude/agents");
        std::fs::create_dir_all(&agents).expect("made");
        let write = |name: &str, text: &str| std::fs::write(agents.join(name), text).expect("written");
        write("fast.md", "---\nname: fast\nmodel: haiku\n---");
        write("plain.md", "---\nname: plain\n---");
        write("notes.txt", "model: x");
        let below = folder.path().join("app/src");
        let project = below.to_str().expect("UTF-8");
        for (agent, expected) in
            [("fast", true), ("plain", false), ("general-purpose", false), ("unknown", true), ("plugin:x", true)]
        {
            assert_eq!(model_is_chosen(agent, project, Path::new("/")), expected, "{agent}");
        }
        write("general.md", "---\nname: general-purpose\nmodel: opus\n---");
        assert!(model_is_chosen("general-purpose", "/", &below));
        write("cut.MD", "---\nname: plain\nmodel: opus\n---");
        assert!(model_is_chosen("plain", project, Path::new("/")));
        std::fs::remove_file(agents.join("cut.MD")).expect("removed");
        assert!(!model_is_chosen("plain", project, Path::new("/")));
        std::os::unix::fs::symlink(folder.path(), agents.join("team")).expect("made");
        assert!(model_is_chosen("plain", project, Path::new("/")), "what lies deeper is not known");
    }
}
