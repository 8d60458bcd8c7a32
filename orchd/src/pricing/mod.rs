//! What a request to a model costs at list price: pure, from an embedded table that a file of the user may override.
//!
//! A price is found by the model's id and the time of the request: the user's file first, then `prices.json` (LiteLLM's table,
//! MIT), then the table built into the client. What is in none of them has no cost, which is not a cost of 0.

mod cost;
mod kept;
mod model_id;
mod table;
mod user_file;

pub use cost::{Tokens, Usage, cost};
pub use kept::KeptPrices;
pub use model_id::bare_model;
pub use table::{Conflict, Price, PriceSource, PriceTable, Rates, Tier};
pub use user_file::{PricesError, read};
