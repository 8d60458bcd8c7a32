//! One connection: frames in, one reply each, every step with a deadline.
//!
//! A hook sends one event and waits. Its frame lies in the socket when the connection is accepted, as a rule: then the
//! event goes to the writer at once, and the writer's word straight back. Everything else waits in a task of its own.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared::protocol::{self, ErrorCode, EventHeader, FrameError, LENGTH_BYTES, Outcome, Reply, Request};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::carry_out::CarryOut;
use super::platform::Connection;
use crate::clock::now;
use crate::error::chain;
use crate::store::{Arrival, StoreError, Writer};

/// Time for one whole frame to arrive, counted from the end of the one before.
pub(super) const FRAME_DEADLINE: Duration = Duration::from_secs(2);

/// Time for a reply to be taken.
const REPLY_DEADLINE: Duration = Duration::from_secs(1);

/// Bytes that are looked for in a fresh connection: most hooks' whole frame.
const AT_ONCE: usize = 16 << 10;

/// What every connection needs.
#[derive(Debug)]
pub struct Ingest {
    /// Stores events.
    writer: Writer,
    /// Carries out the user's requests.
    carry_out: CarryOut,
    /// The last event was not stored.
    failing: AtomicBool,
}

/// A connection that has to be waited for.
#[derive(Debug)]
pub(super) struct Waiting {
    connection: Connection,
    /// What was read of it.
    read: Vec<u8>,
    /// Its place among those at a time.
    permit: OwnedSemaphorePermit,
}

/// Why no further frame came.
enum ReadError {
    /// The peer closed, stalled or the daemon stops: nothing to say.
    Gone,
    /// The peer speaks something else.
    Frame(FrameError),
}

impl Ingest {
    /// Returns what connections share.
    #[must_use]
    pub fn new(writer: Writer, carry_out: CarryOut) -> Self {
        Self { writer, carry_out, failing: AtomicBool::new(false) }
    }

    /// Takes the event of a connection that holds one whole frame and is to carry nothing more; else gives it back.
    pub(super) fn take_at_once(
        self: &Arc<Self>,
        connection: Connection,
        permit: OwnedSemaphorePermit,
    ) -> Option<Waiting> {
        let mut read = Vec::with_capacity(AT_ONCE);
        connection.read_now(&mut read);
        let Some((header, payload)) = only_event(&read) else {
            return Some(Waiting { connection, read, permit });
        };
        let ingest = Arc::clone(self);
        self.writer.append_then(live(header, payload), move |result| {
            connection.answer_now(&protocol::encode(&ingest.acknowledge(result), None));
            drop(permit);
        });
        None
    }

    /// Serves frames until the peer closes, stalls, speaks nonsense or the daemon stops.
    pub(super) async fn serve_connection(&self, waiting: Waiting, shutdown: CancellationToken) {
        let Waiting { connection, read, permit: _held } = waiting;
        let mut read = Cursor::new(read);
        let Ok(mut stream) = connection.into_stream() else { return };
        loop {
            let frame = tokio::select! {
                () = shutdown.cancelled() => return,
                frame = read_frame(&mut read, &mut stream) => frame,
            };
            let (reply, go_on) = match frame {
                Err(ReadError::Gone) => return,
                Err(ReadError::Frame(error)) => (refusal(&error), false),
                Ok(frame) => match protocol::decode_request(&frame) {
                    Ok((request, payload)) => {
                        let last = matches!(&request, Request::Event(header) if header.last);
                        (self.answer(request, payload).await, !last)
                    }
                    Err(error) => (refusal(&error), true),
                },
            };
            let bytes = protocol::encode(&reply, None);
            let sent = tokio::time::timeout(REPLY_DEADLINE, stream.write_all(&bytes)).await;
            if !matches!(sent, Ok(Ok(()))) || !go_on {
                return;
            }
        }
    }

    async fn answer(&self, request: Request, payload: &[u8]) -> Reply {
        match request {
            Request::Event(header) => self.acknowledge(self.writer.append(live(header, payload)).await),
            other => self.carry_out.reply(other).await,
        }
    }

    /// Turns the store's word into the reply that makes the hook keep or forget its event.
    fn acknowledge(&self, result: Result<Outcome, StoreError>) -> Reply {
        let failed = !matches!(result, Ok(_) | Err(StoreError::Busy));
        let failed_before = self.failing.swap(failed, Ordering::Relaxed);
        match result {
            Ok(outcome) => Reply::Ack { outcome },
            Err(StoreError::Busy) => Reply::Error { code: ErrorCode::Busy, message: "the queue is full".into() },
            Err(error) => {
                // The first failure is logged, not each event.
                if !failed_before {
                    tracing::error!(error = %chain(&error), "events are not stored; their hooks spool them");
                }
                Reply::Error { code: ErrorCode::Unavailable, message: "the store is not available".into() }
            }
        }
    }
}

fn refusal(error: &FrameError) -> Reply {
    let code = match error {
        FrameError::Version(_) => ErrorCode::UnsupportedVersion,
        FrameError::Length(_) | FrameError::Header => ErrorCode::BadFrame,
    };
    Reply::Error { code, message: error.to_string() }
}

/// Returns an event that comes from its hook now.
fn live(header: EventHeader, payload: &[u8]) -> Arrival {
    Arrival { header, payload: payload.to_vec(), received_at: now(), spooled: false }
}

/// Returns the event in `read` when that is one whole frame, the connection's last.
fn only_event(read: &[u8]) -> Option<(EventHeader, &[u8])> {
    let (length, frame) = read.split_first_chunk::<LENGTH_BYTES>()?;
    if protocol::decode_length(*length).ok()? != frame.len() {
        return None;
    }
    match protocol::decode_request(frame).ok()? {
        (Request::Event(header), payload) if header.last => Some((header, payload)),
        _ => None,
    }
}

/// Reads one frame: what was `read` before, then the stream. The buffer grows with what arrives, so a lying length costs
/// nothing.
async fn read_frame(read: &mut Cursor<Vec<u8>>, stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, ReadError> {
    let read = async {
        let mut source = read.chain(stream);
        let mut length = [0; LENGTH_BYTES];
        source.read_exact(&mut length).await.map_err(|_| ReadError::Gone)?;
        let length = protocol::decode_length(length).map_err(ReadError::Frame)?;
        let mut frame = Vec::with_capacity(length.min(16 << 10));
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        let got = source.take(limit).read_to_end(&mut frame).await.map_err(|_| ReadError::Gone)?;
        if got == length { Ok(frame) } else { Err(ReadError::Gone) }
    };
    tokio::time::timeout(FRAME_DEADLINE, read).await.unwrap_or(Err(ReadError::Gone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(last: bool) -> Vec<u8> {
        let header = EventHeader { last, ..EventHeader::new(1) };
        protocol::encode(&Request::Event(header), Some(b"{}"))
    }

    #[test]
    fn only_one_whole_last_event_is_taken_at_once() {
        let whole = frame(true);
        assert!(only_event(&whole).is_some_and(|(header, payload)| header.last && payload == b"{}"));
        for end in 0..whole.len() {
            assert!(only_event(&whole[..end]).is_none(), "{end} bytes are not all");
        }
        let two = [whole.as_slice(), &whole].concat();
        let status = protocol::encode(&Request::Status, None);
        for other in [frame(false), two, [whole.as_slice(), b"x"].concat(), status, vec![0xff; 64]] {
            assert!(only_event(&other).is_none());
        }
    }
}
