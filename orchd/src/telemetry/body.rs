//! From the bytes of a body to claims and counts, within limits.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use prost::Message;

use super::event::{Event, read};
use super::message::{LOG_KEYS, LOG_TAGS, LogRecord, METRIC_KEYS, METRIC_TAGS, Metric};
use super::protobuf::Malformed;
use super::{Body, Encoding, IntakeError, json, protobuf};
use crate::ledger::Request;

/// Bytes of a body as it is sent. The client sends up to 512 events at once, some KB each.
pub const MOST_BYTES: usize = 4 << 20;
/// Bytes of a body when it is inflated.
pub const MOST_INFLATED_BYTES: usize = 16 << 20;
/// Events of a body, and metrics: what is kept of each is larger than the smallest that can be sent.
const MOST_RECORDS: u64 = 1 << 16;
/// Bytes of one record in protobuf; an `api_request` has about 1 KB. A larger one is another event's text.
const MOST_RECORD_BYTES: usize = 1 << 20;

/// What a body of `/v1/logs` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Logs {
    /// What its `api_request` events claim.
    pub(super) claims: Vec<Request>,
    /// Events of other kinds.
    pub(super) others: u64,
    /// `api_request` events that tell too little to be a claim.
    pub(super) unreadable: u64,
}

impl Logs {
    fn add(&mut self, record: &LogRecord) -> bool {
        match read(record) {
            Event::Request(claim) => self.claims.push(*claim),
            Event::Other => self.others += 1,
            Event::Unreadable => self.unreadable += 1,
        }
        self.claims.len() as u64 + self.others + self.unreadable <= MOST_RECORDS
    }
}

/// Reads a body of `/v1/logs`.
pub(super) fn logs(body: Body) -> Result<Logs, IntakeError> {
    let (bytes, encoding) = (plain(body.bytes, body.gzip)?, body.encoding);
    let (mut logs, mut enough) = (Logs::default(), false);
    let read = match encoding {
        Encoding::Json => json::walk(&bytes, &LOG_KEYS, &mut |record| {
            enough = !logs.add(&record);
            !enough
        })
        .map_err(|_| Malformed),
        Encoding::Protobuf => protobuf::walk(&bytes, &LOG_TAGS, &mut |record| {
            let record = if record.len() > MOST_RECORD_BYTES {
                LogRecord::default()
            } else {
                LogRecord::decode(record).map_err(|_| Malformed)?
            };
            enough = !logs.add(&record);
            if enough { Err(Malformed) } else { Ok(()) }
        }),
    };
    ended(read, enough).map(|()| logs)
}

/// Reads a body of `/v1/metrics` and returns how many points it has.
pub(super) fn metrics(body: Body) -> Result<u64, IntakeError> {
    let (bytes, encoding) = (plain(body.bytes, body.gzip)?, body.encoding);
    let (mut metrics, mut points) = (0, 0);
    let mut add = |metric: &Metric| {
        metrics += 1;
        points += metric.points();
        metrics <= MOST_RECORDS
    };
    let mut enough = false;
    let read = match encoding {
        Encoding::Json => json::walk(&bytes, &METRIC_KEYS, &mut |metric| {
            enough = !add(&metric);
            !enough
        })
        .map_err(|_| Malformed),
        Encoding::Protobuf => protobuf::walk(&bytes, &METRIC_TAGS, &mut |metric| {
            enough = !add(&Metric::decode(metric).map_err(|_| Malformed)?);
            if enough { Err(Malformed) } else { Ok(()) }
        }),
    };
    ended(read, enough).map(|()| points)
}

fn ended(read: Result<(), Malformed>, enough: bool) -> Result<(), IntakeError> {
    match read {
        Ok(()) => Ok(()),
        Err(Malformed) if enough => Err(IntakeError::TooLarge),
        Err(Malformed) => Err(IntakeError::Malformed),
    }
}

/// Returns the bytes without their compression; what would grow beyond the limit is refused at the limit.
fn plain(bytes: Vec<u8>, gzip: bool) -> Result<Vec<u8>, IntakeError> {
    if !gzip {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut inflating = MultiGzDecoder::new(&bytes[..]).take(MOST_INFLATED_BYTES as u64 + 1);
    inflating.read_to_end(&mut plain).map_err(|_| IntakeError::Malformed)?;
    if plain.len() > MOST_INFLATED_BYTES { Err(IntakeError::TooLarge) } else { Ok(plain) }
}
