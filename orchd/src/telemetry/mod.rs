//! The client's telemetry (OTLP over HTTP), read for what its requests used.
//!
//! Parsing is pure, from bytes to claims, and one model serves both encodings. [`Intake`] is the edge: it finds out where a claim
//! belongs, prices it and hands it to the writer. Events alone make the ledger. The client's metrics say the same as its events in
//! sums, without ids: added to them every token would count twice, so they are checked, counted and left.

mod answer;
mod body;
mod counts;
mod event;
mod field;
mod intake;
mod json;
mod message;
mod protobuf;

pub use answer::accepted;
pub use body::{MOST_BYTES, MOST_INFLATED_BYTES};
pub use counts::Counts;
pub use intake::{Intake, IntakeError, Taken};

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-protobuf`.
    Protobuf,
}

/// A body as it came.
#[derive(Debug)]
pub struct Body {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How it is written.
    pub encoding: Encoding,
    /// It is compressed.
    pub gzip: bool,
}

#[cfg(test)]
mod tests;
