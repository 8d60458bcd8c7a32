//! A line of JSON in, a line of JSON out. A line that cannot be read is answered with why, and the next one is read.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::decision::{Task, decide};

use super::options::Options;
use super::{DATA, IO, MOST_BYTES, answer, say};
use crate::knowledge::Knowledge;

/// One line.
#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    /// Comes back as it was given.
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    agent: Option<String>,
}

/// Answers every line of stdin; fails in the end if one could not be read.
pub(super) fn run(options: &Options, knowledge: &Knowledge) -> u8 {
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut wrong = false;
    loop {
        let mut line = Vec::new();
        let read = (&mut input).take(MOST_BYTES as u64 + 1).read_until(b'\n', &mut line);
        // The rest of a line that is too long is no line of its own.
        let is_long = line.len() > MOST_BYTES && !line.ends_with(b"\n");
        match read.and_then(|bytes| if is_long { input.skip_until(b'\n').map(|_| bytes) } else { Ok(bytes) }) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return say(IO, &format!("stdin cannot be read: {error}")),
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = if is_long {
            Err(json!({ "error": "the line is longer than 1 MiB" }))
        } else {
            answered(&line, options, knowledge)
        };
        wrong |= answer.is_err();
        let answer = answer.unwrap_or_else(|problem| problem);
        // Who writes a line and waits for its answer gets it.
        let waits = input.buffer().is_empty();
        match writeln!(out, "{answer}").and_then(|()| if waits { out.flush() } else { Ok(()) }) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return 0,
            Err(error) => return say(IO, &format!("stdout cannot be written: {error}")),
        }
    }
    match out.flush() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            say(IO, &format!("stdout cannot be written: {error}"))
        }
        _ if wrong => say(DATA, "a line is no task; its answer says why. A line is {\"text\": \"...\"}, at most 1 MiB"),
        _ => 0,
    }
}

/// Answers a line, or says what is wrong with it.
fn answered(line: &[u8], options: &Options, knowledge: &Knowledge) -> Result<Value, Value> {
    let line: Line = serde_json::from_slice(line).map_err(|error| json!({ "error": error.to_string() }))?;
    let with_id = |mut answer: Map<String, Value>| {
        if let Some(id) = &line.id {
            answer.insert("id".into(), id.clone());
        }
        Value::from(answer)
    };
    if !line.text.chars().any(char::is_alphanumeric) {
        return Err(with_id(Map::from_iter([("error".to_owned(), "the text has no words".into())])));
    }
    let task = Task {
        text: &line.text,
        project: line.project.as_deref().unwrap_or(&options.project),
        agent: line.agent.as_deref().or(options.agent.as_deref()),
        tool: None,
    };
    let decision = decide(&task, &knowledge.settings, knowledge.local.as_ref());
    Ok(with_id(answer::json(&decision, knowledge, options.explain.then_some(&*line.text))))
}
