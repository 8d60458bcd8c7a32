use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::*;

/// A project beside a folder that is none, each with one file.
fn folders() -> (tempfile::TempDir, Rules) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in
        [("project/src/a.rs", "fn a() {}\n"), ("outside/secret.txt", "nobody's"), ("project-b/b.rs", "b")]
    {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
        fs::write(path, text).expect("writes");
    }
    let rules = Rules::new(Roots::of([folder.path().join("project")]), &[]);
    (folder, rules)
}

fn read(rules: &Rules, path: &str) -> Result<(String, String), String> {
    let read = rules.read(&[path.to_owned()], 1).map_err(|error| error.to_string())?;
    let [file] = read.as_slice() else { panic!("one file: {read:?}") };
    Ok((file.name.clone(), file.text.clone()))
}

#[test]
fn files_of_the_project_are_read_by_any_path_that_leads_there() {
    let (folder, rules) = folders();
    let project = folder.path().join("project");
    symlink("src/a.rs", project.join("link.rs")).expect("links");
    symlink(&project, folder.path().join("way")).expect("links");
    for path in [
        "src/a.rs".to_owned(),
        "./src/../src/a.rs".to_owned(),
        "link.rs".to_owned(),
        project.join("src/a.rs").display().to_string(),
        folder.path().join("way/src/a.rs").display().to_string(),
    ] {
        assert_eq!(read(&rules, &path), Ok(("src/a.rs".to_owned(), "fn a() {}\n".to_owned())), "{path}");
    }
}

#[test]
fn nothing_outside_is_read() {
    let (folder, rules) = folders();
    let project = folder.path().join("project");
    symlink(folder.path().join("outside/secret.txt"), project.join("out.txt")).expect("links");
    symlink(folder.path().join("outside"), project.join("out")).expect("links");
    for path in [
        "../outside/secret.txt",
        "out.txt",
        "out/secret.txt",
        "src/../../outside/secret.txt",
        "../project-b/b.rs",
        "/etc/passwd",
    ] {
        assert_eq!(read(&rules, path), Err(format!("`{path}` lies outside of the project")));
    }
    let nowhere = Rules::new(Roots::of([]), &[]);
    assert!(read(&nowhere, "/etc/passwd").expect_err("refused").contains("no project folder"));
}

#[test]
fn what_is_no_text_file_is_refused_and_nothing_hangs() {
    let (folder, rules) = folders();
    let project = folder.path().join("project");
    let pipe = project.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .expect("makes a pipe");
    let _listener = UnixListener::bind(project.join("socket")).expect("binds");
    symlink("/dev/zero", project.join("zero")).expect("links");
    symlink("nowhere", project.join("broken")).expect("links");
    symlink("round", project.join("round")).expect("links");
    fs::write(project.join("program"), b"\x7fELF\0\0").expect("writes");
    fs::write(project.join("latin"), b"caf\xe9").expect("writes");
    let large = fs::File::create(project.join("large")).expect("makes the file");
    large.set_len(50 << 20).expect("grows");
    for (path, expected) in [
        ("pipe", "is no regular file"),
        ("socket", "is no regular file"),
        ("zero", "is no regular file"),
        ("src", "is a folder"),
        ("missing.rs", "does not exist"),
        ("src/a.rs/below", "does not exist"),
        ("broken", "does not exist"),
        ("round", "cannot be read"),
        ("program", "is not UTF-8 text"),
        ("latin", "is not UTF-8 text"),
        ("large", "is larger than 1 MiB"),
        ("", "is a folder"),
        ("a\0b", "cannot be read"),
    ] {
        let error = read(&rules, path).expect_err(path);
        assert!(error.contains(expected), "{path}: {error}");
    }
}

#[test]
fn what_may_not_be_read_is_said() {
    let (folder, rules) = folders();
    let closed = folder.path().join("project/closed.rs");
    fs::write(&closed, "x").expect("writes");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("changes the mode");
    // Root may read it all the same.
    if File::open(&closed).is_err() {
        assert!(read(&rules, "closed.rs").expect_err("refused").contains("cannot be read: Permission denied"));
    }
}

#[test]
fn many_files_are_bounded_together() {
    let (folder, rules) = folders();
    let large = folder.path().join("project/large.txt");
    fs::write(&large, "x".repeat(FILE_BYTES_MAX)).expect("writes");
    let four = vec!["large.txt".to_owned(); 4];
    assert_eq!(rules.read(&four, 0).expect("just fits").len(), 4);
    assert!(matches!(rules.read(&four, 1), Err(FileError::TooLargeInAll)), "the task counts too");
    assert!(matches!(rules.read(&[], QUESTION_BYTES_MAX + 1), Err(FileError::TooLargeInAll)));
    let five = vec!["large.txt".to_owned(); 5];
    assert!(matches!(rules.read(&five, 0), Err(FileError::TooLargeInAll)));
    let many = vec!["src/a.rs".to_owned(); FILES_MAX + 1];
    assert!(matches!(rules.read(&many, 0), Err(FileError::TooMany(_))));
}

#[test]
fn secrets_and_excluded_projects_stay() {
    let (folder, rules) = folders();
    let project = folder.path().join("project");
    for path in [".env", "server.pem", "closed/plan.md"] {
        let path = project.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
        fs::write(path, "x").expect("writes");
    }
    symlink(".env", project.join("harmless.txt")).expect("links");
    symlink("src/a.rs", project.join("id_rsa")).expect("links");
    for path in [".env", "server.pem", "harmless.txt", "id_rsa"] {
        assert!(read(&rules, path).expect_err(path).contains("holds secrets by its name"), "{path}");
    }
    symlink(&project, folder.path().join("way")).expect("links");
    let rule = ProjectRule { dir: folder.path().join("way/closed"), record: Recording::Off };
    let rules = Rules::new(rules.roots, &[rule]);
    assert!(read(&rules, "closed/plan.md").expect_err("refused").contains("the settings exclude"));
    assert!(read(&rules, "src/a.rs").is_ok());
}

#[test]
fn a_name_cannot_break_out_of_its_line() {
    let (folder, rules) = folders();
    fs::write(folder.path().join("project/a\nb\u{1b}[2J.txt"), "x").expect("writes");
    let (name, _) = read(&rules, "a\nb\u{1b}[2J.txt").expect("reads");
    assert!(!name.contains(['\n', '\u{1b}']), "{name:?}");
}
