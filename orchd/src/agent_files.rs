//! The user's own subagents: names and descriptions out of `.claude/agents/*.md`. Read leniently and within limits; nothing is stored.

use std::io::Read;
use std::path::{Path, PathBuf};

/// Files that are looked at in one folder.
const MOST_FILES: usize = 200;
/// Bytes of a file that are read: what says who it is stands at its start.
const MOST_BYTES: u64 = 16 * 1024;
/// Longest name, in characters.
const NAME_CHARS: usize = 128;
/// Longest description, in characters.
const DESCRIPTION_CHARS: usize = 500;

/// One subagent that the user defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFile {
    /// Its name, by which it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// Returns the folders of the user's own subagents: of each `CLAUDE_CONFIG_DIR`, else of `~/.claude`.
#[must_use]
pub fn user_folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let named = std::env::var("CLAUDE_CONFIG_DIR").unwrap_or_default();
    let named: Vec<_> = named.split(',').map(str::trim).filter(|dir| !dir.is_empty()).map(PathBuf::from).collect();
    let usual = || home.map(|home| home.join(".claude")).into_iter().collect();
    let roots = if named.is_empty() { usual() } else { named };
    roots.into_iter().map(|root| root.join("agents")).collect()
}

/// Returns the folder of a project's subagents.
#[must_use]
pub fn project_folder(project_dir: &str) -> PathBuf {
    Path::new(project_dir).join(".claude").join("agents")
}

/// Reads the subagents of a folder, by name. What cannot be read is left out.
#[must_use]
pub fn read_folder(folder: &Path) -> Vec<AgentFile> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).take(MOST_FILES);
    let mut agents: Vec<_> = files.filter_map(|path| read(&path)).collect();
    agents.sort_by(|a, b| a.name.cmp(&b.name));
    agents
}

fn read(path: &Path) -> Option<AgentFile> {
    // A pipe or a device would not end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    parse(&String::from_utf8_lossy(&bytes), &path.file_stem()?.to_string_lossy())
}

/// Returns what the front matter says; a file that names nobody is called like the file. None without front matter.
fn parse(text: &str, file_name: &str) -> Option<AgentFile> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines.take_while(|line| line.trim_end() != "---") {
        let is_more = line.starts_with([' ', '\t']);
        match (line.split_once(':'), fields.last_mut()) {
            // A value goes on in lines that are set in.
            (_, Some((_, value))) if is_more => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (Some((key, value)), _) if !is_more => fields.push((key.trim().to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    let field = |key: &str, chars: usize| {
        let (_, value) = fields.iter().find(|(name, _)| name == key)?;
        let value = value.trim_start_matches(['|', '>', '-']).trim();
        let bare = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        let plain = bare.unwrap_or(value).replace("\\n", " ");
        let text: String = plain.chars().filter(|letter| !letter.is_control()).take(chars).collect();
        (!text.is_empty()).then_some(text)
    };
    Some(AgentFile {
        name: field("name", NAME_CHARS).unwrap_or_else(|| file_name.chars().take(NAME_CHARS).collect()),
        description: field("description", DESCRIPTION_CHARS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_read_leniently() {
        let agent = |name: &str, description: Option<&str>| {
            Some(AgentFile { name: name.into(), description: description.map(Into::into) })
        };
        for (text, expected) in [
            (
                "---\nname: reviewer\ndescription: Reviews: all\nmodel: haiku\n---\nYou ...",
                agent("reviewer", Some("Reviews: all")),
            ),
            ("---\r\nname: \"a b\"\r\ndescription: >\r\n  two\r\n  lines\r\n---\r\n", agent("a b", Some("two lines"))),
            ("---\ntools: Read\n---", agent("file", None)),
            ("---\nname:\n---", agent("file", None)),
            ("---\nname: unended", agent("unended", None)),
            ("# No front matter\nname: x", None),
            ("", None),
        ] {
            assert_eq!(parse(text, "file"), expected, "{text:?}");
        }
        assert_eq!(
            parse(&format!("---\ndescription: {}\n---", "\u{e4}".repeat(900)), "f")
                .and_then(|agent| agent.description)
                .map(|text| text.chars().count()),
            Some(500)
        );
    }

    #[test]
    fn a_folder_is_read_by_name_and_what_is_no_agent_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("b.md", "---\nname: b\n---"),
            ("a.md", "---\nname: a\n---"),
            ("c.txt", "---\nname: c\n---"),
            ("d.md", "plain"),
        ] {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        std::fs::create_dir(folder.path().join("e.md")).expect("made");
        let names: Vec<_> = read_folder(folder.path()).into_iter().map(|agent| agent.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(read_folder(&folder.path().join("nowhere")), []);
    }
}
