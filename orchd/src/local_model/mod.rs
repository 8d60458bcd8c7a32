//! The local model: LM Studio or a relative of it, never anything but what the user configured.
//!
//! Its answers are a stranger's: sizes are capped, nothing is inflated, no redirect is followed, no proxy is asked. Whoever decides by
//! the state reads [`LocalModel::state`], which waits for nothing; only `prober` asks servers again and again.

mod answer;
pub mod breaker;
pub mod budget;
pub mod chat;
pub mod client;
pub mod endpoint;
mod entry;
mod handle;
mod health;
mod kind;
mod look;
mod models;
pub(crate) mod probe;
mod state;

pub use endpoint::{Endpoint, EndpointError, Token};
pub use entry::{LocalEndpoint, token_of};
pub use handle::{LocalModel, Snapshot};
pub use health::Health;
pub use kind::Kind;
pub(crate) use models::matches;
pub use models::{Loaded, Model};
pub use probe::{look_once, look_once_at};
pub use state::State;

#[cfg(test)]
mod tests;
