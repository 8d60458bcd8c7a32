//! What is new in one transcript.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use shared::event::Micros;

use super::excluded::is_excluded;
use super::files::{Found, file_id, micros, project_dir};
use super::own_session::OwnSession;
use crate::config::{ProjectRule, Recording, recording_of};
use crate::ledger::{Claims, is_time_of_request};
use crate::pricing::PriceTable;
use crate::store::{FileMark, LedgerBatch};
use crate::transcript::{Line, Lines, parse};

/// Requests handed out together at most.
const BATCH: usize = 256;

/// Whether a file holds what the mark of its last reading does not tell of.
pub(super) fn is_news(found: &Found, mark: Option<&FileMark>) -> bool {
    mark.is_none_or(|mark| {
        mark.file_id != found.file_id
            || mark.read_bytes != i64::try_from(found.bytes).unwrap_or(i64::MAX)
            || mark.modified_at != found.modified_at
    })
}

/// Reads what a file holds behind its mark, or all of it when it was replaced or cut, and hands it out in batches of which each
/// says how far it goes; nothing when there is nothing to say. Returns how many claims there were.
pub(super) fn read(
    found: &Found,
    mark: Option<&FileMark>,
    (prices, rules, now): (&PriceTable, &[ProjectRule], Micros),
    mut each: impl FnMut(LedgerBatch),
) -> std::io::Result<u64> {
    let mut file = open(&found.path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let excluded = is_excluded(rules, &found.project, &mut file)?;
    let id = file_id(&metadata);
    let known = mark.filter(|mark| mark.file_id == id && goes_on(&mut file, metadata.len(), mark).unwrap_or(false));
    let start = known.map_or(0, |mark| mark.read_bytes.unsigned_abs());
    file.seek(SeekFrom::Start(start))?;
    let mut progress = FileMark {
        path: found.path.to_string_lossy().into_owned(),
        file_id: id,
        read_bytes: 0,
        modified_at: micros(metadata.modified()),
        prompt_id: known.and_then(|mark| mark.prompt_id.clone()),
        skipped_lines: known.map_or(0, |mark| mark.skipped_lines),
    };
    let (mut claims, mut seen) = (Claims::default(), 0);
    let mut session = OwnSession::of(&found.path);
    let mut hand_out = |claims: &mut Claims, progress: &mut FileMark, session: &mut OwnSession, read: u64| {
        let mut requests = claims.take();
        for request in &mut requests {
            request.price(prices);
        }
        progress.read_bytes = i64::try_from(start + read).unwrap_or(i64::MAX);
        let (client_costs, forks) = session.take();
        let tells = !requests.is_empty() || !client_costs.is_empty() || !forks.is_empty();
        // A line that is half written is looked at again and again, and is no reason to write.
        if tells || mark != Some(&*progress) {
            let marks = vec![progress.clone()];
            each(LedgerBatch { requests, marks, client_costs, forks, open_imports: None });
        }
    };
    let (read, too_long) = Lines::new(file).for_each(|line, read| match parse(line) {
        Line::Request(_) | Line::ClientCost(_) if excluded => {}
        Line::Request(request) if !is_time_of_request(request.at, now) => progress.skipped_lines += 1,
        Line::Request(mut request) => {
            seen += 1;
            request.prompt_id = request.prompt_id.or_else(|| progress.prompt_id.clone());
            request.cwd = request.cwd.map(|cwd| project_dir(&found.project, &cwd));
            request.make_up_id();
            if recording_of(rules, request.cwd.as_deref().unwrap_or_default()) != Recording::Off {
                session.hears_of(&request.session_id);
                claims.add(*request);
            }
            if claims.len() >= BATCH {
                hand_out(&mut claims, &mut progress, &mut session, read);
            }
        }
        Line::Prompt(id) => progress.prompt_id = Some(id),
        Line::ClientCost(cost) => session.cost = Some(cost),
        Line::Malformed => progress.skipped_lines += 1,
        Line::Other => {}
    })?;
    progress.skipped_lines += i64::try_from(too_long).unwrap_or(i64::MAX);
    hand_out(&mut claims, &mut progress, &mut session, read);
    Ok(seen)
}

/// Opens a file that may have become something else since it was found: a pipe is not waited for, a link not followed.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Whether what was read is still there: the file is no shorter, and where the reading ended a line ends.
fn goes_on(file: &mut File, bytes: u64, mark: &FileMark) -> std::io::Result<bool> {
    let read = mark.read_bytes.unsigned_abs();
    if read == 0 || read > bytes {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(read - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
