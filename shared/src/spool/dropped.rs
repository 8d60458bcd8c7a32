//! The counter of events that the spool had no room for: one number, changed in place under a lock.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::SpoolError;
use super::file::{self, Mode};

const FILE: &str = "dropped";

/// How long to wait for another process that changes the counter.
const WAIT: Duration = Duration::from_millis(20);

/// Makes the counter while the disk still has room for it: the daemon when it starts, a hook with the first record.
pub fn prepare(dir: &Path) -> Result<(), SpoolError> {
    let path = dir.join(FILE);
    if path.exists() { Ok(()) } else { change(&path, |count| count).map(drop) }
}

/// Adds one. A disk without room for eight bytes loses the count as well.
pub(super) fn add(dir: &Path) {
    let _ = change(&dir.join(FILE), |count| count.saturating_add(1));
}

/// Returns how many events were dropped and not yet settled.
pub fn count(dir: &Path) -> Result<u64, SpoolError> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(0);
    }
    read(&mut open(&path)?).map_err(SpoolError::file("read", &path))
}

/// Takes `events` off the count, once they stand in the books.
pub fn settle(dir: &Path, events: u64) -> Result<(), SpoolError> {
    change(&dir.join(FILE), |count| count.saturating_sub(events)).map(drop)
}

/// Changes the number and returns what it was.
fn change(path: &Path, to: impl FnOnce(u64) -> u64) -> Result<u64, SpoolError> {
    let mut file = open(path)?;
    let count = read(&mut file).map_err(SpoolError::file("read", path))?;
    write(&mut file, to(count)).map_err(SpoolError::file("write", path))?;
    Ok(count)
}

fn open(path: &Path) -> Result<File, SpoolError> {
    let file = file::open(path, Mode::Create).map_err(SpoolError::file("open", path))?;
    file::lock(&file, path, Instant::now() + WAIT)?;
    Ok(file)
}

fn read(file: &mut File) -> io::Result<u64> {
    let mut bytes = Vec::with_capacity(8);
    file.take(8).read_to_end(&mut bytes)?;
    Ok(bytes.first_chunk().map_or(0, |number| u64::from_le_bytes(*number)))
}

fn write(file: &mut File, count: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&count.to_le_bytes())
}
