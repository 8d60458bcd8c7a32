//! Finds the two programs under test: given ones, or built once, each on its own as they are shipped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Names a folder that holds `orch-hook` and `orchd` already; nothing is built then.
pub const GIVEN_VARIABLE: &str = "ORCH_TEST_BIN_DIR";

/// The two programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `orch-hook`.
    pub hook: PathBuf,
    /// `orchd`.
    pub daemon: PathBuf,
}

static PROGRAMS: OnceLock<Programs> = OnceLock::new();

/// Returns the programs, building them on the first call.
///
/// # Panics
///
/// When they cannot be built or a given folder lacks one.
pub fn programs() -> &'static Programs {
    PROGRAMS.get_or_init(|| given_programs().unwrap_or_else(built))
}

/// Makes these the programs under test; for benches, before anything else.
pub fn use_programs(programs: Programs) {
    let _ = PROGRAMS.set(programs);
}

/// Returns the programs of the folder that the environment names, if it names one.
///
/// # Panics
///
/// When the folder lacks one.
#[must_use]
pub fn given_programs() -> Option<Programs> {
    std::env::var_os(GIVEN_VARIABLE).map(|folder| given(Path::new(&folder)))
}

/// Returns the top of the repository.
///
/// # Panics
///
/// Never: this package lies in a folder of it.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository")
}

fn given(folder: &Path) -> Programs {
    let program = |name: &str| {
        let path = std::path::absolute(folder.join(name)).expect("a path");
        assert!(path.is_file(), "{GIVEN_VARIABLE} holds no {name}: {}", path.display());
        path
    };
    Programs { hook: program("orch-hook"), daemon: program("orchd") }
}

/// Builds the hook optimised, since its wall time is under test, and the daemon as `cargo test` builds it. Two calls:
/// one call would merge the features of both and pull the async runtime into the hook.
fn built() -> Programs {
    let target = target_dir();
    build(&target, &["build", "-p", "orch-hook", "--profile", "hook"]);
    build(&target, &["build", "-p", "orchd"]);
    Programs { hook: target.join("hook/orch-hook"), daemon: target.join("debug/orchd") }
}

/// Runs cargo in the repository.
///
/// # Panics
///
/// When it fails.
pub fn build(target: &Path, arguments: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .arg("--quiet")
        .current_dir(repository())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo {arguments:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The target folder this very test program was built into: `TARGET/debug/deps/e2e-HASH`.
///
/// # Panics
///
/// Never: a running program has a path.
#[must_use]
pub fn target_dir() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its path");
    let marker = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marker.map_or_else(|| repository().join("target"), Path::to_path_buf)
}
