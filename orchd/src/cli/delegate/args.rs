//! The command line of `orchd delegate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::Failure;
use crate::command::Code;
use crate::local_model::chat::Api;
use crate::local_model::chat::request::may_be_set;

#[derive(Debug, Args)]
pub(crate) struct Delegate {
    /// What is to be done; `-` or nothing reads it from standard input
    pub(super) task: Option<String>,
    /// A text file to work on; may be given again
    #[arg(long = "file", short, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How the model is to behave
    #[arg(long, value_name = "TEXT")]
    pub(super) system: Option<String>,
    /// The model; a `*` stands for any text [default: that of the settings, else what the server has loaded]
    #[arg(long, value_name = "NAME")]
    pub(super) model: Option<String>,
    /// The answer is to be JSON that fits the schema in this file
    #[arg(long, value_name = "FILE")]
    pub(super) json_schema: Option<PathBuf>,
    /// Longest the answer may take [default: an hour, ten minutes of it until the first token]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: Option<u64>,
    /// Who does it when the local model cannot
    #[arg(long, value_enum, default_value_t = Fallback::None)]
    pub(super) fallback: Fallback,
    /// A further field of the request, such as temperature=0; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = further_field)]
    pub(super) set: Vec<(String, Value)>,
    /// Ask for the answer in one piece
    #[arg(long)]
    pub(super) no_stream: bool,
    /// Show what the model thinks, on standard error
    #[arg(long)]
    pub(super) show_reasoning: bool,
    /// Print one JSON object at the end
    #[arg(long)]
    pub(super) json: bool,
    /// The server's address
    #[arg(long, value_name = "URL", hide = true)]
    pub(super) endpoint: Option<String>,
    /// The API to speak
    #[arg(long, value_enum, default_value_t = Speak::Openai, hide = true)]
    pub(super) api: Speak,
    /// How many tokens the model takes as it is loaded [default: what the server says]
    #[arg(long, value_name = "TOKENS", hide = true)]
    pub(super) context: Option<u64>,
}

/// Who does it when the local model cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Fallback {
    /// Claude Code: `claude -p` with the task on its standard input
    Claude,
    /// Nobody: exit code 75
    None,
}

/// Which API is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Speak {
    /// `/v1/chat/completions`
    Openai,
    /// `/api/v1/chat`
    LmStudio,
}

impl From<Speak> for Api {
    fn from(speak: Speak) -> Self {
        match speak {
            Speak::Openai => Self::OpenAi,
            Speak::LmStudio => Self::LmStudio,
        }
    }
}

/// Reads `key=value`, the value as JSON where it is some, else as text.
fn further_field(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    if !may_be_set(key) {
        return Err(format!("`{key}` is not for --set"));
    }
    Ok((key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}

/// Returns the failure of a command line that asks for nothing that can be done.
pub(super) fn usage(problem: impl Into<String>) -> Failure {
    Failure::new(Code::Usage, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn further_fields() {
        for (text, expected) in [
            ("temperature=0", Some(("temperature", json!(0)))),
            ("stop=[\"a\"]", Some(("stop", json!(["a"])))),
            ("grammar=root ::= \"a=b\"", Some(("grammar", json!("root ::= \"a=b\"")))),
            ("user=", Some(("user", json!("")))),
            ("temperature", None),
            ("stream=true", None),
            ("=1", None),
        ] {
            let expected = expected.map(|(key, value)| (key.to_owned(), value));
            assert_eq!(further_field(text).ok(), expected, "{text}");
        }
    }
}
