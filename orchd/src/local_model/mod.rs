//! The local model: LM Studio or a relative of it, never anything but what the user configured.
//!
//! Its answers are a stranger's: sizes are capped, nothing is inflated, no redirect is followed, no proxy is asked. Whoever decides by
//! the state reads [`LocalModel::state`], which waits for nothing; only [`Prober`] asks servers.

mod answer;
pub mod breaker;
pub mod budget;
pub mod chat;
pub mod client;
pub mod endpoint;
mod handle;
mod health;
mod kind;
mod look;
mod models;
mod probe;
mod prober;
mod state;

pub use endpoint::{Endpoint, EndpointError, Token};
pub use handle::{LocalModel, Snapshot};
pub use health::Health;
pub use kind::Kind;
pub use models::{Loaded, Model};
pub use probe::{look_once, look_once_at};
pub use prober::Prober;
pub use state::State;

#[cfg(test)]
mod tests;
