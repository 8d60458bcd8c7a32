//! Transcripts as the client writes them.

use std::fs::{File, create_dir_all};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

/// A project's folder below a root.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// Makes the folder of the project at `dir`.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn new(root: &Path, dir: &str) -> Self {
        let name: String = dir.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let folder = root.join("projects").join(name);
        create_dir_all(&folder).expect("a folder can be made");
        Self { folder }
    }

    /// Where the transcript `name` lies.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.jsonl"))
    }

    /// Appends a line, made with its folders where it is new.
    pub fn append(&self, name: &str, line: &str) {
        self.append_raw(name, &format!("{line}\n"));
    }

    /// Appends some text as it is.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn append_raw(&self, name: &str, text: &str) {
        let path = self.file(name);
        create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
        let mut file = File::options().create(true).append(true).open(path).expect("a file can be opened");
        file.write_all(text.as_bytes()).expect("a file can be written");
    }
}

/// A line that tells of a request, without its newline.
#[must_use]
pub fn line(session: &str, message: &str, output_tokens: u64) -> String {
    json!({
        "type": "assistant", "sessionId": session, "timestamp": "2026-11-22T16:58:09.948Z", "cwd": "/home/dev/app",
        "message": {
            "id": message, "model": "claude-opus-5-5", "stop_reason": "end_turn",
            "usage": { "input_tokens": 3, "output_tokens": output_tokens },
        },
    })
    .to_string()
}
