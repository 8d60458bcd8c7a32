//! The frames on the local socket: a 4-byte big-endian length, a JSON header, and for events a newline and the payload.
//!
//! The payload travels behind the header and not inside it, because it is foreign bytes that need not be JSON. Readers
//! ignore header fields they do not know; a version they do not know is answered with [`Reply::Error`] and the sender
//! keeps the frame (the hook spools it, the daemon leaves it in the spool).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::decision::{Decision, Policy};
use crate::event::{EventId, Micros};
use crate::plan_limits::PlanLimits;

/// The version both sides write. Raised only when an old reader would misread a new frame.
pub const PROTOCOL_VERSION: u16 = 1;

/// Bytes of a payload that are kept; the rest is counted in [`EventHeader::cut_bytes`].
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The largest frame either side reads: one payload and its header.
pub const MAX_FRAME_BYTES: usize = MAX_PAYLOAD_BYTES + (64 << 10);

/// Bytes of the length in front of a frame.
pub const LENGTH_BYTES: usize = 4;

/// What a client asks of the daemon. The tag stands in `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// One hook event; its payload follows the header.
    Event(EventHeader),
    /// Asks for [`Reply::Status`].
    Status,
    /// Asks for a [`Reply::Login`] with a code that works once, for a minute.
    Login,
    /// Stops recording until [`Request::Resume`]: events are acknowledged and counted as dropped.
    Pause,
    /// Starts recording again.
    Resume,
    /// Reads the transcripts of these folders of Claude Code's into the ledger; watch it with [`Request::ImportProgress`].
    Import {
        /// Absolute paths of folders that hold `projects`.
        roots: Vec<String>,
    },
    /// Asks for [`Reply::Progress`].
    ImportProgress {
        /// The folders of the import that is asked about.
        #[serde(default)]
        roots: Vec<String>,
    },
    /// What the client told its status line of the user's plan. Sent without waiting for the answer: a daemon that does not know
    /// it refuses it, and the next one tells the same again.
    PlanLimits(PlanLimits),
    /// Asks the daemon to end as on SIGTERM.
    Stop,
}

/// What the hook knows of an event besides its payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventHeader {
    /// Made by the hook; the daemon stores each id once.
    pub event_id: EventId,
    /// When the hook started, by its own clock.
    pub occurred_at: Micros,
    /// Bytes of the payload beyond [`MAX_PAYLOAD_BYTES`] that were read and not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut_bytes: u64,
    /// Bytes at the end of the payload that are the end of what the client wrote; what lies between them and the bytes before was
    /// not kept. 0 when all before a cut is one piece.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tail_bytes: u64,
    /// Secrets replaced in the payload.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redactions: u64,
    /// The payload was not UTF-8 and was decoded with replacement characters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lossy: bool,
    /// `CLAUDE_PID`: the client's process id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_pid: Option<u32>,
    /// `CLAUDE_PROJECT_DIR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_dir: Option<String>,
    /// `CLAUDE_CODE_ENTRYPOINT`: `cli`, `sdk-cli` and others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<String>,
    /// `CLAUDE_EFFORT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// [`PARENT_TASK_VARIABLE`](crate::event::PARENT_TASK_VARIABLE): the task that the session does on behalf of. The daemon knows
    /// which texts are one; what a newer hook sends is not refused for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_task: Option<String>,
    /// What the hook decided about the task that the event begins.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub decided: Option<Box<Decided>>,
    /// The connection carries nothing behind this frame: the daemon closes it with the ack. Whoever closes a connection wakes
    /// the other end, and the sender, on its way out, has no time for that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
    /// Version of the hook that wrote the frame, for doctor's skew check.
    #[serde(default)]
    pub hook_version: String,
}

/// A decision of the hook's, and what it did with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// The policy of the project.
    pub policy: Policy,
    /// Whether Claude was told of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advised: bool,
    /// The model that a subagent's call was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downshifted_to: Option<String>,
}

/// Takes what a newer hook says and cannot be read as not said: the event counts, not what was thought of it.
fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Decided>>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

impl EventHeader {
    /// Returns the header of an event with an id of its own, of which nothing else is known.
    #[must_use]
    pub fn new(occurred_at: Micros) -> Self {
        Self {
            event_id: EventId::new(occurred_at),
            occurred_at,
            cut_bytes: 0,
            tail_bytes: 0,
            redactions: 0,
            lossy: false,
            client_pid: None,
            project_dir: None,
            entrypoint: None,
            effort: None,
            parent_task: None,
            decided: None,
            last: false,
            hook_version: String::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What the daemon answers. The tag stands in `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// The event is settled: sent after COMMIT, the hook need not keep it.
    Ack {
        /// What became of the event.
        outcome: Outcome,
    },
    /// The daemon's state, as `orchd status --json` prints it.
    Status(serde_json::Value),
    /// A URL that logs a browser in.
    Login {
        /// `http://127.0.0.1:PORT/login?code=...`
        url: String,
    },
    /// How far the import is.
    Progress(serde_json::Value),
    /// The request was carried out.
    Done,
    /// The request was not carried out; an event must be kept by its sender.
    Error {
        /// What kind of failure.
        code: ErrorCode,
        /// For people; never holds payload text.
        message: String,
    },
}

/// What became of an acknowledged event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A row was written.
    Stored,
    /// A row with this id, or of this very tool event, was there already.
    Duplicate,
    /// The payload has no usable session or event name.
    Rejected,
    /// Recording is paused or the project is excluded.
    Dropped,
}

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame's version is not known here.
    UnsupportedVersion,
    /// The frame could not be read.
    BadFrame,
    /// The queue is full; try later.
    Busy,
    /// The daemon is stopping or the store failed.
    Unavailable,
}

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// The length is zero or above [`MAX_FRAME_BYTES`].
    #[error("frame length {0} is outside 1 to {MAX_FRAME_BYTES}")]
    Length(u32),
    /// The header is not the JSON of a request or reply.
    #[error("frame header is not valid")]
    Header,
    /// The header names a version this build does not know.
    #[error("protocol version {0} is not known; this build speaks {PROTOCOL_VERSION}")]
    Version(u16),
}

#[derive(Serialize)]
struct VersionedRef<'a, T> {
    v: u16,
    #[serde(flatten)]
    message: &'a T,
}

#[derive(Deserialize)]
struct VersionOnly {
    v: u16,
}

#[derive(Deserialize)]
struct Tag<'a> {
    v: u16,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// Returns the whole frame, length included, of a message and the bytes behind it.
///
/// # Panics
///
/// Never: a header is a few strings and numbers, which always serialise, and callers cap the payload.
#[must_use]
pub fn encode<T: Serialize>(message: &T, body: Option<&[u8]>) -> Vec<u8> {
    let mut frame = Vec::with_capacity(LENGTH_BYTES + 512 + body.map_or(0, <[u8]>::len));
    frame.extend_from_slice(&[0; LENGTH_BYTES]);
    serde_json::to_writer(&mut frame, &VersionedRef { v: PROTOCOL_VERSION, message }).expect("a header serialises");
    if let Some(body) = body {
        frame.push(b'\n');
        frame.extend_from_slice(body);
    }
    let length = u32::try_from(frame.len() - LENGTH_BYTES).expect("payloads are capped far below 4 GiB");
    frame[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    frame
}

/// Returns the length a frame's first four bytes announce, or an error when no frame can have it.
pub fn decode_length(bytes: [u8; LENGTH_BYTES]) -> Result<usize, FrameError> {
    let length = u32::from_be_bytes(bytes);
    match usize::try_from(length) {
        Ok(fits) if (1..=MAX_FRAME_BYTES).contains(&fits) => Ok(fits),
        _ => Err(FrameError::Length(length)),
    }
}

/// How every acknowledgement of this version begins.
const ACK_START: &[u8] = br#"{"v":1,"kind":"ack","#;

/// Whether a frame (without its length) is a [`Reply::Ack`]. The hook asks nothing else, and knows its daemon's word by
/// heart: touching the JSON reader costs it more than the rest of the exchange. What is written otherwise is decoded.
#[must_use]
pub fn is_ack(frame: &[u8]) -> bool {
    frame.starts_with(ACK_START) || matches!(decode::<Reply>(frame), Ok((Reply::Ack { .. }, _)))
}

/// Splits a frame (without its length) into the message and the bytes behind the newline.
pub fn decode<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> Result<(T, &'a [u8]), FrameError> {
    let (header, body) = split(frame);
    let VersionOnly { v } = read(header)?;
    known(v)?;
    Ok((read(header)?, body))
}

/// Like [`decode`], for the daemon: an event, which somebody waits for, is read without a detour over its tag.
pub fn decode_request(frame: &[u8]) -> Result<(Request, &[u8]), FrameError> {
    let (header, body) = split(frame);
    // A later version may have no kind: its number has to be named.
    let Ok(Tag { v, kind }) = serde_json::from_slice(header) else { return decode(frame) };
    known(v)?;
    let request = if kind == "event" { Request::Event(read(header)?) } else { read(header)? };
    Ok((request, body))
}

fn split(frame: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', frame) {
        Some(at) => (&frame[..at], &frame[at + 1..]),
        None => (frame, &frame[frame.len()..]),
    }
}

fn known(version: u16) -> Result<(), FrameError> {
    if version == PROTOCOL_VERSION { Ok(()) } else { Err(FrameError::Version(version)) }
}

fn read<'a, T: Deserialize<'a>>(header: &'a [u8]) -> Result<T, FrameError> {
    serde_json::from_slice(header).map_err(|_| FrameError::Header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> EventHeader {
        EventHeader {
            redactions: 2,
            client_pid: Some(42),
            project_dir: Some("/home/dev/app\nx".into()),
            entrypoint: Some("cli".into()),
            parent_task: Some("delegation:0199aaaa-0000-7000-8000-000000000001".into()),
            last: true,
            hook_version: "0.1.0".into(),
            ..EventHeader::new(1_700_000_000_000_000)
        }
    }

    #[test]
    fn event_frames_round_trip_with_any_payload() {
        for payload in [&b"{}"[..], b"", b"not\njson\xff"] {
            let request = Request::Event(header());
            let frame = encode(&request, Some(payload));
            let (length, rest) = frame.split_first_chunk::<LENGTH_BYTES>().expect("a frame starts with its length");
            assert_eq!(decode_length(*length), Ok(rest.len()));
            assert_eq!(decode::<Request>(rest), Ok((request.clone(), payload)));
            assert_eq!(decode_request(rest), Ok((request, payload)));
        }
    }

    #[test]
    fn acks_are_known_however_they_are_written() {
        for outcome in [Outcome::Stored, Outcome::Duplicate, Outcome::Rejected, Outcome::Dropped] {
            let frame = encode(&Reply::Ack { outcome }, None);
            assert!(frame[LENGTH_BYTES..].starts_with(ACK_START), "the short cut is the daemon's own spelling");
            assert!(is_ack(&frame[LENGTH_BYTES..]));
        }
        assert!(is_ack(br#"{ "kind": "ack", "outcome": "stored", "v": 1 }"#));
        for other in [&br#"{"v":1,"kind":"done"}"#[..], br#"{"v":2,"kind":"ack","outcome":"stored"}"#, b"ack", b""] {
            assert!(!is_ack(other));
        }
    }

    #[test]
    fn unknown_fields_are_ignored_and_unknown_versions_named() {
        for decode in [decode::<Request>, decode_request] {
            assert_eq!(decode(br#"{"v":1,"kind":"status","later":{"x":1}}"#), Ok((Request::Status, &b""[..])));
            assert_eq!(decode(br#"{"v":7,"kind":"later"}"#), Err(FrameError::Version(7)));
            assert_eq!(decode(br#"{"v":7}"#), Err(FrameError::Version(7)));
            assert_eq!(decode(br#"{"v":1,"kind":"event"}"#), Err(FrameError::Header));
            assert_eq!(decode(b"GET / HTTP/1.1\r\n"), Err(FrameError::Header));
        }
    }

    #[test]
    fn plan_limits_travel_with_what_is_known_and_survive_what_is_not() {
        use crate::plan_limits::LimitWindow;
        let window = LimitWindow { used_basis_points: 4250, resets_at: Some(5) };
        for limits in [PlanLimits::default(), PlanLimits { five_hour: Some(window), seven_day: None }] {
            let frame = encode(&Request::PlanLimits(limits), None);
            assert_eq!(decode_request(&frame[LENGTH_BYTES..]), Ok((Request::PlanLimits(limits), &b""[..])));
        }
        let later = br#"{"v":1,"kind":"plan_limits","seven_day":{"used_basis_points":1,"x":2},"one_year":{}}"#;
        let window = LimitWindow { used_basis_points: 1, resets_at: None };
        let known = PlanLimits { five_hour: None, seven_day: Some(window) };
        assert_eq!(decode_request(later), Ok((Request::PlanLimits(known), &b""[..])));
    }

    #[test]
    fn lengths_outside_the_limits_are_refused() {
        for (bytes, fits) in [([0; 4], false), ([0xff; 4], false), ([0, 0, 0, 1], true), ([6, 0, 0, 0], false)] {
            assert_eq!(decode_length(bytes).is_ok(), fits, "{bytes:?}");
        }
    }
}
