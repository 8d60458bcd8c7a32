//! How often Claude is advised: once in a while of each session. An empty file marks a while in which it was; the daemon sweeps old ones.

use std::fs::OpenOptions;
use std::path::Path;

use shared::advice_mark;
use shared::event::Micros;
use shared::paths::make_private_dir;

/// Whether this session was not advised for a while; from now on it was. Of hooks that ask at the same time one is told so.
pub(super) fn is_due(dir: &Path, session_id: &str, now_at: Micros) -> bool {
    let name = advice_mark::name(session_id, now_at);
    let mark = || OpenOptions::new().write(true).create_new(true).open(dir.join(&name));
    let made = mark().or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => make_private_dir(dir).and_then(|()| mark()),
        _ => Err(error),
    });
    made.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::advice_mark::WHILE;

    #[test]
    fn once_in_a_while_of_each_session() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("advised");
        assert!(is_due(&dir, "a", 0) && !is_due(&dir, "a", WHILE - 1));
        assert!(is_due(&dir, "b", 0) && is_due(&dir, "a", WHILE));
        std::fs::write(folder.path().join("file"), "").expect("written");
        assert!(!is_due(&folder.path().join("file"), "a", 0), "what cannot be marked is not due");
    }
}
