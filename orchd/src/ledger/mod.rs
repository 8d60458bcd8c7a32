//! What a request to the API used and cost, and which of several claims about it holds: pure.

mod claims;
mod request;

pub use claims::Claims;
pub use request::{Request, Source};
