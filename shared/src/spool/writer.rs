//! Appending: one frame, one write, under the lock of the current file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::file::{self, Mode};
use super::record::{self, FileHeader};
use super::{ASIDE, Appended, CURRENT, EXTENSION, Limits, SpoolError, TAKEN, dropped};

/// Files that frames may lie in beside the current one.
const MAX_ASIDE: usize = 1_000;

/// How often a writer opens the current file anew because the daemon has just taken it.
const REOPENS: usize = 16;

/// Appends a frame (without its length prefix). A frame that is not kept is counted, whatever the reason.
pub fn append(dir: &Path, frame: &[u8], limits: &Limits) -> Result<Appended, SpoolError> {
    let Some(record) = record::encode(frame) else {
        dropped::add(dir);
        return Ok(Appended::DroppedFull);
    };
    let current = dir.join(CURRENT);
    let outcome = append_record(&current, &record, limits, Some(&dir.join(TAKEN))).or_else(|error| match error {
        SpoolError::File { action: "write", .. } => Err(error),
        _ => aside(dir, &record, limits),
    });
    if !matches!(outcome, Ok(Appended::Spooled)) {
        dropped::add(dir);
    }
    outcome
}

/// Appends a record to the file at `path`, within the limits of it and `beside` together.
pub(super) fn append_record(
    path: &Path,
    record: &[u8],
    limits: &Limits,
    beside: Option<&Path>,
) -> Result<Appended, SpoolError> {
    for _ in 0..REOPENS {
        let mut file = open_or_make(path)?;
        file::lock(&file, path, limits.deadline)?;
        let header = match file::read_header(&mut file, path)? {
            Some(header) if header.closed => continue,
            Some(header) => header,
            None => start(&mut file, path)?,
        };
        let end = file.seek(SeekFrom::End(0)).map_err(SpoolError::file("read", path))?;
        let (waiting_events, waiting_bytes) = beside.filter(|path| path.exists()).map_or((0, 0), file::glance);
        let new_end = end + u64::try_from(record.len()).unwrap_or(u64::MAX);
        if header.count + waiting_events >= limits.max_events || new_end + waiting_bytes > limits.max_bytes {
            return Ok(Appended::DroppedFull);
        }
        if let Err(source) = file.write_all(record) {
            // What was written of the record would cost the reader a search.
            let _ = file.set_len(end);
            return Err(SpoolError::file("write", path)(source));
        }
        // A count that is one behind only makes `pending` one less.
        let _ = file::write_header(&mut file, FileHeader { count: header.count + 1, ..header });
        return Ok(Appended::Spooled);
    }
    Err(SpoolError::Locked { path: path.to_path_buf() })
}

fn open_or_make(path: &Path) -> Result<File, SpoolError> {
    match file::open(path, Mode::Create) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let dir = path.parent().unwrap_or(path);
            crate::paths::make_private_dir(dir).map_err(SpoolError::file("make", dir))?;
            file::open(path, Mode::Create)
        }
        opened => opened,
    }
    .map_err(SpoolError::file("open", path))
}

/// Writes the header of a new file, and makes the counter of drops while there is room for it.
fn start(file: &mut File, path: &Path) -> Result<FileHeader, SpoolError> {
    let header = FileHeader { closed: false, count: 0 };
    let written = file.set_len(0).and_then(|()| file::write_header(file, header));
    if let Err(source) = written {
        let _ = file.set_len(0);
        return Err(SpoolError::file("write", path)(source));
    }
    if let Some(dir) = path.parent() {
        // Without it a drop is not counted, which is all that can be done.
        let _ = dropped::prepare(dir);
    }
    Ok(header)
}

/// Puts the record into a file of its own.
fn aside(dir: &Path, record: &[u8], limits: &Limits) -> Result<Appended, SpoolError> {
    let bytes = [&FileHeader { closed: false, count: 1 }.encode()[..], record].concat();
    if list(dir, ASIDE).len() >= MAX_ASIDE || u64::try_from(bytes.len()).is_ok_and(|size| size > limits.max_bytes) {
        return Ok(Appended::DroppedFull);
    }
    for number in 0..MAX_ASIDE {
        // The dot keeps the file out of the daemon's sight until it is whole.
        let name = format!("{ASIDE}{}-{number}{EXTENSION}", std::process::id());
        let (partial, whole) = (dir.join(format!(".{name}")), dir.join(&name));
        if whole.exists() {
            continue;
        }
        match file::open(&partial, Mode::New).and_then(|mut file| file.write_all(&bytes)) {
            Ok(()) => {
                fs::rename(&partial, &whole).map_err(SpoolError::file("rename", &partial))?;
                return Ok(Appended::Spooled);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => {
                let _ = fs::remove_file(&partial);
                return Err(SpoolError::file("write", &partial)(source));
            }
        }
    }
    Ok(Appended::DroppedFull)
}

/// Returns the spool files whose names start so, in order.
pub(super) fn list(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(io::Result::ok);
    let matches = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(EXTENSION))
    };
    let mut paths: Vec<PathBuf> = entries.filter(matches).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
