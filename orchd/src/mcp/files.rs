//! Reads the files of a task. The rules, in their order: a regular file, that lies in the project when links are followed, in no
//! project that the settings exclude, whose name does not say that it holds secrets, of text, not too large.
//!
//! A file is opened before it is judged, and what was opened is compared with what was judged: a path that changes meanwhile is
//! refused. Nothing here waits: a pipe is not read, and opening one does not hang.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::roots::Roots;
use super::secret_files::is_secret;
use crate::config::{ProjectRule, Recording, recording_of};
use crate::local_model::chat::plain_text::{FILE_BYTES_MAX, QUESTION_BYTES_MAX, plain_text};
use crate::local_model::chat::request::ContextFile;
use crate::logging::line::printable;

/// Most files of one task.
const FILES_MAX: usize = 100;

/// Why a file is not handed over. Each names the path as it was given.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("there is no project folder whose files could be read")]
    NoRoot,
    #[error("at most {FILES_MAX} files can be given, not {0}")]
    TooMany(usize),
    #[error("`{0}` does not exist")]
    Missing(String),
    #[error("`{path}` cannot be read: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("`{0}` is a folder; name the files in it")]
    Folder(String),
    #[error("`{0}` is no regular file")]
    Special(String),
    #[error("`{0}` lies outside of the project")]
    Outside(String),
    #[error("`{0}` lies in a project that the settings exclude")]
    Excluded(String),
    #[error("`{0}` holds secrets by its name and is never handed over")]
    Secret(String),
    #[error("`{0}` changed while it was looked at")]
    Changed(String),
    #[error("`{0}` is larger than {limit} MiB", limit = FILE_BYTES_MAX >> 20)]
    TooLarge(String),
    #[error("the task and its files are larger than {limit} MiB in all", limit = QUESTION_BYTES_MAX >> 20)]
    TooLargeInAll,
    #[error("`{0}` is not UTF-8 text")]
    NotText(String),
}

/// What may be read.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) roots: Roots,
    /// Of the settings; the folders are compared without links.
    projects: Vec<ProjectRule>,
}

impl Rules {
    pub(super) fn new(roots: Roots, projects: &[ProjectRule]) -> Self {
        let real = |rule: &ProjectRule| ProjectRule {
            dir: rule.dir.canonicalize().unwrap_or_else(|_| rule.dir.clone()),
            ..rule.clone()
        };
        Self { roots, projects: projects.iter().map(real).collect() }
    }

    /// Whether the settings exclude what lies in this folder. The path is one without links.
    pub(super) fn excludes(&self, real: &Path) -> bool {
        recording_of(&self.projects, &real.to_string_lossy()) == Recording::Off
    }

    /// Returns the texts of all files, or why the first bad one is none. The task takes some of the room for all.
    pub(super) fn read(&self, paths: &[String], task_bytes: usize) -> Result<Vec<ContextFile>, FileError> {
        if paths.len() > FILES_MAX {
            return Err(FileError::TooMany(paths.len()));
        }
        let mut bytes_left = QUESTION_BYTES_MAX.checked_sub(task_bytes).ok_or(FileError::TooLargeInAll)?;
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let file = self.read_one(path)?;
            bytes_left = bytes_left.checked_sub(file.text.len()).ok_or(FileError::TooLargeInAll)?;
            files.push(file);
        }
        Ok(files)
    }

    fn read_one(&self, given: &str) -> Result<ContextFile, FileError> {
        let name = printable(given);
        let path = self.roots.first().ok_or(FileError::NoRoot)?.join(given);
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => FileError::Missing(name.clone()),
            _ => FileError::Unreadable { path: name.clone(), source },
        };
        // Opening a device may do something; what is no file is not opened.
        is_file(&path.metadata().map_err(failed)?, &name)?;
        let file = open(&path).map_err(failed)?;
        let opened = file.metadata().map_err(failed)?;
        is_file(&opened, &name)?;
        let real = path.canonicalize().map_err(failed)?;
        let below = self.allowed(&path, &real, &name)?;
        if !is_same(&opened, &real.symlink_metadata().map_err(failed)?) {
            return Err(FileError::Changed(name));
        }
        if opened.len() > FILE_BYTES_MAX as u64 {
            return Err(FileError::TooLarge(name));
        }
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        // It may grow while it is read.
        if bytes.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge(name));
        }
        let text = plain_text(bytes).ok_or(FileError::NotText(name))?;
        Ok(ContextFile { name: printable(&below.to_string_lossy()), text })
    }

    /// Returns the path below its root, if the file may be handed over.
    fn allowed(&self, path: &Path, real: &Path, name: &str) -> Result<PathBuf, FileError> {
        let below = self.roots.below(real).ok_or_else(|| FileError::Outside(name.to_owned()))?;
        // A link may lie in one project and point into another.
        if self.excludes(real) || self.excludes(path) {
            return Err(FileError::Excluded(name.to_owned()));
        }
        if is_secret(real) || is_secret(path) {
            return Err(FileError::Secret(name.to_owned()));
        }
        Ok(below.to_path_buf())
    }
}

fn is_file(found: &Metadata, name: &str) -> Result<(), FileError> {
    match (found.is_file(), found.is_dir()) {
        (true, _) => Ok(()),
        (_, true) => Err(FileError::Folder(name.to_owned())),
        _ => Err(FileError::Special(name.to_owned())),
    }
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    // A pipe that took the file's place would wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Whether both are one file.
#[cfg(unix)]
fn is_same(opened: &Metadata, judged: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (opened.dev(), opened.ino()) == (judged.dev(), judged.ino())
}

#[cfg(not(unix))]
fn is_same(opened: &Metadata, judged: &Metadata) -> bool {
    judged.is_file() && opened.len() == judged.len()
}

#[cfg(all(test, unix))]
mod tests;
