//! One question to the local model, its answer as it comes, its reasoning apart.
//!
//! Everything but `ask` is pure: bytes and times in, updates and one reply out. Nothing a server sends can make it grow
//! without limit or wait without end.

pub mod ask;
pub mod chunk;
pub mod error;
pub mod limits;
pub mod measure;
pub mod meter;
pub mod plain_text;
pub mod reader;
pub mod reply;
pub mod request;
pub mod retry;
pub mod sse;
pub mod think;
pub mod tokens;

pub use ask::{Answering, ask};
pub use error::ChatError;
pub use limits::Limits;
pub use meter::Meter;
pub use reader::{ReplyReader, Update};
pub use reply::{LENGTH, ReasoningShape, Reply, Timings, TokenSource, Tokens};
pub use request::{Api, ChatRequest};
