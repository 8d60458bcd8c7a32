//! Which transcripts there are.

use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use shared::event::Micros;

use super::roots::{Projects, Root, folders};

/// Folders below `projects/` that are looked into: project, session, `subagents`, and some to spare.
const DEEPEST: usize = 16;

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

/// Transcripts, those that changed last at the end: where a session repeats another's lines, the older file is read first and
/// owns them.
#[derive(Debug, Default)]
pub struct Transcripts {
    pub(super) files: Vec<Found>,
    /// What could not be looked at, by name.
    pub(super) errors: Vec<String>,
}

impl Transcripts {
    /// Finds all that lie below the roots.
    #[must_use]
    pub fn of_roots(roots: &[Root]) -> Self {
        let mut errors = Vec::new();
        let folders = folders(roots, &mut errors);
        let mut found = Self::below(&folders);
        errors.append(&mut found.errors);
        Self { errors, ..found }
    }

    /// Returns their size.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|found| found.bytes).sum()
    }

    /// Finds all that lie below these folders.
    pub(super) fn below(folders: &[Projects]) -> Self {
        let mut found = Self::default();
        for Projects(folder) in folders {
            found.walk(folder, None, 0);
        }
        found.in_order()
    }

    /// Looks at these paths only: files, and folders with all that lies below them. Paths outside of `folders`, and what is
    /// gone, are nothing.
    pub(super) fn at<'a>(folders: &[Projects], paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut found = Self::default();
        for path in paths {
            let Some(inner) = folders.iter().find_map(|Projects(folder)| path.strip_prefix(folder).ok()) else {
                continue;
            };
            let depth = inner.components().count();
            let Some(project) = inner.components().next().filter(|_| depth <= DEEPEST) else { continue };
            let project = project.as_os_str().to_string_lossy().into_owned();
            match std::fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_dir() => found.walk(path, Some(&project), depth),
                Ok(metadata) if depth > 1 => found.file(path.clone(), &project, &metadata),
                _ => {}
            }
        }
        found.in_order()
    }

    fn in_order(mut self) -> Self {
        self.files.sort_by(|a, b| (a.modified_at, &a.path).cmp(&(b.modified_at, &b.path)));
        self.files.dedup_by(|a, b| a.path == b.path);
        self
    }

    /// Symbolic links are not followed: they lead in circles, or to a file that is found under its own name.
    fn walk(&mut self, folder: &Path, project: Option<&str>, depth: usize) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, &error),
        };
        for entry in entries.flatten() {
            let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
            let name = entry.file_name();
            let project = project.map_or_else(|| name.to_string_lossy(), Into::into);
            if kind.is_symlink() {
                self.refuse(&path, &"a link, which is not followed");
            } else if kind.is_dir() && depth < DEEPEST {
                self.walk(&path, Some(&project), depth + 1);
            } else if kind.is_dir() {
                self.refuse(&path, &"too deep to be looked into");
            } else if depth > 0 && is_transcript(&path) {
                match entry.metadata() {
                    Ok(metadata) => self.file(path, &project, &metadata),
                    Err(error) => self.refuse(&path, &error),
                }
            }
        }
    }

    fn file(&mut self, path: PathBuf, project: &str, metadata: &std::fs::Metadata) {
        if !is_transcript(&path) {
            return;
        }
        if !metadata.is_file() {
            // A pipe would be waited for.
            return self.refuse(&path, &"not a file");
        }
        self.files.push(Found {
            project: project.to_owned(),
            bytes: metadata.len(),
            modified_at: micros(metadata.modified()),
            file_id: file_id(metadata),
            path,
        });
    }

    fn refuse(&mut self, path: &Path, reason: &dyn std::fmt::Display) {
        self.errors.push(format!("{}: {reason}", path.display()));
    }
}

fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "jsonl")
}

/// Returns a time of a file, 0 where the system does not tell it.
pub(super) fn micros(time: io::Result<std::time::SystemTime>) -> Micros {
    let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}

/// Returns what tells a file apart from one that takes its name later. The number alone does not: a file that is made where
/// another was just removed often gets the same.
#[cfg(unix)]
pub(super) fn file_id(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{:x}-{:x}-{:x}", metadata.dev(), metadata.ino(), micros(metadata.created()))
}

/// Returns when the file was made: that is all that tells it apart here.
#[cfg(not(unix))]
pub(super) fn file_id(metadata: &std::fs::Metadata) -> String {
    format!("{:x}", micros(metadata.created()))
}

/// Returns the name that the client gives to the project in a folder.
pub(super) fn project_name(dir: &str) -> impl Iterator<Item = char> {
    dir.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
}

/// Returns the folder that a project's name stands for, as far as `cwd` shows it: the client names a project by the folder it was
/// started in, and its `cwd` follows the shell.
pub(super) fn project_dir(project: &str, cwd: &str) -> String {
    let ancestors = Path::new(cwd).ancestors().filter_map(Path::to_str);
    let same = |dir: &&str| project_name(dir).eq(project.chars());
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

    /// A root with transcripts of these names and ages in seconds.
    fn root(names: &[(&str, u64)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = Root(folder.path().canonicalize().expect("it is there"));
        for (name, age) in names {
            let path = root.0.join("projects").join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, "{}\n").expect("written");
            let file = std::fs::File::options().write(true).open(&path).expect("opens");
            file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(*age)).expect("aged");
        }
        (folder, root)
    }

    fn names(found: &Transcripts) -> Vec<&str> {
        found.files.iter().filter_map(|found| found.path.file_name()?.to_str()).collect()
    }

    #[test]
    fn transcripts_are_found_oldest_first_and_nothing_else_is() {
        let deep = format!("-p/{}/deep.jsonl", ["d"; DEEPEST].join("/"));
        let listed =
            [("-p/new.jsonl", 1), ("-p/s/subagents/agent-a.jsonl", 9), ("-p/s/notes.txt", 1), ("stray.jsonl", 1)];
        let (_folder, root) = root(&[&listed[..], &[(&deep, 1)]].concat());
        let found = Transcripts::of_roots(&[root, Root("/nonexistent".into())]);
        assert_eq!(names(&found), ["agent-a.jsonl", "new.jsonl"]);
        assert!(
            found.errors.len() == 1 && found.errors[0].ends_with("too deep to be looked into"),
            "{:?}",
            found.errors
        );
        assert!(found.files.iter().all(|found| found.project == "-p"));
    }

    #[test]
    fn a_path_that_changed_is_looked_at_alone() {
        let (_folder, root) = root(&[("-p/a.jsonl", 2), ("-p/b.jsonl", 1), ("-q/s/subagents/c.jsonl", 3)]);
        let folders = folders(std::slice::from_ref(&root), &mut Vec::new());
        let below = |name: &str| root.0.join("projects").join(name);
        for (changed, expected) in [
            (vec![below("-p/a.jsonl")], vec!["a.jsonl"]),
            (vec![below("-p"), below("-p/b.jsonl")], vec!["a.jsonl", "b.jsonl"]),
            (vec![below("-q/s")], vec!["c.jsonl"]),
            (vec![below("-p/gone.jsonl"), "/etc/passwd".into(), below("")], vec![]),
        ] {
            let found = Transcripts::at(&folders, &changed);
            assert_eq!(names(&found), expected, "{changed:?}");
            assert!(found.errors.is_empty(), "{:?}", found.errors);
        }
        let found = Transcripts::at(&folders, &[below("-q/s/subagents/c.jsonl")]);
        assert_eq!(found.files[0].project, "-q");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn links_pipes_and_folders_with_the_name_of_a_transcript_are_named_and_left() {
        let (_folder, root) = root(&[("-p/a.jsonl", 1), ("-p/folder.jsonl/b.jsonl", 1)]);
        let project = root.0.join("projects/-p");
        std::os::unix::fs::symlink(&project, project.join("loop")).expect("linked");
        std::os::unix::fs::symlink("self.jsonl", project.join("self.jsonl")).expect("linked");
        let pipe = project.join("pipe.jsonl");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .expect("made");
        let found = Transcripts::of_roots(&[root]);
        let mut errors = found.errors.clone();
        errors.sort();
        assert_eq!(found.files.len(), 2, "{found:?}");
        let ends = [
            "loop: a link, which is not followed",
            "pipe.jsonl: not a file",
            "self.jsonl: a link, which is not followed",
        ];
        assert!(errors.len() == 3 && errors.iter().zip(ends).all(|(error, end)| error.ends_with(end)), "{errors:?}");
    }
}
