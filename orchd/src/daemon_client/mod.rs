//! The daemon that runs, from outside: its local socket, and where it listens for HTTP.

mod endpoint;
mod socket;

pub use endpoint::Endpoint;
pub(crate) use endpoint::probe_ready;
pub use socket::{ClientError, Connection, ask, status};
