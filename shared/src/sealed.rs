//! A small file that the daemon keeps for the hook: written whole by rename, read without the database.
//!
//! A line of eight hexadecimal digits, the CRC-32 of what follows, then a JSON object. A reader takes a half or foreign file for
//! none. Fields may be added; `schema` is raised only when an old reader would misread.

use crate::event::Micros;
use crate::payload::{self, Scan};

/// Bytes that such a file never exceeds.
pub const MAX_BYTES: usize = 4096;

/// Age above which what it says no longer holds: the daemon is gone or stuck. It writes anew long before.
pub const STALE_AFTER: Micros = 60_000_000;

/// Bytes of the checksum and the end of its line.
const HEAD_BYTES: usize = 9;

/// Returns the file's bytes. `json` has a `schema` and a `written_at`.
#[must_use]
pub fn seal(json: &str) -> Vec<u8> {
    format!("{:08x}\n{json}", crc32fast::hash(json.as_bytes())).into_bytes()
}

/// Returns what stands in it, if the file is whole and of this schema.
#[must_use]
pub fn open(bytes: &[u8], schema: i64) -> Option<Scan<'_>> {
    let (head, json) = bytes.split_at_checked(HEAD_BYTES)?;
    let sum = std::str::from_utf8(head.strip_suffix(b"\n")?).ok()?;
    let whole = u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(json);
    let scan = payload::scan(json).filter(|_| whole)?;
    (scan.number("schema") == Some(schema)).then_some(scan)
}

/// Whether a running daemon wrote it just now. A clock that was set back makes it stale, not young for ever.
#[must_use]
pub fn is_fresh(file: &Scan<'_>, now_at: Micros) -> bool {
    file.number("written_at").is_some_and(|at| now_at.saturating_sub(at).saturating_abs() <= STALE_AFTER)
}
