//! Draining: the daemon takes the files aside, reads them, and deletes them once every frame is in the database.

use std::fs::{self, File};
use std::io::{ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file::{self, Mode};
use super::reader::Records;
use super::record::{self, FileHeader};
use super::writer::{append_record, list};
use super::{ASIDE, Appended, CURRENT, DAMAGED, EXTENSION, Limits, NEWER, SpoolError, TAKEN};

/// How long the daemon waits for a writer to let go of a file; after that the file waits for the next drain.
const LOCK_WAIT: Duration = Duration::from_millis(200);

/// Damaged files that are kept for a person to look at; older ones make room.
const MAX_DAMAGED: usize = 4;

/// One pass over what waits. Only the one daemon of a state directory may hold it.
pub struct Drain {
    dir: PathBuf,
    waiting: Vec<PathBuf>,
    current: Option<(PathBuf, Records<File>)>,
    /// Read to the end; true: something in it was torn.
    read: Vec<(PathBuf, bool)>,
    torn: u64,
}

/// Returns the files that hold events for the daemon, the oldest first.
pub(super) fn waiting(dir: &Path) -> Vec<PathBuf> {
    let named = [TAKEN, CURRENT].map(|name| dir.join(name)).into_iter().filter(|path| is_there(path));
    named.chain(list(dir, ASIDE)).collect()
}

fn is_regular(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file())
}

/// Like `exists`, and true for a broken symlink as well.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

impl Drain {
    /// Takes what waits aside; None when nothing does. What an interrupted drain left is taken first, alone.
    pub fn begin(dir: &Path) -> Result<Option<Self>, SpoolError> {
        Self::take(dir, Vec::new())
    }

    /// Like [`Drain::begin`], and takes the frames that an older daemon kept: for once after the start.
    pub fn begin_with_kept(dir: &Path) -> Result<Option<Self>, SpoolError> {
        let kept = list(dir, "taken-newer");
        let path = dir.join(NEWER);
        if kept.is_empty() && is_there(&path) {
            let taken = dir.join(format!("taken-newer{EXTENSION}"));
            fs::rename(&path, &taken).map_err(SpoolError::file("rename", &path))?;
            return Self::take(dir, vec![taken]);
        }
        Self::take(dir, kept)
    }

    fn take(dir: &Path, mut waiting: Vec<PathBuf>) -> Result<Option<Self>, SpoolError> {
        let (taken, current) = (dir.join(TAKEN), dir.join(CURRENT));
        if !is_there(&taken) {
            match fs::rename(&current, &taken) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(SpoolError::file("rename", &current)(error));
                }
                _ => {}
            }
        }
        if is_there(&taken) {
            waiting.push(taken);
        }
        waiting.extend(list(dir, ASIDE));
        // Taken from the end.
        waiting.reverse();
        let drain = Self { dir: dir.to_path_buf(), waiting, current: None, read: Vec::new(), torn: 0 };
        Ok((!drain.waiting.is_empty()).then_some(drain))
    }

    /// Returns the next frame, without length prefix; None when all are read. What cannot be read is set aside.
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        loop {
            if self.current.is_none() {
                let path = self.waiting.pop()?;
                match close(&path) {
                    Ok(records) => self.current = Some((path, records)),
                    // No file of ours, and never will be.
                    Err(_) if !is_regular(&path) => self.end(path, 1),
                    // A stopped writer holds it, or the system is out of something: the next drain gets it.
                    Err(_) => {}
                }
                continue;
            }
            let (_, records) = self.current.as_mut()?;
            match records.next() {
                Ok(Some(frame)) => return Some(frame),
                Ok(None) => {
                    let (path, records) = self.current.take()?;
                    self.end(path, records.torn);
                }
                // The disk failed, not the file: it stays and is read again; what was taken is dropped by its id.
                Err(_) => self.current = None,
            }
        }
    }

    /// Keeps a frame whose version this build does not know for a newer daemon.
    pub fn keep(&self, frame: &[u8]) -> Result<Appended, SpoolError> {
        let limits = Limits::within(LOCK_WAIT);
        record::encode(frame)
            .map_or(Ok(Appended::DroppedFull), |record| append_record(&self.dir.join(NEWER), &record, &limits, None))
    }

    /// Returns how many torn places were passed so far.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// Deletes the files that were read to their end; those with torn places are kept under another name, a few of them.
    /// Call it only when every frame is settled: a drain that is dropped without it is read again.
    pub fn finish(self) -> Result<(), SpoolError> {
        let mut damaged = list(&self.dir, DAMAGED);
        let number = damaged.last().map_or(0, |path| number(path) + 1);
        for (at, (path, is_torn)) in self.read.iter().enumerate() {
            if *is_torn {
                let at = u64::try_from(at).unwrap_or(0);
                let name = self.dir.join(format!("{DAMAGED}{:010}{EXTENSION}", number + at));
                fs::rename(path, &name).map_err(SpoolError::file("rename", path))?;
                damaged.push(name);
            } else {
                fs::remove_file(path).map_err(SpoolError::file("delete", path))?;
            }
        }
        for oldest in damaged.iter().take(damaged.len().saturating_sub(MAX_DAMAGED)) {
            fs::remove_file(oldest).map_err(SpoolError::file("delete", oldest))?;
        }
        Ok(())
    }

    fn end(&mut self, path: PathBuf, torn: u64) {
        self.torn += torn;
        self.read.push((path, torn > 0));
    }
}

impl Iterator for Drain {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.next_frame()
    }
}

/// Closes a file to late writers and returns its records.
fn close(path: &Path) -> Result<Records<File>, SpoolError> {
    let mut file = file::open(path, Mode::Existing).map_err(SpoolError::file("open", path))?;
    file::lock(&file, path, Instant::now() + LOCK_WAIT)?;
    match file::read_header(&mut file, path) {
        Ok(header) => {
            let count = header.map_or(0, |header| header.count);
            let header = FileHeader { closed: true, count };
            file::write_header(&mut file, header).map_err(SpoolError::file("close", path))?;
        }
        // Whole records may follow a damaged header, which counts as torn.
        Err(SpoolError::Foreign { .. }) => {
            file.seek(SeekFrom::Start(0)).map_err(SpoolError::file("read", path))?;
        }
        Err(error) => return Err(error),
    }
    let _ = file.unlock();
    Ok(Records::new(file))
}

fn number(damaged: &Path) -> u64 {
    let stem = damaged.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.strip_prefix(DAMAGED).and_then(|number| number.parse().ok()).unwrap_or(0)
}
