//! A log file that is put aside when full: `orchd.log`, `orchd.log.1` and so on, oldest last, never more than
//! [`FILES_MAX`] files of [`FILE_BYTES_MAX`] bytes: 30 MiB in all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shared::paths::make_private_dir;

/// Log files kept, the current one included.
pub const FILES_MAX: usize = 6;

/// Bytes of one log file.
pub const FILE_BYTES_MAX: u64 = 5 << 20;

/// Longest line kept; a longer one is replaced by a line that says so, for half a JSON line is no line.
const LINE_BYTES_MAX: usize = 64 << 10;

/// Returns the file the newest lines are in.
#[must_use]
pub fn current_file(dir: &Path) -> PathBuf {
    dir.join("orchd.log")
}

/// Writes whole lines into the current file and puts it aside when the next line does not fit.
#[derive(Debug)]
pub struct RotatingFile {
    dir: PathBuf,
    file: File,
    size_bytes: u64,
    file_bytes_max: u64,
}

impl RotatingFile {
    /// Opens the log of `dir`, which is made (0700) if it is not there.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::open_with(dir, FILE_BYTES_MAX)
    }

    fn open_with(dir: &Path, file_bytes_max: u64) -> io::Result<Self> {
        make_private_dir(dir)?;
        remove_surplus(dir)?;
        let file = open_file(dir)?;
        let size_bytes = file.metadata()?.len();
        Ok(Self { dir: dir.to_path_buf(), file, size_bytes, file_bytes_max })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let aside = |number: usize| self.dir.join(format!("orchd.log.{number}"));
        for number in (1..FILES_MAX - 1).rev() {
            ignore_missing(fs::rename(aside(number), aside(number + 1)))?;
        }
        ignore_missing(fs::rename(current_file(&self.dir), aside(1)))?;
        self.file = open_file(&self.dir)?;
        self.size_bytes = self.file.metadata()?.len();
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let kept = if line.len() > LINE_BYTES_MAX {
            &b"{\"level\":\"WARN\",\"message\":\"a log line was too long\"}\n"[..]
        } else {
            line
        };
        let kept_bytes = u64::try_from(kept.len()).unwrap_or(u64::MAX);
        if self.size_bytes.saturating_add(kept_bytes) > self.file_bytes_max {
            // Where the files cannot be moved, the bound still holds: this line is lost.
            self.rotate()?;
        }
        if self.size_bytes.saturating_add(kept_bytes) > self.file_bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.write_all(kept)?;
        self.size_bytes += kept_bytes;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open_file(dir: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(current_file(dir))
}

/// Removes files beyond the bound, left by a build that kept more.
fn remove_surplus(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)?.flatten() {
        let name = entry.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_prefix("orchd.log.")).and_then(|n| n.parse::<usize>().ok());
        if number.is_some_and(|number| number >= FILES_MAX) {
            ignore_missing(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total_bytes(dir: &Path) -> u64 {
        let entries = fs::read_dir(dir).expect("the folder is there");
        entries.map(|entry| entry.expect("readable").metadata().expect("readable").len()).sum()
    }

    #[test]
    fn the_files_never_grow_beyond_the_bound_and_the_newest_lines_stay() {
        let dir = tempfile::tempdir().expect("temp folder");
        let file_bytes_max = 2000;
        let mut written = 0;
        for start in 0..5 {
            // Opened anew each time: a restart must not lift the bound.
            let mut log = RotatingFile::open_with(dir.path(), file_bytes_max).expect("opens");
            for number in 0..200 {
                let line = format!("{{\"line\":{start}{number:04}}}\n");
                log.write_all(line.as_bytes()).expect("writes");
                written += line.len() as u64;
                assert!(total_bytes(dir.path()) <= file_bytes_max * FILES_MAX as u64);
            }
        }
        assert!(written > file_bytes_max * FILES_MAX as u64, "the test must write more than fits");
        assert_eq!(fs::read_dir(dir.path()).expect("there").count(), FILES_MAX);
        let newest = fs::read_to_string(current_file(dir.path())).expect("readable");
        assert!(newest.ends_with("{\"line\":40199}\n"), "{newest}");
    }

    #[test]
    fn the_bound_is_thirty_mebibytes() {
        assert_eq!(FILE_BYTES_MAX * FILES_MAX as u64, 30 << 20);
    }

    #[test]
    fn surplus_files_go_and_a_giant_line_is_replaced() {
        let dir = tempfile::tempdir().expect("temp folder");
        fs::write(dir.path().join("orchd.log.6"), "old").expect("writes");
        fs::write(dir.path().join("orchd.log.5"), "kept").expect("writes");
        let mut log = RotatingFile::open(dir.path()).expect("opens");
        log.write_all(&vec![b'x'; LINE_BYTES_MAX + 1]).expect("taken");
        assert!(!dir.path().join("orchd.log.6").exists());
        assert!(dir.path().join("orchd.log.5").exists());
        let text = fs::read_to_string(current_file(dir.path())).expect("readable");
        assert!(text.contains("too long") && text.len() < 100, "{text}");
    }
}
