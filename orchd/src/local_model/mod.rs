//! The local model: LM Studio or a relative of it, never anything but what the user configured.
//!
//! Its answers are a stranger's: sizes are capped, nothing is inflated, no redirect is followed, no proxy is asked.

pub mod chat;
pub mod client;
pub mod endpoint;

pub use endpoint::{Endpoint, EndpointError, Token};
