//! Claude Code's transcripts, read for what their requests used: pure, from bytes to claims.
//!
//! One API response stands on several lines, one for each block of its content, each with the usage known by then; forks and
//! resumed sessions repeat lines of older files. So a line is only a claim about a request, and the ledger keeps one row a request.

mod cost_state;
mod field;
mod line;
mod reader;

pub use line::{Line, parse};
pub use reader::Lines;
