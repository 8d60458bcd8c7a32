//! A transcript's bytes cut into lines, in a buffer that does not grow with the file.

use std::io::Read;

use memchr::memchr;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// Longest line that is parsed: one of the client's holds a tool's whole output, and those are cut far below this.
const LONGEST: usize = 16 * 1024 * 1024;

/// Reads whole lines; the end of a file without a newline is left for the next time.
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    filled: usize,
    /// Bytes of complete lines that were handed out or skipped.
    taken: u64,
    too_long: u64,
    /// Bytes of a line that is too long, which were thrown away before its end is known.
    skipped: u64,
}

impl<R: Read> Lines<R> {
    /// Returns a reader over what `source` holds from its present place.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; CHUNK], filled: 0, taken: 0, too_long: 0, skipped: 0 }
    }

    /// Hands every complete line to `each`, without its newline and with the bytes up to its end. Returns the bytes of complete lines,
    /// which is how far to go on from the next time, and how many lines were too long.
    pub fn for_each(mut self, mut each: impl FnMut(&[u8], u64)) -> std::io::Result<(u64, u64)> {
        loop {
            if self.filled == self.buffer.len() {
                self.make_room();
            }
            let count = match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Ok((self.taken, self.too_long)),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let seen = self.filled;
            self.filled += count;
            self.hand_out(seen, &mut each);
        }
    }

    /// Hands out the lines that end at or behind `seen`, and moves the rest to the front.
    fn hand_out(&mut self, seen: usize, each: &mut impl FnMut(&[u8], u64)) {
        let (mut start, mut look) = (0, seen);
        while let Some(found) = memchr(b'\n', &self.buffer[look..self.filled]) {
            let (end, was_too_long) = (look + found, self.skipped > 0);
            self.taken += std::mem::take(&mut self.skipped) + (end + 1 - start) as u64;
            if was_too_long {
                self.too_long += 1;
            } else {
                each(&self.buffer[start..end], self.taken);
            }
            (start, look) = (end + 1, end + 1);
        }
        self.buffer.copy_within(start..self.filled, 0);
        self.filled -= start;
    }

    fn make_room(&mut self) {
        if self.buffer.len() < LONGEST {
            self.buffer.resize(self.buffer.len() * 2, 0);
        } else {
            self.skipped += self.filled as u64;
            self.filled = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a file that is being written does.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn lines(text: &[u8], step: usize) -> (Vec<usize>, u64, u64) {
        let mut found = Vec::new();
        let (taken, long) =
            Lines::new(Drip(text, step)).for_each(|line, _| found.push(line.len())).expect("reads memory");
        (found, taken, long)
    }

    #[test]
    fn lines_come_whole_however_they_are_read() {
        let text = b"one\n\nthree\nhalf a li";
        for step in [1, 2, 3, 7, 100] {
            assert_eq!(lines(text, step), (vec![3, 0, 5], 11, 0), "{step}");
        }
        assert_eq!(lines(b"", 1), (vec![], 0, 0));
    }

    #[test]
    fn a_line_beyond_the_limit_is_counted_and_the_next_is_read() {
        let mut text = vec![b'x'; LONGEST * 2 + 5];
        text.extend_from_slice(b"\nok\n");
        let all = text.len() as u64;
        assert_eq!(lines(&text, CHUNK), (vec![2], all, 1));
        // Without its end it may be going on: it is looked at again.
        text.truncate(LONGEST * 2 + 1);
        assert_eq!(lines(&text, CHUNK), (vec![], 0, 0));
    }

    #[test]
    fn a_line_larger_than_the_buffer_is_read() {
        let mut text = vec![b'x'; CHUNK * 3];
        text.extend_from_slice(b"\nok\n");
        assert_eq!(lines(&text, usize::MAX), (vec![CHUNK * 3, 2], text.len() as u64, 0));
    }
}
