//! Reading a spool file record by record, in bounded memory, over whatever is torn.

use std::io::{self, Read};

use super::record::{self, Parsed, RECORD_MAGIC};

const READ_BYTES: usize = 256 << 10;

/// Finds the whole records of a file behind its header.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// Places where bytes had to be skipped.
    pub(super) torn: u64,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), at: 0, ended: false, torn: 0 }
    }

    /// Returns the next whole frame, None at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut skipping = false;
        loop {
            match record::parse(&self.buffer[self.at..]) {
                Parsed::Frame(frame) => {
                    let frame = frame.to_vec();
                    self.at += record::RECORD_HEADER_BYTES + frame.len();
                    return Ok(Some(frame));
                }
                Parsed::Needs(bytes) if !self.ended => self.fill(bytes)?,
                Parsed::Needs(_) if self.at == self.buffer.len() => return Ok(None),
                Parsed::Needs(_) | Parsed::Torn => {
                    if !skipping {
                        self.torn += 1;
                        skipping = true;
                    }
                    self.skip();
                }
            }
        }
    }

    /// Moves to the next place that may start a record.
    fn skip(&mut self) {
        let rest = &self.buffer[self.at + 1..];
        let found = memchr::memmem::find(rest, &RECORD_MAGIC);
        // The last three bytes may be the start of a magic that is not read yet.
        let unread = if self.ended { rest.len() } else { rest.len().saturating_sub(RECORD_MAGIC.len() - 1) };
        self.at += 1 + found.unwrap_or(unread);
    }

    /// Reads until `bytes` are there or the file ends.
    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        while self.buffer.len() < bytes {
            let wanted = u64::try_from(READ_BYTES.max(bytes)).unwrap_or(u64::MAX);
            if self.source.by_ref().take(wanted).read_to_end(&mut self.buffer)? == 0 {
                self.ended = true;
                break;
            }
        }
        Ok(())
    }
}
