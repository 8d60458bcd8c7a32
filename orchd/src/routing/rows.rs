//! Labelled tasks as JSON lines: what a text was, or what models made of it.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;

/// One labelled task. Which labels are there depends on the task.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    /// Of the row.
    pub id: String,
    /// What was asked.
    pub text: String,
    /// As good (1) or not (0), small or not, or the name of a class.
    pub label: Label,
    /// Quality of the weak model's answer.
    #[serde(default)]
    pub weak_score: Option<f64>,
    /// Quality of the strong model's answer.
    #[serde(default)]
    pub strong_score: Option<f64>,
    /// The kind of text.
    #[serde(default)]
    pub domain: String,
    /// Where the row is from.
    #[serde(default)]
    pub source: String,
    /// What the label says.
    pub task: Task,
    /// Other models' scores by name.
    #[serde(default)]
    pub scores: BTreeMap<String, f64>,
    /// Of a commit: files changed.
    #[serde(default)]
    pub files: Option<u32>,
    /// Of a commit: lines changed.
    #[serde(default)]
    pub lines: Option<u32>,
    /// The name of the agent that the text is of.
    #[serde(default)]
    pub agent_name: Option<String>,
}

/// What a label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// How a weak and a strong model did.
    Route,
    /// How large the change was.
    Complexity,
    /// What kind of work it was.
    Type,
    /// Which subagent it was for.
    Agent,
}

/// A label as it stands in the row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// 1 for yes, 0 for no.
    Bit(u8),
    /// A class.
    Name(String),
}

impl Row {
    /// Whether the label says yes.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.label == Label::Bit(1)
    }

    /// Whether the change was not large; None where nothing says.
    #[must_use]
    pub fn is_not_large(&self) -> Option<bool> {
        Some(self.lines? < 100 && self.files? < 8)
    }
}

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file.
    #[error("failed to read line {line}")]
    Read {
        /// Counted from 1.
        line: usize,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What stands in it.
    #[error("line {line} is not a labelled task")]
    Parse {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// Returns the rows of JSON lines. Empty lines are none.
pub fn read(lines: impl BufRead) -> Result<Vec<Row>, RowsError> {
    let mut rows = Vec::new();
    for (at, text) in lines.lines().enumerate() {
        let text = text.map_err(|source| RowsError::Read { line: at + 1, source })?;
        if !text.trim().is_empty() {
            rows.push(serde_json::from_str(&text).map_err(|source| RowsError::Parse { line: at + 1, source })?);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_each_task_and_a_broken_line() {
        let text = concat!(
            r#"{"id":"a","text":"t","label":1,"weak_score":1.0,"strong_score":0.5,"task":"route","scores":{"m":1},"new":[]}"#,
            "\n\n",
            r#"{"id":"b","text":"t","label":"bugfix","weak_score":null,"task":"type","files":2,"lines":99}"#,
        );
        let rows = read(text.as_bytes()).expect("rows");
        assert_eq!(rows.len(), 2);
        assert!(rows[0].is_yes() && !rows[1].is_yes());
        assert_eq!((rows[0].is_not_large(), rows[1].is_not_large()), (None, Some(true)));
        assert_eq!(rows[1].label, Label::Name("bugfix".into()));
        let error = read("\n{".as_bytes()).expect_err("broken");
        assert_eq!(error.to_string(), "line 2 is not a labelled task");
    }
}
