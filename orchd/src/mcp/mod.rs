//! `orchd mcp`: the local model as tools of an MCP client, over stdin and stdout. Nothing but the protocol stands on stdout.
//!
//! What the client's model asks for is not trusted: it names files, and only those of the project are read, by the rules of `files`.
//! What the local model cannot do is told as the result of the tool, in words that have the client's model do it itself.

mod answer;
mod arguments;
mod caller;
mod delegate;
mod files;
mod lines;
mod message;
mod progress;
mod roots;
mod route;
mod secret_files;
mod server;
mod status;
mod tools;
mod transport;
mod usage;

pub(crate) use server::serve;
