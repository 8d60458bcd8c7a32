//! Our MCP server in the client's own state file: where that file lies, the server's name in it, and which one is ours. The installer
//! writes it and the doctor looks after it.

use std::path::PathBuf;

use serde_json::Value;

/// The server's name, which the client puts before its tools: `mcp__orch__delegate_task`.
pub const NAME: &str = "orch";
/// The member that has the servers.
pub const SERVERS: &str = "mcpServers";

/// Returns the client's own state file: beside its folder, or in the one that the user names. None without a home directory.
#[must_use]
pub fn state_file() -> Option<PathBuf> {
    let set = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    Some(set.or_else(std::env::home_dir)?.join(".claude.json"))
}

/// Returns the program of a server and what stands behind `mcp`, where it is ours: a program named `orchd` that is given `mcp`
/// first. Windows' names are known everywhere, for a file may come from there.
#[must_use]
pub fn ours(server: &Value) -> Option<(&str, Vec<&str>)> {
    let command = server["command"].as_str()?;
    let name = command.rsplit(['/', '\\']).next()?;
    let (first, rest) = server["args"].as_array()?.split_first()?;
    (matches!(name, "orchd" | "orchd.exe") && first == "mcp")
        .then(|| (command, rest.iter().filter_map(Value::as_str).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_program_of_ours_that_is_given_mcp_is_ours() {
        for (command, args, expected) in [
            ("/d/bin/orchd", json!(["mcp"]), Some(vec![])),
            ("/d/bin/orchd", json!(["mcp", "--home", "/h"]), Some(vec!["--home", "/h"])),
            ("C:\\d\\orchd.exe", json!(["mcp"]), Some(vec![])),
            ("orchd", json!(["mcp"]), Some(vec![])),
            ("/d/bin/orchd.old", json!(["mcp"]), None),
            ("/usr/bin/orchestra", json!(["mcp"]), None),
            ("/d/bin/orchd", json!(["status"]), None),
            ("/d/bin/orchd", json!([7, "mcp"]), None),
            ("/d/bin/orchd", json!([]), None),
            ("/d/bin/orchd", json!("mcp"), None),
        ] {
            let server = json!({"command": command, "args": args});
            assert_eq!(ours(&server), expected.map(|rest| (command, rest)), "{server}");
        }
        assert_eq!(ours(&json!({"type": "http", "url": "http://127.0.0.1"})), None);
        assert_eq!(ours(&json!(7)), None);
    }
}
