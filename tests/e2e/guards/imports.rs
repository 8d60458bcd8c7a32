//! The direction of imports between the parts of orchd, which are the modules at its top.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use e2e_tests::programs::repository;

use super::rust_files;

/// Parts of orchd and the parts each may never name.
const NEVER: &[(&str, &[&str])] = &[
    ("store", &["analytics", "api", "daemon", "ingest", "control", "cli", "service", "doctor"]),
    ("pricing", &["analytics", "api", "daemon", "ingest", "store", "control", "cli", "fold"]),
    ("local_model", &["analytics", "api", "daemon", "ingest", "store", "control", "cli", "service", "doctor", "fold"]),
    ("delegation", &["analytics", "api", "daemon", "ingest", "store", "control", "cli", "fold"]),
    ("delegate", &["analytics", "api", "daemon", "ingest", "control", "cli", "mcp", "service", "doctor"]),
    ("command", &["analytics", "api", "daemon", "ingest", "control", "cli", "mcp", "service", "doctor"]),
    ("telemetry", &["analytics", "api", "daemon", "ingest", "control", "cli", "service", "doctor", "fold"]),
    ("fold", &["analytics", "api", "daemon", "ingest", "store", "control", "cli"]),
    ("view", &["analytics", "api", "daemon", "ingest", "store", "control", "cli"]),
    ("analytics", &["api", "daemon", "ingest", "control", "cli", "service", "doctor"]),
    ("ingest", &["analytics", "api", "daemon", "control", "cli", "service", "doctor"]),
    ("api", &["daemon", "ingest", "cli", "service", "doctor"]),
];

#[test]
fn imports_follow_the_flow_of_the_data() {
    let source = repository().join("orchd/src");
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (part, never) in NEVER {
        for file in rust_files(&source).into_iter().filter(|file| belongs_to(file, &source, part)) {
            looked_at += 1;
            let text = std::fs::read_to_string(&file).expect("source text");
            for named in imported_parts(&text) {
                if never.contains(&named.as_str()) {
                    wrong.push(format!("{} names crate::{named}", file.display()));
                }
            }
        }
    }
    assert!(looked_at > 10, "only {looked_at} files were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Parts that stand above all others, and who may name them: who starts them.
const TOPS: &[(&str, &[&str])] = &[
    // The socket's control part hands out login codes, so it holds the API's Auth.
    ("api", &["control", "daemon"]),
    ("daemon", &["cli"]),
    ("doctor", &["cli"]),
    ("mcp", &["cli"]),
    // The program names the library's.
    ("cli", &[]),
];

#[test]
fn the_tops_are_named_by_who_starts_them_alone() {
    let named = named_by_parts();
    for (top, by) in TOPS {
        assert!(named.contains_key(*top), "there is no part {top}");
        for (part, names) in &named {
            if let Some(file) = names.get(*top) {
                assert!(by.contains(&part.as_str()), "{} names crate::{top}", file.display());
            }
        }
    }
}

#[test]
fn no_two_parts_import_each_other_even_by_a_detour() {
    let named = named_by_parts();
    assert!(named.len() > 30, "only {} parts were found", named.len());
    let cycles = cycles(named);
    assert!(cycles.is_empty(), "these import each other: {cycles:#?}");
}

/// What each part of orchd names outside of its tests, with a file that does.
type Named = BTreeMap<String, BTreeMap<String, PathBuf>>;

fn named_by_parts() -> Named {
    let source = repository().join("orchd/src");
    let mut named = Named::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).expect("below the source");
        let is_test = inside.ends_with("tests.rs") || inside.iter().any(|folder| folder == "tests");
        let Some(first) = inside.iter().next().filter(|_| !is_test) else { continue };
        let part = Path::new(first).file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("source text");
        let others = imported_parts(&text).into_iter().filter(|name| *name != part).map(|name| (name, file.clone()));
        named.entry(part.clone()).or_default().extend(others);
    }
    named
}

/// Returns what stands in a cycle: what is left when those that name nothing that is left, and those that nothing left names, are
/// taken out again and again.
fn cycles(mut named: Named) -> Named {
    loop {
        let is_named: BTreeSet<String> = named.values().flat_map(BTreeMap::keys).cloned().collect();
        let there: BTreeSet<String> = named.keys().filter(|part| is_named.contains(*part)).cloned().collect();
        let before: usize = named.values().map(|names| names.len() + 1).sum();
        named.retain(|part, names| {
            names.retain(|name, _| there.contains(name));
            there.contains(part) && !names.is_empty()
        });
        if named.values().map(|names| names.len() + 1).sum::<usize>() == before {
            return named;
        }
    }
}

#[test]
fn a_cycle_is_seen_and_what_only_touches_it_is_not() {
    let named = |edges: &[(&str, &str)]| {
        let mut named = Named::new();
        for (part, name) in edges {
            named.entry((*part).to_owned()).or_default().insert((*name).to_owned(), PathBuf::new());
        }
        cycles(named).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(named(&[("top", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("b", "low")]), ["a", "b", "c"]);
    assert!(named(&[("top", "a"), ("top", "b"), ("a", "b"), ("b", "low")]).is_empty());
}

fn belongs_to(file: &Path, source: &Path, part: &str) -> bool {
    let inside = file.strip_prefix(source).expect("below the source");
    inside.starts_with(part) || inside == Path::new(&format!("{part}.rs"))
}

/// The first names after `crate::`, braces opened, outside of tests and comments.
fn imported_parts(text: &str) -> Vec<String> {
    let tests = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|mark| text.find(mark)).min();
    let code: String = text[..tests.unwrap_or(text.len())]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut parts = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(list) = after.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && !c.is_whitespace() => {
                        parts.push(name(&list[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            parts.push(name(after));
        }
    }
    parts
}

#[test]
fn the_scan_of_imports_sees_all_forms() {
    let text = "use crate::store::{Reader, Writer};\nuse crate::{api, daemon::{run, stop}, view};\n// crate::cli\n\
                fn f() { crate::ingest::x(); }\n#[cfg(test)]\nmod tests { use crate::doctor; }";
    assert_eq!(imported_parts(text), ["store", "api", "daemon", "view", "ingest"]);
}
