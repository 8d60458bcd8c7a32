//! A line of JSON in, a line of JSON out. A line that cannot be read is answered with why, and the next one is read.

use std::io::{BufRead, BufWriter, Read, Write};

use serde::Deserialize;
use serde_json::{Value, json};
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
    let (mut input, mut out) = (std::io::stdin().lock(), BufWriter::new(std::io::stdout().lock()));
    let mut wrong = false;
    loop {
        let mut line = Vec::new();
        match (&mut input).take(MOST_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return say(IO, &format!("stdin cannot be read: {error}")),
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = match read(&line) {
            Ok(line) => answered(&line, options, knowledge),
            Err(problem) => {
                wrong = true;
                json!({ "error": problem })
            }
        };
        match writeln!(out, "{answer}") {
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

fn read(line: &[u8]) -> Result<Line, String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if line.text.chars().any(char::is_alphanumeric) { Ok(line) } else { Err("the text has no words".to_owned()) }
}

fn answered(line: &Line, options: &Options, knowledge: &Knowledge) -> Value {
    let task = Task {
        text: &line.text,
        project: line.project.as_deref().unwrap_or(&options.project),
        agent: line.agent.as_deref().or(options.agent.as_deref()),
        tool: None,
    };
    let decision = decide(&task, &knowledge.settings, knowledge.local.as_ref());
    let mut answer = answer::json(&decision, knowledge, options.explain.then_some(&*line.text));
    if let Some(id) = &line.id {
        answer.insert("id".into(), id.clone());
    }
    answer.into()
}
