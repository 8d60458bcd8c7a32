//! Frames in, events out: the local socket, the spool, and the watch over client processes.
//!
//! Nothing here decides what an event means; it only carries events to the store and the store's word back.

mod connection;
mod listener;
mod liveness;
#[cfg(not(unix))]
#[path = "pipe.rs"]
mod platform;
#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
mod replay;
pub mod transcripts;
mod unpriced;

pub use connection::Ingest;
pub use listener::{ListenError, bind, serve};
pub use liveness::watch_clients;
pub use replay::drain_spool;
pub use unpriced::price_unknown;

use std::time::{SystemTime, UNIX_EPOCH};

use shared::event::Micros;

/// Returns the daemon's clock.
pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
