//! The payload from stdin: of one above the cap the start and the end are kept, and the middle is read and counted, so
//! that the client's write never fails. The end holds `tool_use_id`, which stands behind a result of any size.

use std::time::Instant;

use shared::protocol::MAX_PAYLOAD_BYTES;

/// Bytes of the end that are kept of a payload above the cap.
const TAIL_BYTES: usize = 8 << 10;

/// What came.
pub(super) struct Input {
    /// At most [`shared::protocol::MAX_PAYLOAD_BYTES`].
    pub(super) payload: Vec<u8>,
    /// Bytes that were read and not kept.
    pub(super) cut_bytes: u64,
}

/// Reads until the end or the deadline; None on a terminal, where nobody is going to write a payload.
#[cfg(unix)]
pub(super) fn read(deadline: Instant) -> Option<Input> {
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
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // A writer that never stops is always readable: the clock decides, not the pipe.
        if left.is_zero() && !payload.is_empty() {
            break;
        }
        let timeout = Timespec::try_from(left).unwrap_or_default();
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
            // Out of time: what is here is forwarded as cut.
            Ok(0) => break,
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
    Some(rest.join(payload))
}

/// Reads to the end. Elsewhere than on Unix a stuck writer is left to the client's own time-out; unproven.
#[cfg(not(unix))]
pub(super) fn read(_: Instant) -> Option<Input> {
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
    Some(rest.join(payload))
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

    /// Returns start and end of the payload as one. The cut mostly lies inside one long string, so what is left is JSON.
    fn join(self, mut payload: Vec<u8>) -> Input {
        payload.truncate(MAX_PAYLOAD_BYTES - self.tail.len());
        payload.extend_from_slice(&self.tail);
        Input { payload, cut_bytes: self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_and_end_of_a_large_payload_are_kept() {
        let mut whole = br#"{"session_id":"s","tool_response":""#.to_vec();
        whole.resize(3 * MAX_PAYLOAD_BYTES, b'x');
        whole.extend_from_slice(br#"","tool_use_id":"toolu_1"}"#);
        let mut rest = Rest::default();
        whole[MAX_PAYLOAD_BYTES..].chunks(1000).for_each(|chunk| rest.add(chunk));
        let input = rest.join(whole[..MAX_PAYLOAD_BYTES].to_vec());
        assert_eq!(input.payload.len(), MAX_PAYLOAD_BYTES);
        assert_eq!(input.cut_bytes, u64::try_from(whole.len() - MAX_PAYLOAD_BYTES).expect("small"));
        let read: serde_json::Value = serde_json::from_slice(&input.payload).expect("still JSON");
        assert_eq!(read["tool_use_id"], "toolu_1");
    }

    #[test]
    fn a_small_payload_is_kept_as_it_is() {
        let input = Rest::default().join(b"{}".to_vec());
        assert_eq!((&input.payload[..], input.cut_bytes), (&b"{}"[..], 0));
    }
}
