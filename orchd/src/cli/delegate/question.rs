//! What is asked: the task, its files, its schema. Reads them, bounded, and refuses what is no text.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

use serde_json::Value;

use super::Failure;
use super::args::{Delegate, usage};
use crate::local_model::chat::plain_text::{FILE_BYTES_MAX, QUESTION_BYTES_MAX, plain_text};
use crate::local_model::chat::request::ContextFile;
use crate::local_model::chat::{Api, ChatRequest};

/// Returns the question of the command line.
pub(super) fn question(args: &Delegate) -> Result<ChatRequest, Failure> {
    let task = task(args.task.as_deref())?;
    let files = args.files.iter().map(|path| context_file(path)).collect::<Result<Vec<_>, _>>()?;
    let bytes = task.len() + files.iter().map(|file| file.text.len()).sum::<usize>();
    if bytes > QUESTION_BYTES_MAX {
        let all = format!("the task and its files are {} MiB in all; the limit is 4", bytes.div_ceil(1 << 20));
        return Err(usage(all).hint("fewer files, or parts of them"));
    }
    // LM Studio's own API takes no schema; its OpenAI API does.
    let api = if args.json_schema.is_some() { Api::OpenAi } else { args.api.into() };
    Ok(ChatRequest {
        api,
        task,
        system: args.system.clone(),
        files,
        model: args.model.clone(),
        json_schema: args.json_schema.as_deref().map(schema).transpose()?,
        stream: !args.no_stream,
        more: args.set.iter().cloned().collect(),
    })
}

fn task(given: Option<&str>) -> Result<String, Failure> {
    let text = match given {
        Some(text) if text != "-" => text.to_owned(),
        None if std::io::stdin().is_terminal() => {
            return Err(usage("there is no task").hint("orchd delegate \"what is to be done\""));
        }
        _ => text_of(std::io::stdin(), "standard input", QUESTION_BYTES_MAX)?,
    };
    if text.trim().is_empty() { Err(usage("the task is empty")) } else { Ok(text) }
}

fn context_file(path: &Path) -> Result<ContextFile, Failure> {
    let name = path.display().to_string();
    Ok(ContextFile { text: read(path, &name)?, name })
}

fn schema(path: &Path) -> Result<Value, Failure> {
    let name = path.display().to_string();
    let schema: Value = serde_json::from_str(&read(path, &name)?)
        .map_err(|error| usage(format!("`{name}` is not JSON")).because(error))?;
    if schema.is_object() {
        Ok(schema)
    } else {
        Err(usage(format!("`{name}` is no JSON schema: it must be an object")))
    }
}

fn read(path: &Path, name: &str) -> Result<String, Failure> {
    let file = File::open(path).map_err(|error| usage(format!("`{name}` cannot be read")).because(error))?;
    text_of(file, name, FILE_BYTES_MAX)
}

/// Reads at most `limit` bytes of text. What is longer is refused, not cut: half a file is another task.
fn text_of(source: impl Read, name: &str, limit: usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = source.take(limit as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| usage(format!("`{name}` cannot be read")).because(error))?;
    if bytes.len() > limit {
        return Err(usage(format!("`{name}` is larger than {} MiB", limit >> 20)).hint("a part of it"));
    }
    plain_text(bytes).ok_or_else(|| usage(format!("`{name}` is not text")).hint("UTF-8 text files only"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::line::Colours;

    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let found = text_of(bytes, "a.txt", 1 << 20).map_err(|failure| failure.text(Colours::Off));
        match (found, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected),
            (Err(text), Err(part)) => assert!(text.contains(part), "{text}"),
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn texts_and_what_is_none() {
        check(b"hello \xc3\xa9\n", Ok("hello é\n"));
        check(b"\xef\xbb\xbfhello", Ok("hello"));
        check(b"", Ok(""));
        check(b"\x7fELF\x02\x01\x01\0\0", Err("`a.txt` is not text"));
        check(b"h\0e\0l\0l\0o\0", Err("is not text"));
        check(b"\xff\xfe", Err("is not text"));
        check(&vec![b'a'; 1 << 20], Ok(&"a".repeat(1 << 20)));
        check(&vec![b'a'; (1 << 20) + 1], Err("larger than 1 MiB"));
    }
}
