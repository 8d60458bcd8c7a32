//! What keeps the house in order: the hook's dependencies, the direction of imports, the size of files.

mod imports;

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e_tests::{exclusive, programs::repository, say};

fn cargo_tree(package: &str) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(repository())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are text");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn check_absent(package: &str, never: &[&str]) {
    let names = cargo_tree(package);
    assert!(names.iter().any(|name| name == "serde_json"), "the tree was read: {names:?}");
    for name in never {
        assert!(!names.iter().any(|found| found == name), "{package} depends on {name}");
    }
}

#[test]
fn the_hook_carries_no_runtime_no_database_no_http_and_no_regex() {
    let _turn = exclusive::shared();
    check_absent("orch-hook", &["tokio", "rusqlite", "reqwest", "warp", "hyper", "regex", "regex-automata", "chrono"]);
}

#[test]
fn shared_carries_only_what_both_programs_need() {
    let _turn = exclusive::shared();
    check_absent("shared", &["tokio", "rusqlite", "reqwest", "warp", "hyper", "regex", "clap"]);
}

#[test]
fn files_stay_small() {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(repository()).output();
    let listed = output.ok().filter(|output| output.status.success()).map(|output| output.stdout).unwrap_or_default();
    let tracked: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(|name| repository().join(name))
        .collect();
    // Outside of a repository (a source archive) the folders themselves are walked.
    let all = if tracked.is_empty() { rust_files(repository()) } else { tracked };
    let ours = all.into_iter().filter(|file| {
        let text = file.to_string_lossy();
        let code = [".rs", ".js", ".mjs", ".css", ".py", ".sql", ".html"].iter().any(|end| text.ends_with(end));
        code && file.is_file() && !["/vendor/", "/fixtures/", "/snapshots/"].iter().any(|part| text.contains(part))
    });
    let mut sizes = Vec::new();
    for file in ours {
        let text = std::fs::read_to_string(&file).expect("source text");
        let lines = text.lines().count();
        let reason = text.lines().take(5).any(|line| line.to_lowercase().contains("long because"));
        assert!(
            lines <= 500 || reason,
            "{} has {lines} lines and gives no reason (`Long because ...`)",
            file.display()
        );
        sizes.push(lines);
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    say(format_args!("guards: {} files, median {median} lines, longest {:?}", sizes.len(), sizes.last()));
    assert!(median <= 200, "the median file has {median} lines");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != "node_modules" && !name.to_string_lossy().starts_with('.') {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_committed_file_names_a_machine_or_a_registry() {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(repository()).output().expect("git runs");
    if !output.status.success() {
        say("guards: no git repository here, machine paths were not looked for");
        return;
    }
    // Written in two parts, so that this file does not hold them.
    let forbidden = [
        ["\"reso", "lved\": \"http"].concat(),
        ["registry", ".npm"].concat(),
        ["/work/", "main"].concat(),
        ["/work/", "shared"].concat(),
    ];
    for name in String::from_utf8_lossy(&output.stdout).split('\0').filter(|name| !name.is_empty()) {
        // Attack payloads and the redactor's examples are commands as people type them, registries and all.
        if name.starts_with("tests/fixtures/attacks/") || name.starts_with("shared/src/redact/") {
            continue;
        }
        let bytes = std::fs::read(repository().join(name)).unwrap_or_default();
        for text in &forbidden {
            assert!(!e2e_tests::leak::contains(&bytes, text.as_bytes()), "{name} holds {text:?}");
        }
    }
}
