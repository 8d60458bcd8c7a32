//! Where an export goes: standard output, or a file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};

use super::Stop;
use crate::command::{Code, Failure};

/// What is written to.
#[derive(Debug)]
pub(super) enum Target {
    /// Standard output.
    Stdout(Stdout),
    /// A file.
    File(Beside),
}

/// A file beside its later place; dropped before its end it is gone.
#[derive(Debug)]
pub(super) struct Beside {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    placed: bool,
}

impl Target {
    /// Opens it; nothing is at `path` yet, or it may be replaced.
    pub(super) fn open(path: Option<&Path>, force: bool) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Stdout(io::stdout())) };
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => {
                let problem = format!("{} is there and is no plain file", path.display());
                return Err(
                    Failure::new(Code::CannotCreate, problem).hint("name another, or leave -o out and redirect")
                );
            }
            Ok(_) if !force => {
                let problem = format!("{} is there already", path.display());
                return Err(Failure::new(Code::CannotCreate, problem).hint("name another, or add --force"));
            }
            _ => {}
        }
        let failed = |source| Failure::of_file(format!("failed to write {}", path.display()), source);
        let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        // Nobody can have put a link there: the name is not to be guessed, and the file must be new.
        hidden.push(format!(".{}.part", uuid::Uuid::now_v7().simple()));
        let temporary = path.with_file_name(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // What is exported is as private as the database that it comes from.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary).map_err(failed)?;
        Ok(Self::File(Beside { file, temporary, path: path.to_path_buf(), placed: false }))
    }

    /// Puts a file into its place.
    pub(super) fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush()?,
            Self::File(mut file) => {
                file.file.sync_all()?;
                fs::rename(&file.temporary, &file.path)?;
                file.placed = true;
            }
        }
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::File(file) => file.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File(file) => file.file.flush(),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.placed {
            // What is left of a broken export helps nobody.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("out.csv");
        let open = |force| Target::open(Some(&path), force);
        let names = || fs::read_dir(dir.path()).expect("lists").count();
        let mut broken = open(false).expect("opens");
        broken.write_all(b"half").expect("writes");
        drop(broken);
        assert_eq!(names(), 0);
        for (force, text) in [(false, "one"), (true, "two")] {
            let mut whole = open(force).expect("opens");
            whole.write_all(text.as_bytes()).expect("writes");
            whole.finish().expect("is placed");
            assert_eq!(fs::read_to_string(&path).expect("reads"), text);
        }
        assert!(open(false).is_err());
        assert!(Target::open(Some(dir.path()), true).is_err());
        assert_eq!(names(), 1);
    }
}
