//! Lines of the client, of bounded length: of a longer one the start and the end are kept, which tell what it was.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Longest line that is taken, bytes.
pub(super) const LINE_BYTES_MAX: usize = 16 << 20;
/// Bytes of the start of a longer one that are kept.
const HEAD_BYTES: usize = 64 << 10;
/// And of its end: more than a method, a version and an id take.
const TAIL_BYTES: usize = 8 << 10;

/// What came up to a newline, without it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// How it begins and how it ends.
    TooLong(Vec<u8>, Vec<u8>),
}

/// Reads line by line.
#[derive(Debug)]
pub(super) struct Lines<R> {
    read: BufReader<R>,
    line: Vec<u8>,
    /// The end of a line that is too long.
    tail: Option<Vec<u8>>,
    bytes_max: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(read: R) -> Self {
        Self { read: BufReader::new(read), line: Vec::new(), tail: None, bytes_max: LINE_BYTES_MAX }
    }

    /// Returns the next line; None at the end, where a line without its newline is none. May be dropped and called again without
    /// losing anything: what was taken from the reader is kept here.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let bytes = self.read.fill_buf().await?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let newline = memchr::memchr(b'\n', bytes);
            let more = &bytes[..newline.unwrap_or(bytes.len())];
            match &mut self.tail {
                Some(tail) => {
                    tail.extend_from_slice(&more[more.len().saturating_sub(TAIL_BYTES)..]);
                    tail.drain(..tail.len().saturating_sub(TAIL_BYTES));
                }
                None => self.line.extend_from_slice(more),
            }
            let consumed = more.len() + usize::from(newline.is_some());
            self.read.consume(consumed);
            if self.tail.is_none() && self.line.len() > self.bytes_max {
                self.tail = Some(self.line[self.line.len() - TAIL_BYTES..].to_vec());
                self.line.truncate(HEAD_BYTES);
                self.line.shrink_to_fit();
            }
            if newline.is_some() {
                let line = std::mem::take(&mut self.line);
                return Ok(Some(match self.tail.take() {
                    None => Line::Whole(line),
                    Some(tail) => Line::TooLong(line, tail),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(bytes: &[u8], bytes_max: usize) -> Vec<Line> {
        let mut lines = Lines { bytes_max, ..Lines::new(bytes) };
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.expect("reads") {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_what_has_no_end_is_none() {
        let found = lines(b"one\r\n\ntwo\nthree", LINE_BYTES_MAX).await;
        assert_eq!(found, [&b"one\r"[..], b"", b"two"].map(|line| Line::Whole(line.to_vec())));
    }

    #[tokio::test]
    async fn of_a_long_line_start_and_end_are_kept() {
        let max = 4 * HEAD_BYTES;
        for over in [1, 77, 5 * HEAD_BYTES] {
            let long: Vec<u8> = (0..max + over).map(|at| b'a' + u8::try_from(at % 26).expect("small")).collect();
            let found = lines(&[&long[..], b"\nnext\n"].concat(), max).await;
            let (head, tail) = (long[..HEAD_BYTES].to_vec(), long[long.len() - TAIL_BYTES..].to_vec());
            assert_eq!(found, [Line::TooLong(head, tail), Line::Whole(b"next".to_vec())], "{over}");
        }
        let just = vec![b'x'; max];
        assert_eq!(lines(&[&just[..], b"\n"].concat(), max).await, [Line::Whole(just)]);
    }
}
