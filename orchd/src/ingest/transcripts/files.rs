//! Which transcripts there are.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use shared::event::Micros;

/// Folders below `projects/` that are looked into: project, session, `subagents`, and some to spare.
const DEEPEST: usize = 6;

/// A folder of Claude Code's that holds `projects/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(pub PathBuf);

/// A transcript as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Name of the folder right below `projects/`: the project's folder with everything but letters and digits as `-`.
    pub(super) project: String,
    pub(super) bytes: u64,
    pub(super) modified_at: Micros,
    pub(super) file_id: String,
}

/// Returns where the client keeps its transcripts: `CLAUDE_CONFIG_DIR` if it is set (several with commas between them), else the
/// two places that clients have used.
#[must_use]
pub fn roots(config_dir: Option<&str>, home: Option<&Path>) -> Vec<Root> {
    let named = config_dir.unwrap_or_default().split(',').map(str::trim).filter(|dir| !dir.is_empty());
    let mut roots: Vec<_> = named.map(|dir| Root(PathBuf::from(dir))).collect();
    if roots.is_empty()
        && let Some(home) = home
    {
        roots.extend([".claude", ".config/claude"].map(|dir| Root(home.join(dir))));
    }
    roots.dedup();
    roots
}

/// Returns the transcripts below the roots, those that changed last at the end: where a session repeats another's lines, the
/// older file is read first and owns them. What cannot be read is named in `errors`.
pub(super) fn find(roots: &[Root], errors: &mut Vec<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for root in roots {
        let projects = root.0.join("projects");
        let entries = match std::fs::read_dir(&projects) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                errors.push(format!("{}: {error}", projects.display()));
                continue;
            }
        };
        for entry in entries.flatten() {
            let project = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                walk(&entry.path(), &project, 1, &mut found, errors);
            }
        }
    }
    found.sort_by(|a, b| (a.modified_at, &a.path).cmp(&(b.modified_at, &b.path)));
    found.dedup_by(|a, b| a.path == b.path);
    found
}

/// Symbolic links are not followed: they lead in circles, or to a file that is found under its own name.
fn walk(folder: &Path, project: &str, depth: usize, found: &mut Vec<Found>, errors: &mut Vec<String>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return errors.push(format!("{}: {error}", folder.display())),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth < DEEPEST {
            walk(&path, project, depth + 1, found, errors);
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "jsonl") {
            match entry.metadata() {
                Ok(metadata) => found.push(Found {
                    project: project.to_owned(),
                    bytes: metadata.len(),
                    modified_at: modified_at(&metadata),
                    file_id: file_id(&metadata),
                    path,
                }),
                Err(error) => errors.push(format!("{}: {error}", path.display())),
            }
        }
    }
}

pub(super) fn modified_at(metadata: &std::fs::Metadata) -> Micros {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}

/// Returns what tells a file apart from one that takes its name later.
#[cfg(unix)]
pub(super) fn file_id(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{:x}-{:x}", metadata.dev(), metadata.ino())
}

/// Returns nothing: here a file that was replaced is noticed by its length and its lines only.
#[cfg(not(unix))]
pub(super) fn file_id(_: &std::fs::Metadata) -> String {
    String::new()
}

/// Returns the folder that a project's name stands for, as far as `cwd` shows it: the client names a project by the folder it was
/// started in, and its `cwd` follows the shell.
pub(super) fn project_dir(project: &str, cwd: &str) -> String {
    let ancestors = Path::new(cwd).ancestors().filter_map(Path::to_str);
    let same = |dir: &&str| dir.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).eq(project.chars());
    ancestors.into_iter().find(same).unwrap_or(cwd).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_folder_that_its_name_stands_for() {
        for (project, cwd, dir) in [
            ("-home-dev-my-app", "/home/dev/my.app", "/home/dev/my.app"),
            ("-home-dev-my-app", "/home/dev/my.app/src/bin", "/home/dev/my.app"),
            ("-home-dev-app", "/elsewhere", "/elsewhere"),
            ("", "", ""),
        ] {
            assert_eq!(project_dir(project, cwd), dir, "{project} {cwd}");
        }
    }

    #[test]
    fn the_environment_names_the_roots() {
        let home = Path::new("/home/dev");
        assert_eq!(roots(Some("/a, /b"), Some(home)), [Root("/a".into()), Root("/b".into())]);
        assert_eq!(roots(Some(" "), Some(home))[0], Root("/home/dev/.claude".into()));
        assert!(roots(None, None).is_empty());
    }

    #[test]
    fn transcripts_are_found_oldest_first_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let projects = folder.path().join("projects/-p");
        std::fs::create_dir_all(projects.join("s/subagents")).expect("made");
        for (name, age) in [("new.jsonl", 1), ("s/subagents/agent-a.jsonl", 9), ("s/notes.txt", 1)] {
            let path = projects.join(name);
            std::fs::write(&path, "{}\n").expect("written");
            let file = std::fs::File::options().write(true).open(&path).expect("opens");
            file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age)).expect("aged");
        }
        let mut errors = Vec::new();
        let found = find(&[Root(folder.path().into()), Root("/nonexistent".into())], &mut errors);
        let names: Vec<_> = found.iter().filter_map(|found| found.path.file_name()?.to_str()).collect();
        assert_eq!((names, errors), (vec!["agent-a.jsonl", "new.jsonl"], Vec::new()));
        assert!(found.iter().all(|found| found.project == "-p"));
    }
}
