//! From a hook's payload to the rows of sessions, tool calls and agents: pure, no clock, no files, no database.
//!
//! Hooks of one session run side by side and the spool delivers late, so events come in any order. Every fact is therefore
//! merged by its own time (maxima, minima, sets), and what is shown (states, ends, the agent tree) is computed from the
//! facts after each batch. The same events in any order give the same rows.

mod agent;
mod asks;
mod body;
mod boundary;
mod call;
mod claims;
mod closing;
mod decode;
mod event;
mod register;
mod session;
mod state;
mod summary;

pub use agent::{Agent, AgentMode, AgentStatus, Claim};
pub use body::{Body, LZ4, RAW, ZSTD, unpack};
pub use boundary::{Boundary, BoundaryKind};
pub use call::{Call, CallStatus, KnownCall};
pub use decode::{Decoding, Policy, TASK_NOTIFICATION_FLAG, decode};
pub use event::{AgentCall, AgentEnd, AgentResult, CallEnd, Decoded, Fact};
pub use register::{Earliest, Latest};
pub use session::{Counts, Session};
pub use state::State;
pub use summary::may_be_cut;

#[cfg(test)]
mod tests;
