//! `orchd logs`: the newest lines of the daemon's log, and the ones to come.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use shared::paths::Paths;

use super::args::Logs;
use crate::command::output::{print, say};
use crate::command::{Code, Failure};
use crate::logging::current_file;
use crate::logging::line::{Colours, for_people};

/// How often the file is looked at for new lines.
const LOOK_EVERY: Duration = Duration::from_millis(150);

pub(crate) fn run(paths: &Paths, args: &Logs) -> Result<ExitCode, Failure> {
    let file = current_file(&paths.log_dir());
    let shown = |line: &str| {
        if args.json { line.to_owned() } else { for_people(line, Colours::of_stdout()).trim_end().to_owned() }
    };
    if !file.exists() && !args.follow {
        return Err(Failure::new(Code::Unavailable, format!("no log at `{}`", file.display())).hint("orchd start"));
    }
    let mut open = File::open(&file).ok().map(BufReader::new);
    for line in newest(&paths.log_dir(), open.as_mut(), args.lines)
        .map_err(|source| Failure::of_file("failed to read the log", source))?
    {
        print(&shown(&line))?;
    }
    if args.follow {
        say("Following; ctrl-C ends.");
        follow(&file, open, |line| print(&shown(line)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the last `count` lines, older files included, and leaves `open` at the end of the current file.
fn newest(dir: &Path, open: Option<&mut BufReader<File>>, count: usize) -> std::io::Result<Vec<String>> {
    let mut current = Vec::new();
    if let Some(reader) = open {
        while let Some(line) = next_line(reader, &mut String::new())? {
            current.push(line);
        }
    }
    let mut lines = Vec::new();
    for number in (1..crate::logging::FILES_MAX).rev() {
        // Only as far back as needed; a file that was just put aside may be gone.
        if current.len() < count
            && let Ok(text) = std::fs::read_to_string(dir.join(format!("orchd.log.{number}")))
        {
            lines.extend(text.lines().map(str::to_owned));
        }
    }
    lines.append(&mut current);
    Ok(lines.split_off(lines.len().saturating_sub(count)))
}

/// Prints lines as they come, over the change from one file to the next, until printing fails.
fn follow(
    file: &Path,
    mut open: Option<BufReader<File>>,
    mut print: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut begun = String::new();
    loop {
        let failed = |source| Failure::of_file("failed to read the log", source);
        if let Some(reader) = &mut open {
            while let Some(line) = next_line(reader, &mut begun).map_err(failed)? {
                print(&line)?;
            }
        }
        // A full file is put aside; its rest was read above, the new one begins at its top.
        if open.as_ref().is_none_or(|reader| !is_same(reader.get_ref(), file))
            && let Ok(next) = File::open(file)
        {
            open = Some(BufReader::new(next));
            continue;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Returns the next whole line; the beginning of one that is not whole yet stays in `begun`.
fn next_line(reader: &mut impl BufRead, begun: &mut String) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes)?;
    begun.push_str(&String::from_utf8_lossy(&bytes));
    if !begun.ends_with('\n') {
        return Ok(None);
    }
    begun.pop();
    Ok(Some(std::mem::take(begun)))
}

#[cfg(unix)]
fn is_same(open: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let named = std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let open = open.metadata().map(|found| (found.dev(), found.ino()));
    // A name that is gone for a moment is no new file.
    named.is_err() || matches!((named, open), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn is_same(open: &File, path: &Path) -> bool {
    let named = std::fs::metadata(path).map(|found| found.len());
    !matches!((named, open.metadata()), (Ok(length), Ok(found)) if length < found.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_newest_lines_reach_into_older_files() {
        let dir = tempfile::tempdir().expect("temp folder");
        std::fs::write(dir.path().join("orchd.log.2"), "1\n2\n").expect("writes");
        std::fs::write(dir.path().join("orchd.log.1"), "3\n4\n").expect("writes");
        std::fs::write(current_file(dir.path()), "5\n6\nhalf").expect("writes");
        for (count, expected) in
            [(0, vec![]), (1, vec!["6"]), (3, vec!["4", "5", "6"]), (9, vec!["1", "2", "3", "4", "5", "6"])]
        {
            let mut open = BufReader::new(File::open(current_file(dir.path())).expect("opens"));
            assert_eq!(newest(dir.path(), Some(&mut open), count).expect("reads"), expected, "{count}");
        }
    }

    #[test]
    fn following_survives_the_change_of_files() {
        let dir = tempfile::tempdir().expect("temp folder");
        let file = current_file(dir.path());
        std::fs::write(&file, "a\nb").expect("writes");
        let open = BufReader::new(File::open(&file).expect("opens"));
        let mut seen = Vec::new();
        let outcome = follow(&file, Some(open), |line| {
            seen.push(line.to_owned());
            if line == "a" {
                writeln!(std::fs::OpenOptions::new().append(true).open(&file).expect("opens"), "!").expect("writes");
            } else if line == "b!" {
                std::fs::rename(&file, dir.path().join("orchd.log.1")).expect("moves");
                std::fs::write(&file, "c\n").expect("writes");
            } else {
                return Err(Failure::reader_gone());
            }
            Ok(())
        });
        assert!(outcome.is_err(), "only the reader ends following");
        assert_eq!(seen, ["a", "b!", "c"]);
    }
}
