//! What is kept of each task that was handed to the local model: the record that its maker tells, and what it cost and saved. Pure;
//! `delegation_recorder` gives both to the store.
//!
//! A saving is never guessed: what is not known stays null, and the assumption behind each figure is stored beside it.

mod attempt;
mod electricity;
mod entry;
mod preview;
mod record;
pub mod saving;
mod scores;

pub use electricity::own_cost;
pub use entry::{Entry, Means};
pub use preview::{TASK_CHARS, preview};
pub use record::{Counted, Outcome, Policy, Record, Route, TokenCount};
pub use scores::Scores;
