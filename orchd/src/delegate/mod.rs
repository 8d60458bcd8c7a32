//! Hands a task to the local model, for `orchd delegate` and for the MCP server: where it goes, the asking, what became of it, and
//! the record of that. What is asked, and where the answer is shown, is for them to say.

pub(crate) mod begun;
mod caller;
pub(crate) mod deciding;
pub(crate) mod doing;
pub(crate) mod local;
pub(crate) mod outcome;
pub(crate) mod place;
mod record;
pub(crate) mod recording;

pub(crate) use begun::Begun;
pub(crate) use caller::Caller;
