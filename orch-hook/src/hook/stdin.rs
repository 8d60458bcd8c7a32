//! The payload from stdin: of one above the cap the start and the end are kept, and the middle is read and counted, so
//! that the client's write never fails. The end holds `tool_use_id`, which stands behind a result of any size.

use std::time::Instant;

use shared::payload::{self, Flags};
use shared::protocol::MAX_PAYLOAD_BYTES;

/// Bytes of the end that are kept of a payload above the cap.
const TAIL_BYTES: usize = 8 << 10;
/// What is longer and not interrupted is no word: of these the part at a cut is kept.
const LONGEST_WORD: usize = 4 << 10;

/// What came: together at most [`shared::protocol::MAX_PAYLOAD_BYTES`].
pub(crate) struct Input {
    /// All of it, or its start.
    pub(crate) head: Vec<u8>,
    /// The end of a payload whose middle was not kept; else empty.
    pub(crate) tail: Vec<u8>,
    /// Bytes that were read and not kept.
    pub(crate) cut_bytes: u64,
}

/// Reads until the end or the deadline; None on a terminal, where nobody is going to write a payload.
#[cfg(unix)]
pub(crate) fn read(deadline: Instant) -> Option<Input> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// Room that most payloads fit into.
    const FIRST_BYTES: usize = 32 << 10;
    /// Where the rest goes.
    const SCRATCH_BYTES: usize = 64 << 10;

    let stdin = rustix::stdio::stdin();
    if rustix::termios::isatty(stdin) {
        return None;
    }
    let mut payload = Vec::with_capacity(FIRST_BYTES);
    let mut rest = Rest::default();
    let mut scratch = Vec::new();
    let mut stalled = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // A writer that never stops is always readable: the clock decides, not the pipe.
        if left.is_zero() && !payload.is_empty() {
            stalled = true;
            break;
        }
        let timeout = Timespec::try_from(left).unwrap_or_default();
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
            // Out of time: what is here is forwarded as cut.
            Ok(0) => {
                stalled = true;
                break;
            }
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => break,
        }
        let room = MAX_PAYLOAD_BYTES - payload.len();
        let got = if room > 0 {
            if payload.spare_capacity_mut().is_empty() {
                payload.reserve(room.min(payload.len()));
            }
            let got = rustix::io::read(stdin, rustix::buffer::spare_capacity(&mut payload));
            if payload.len() > MAX_PAYLOAD_BYTES {
                // The buffer may have grown beyond the cap.
                rest.add(&payload[MAX_PAYLOAD_BYTES..]);
                payload.truncate(MAX_PAYLOAD_BYTES);
            }
            got
        } else {
            scratch.resize(SCRATCH_BYTES, 0);
            let got = rustix::io::read(stdin, &mut scratch[..]);
            rest.add(&scratch[..got.unwrap_or(0)]);
            got
        };
        match got {
            Ok(0) => break,
            Ok(_) | Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => break,
        }
    }
    Some(rest.join(payload, stalled))
}

/// Reads to the end. Elsewhere than on Unix a stuck writer is left to the client's own time-out; unproven.
#[cfg(not(unix))]
pub(crate) fn read(_: Instant) -> Option<Input> {
    use std::io::{IsTerminal, Read};

    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return None;
    }
    let mut lock = stdin.lock();
    let (mut payload, mut rest, mut scratch) = (Vec::new(), Rest::default(), vec![0; 64 << 10]);
    let cap = u64::try_from(MAX_PAYLOAD_BYTES).unwrap_or(u64::MAX);
    // What was read before an error is forwarded all the same.
    let _ = lock.by_ref().take(cap).read_to_end(&mut payload);
    while let Ok(got @ 1..) = lock.read(&mut scratch) {
        rest.add(&scratch[..got]);
    }
    Some(rest.join(payload, false))
}

/// What came beyond the cap: its length, and its end.
#[derive(Default)]
struct Rest {
    bytes: u64,
    tail: Vec<u8>,
}

impl Rest {
    fn add(&mut self, more: &[u8]) {
        self.bytes += u64::try_from(more.len()).unwrap_or(u64::MAX);
        let more = &more[more.len().saturating_sub(TAIL_BYTES)..];
        let over = (self.tail.len() + more.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..over);
        self.tail.extend_from_slice(more);
    }

    /// Returns start and end of the payload.
    fn join(mut self, mut head: Vec<u8>, stalled: bool) -> Input {
        let mut cut_bytes = self.bytes;
        // A writer that is done may keep its end open: then nothing is missing.
        let stalled = stalled && !is_whole(&head);
        if stalled {
            // What came last is not the payload's end, so it tells nothing about the keys there.
            self.tail.clear();
        } else {
            head.truncate(MAX_PAYLOAD_BYTES - self.tail.len());
        }
        // A secret that the cut goes through is known by no shape any more: the words at the cut go as well.
        if cut_bytes > 0 || stalled {
            cut_bytes += cut(&mut head, 0);
        }
        let start = self.tail.iter().take(LONGEST_WORD / 2).position(|&byte| separates(byte)).map_or(0, |at| at + 1);
        cut_bytes += self.tail.drain(..start).len() as u64;
        Input { head, tail: self.tail, cut_bytes }
    }
}

/// Cuts bytes so that at least `bytes` are gone at the end and no part of a word is left there. Returns how many are gone.
pub(super) fn cut(text: &mut Vec<u8>, bytes: usize) -> u64 {
    let end = text.len() - bytes;
    let floor = end.saturating_sub(LONGEST_WORD);
    // What has no end that far back is no word but a file in base64.
    let mut kept = text[floor..end].iter().rposition(|&byte| separates(byte)).map_or(end, |at| floor + at);
    while kept > 0 && text.get(kept).is_some_and(|byte| byte & 0xc0 == 0x80) {
        kept -= 1;
    }
    let gone = text.len() - kept;
    text.truncate(kept);
    gone as u64
}

/// Whether the bytes are an object up to its closing brace.
fn is_whole(text: &[u8]) -> bool {
    payload::scan(text).is_some_and(|found| !found.flags().has(Flags::TRUNCATED))
}

/// Whether a byte stands between words, in JSON or in text.
fn separates(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(whole: &[u8], stalled: bool) -> Input {
        let (head, more) = whole.split_at(whole.len().min(MAX_PAYLOAD_BYTES));
        let mut rest = Rest::default();
        more.chunks(1000).for_each(|chunk| rest.add(chunk));
        rest.join(head.to_vec(), stalled)
    }

    #[test]
    fn start_and_end_of_a_large_payload_are_kept() {
        let mut whole = br#"{"session_id":"s","tool_response":""#.to_vec();
        whole.resize(3 * MAX_PAYLOAD_BYTES, b'x');
        whole.extend_from_slice(br#" y","tool_use_id":"toolu_1"}"#);
        let input = join(&whole, false);
        assert_eq!(input.head.len() + input.tail.len(), MAX_PAYLOAD_BYTES);
        assert_eq!(input.cut_bytes, (whole.len() - MAX_PAYLOAD_BYTES) as u64);
        assert!(whole.starts_with(&input.head) && whole.ends_with(&input.tail));
        // A writer that was too slow has told no end.
        let input = join(&whole, true);
        assert_eq!((input.head.len(), input.tail.len()), (MAX_PAYLOAD_BYTES, 0));
    }

    #[test]
    fn no_part_of_a_word_is_left_at_a_cut() {
        let word = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        for place in 1..word.len() {
            let mut whole = b"{\"a\":\"".to_vec();
            whole.extend(b"b ".repeat(MAX_PAYLOAD_BYTES));
            // The head ends inside one, and the tail begins inside the other.
            let head = MAX_PAYLOAD_BYTES - TAIL_BYTES - place;
            whole[head..head + word.len()].copy_from_slice(word.as_bytes());
            let tail = whole.len() - TAIL_BYTES - place;
            whole[tail..tail + word.len()].copy_from_slice(word.as_bytes());
            let input = join(&whole, false);
            let parts = [&input.head[input.head.len() - 50..], &input.tail[..50]];
            assert!(parts.iter().all(|part| part.iter().all(|&byte| byte == b' ' || byte == b'b')), "{place}");
        }
        let open = join(b"{\"prompt\":\"whole\"}\n", true);
        assert_eq!((&*open.head, open.cut_bytes), (&b"{\"prompt\":\"whole\"}\n"[..], 0));
        let stalled = join(b"{\"prompt\":\"use ghp_01234567", true);
        assert_eq!((&*stalled.head, stalled.cut_bytes), (&b"{\"prompt\":\"use"[..], 13));
    }

    #[test]
    fn a_small_payload_is_kept_as_it_is() {
        let input = join(b"{}", false);
        assert_eq!((&input.head[..], input.tail.len(), input.cut_bytes), (&b"{}"[..], 0, 0));
    }
}
