//! The MCP server in the client's own state file: whether Claude may hand work to the local model, and whether that would start.

use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::decision::Policy;
use shared::mcp_server::{NAME as SERVER, SERVERS, ours, state_file};
use shared::paths::Paths;

use super::Check;
use super::settings;
use crate::config::Config;
use crate::installed;

const NAME: &str = "mcp";

/// How the server is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Registered {
    No,
    /// Ours: its program, and the folder behind `--home`.
    Ours(PathBuf, Option<PathBuf>),
    /// Somebody else's of the same name.
    Foreign,
}

/// Returns how the server is registered, or why that is not known.
pub(crate) fn registered() -> Result<(PathBuf, Registered), String> {
    let file = state_file().ok_or("no home directory is known")?;
    let state = settings::read(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    Ok((file, of(&state.unwrap_or_default())))
}

fn of(state: &Value) -> Registered {
    let server = &state[SERVERS][SERVER];
    match ours(server) {
        _ if server.is_null() => Registered::No,
        Some((command, rest)) => {
            let home = rest.iter().position(|arg| *arg == "--home").and_then(|at| rest.get(at + 1));
            Registered::Ours(command.into(), home.map(PathBuf::from))
        }
        None => Registered::Foreign,
    }
}

/// Checks that what is registered would start and is of this home.
pub(super) fn check(paths: &Paths) -> Check {
    const HOW: &str = "orch-hook install --mcp";
    match registered() {
        Err(why) => Check::warn(NAME, why, format!("repair it, then: {HOW}")),
        Ok((file, registered)) => judge(&file, &registered, paths, advises(paths), Path::is_file),
    }
}

/// Whether Claude is told of the local model anywhere.
fn advises(paths: &Paths) -> bool {
    let router = Config::read(paths).0.router;
    router.projects.iter().map(|project| project.policy).chain([router.policy]).any(|policy| policy == Policy::Advise)
}

fn judge(
    file: &Path,
    registered: &Registered,
    paths: &Paths,
    advises: bool,
    is_there: impl Fn(&Path) -> bool,
) -> Check {
    let file = file.display();
    match registered {
        Registered::No if advises => Check::warn(
            NAME,
            "router.policy is advise, and Claude has no tool to hand work over with",
            "orch-hook install --mcp, or set the policy to observe",
        ),
        Registered::No => {
            Check::ok(NAME, "off: Claude hands no work to the local model; orch-hook install --mcp lets it")
        }
        Registered::Foreign => Check::warn(
            NAME,
            format!("{file} has another server named `{SERVER}`"),
            "rename that one there, then: orch-hook install --mcp",
        ),
        Registered::Ours(program, _) if !is_there(program) => {
            Check::fail(NAME, format!("{file} names {}, which is not there", program.display()), "orchd up")
        }
        Registered::Ours(program, home) if *home != paths.home_override || *program != installed::daemon(paths) => {
            Check::warn(
                NAME,
                format!("{file} has the server of another installation: {}", program.display()),
                "orch-hook install --mcp, with the ORCH_HOME you want",
            )
        }
        Registered::Ours(..) => Check::ok(NAME, "Claude may hand work to the local model"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use serde_json::json;

    #[test]
    fn it_is_told_whose_server_it_is_and_whether_it_would_start() {
        let paths = Paths::under(Path::new("/h"));
        let server = |command: &str, args: &[&str]| json!({"mcpServers": {"orch": {"command": command, "args": args}}});
        for (state, expected, words) in [
            (json!({}), State::Ok, "off"),
            (json!([]), State::Ok, "off"),
            (server("/h/data/bin/orchd", &["mcp", "--home", "/h"]), State::Ok, "may hand work"),
            (server("/h/data/bin/orchd", &["mcp"]), State::Warn, "another installation"),
            (server("/x/orchd", &["mcp", "--home", "/h"]), State::Warn, "another installation"),
            (server("/gone/orchd", &["mcp"]), State::Fail, "which is not there"),
            (server("/usr/bin/orchestra", &["mcp"]), State::Warn, "another server named"),
            (json!({"mcpServers": {"orch": 7}}), State::Warn, "another server named"),
        ] {
            let check =
                judge(Path::new("/u/.claude.json"), &of(&state), &paths, false, |file| !file.starts_with("/gone"));
            assert_eq!(check.state, expected, "{check:?}");
            assert!(check.message.contains(words), "{check:?}");
        }
        let check = judge(Path::new("/u/.claude.json"), &Registered::No, &paths, true, |_| true);
        assert!(check.state == State::Warn && check.message.contains("no tool"), "{check:?}");
    }
}
