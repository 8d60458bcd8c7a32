//! The payload from stdin: a capped part is kept, the rest is read and counted so that the client's write never fails.

use std::time::Instant;

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
    use shared::protocol::MAX_PAYLOAD_BYTES;

    /// Room that most payloads fit into.
    const FIRST_BYTES: usize = 64 << 10;
    /// Where the rest goes.
    const SCRATCH_BYTES: usize = 64 << 10;

    let stdin = rustix::stdio::stdin();
    if rustix::termios::isatty(stdin) {
        return None;
    }
    let mut input = Input { payload: Vec::with_capacity(FIRST_BYTES), cut_bytes: 0 };
    let mut scratch = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).unwrap_or_default();
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
            // Out of time: what is here is forwarded as cut.
            Ok(0) => break,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => break,
        }
        let room = MAX_PAYLOAD_BYTES - input.payload.len();
        let got = if room > 0 {
            if input.payload.spare_capacity_mut().is_empty() {
                input.payload.reserve(room.min(input.payload.len()));
            }
            let before = input.payload.len();
            let got = rustix::io::read(stdin, rustix::buffer::spare_capacity(&mut input.payload));
            // The buffer may have grown beyond the cap.
            input.cut_bytes += u64::try_from(input.payload.len().saturating_sub(MAX_PAYLOAD_BYTES)).unwrap_or(0);
            input.payload.truncate(MAX_PAYLOAD_BYTES);
            got.map(|_| input.payload.len() != before || input.cut_bytes > 0)
        } else {
            scratch.resize(SCRATCH_BYTES, 0);
            rustix::io::read(stdin, &mut scratch[..]).map(|got| {
                input.cut_bytes += u64::try_from(got).unwrap_or(0);
                got > 0
            })
        };
        match got {
            Ok(true) | Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Ok(false) | Err(_) => break,
        }
    }
    Some(input)
}

/// Reads to the end. Elsewhere than on Unix a stuck writer is left to the client's own time-out; unproven.
#[cfg(not(unix))]
pub(super) fn read(_: Instant) -> Option<Input> {
    use shared::protocol::MAX_PAYLOAD_BYTES;
    use std::io::{IsTerminal, Read};

    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return None;
    }
    let mut input = Input { payload: Vec::new(), cut_bytes: 0 };
    let mut lock = stdin.lock();
    let cap = u64::try_from(MAX_PAYLOAD_BYTES).unwrap_or(u64::MAX);
    // What was read before an error is forwarded all the same.
    let _ = lock.by_ref().take(cap).read_to_end(&mut input.payload);
    input.cut_bytes = std::io::copy(&mut lock, &mut std::io::sink()).unwrap_or(0);
    Some(input)
}
