//! What a request to the API used and cost, and which of several claims about it holds: pure.

mod belief;
mod claims;
mod client_cost;
pub mod flags;
mod request;
mod sums;

pub use belief::{MOST_SEARCHES, MOST_TOKENS, is_time_of_request};
pub use claims::Claims;
pub use client_cost::{ClientCost, ModelCount};
pub use request::{Request, Source, is_made_up};
pub use sums::{Sums, whole};
