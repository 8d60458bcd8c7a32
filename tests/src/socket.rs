//! A raw client of the local socket: whole frames, half frames and no frames at all.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use shared::event::Micros;
use shared::protocol::{EventHeader, LENGTH_BYTES, MAX_FRAME_BYTES, Reply, Request, decode, encode};

/// One connection.
#[derive(Debug)]
pub struct RawClient {
    /// The stream, for a test that sends bytes of its own.
    pub stream: UnixStream,
}

impl RawClient {
    /// Connects; reads and writes give up after `limit`.
    pub fn connect(socket: &Path, limit: Duration) -> std::io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Self { stream })
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads one frame and takes it as a reply.
    pub fn reply(&mut self) -> std::io::Result<Reply> {
        let bad = |text: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, text.to_owned());
        let mut length = [0; LENGTH_BYTES];
        self.stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_FRAME_BYTES {
            return Err(bad("a reply above the frame limit"));
        }
        let mut frame = vec![0; length];
        self.stream.read_exact(&mut frame)?;
        decode::<Reply>(&frame).map(|(reply, _)| reply).map_err(|error| bad(&error.to_string()))
    }

    /// Waits until the other side closes and returns how long that took, or none when `limit` passes first.
    #[must_use]
    pub fn closed_within(&mut self, limit: Duration) -> Option<Duration> {
        let start = Instant::now();
        let mut waste = [0; 4096];
        loop {
            let left = limit.checked_sub(start.elapsed())?;
            self.stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).ok()?;
            match self.stream.read(&mut waste) {
                Ok(0) => return Some(start.elapsed()),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                }
                Err(_) => return Some(start.elapsed()),
            }
        }
    }
}

/// Sends one request on a connection of its own and returns the answer.
pub fn ask(socket: &Path, request: &Request, payload: Option<&[u8]>, limit: Duration) -> std::io::Result<Reply> {
    let mut client = RawClient::connect(socket, limit)?;
    client.send(&encode(request, payload))?;
    client.reply()
}

/// Now, in microseconds.
///
/// # Panics
///
/// When the clock stands before 1970.
#[must_use]
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    i64::try_from(since.as_micros()).expect("the year is far below 294000")
}

/// Returns the header of a new event.
#[must_use]
pub fn new_header() -> EventHeader {
    let occurred_at = now();
    EventHeader {
        project_dir: Some("/home/dev/app".into()),
        entrypoint: Some("cli".into()),
        hook_version: env!("CARGO_PKG_VERSION").into(),
        ..EventHeader::new(occurred_at)
    }
}

/// Returns the frame of a new event as the hook sends it: the daemon closes the connection with the ack.
#[must_use]
pub fn last_event_frame(payload: &[u8]) -> Vec<u8> {
    encode(&Request::Event(EventHeader { last: true, ..new_header() }), Some(payload))
}

/// Returns the frame of a new event with `payload`.
#[must_use]
pub fn event_frame(payload: &[u8]) -> Vec<u8> {
    encode(&Request::Event(new_header()), Some(payload))
}
