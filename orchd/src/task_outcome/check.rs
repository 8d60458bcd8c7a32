//! Which commands check work, and what came of them: tests, builds and type checks, by a table of programs.

use super::command_line::{Joint, parts};
use super::facts::{Call, CallStatus};

/// What a check said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checked {
    /// The check, by the table's own words.
    pub(super) name: &'static str,
    /// It passed.
    pub(super) passed: bool,
    /// Its exit code, where the client names one.
    pub(super) exit_code: Option<i64>,
}

/// How the words behind a program are looked at.
enum Words {
    /// Whatever follows.
    Any,
    /// One of these comes first, options aside.
    First(&'static [&'static str]),
    /// One of these stands anywhere.
    Holds(&'static [&'static str]),
    /// Anything but one of these comes first.
    Not(&'static [&'static str]),
}

/// Programs that check, and the words that make them do so.
const CHECKS: &[(&str, Words)] = &[
    ("cargo", Words::First(&["test", "t", "build", "b", "check", "c", "clippy", "nextest"])),
    ("npm", Words::First(&["test", "t"])),
    ("yarn", Words::First(&["test", "build", "lint", "typecheck"])),
    ("pnpm", Words::First(&["test", "t", "build", "lint", "typecheck"])),
    ("bun", Words::First(&["test"])),
    ("deno", Words::First(&["test", "check"])),
    ("pytest", Words::Any),
    ("py.test", Words::Any),
    ("tox", Words::Any),
    ("nox", Words::Any),
    ("mypy", Words::Any),
    ("unittest", Words::Any),
    ("manage.py", Words::First(&["test"])),
    ("go", Words::First(&["test", "build", "vet"])),
    ("make", Words::Not(&["clean", "install", "run", "help"])),
    ("gmake", Words::Not(&["clean", "install", "run", "help"])),
    ("ninja", Words::Any),
    ("cmake", Words::First(&["--build"])),
    ("ctest", Words::Any),
    ("mvn", Words::Holds(&["test", "verify", "compile", "package", "install"])),
    ("mvnw", Words::Holds(&["test", "verify", "compile", "package", "install"])),
    ("gradle", Words::Holds(&["test", "build", "check", "assemble"])),
    ("gradlew", Words::Holds(&["test", "build", "check", "assemble"])),
    ("tsc", Words::Any),
    ("jest", Words::Any),
    ("vitest", Words::Any),
    ("mocha", Words::Any),
    ("dotnet", Words::First(&["test", "build"])),
    ("swift", Words::First(&["test", "build"])),
    ("rspec", Words::Any),
    ("rake", Words::First(&["test", "spec"])),
    ("phpunit", Words::Any),
    ("mix", Words::First(&["test", "compile"])),
    ("bazel", Words::First(&["test", "build"])),
    ("just", Words::First(&["test", "check", "build"])),
    ("zig", Words::First(&["test", "build"])),
];

/// Scripts of a package that check, behind `run`; also with a name of their own behind a colon.
const SCRIPTS: &[&str] = &["test", "build", "lint", "typecheck", "check"];
/// Words in front of a program that run it.
const RUNNERS: &[&str] = &["sudo", "time", "nice", "env", "npx", "bunx", "command", "exec", "nohup"];
/// The same with a second word.
const RUNNERS_OF_TWO: &[(&str, &str)] = &[
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("bundle", "exec"),
    ("pnpm", "exec"),
    ("yarn", "run"),
    ("hatch", "run"),
];
/// Options in front of a program that take a word with them.
const TAKING: &[&str] = &["-n", "-u", "-C", "--directory", "--manifest-path", "--prefix", "-p"];

/// Returns what a finished call of the Bash tool says as a check; None where it is none, or its exit code is another command's.
pub(super) fn checked(call: &Call) -> Option<Checked> {
    if call.tool_name != "Bash" || call.background {
        return None;
    }
    let parts = parts(call.command.as_deref()?);
    let (place, name) = parts.iter().enumerate().rev().find_map(|(place, (part, _))| Some((place, check_in(part)?)))?;
    if parts[place..].iter().any(|(_, joint)| *joint == Joint::Other) {
        return None;
    }
    match call.status {
        CallStatus::Ok => Some(Checked { name, passed: true, exit_code: Some(0) }),
        // A failure without an exit code is the tool's, not the command's; what stands behind the check may have failed instead.
        CallStatus::Failed if place + 1 == parts.len() => {
            let exit_code = exit_code(call.error.as_deref()?)?;
            Some(Checked { name, passed: exit_code == 0, exit_code: Some(exit_code) })
        }
        _ => None,
    }
}

/// Whether a call is one whose exit code would count.
#[must_use]
pub fn is_check(call: &Call) -> bool {
    checked(call).is_some()
}

/// Returns the code in `Exit code 101 ...`.
fn exit_code(error: &str) -> Option<i64> {
    let rest = error.strip_prefix("Exit code ")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Returns the check that one simple command is.
fn check_in(part: &str) -> Option<&'static str> {
    let mut words = part.split_whitespace().map(|word| word.trim_matches(['"', '\'', '(', ')'])).peekable();
    let mut program = words.next()?;
    loop {
        let base = program.rsplit(['/', '\\']).next().unwrap_or(program);
        if base.contains('=') || RUNNERS.contains(&base) {
            program = next_program(&mut words)?;
        } else if base == "timeout" {
            next_program(&mut words)?;
            program = words.next()?;
        } else if RUNNERS_OF_TWO.iter().any(|&(first, second)| base == first && words.peek() == Some(&second)) {
            words.next();
            // `yarn run build` is a script, `uv run pytest` a program.
            if SCRIPTS.contains(words.peek()?) {
                return known(base);
            }
            program = next_program(&mut words)?;
        } else if base.starts_with("python") || base == "py" {
            program = words.find(|word| !word.starts_with('-') || *word == "-c")?;
        } else {
            let rest: Vec<&str> = words.collect();
            return named(base, &rest);
        }
    }
}

/// Returns the next word that is no option; of an option that takes a word, that is passed over too.
fn next_program<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<&'a str> {
    loop {
        let word = words.next()?;
        if !word.starts_with('-') {
            return Some(word);
        }
        if TAKING.contains(&word) {
            words.next();
        }
    }
}

fn known(base: &str) -> Option<&'static str> {
    CHECKS.iter().find(|(program, _)| *program == base).map(|&(program, _)| program)
}

fn named(base: &str, rest: &[&str]) -> Option<&'static str> {
    let base = base.strip_suffix(".exe").or(base.strip_suffix(".cmd")).unwrap_or(base);
    let (program, wanted) = CHECKS.iter().find(|(program, _)| *program == base)?;
    let mut plain = rest.iter().copied();
    let mut first = None;
    while let Some(word) = plain.next() {
        if TAKING.contains(&word) {
            plain.next();
        } else if word == "--build" || !word.starts_with(['-', '+']) {
            first = Some(word);
            break;
        }
    }
    let mut is_script = || {
        let script = first.filter(|word| *word == "run" || *word == "run-script").and(plain.next());
        let stem = script.map(|script| script.split([':', '-']).next().unwrap_or(script));
        matches!(*program, "npm" | "yarn" | "pnpm" | "bun") && stem.is_some_and(|stem| SCRIPTS.contains(&stem))
    };
    let does = match wanted {
        Words::Any => !rest.iter().any(|word| matches!(*word, "--version" | "--help" | "-V")),
        Words::First(words) => first.is_some_and(|first| words.contains(&first)) || is_script(),
        Words::Holds(words) => rest.iter().any(|word| words.contains(&word.rsplit(':').next().unwrap_or(word))),
        Words::Not(words) => first.is_none_or(|first| !words.contains(&first)) && !rest.contains(&"--version"),
    };
    does.then_some(*program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(command: &str, status: CallStatus, error: Option<&str>) -> Call {
        Call {
            tool_use_id: "t".into(),
            tool_name: "Bash".into(),
            agent_id: None,
            started_at: 0,
            ended_at: Some(1),
            status,
            command: Some(command.into()),
            error: error.map(Into::into),
            background: false,
        }
    }

    #[test]
    fn commands_that_check() {
        for (command, name) in [
            ("cargo test", Some("cargo")),
            ("cargo +nightly -q test --all", Some("cargo")),
            ("cargo run", None),
            ("RUST_LOG=debug nice -n 5 cargo clippy -- -D warnings", Some("cargo")),
            ("cd app && npm test", Some("npm")),
            ("npm run build:prod", Some("npm")),
            ("npm run dev", None),
            ("npm install", None),
            ("yarn run build", Some("yarn")),
            ("pnpm run test", Some("pnpm")),
            ("npx tsc --noEmit", Some("tsc")),
            ("npx vitest run", Some("vitest")),
            ("pytest -x tests/", Some("pytest")),
            ("python3 -m pytest", Some("pytest")),
            ("python -m unittest discover", Some("unittest")),
            ("python3 -c 'print(1)' && echo done", None),
            ("python manage.py test shop", Some("manage.py")),
            ("uv run pytest", Some("pytest")),
            ("./venv/bin/pytest", Some("pytest")),
            ("go test ./...", Some("go")),
            ("go run .", None),
            ("make", Some("make")),
            ("make -C build -j8 test", Some("make")),
            ("make clean", None),
            ("./gradlew :app:test", Some("gradlew")),
            ("mvn -q -DskipITs verify", Some("mvn")),
            ("cmake --build build", Some("cmake")),
            ("dotnet test", Some("dotnet")),
            ("timeout 60 cargo test", Some("cargo")),
            ("timeout -k 5 60 cargo test", None),
            ("echo cargo test", None),
            ("grep -rn pytest .", None),
            ("cat Makefile", None),
            ("pytest --version", None),
            ("", None),
        ] {
            let found = checked(&call(command, CallStatus::Ok, None));
            assert_eq!(found.map(|found| found.name), name, "{command:?}");
        }
    }

    #[test]
    fn an_exit_code_counts_where_it_is_the_checks_own() {
        let failed = Some("Exit code 101 error: test failed");
        for (command, status, error, passed) in [
            ("cargo test", CallStatus::Ok, None, Some(true)),
            ("cargo test", CallStatus::Failed, failed, Some(false)),
            ("cargo test", CallStatus::Failed, Some("Command timed out"), None),
            ("cargo test", CallStatus::Failed, None, None),
            ("cargo test", CallStatus::Denied, None, None),
            ("cargo test", CallStatus::Open, None, None),
            ("cargo test", CallStatus::Interrupted, None, None),
            ("cargo test 2>&1 | tail -5", CallStatus::Ok, None, None),
            ("cargo test; echo $?", CallStatus::Ok, None, None),
            ("cargo test || true", CallStatus::Ok, None, None),
            ("cargo test\necho done", CallStatus::Ok, None, None),
            ("cd app\ncargo test\n", CallStatus::Ok, None, Some(true)),
            ("cargo test && git commit -m x", CallStatus::Ok, None, Some(true)),
            ("cargo test && git commit -m x", CallStatus::Failed, failed, None),
            ("cargo build && cargo test", CallStatus::Failed, failed, Some(false)),
            ("cargo test &", CallStatus::Ok, None, None),
        ] {
            assert_eq!(
                checked(&call(command, status, error)).map(|found| found.passed),
                passed,
                "{command:?} {status:?}"
            );
        }
        let background = Call { background: true, ..call("cargo test", CallStatus::Ok, None) };
        assert_eq!(checked(&background), None);
        let read = Call { tool_name: "Read".into(), ..call("cargo test", CallStatus::Ok, None) };
        assert_eq!(checked(&read), None);
    }
}
