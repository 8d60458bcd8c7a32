//! Where transcripts lie: the client's own folders, and those that hooks tell of.

use std::io;
use std::path::{Path, PathBuf};

/// A folder of Claude Code's that holds `projects/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root(pub PathBuf);

/// Returns where the client keeps its transcripts: `CLAUDE_CONFIG_DIR` if it is set (several with commas between them), else the
/// two places that clients have used.
fn roots(config_dir: Option<&str>, home: Option<&Path>) -> Vec<Root> {
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

/// Returns where this process's environment says that the client keeps its transcripts.
#[must_use]
pub fn roots_of_environment() -> Vec<Root> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    roots(std::env::var("CLAUDE_CONFIG_DIR").ok().as_deref(), home.as_deref())
}

/// Returns the root of a session's transcript, `ROOT/projects/PROJECT/SESSION.jsonl`; None for a path of another shape.
pub(super) fn root_of(transcript: &Path) -> Option<Root> {
    let projects = transcript.parent()?.parent()?;
    let is_usual =
        transcript.is_absolute() && transcript.extension()? == "jsonl" && projects.file_name()? == "projects";
    is_usual.then(|| projects.parent().map(|root| Root(root.to_owned())))?
}

/// A folder `projects`, by its one true name: a file that is reached in two spellings is read once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Projects(pub(super) PathBuf);

impl Root {
    /// Returns its folder `projects`; `NotFound` where there is none.
    pub(super) fn projects(&self) -> io::Result<Projects> {
        let folder = self.0.join("projects").canonicalize()?;
        if folder.is_dir() { Ok(Projects(folder)) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }
}

/// Returns the folders `projects` of the roots, each once. One that is not there is none; one that cannot be looked at is named
/// in `errors`.
pub(super) fn folders(roots: &[Root], errors: &mut Vec<String>) -> Vec<Projects> {
    let mut folders = Vec::new();
    for root in roots {
        match root.projects() {
            Ok(projects) => folders.push(projects),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => errors.push(format!("{}: {error}", root.0.join("projects").display())),
        }
    }
    folders.sort();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_roots() {
        let home = Path::new("/home/dev");
        assert_eq!(roots(Some("/a, /b"), Some(home)), [Root("/a".into()), Root("/b".into())]);
        assert_eq!(roots(Some(" "), Some(home))[0], Root("/home/dev/.claude".into()));
        assert!(roots(None, None).is_empty());
    }

    #[test]
    fn a_transcript_tells_its_root() {
        for (path, root) in [
            ("/x/claude/projects/-p/s.jsonl", Some("/x/claude")),
            ("/projects/-p/s.jsonl", Some("/")),
            ("/x/claude/projects/-p/s/subagents/a.jsonl", None),
            ("/x/claude/projects/-p/s.json", None),
            ("claude/projects/-p/s.jsonl", None),
            ("/s.jsonl", None),
            ("", None),
        ] {
            assert_eq!(root_of(Path::new(path)), root.map(|root| Root(root.into())), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn two_spellings_are_one_folder_and_none_is_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(folder.path().join("a/projects")).expect("made");
        std::os::unix::fs::symlink(folder.path().join("a"), folder.path().join("b")).expect("linked");
        std::fs::write(folder.path().join("projects"), "no folder").expect("written");
        let names = ["a", "b", "a/../b", "c"].map(|name| Root(folder.path().join(name)));
        let mut errors = Vec::new();
        assert_eq!((folders(&names, &mut errors).len(), errors.len()), (1, 0));
        folders(&[Root(folder.path().to_owned())], &mut errors);
        assert!(errors.len() == 1 && errors[0].contains("projects: "), "{errors:?}");
    }
}
