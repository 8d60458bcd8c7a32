//! `orchd mcp`: the MCP server, for the client that starts it.

use std::io::IsTerminal;
use std::process::ExitCode;

use shared::paths::Paths;

use crate::command::{Code, Failure};
use crate::mcp::serve;

pub(crate) fn run(paths: Paths) -> Result<ExitCode, Failure> {
    if std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Code::Usage,
            "orchd mcp speaks MCP over standard input; Claude Code starts it by itself",
        )
        .hint("orch-hook install --mcp"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    let served = runtime.block_on(serve(paths));
    // A read of standard input cannot be called off.
    runtime.shutdown_background();
    served.map(ExitCode::from)
}
