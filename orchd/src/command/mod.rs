//! What every command of ours is made of, `orchd mcp` among them: how it fails, what it writes, which signals end it, and how it
//! reads the settings and the database. The commands themselves are in `cli`.

pub(crate) mod database;
mod failure;
pub(crate) mod number;
pub(crate) mod output;
pub(crate) mod settings;
pub(crate) mod signals;

pub use failure::{Code, Failure};
