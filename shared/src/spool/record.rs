//! The bytes of a spool file: a header of 16 bytes, then records of 16 bytes and a frame each. All numbers little-endian.

/// Bytes of the file's header: magic, state (u32), count of records (u64).
pub(super) const FILE_HEADER_BYTES: usize = 16;
/// Bytes in front of each frame: magic, length (u32), CRC-32 of the frame (u32), zero (u32).
pub(super) const RECORD_HEADER_BYTES: usize = 16;

const FILE_MAGIC: [u8; 4] = *b"orsp";
/// Holds bytes that UTF-8 never has, so that no payload looks like a record.
pub(super) const RECORD_MAGIC: [u8; 4] = [0xff, b'o', b'r', 0xfe];

/// Longest frame of a record, without its length prefix.
const MAX_FRAME_BYTES: usize = crate::protocol::MAX_FRAME_BYTES;

const OPEN: u32 = 1;
const CLOSED: u32 = 2;

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileHeader {
    /// The daemon has taken the file: writers must open the current one.
    pub(super) closed: bool,
    pub(super) count: u64,
}

impl FileHeader {
    pub(super) fn encode(self) -> [u8; FILE_HEADER_BYTES] {
        let mut bytes = [0; FILE_HEADER_BYTES];
        bytes[..4].copy_from_slice(&FILE_MAGIC);
        bytes[4..8].copy_from_slice(&if self.closed { CLOSED } else { OPEN }.to_le_bytes());
        bytes[8..].copy_from_slice(&self.count.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: [u8; FILE_HEADER_BYTES]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (state, count) = rest.split_first_chunk::<4>()?;
        let state = u32::from_le_bytes(*state);
        let known = *magic == FILE_MAGIC && (state == OPEN || state == CLOSED);
        known.then_some(Self { closed: state == CLOSED, count: u64::from_le_bytes(*count.first_chunk()?) })
    }
}

/// Returns the record of a frame; None when no daemon would read a frame of this length.
pub(super) fn encode(frame: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(frame.len()).ok().filter(|_| (1..=MAX_FRAME_BYTES).contains(&frame.len()))?;
    let mut record = Vec::with_capacity(RECORD_HEADER_BYTES + frame.len());
    record.extend_from_slice(&RECORD_MAGIC);
    record.extend_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&crc32fast::hash(frame).to_le_bytes());
    record.extend_from_slice(&[0; 4]);
    record.extend_from_slice(frame);
    Some(record)
}

/// What the bytes at a place of a file are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed<'a> {
    /// A whole record.
    Frame(&'a [u8]),
    /// The start of a record that needs this many bytes in all.
    Needs(usize),
    /// Not a record.
    Torn,
}

/// Reads the record that `bytes` starts with.
pub(super) fn parse(bytes: &[u8]) -> Parsed<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<RECORD_HEADER_BYTES>() else {
        return Parsed::Needs(RECORD_HEADER_BYTES);
    };
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let length = usize::try_from(word(4)).unwrap_or(usize::MAX);
    if header[..4] != RECORD_MAGIC || !(1..=MAX_FRAME_BYTES).contains(&length) {
        return Parsed::Torn;
    }
    match rest.get(..length) {
        None => Parsed::Needs(RECORD_HEADER_BYTES + length),
        Some(frame) if crc32fast::hash(frame) == word(8) => Parsed::Frame(frame),
        Some(_) => Parsed::Torn,
    }
}
