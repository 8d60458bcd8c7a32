//! What `orch-hook` and `orchd` must agree on, and nothing else.
//!
//! Ids and units, the frames on the local socket, where files lie, how a foreign payload is read and how secrets leave it,
//! the on-disk queue that one program writes and the other drains, and the small files that the daemon keeps for the hook. No clock, no async runtime, no database.

pub mod advice_mark;
pub mod classify;
pub mod decision;
pub mod event;
pub mod mcp_server;
pub mod paths;
pub mod payload;
pub mod plan_limits;
pub mod protocol;
pub mod redact;
pub mod sealed;
pub mod snapshot;
pub mod spool;
pub mod status_line;
