//! What a request to the API used and cost, and which of several claims about it holds: pure.

mod claims;
mod client_cost;
pub mod flags;
mod request;
mod sums;

pub use claims::Claims;
pub use client_cost::{ClientCost, ModelCount};
pub use request::{Request, Source};
pub use sums::{Sums, whole};
