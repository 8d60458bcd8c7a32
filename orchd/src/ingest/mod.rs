//! Frames in, events out: the local socket, the spool, and the watch over client processes.
//!
//! Nothing here decides what an event means; it only carries events to the store and the store's word back.

mod carry_out;
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

pub use carry_out::CarryOut;
pub use connection::Ingest;
pub use listener::{ListenError, bind, serve};
pub use liveness::watch_clients;
pub use replay::drain_spool;
pub use unpriced::price_unknown;
