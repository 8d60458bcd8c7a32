//! What the benches share: the programs as they are shipped, and the count of instructions.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::programs::{Programs, build, given_programs, target_dir};

/// The target whose static linking makes the hook start fast.
const STATIC_TARGET: &str = "x86_64-unknown-linux-musl";

/// Returns given programs, or optimised ones, the hook static where that target is installed.
///
/// # Panics
///
/// When they cannot be built.
#[must_use]
pub fn shipped() -> Programs {
    given_programs().unwrap_or_else(|| {
        let target = target_dir();
        build(&target, &["build", "--release", "-p", "orchd"]);
        Programs { hook: shipped_hook(&target), daemon: target.join("release/orchd") }
    })
}

fn shipped_hook(target: &std::path::Path) -> PathBuf {
    let listed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    if listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(STATIC_TARGET)) {
        build(target, &["build", "--profile", "hook", "-p", "orch-hook", "--target", STATIC_TARGET]);
        return target.join(STATIC_TARGET).join("hook/orch-hook");
    }
    crate::say("the static target is not installed: this is the native hook, which starts slower");
    build(target, &["build", "--profile", "hook", "-p", "orch-hook"]);
    target.join("hook/orch-hook")
}

/// Counts the instructions of one run with valgrind, or returns none where that is not possible.
#[must_use]
pub fn callgrind_instructions(command: &mut Command, payload: &[u8]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(command.get_program());
    valgrind.args(command.get_args());
    for (name, value) in command.get_envs() {
        valgrind.env(name, value?);
    }
    let mut child = valgrind.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(payload).ok()?;
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}
