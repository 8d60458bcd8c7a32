//! One spool file: opened for its owner only, locked, its header read and written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::SpoolError;
use super::record::{FILE_HEADER_BYTES, FileHeader};

/// Longest pause between two tries to lock.
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// What an existing file may be opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It must exist.
    Existing,
    /// It is made when missing.
    Create,
    /// It must not exist.
    New,
}

/// Opens a regular file for reading and writing: never through a symlink, 0600 when made.
pub(super) fn open(path: &Path, mode: Mode) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(mode == Mode::Create).create_new(mode == Mode::New);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::InvalidInput.into()) }
}

/// Locks the file before the deadline.
pub(super) fn lock(file: &File, path: &Path, deadline: Instant) -> Result<(), SpoolError> {
    let mut pause = Duration::from_micros(50);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(source)) => return Err(SpoolError::file("lock", path)(source)),
            Err(TryLockError::WouldBlock) if Instant::now() + pause >= deadline => {
                return Err(SpoolError::Locked { path: path.to_path_buf() });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(LOCK_PAUSE);
    }
}

/// Reads the header from the file's start; None when the file is shorter than one.
pub(super) fn read_header(file: &mut File, path: &Path) -> Result<Option<FileHeader>, SpoolError> {
    let mut bytes = [0; FILE_HEADER_BYTES];
    file.seek(SeekFrom::Start(0)).map_err(SpoolError::file("read", path))?;
    match file.read_exact(&mut bytes) {
        Ok(()) => {
            let header = FileHeader::decode(bytes);
            header.map(Some).ok_or_else(|| SpoolError::Foreign { path: path.to_path_buf() })
        }
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(source) => Err(SpoolError::file("read", path)(source)),
    }
}

/// Writes the header at the file's start, in place.
pub(super) fn write_header(file: &mut File, header: FileHeader) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header.encode())
}

/// Returns the events and bytes of a file without locking it; zeros when it cannot be read.
pub(super) fn glance(path: &Path) -> (u64, u64) {
    let Ok(mut file) = open(path, Mode::Existing) else { return (0, 0) };
    let events = read_header(&mut file, path).ok().flatten().map_or(0, |header| header.count);
    (events, file.metadata().map_or(0, |metadata| metadata.len()))
}
