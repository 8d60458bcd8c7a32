//! The body of a question. Pure.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Which of a server's APIs is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Api {
    /// `/v1/chat/completions`, which every server has.
    #[default]
    OpenAi,
    /// LM Studio's `/api/v1/chat`: it tells its speed, and progress while it loads a model.
    LmStudio,
}

impl Api {
    /// Returns the path below the server's base address.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::LmStudio => "/api/v1/chat",
        }
    }
}

/// A text that goes along with the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFile {
    /// Its name, as the user wrote it.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// One question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatRequest {
    /// Which API.
    pub api: Api,
    /// What is to be done.
    pub task: String,
    /// How the model is to behave.
    pub system: Option<String>,
    /// Texts to work on.
    pub files: Vec<ContextFile>,
    /// The model; None takes what the server has loaded.
    pub model: Option<String>,
    /// A JSON schema that the answer must fit.
    pub json_schema: Option<Value>,
    /// Whether the answer is to come piece by piece.
    pub stream: bool,
    /// Further fields, such as `temperature`.
    pub more: Map<String, Value>,
}

/// Fields that are ours.
const OURS: [&str; 8] =
    ["messages", "input", "system_prompt", "model", "stream", "stream_options", "response_format", "store"];

/// Whether a further field of this name may be set.
#[must_use]
pub fn may_be_set(name: &str) -> bool {
    !name.is_empty() && !OURS.contains(&name)
}

impl ChatRequest {
    /// Returns the text of the task with its files, which stand first: models follow best what they read last.
    #[must_use]
    pub fn prompt(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let newline = if file.text.ends_with('\n') { "" } else { "\n" };
            // Writing into a String cannot fail.
            let _ = write!(text, "<file name=\"{}\">\n{}{newline}</file>\n\n", file.name, file.text);
        }
        text.push_str(&self.task);
        text
    }

    /// Returns about how many tokens the question is.
    #[must_use]
    pub fn estimated_tokens(&self) -> u64 {
        let schema = self.json_schema.as_ref().map(ToString::to_string).unwrap_or_default();
        [&self.prompt(), self.system.as_deref().unwrap_or_default(), &schema].map(super::tokens::estimate).iter().sum()
    }

    /// Returns the body for its API.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        if let Some(model) = &self.model {
            body.insert("model".into(), json!(model));
        }
        body.insert("stream".into(), json!(self.stream));
        match self.api {
            Api::OpenAi => self.openai(&mut body),
            Api::LmStudio => self.lm_studio(&mut body),
        }
        body.extend(self.more.iter().map(|(name, value)| (name.clone(), value.clone())));
        Value::Object(body)
    }

    fn openai(&self, body: &mut Map<String, Value>) {
        let system = self.system.iter().map(|text| json!({"role": "system", "content": text}));
        let user = std::iter::once(json!({"role": "user", "content": self.prompt()}));
        body.insert("messages".into(), system.chain(user).collect());
        if self.stream {
            body.insert("stream_options".into(), json!({"include_usage": true}));
        }
        if let Some(schema) = &self.json_schema {
            let format = json!({"type": "json_schema",
                "json_schema": {"name": "answer", "strict": true, "schema": schema}});
            body.insert("response_format".into(), format);
        }
    }

    fn lm_studio(&self, body: &mut Map<String, Value>) {
        body.insert("input".into(), json!(self.prompt()));
        if let Some(system) = &self.system {
            body.insert("system_prompt".into(), json!(system));
        }
        // Its default would keep the conversation on the server.
        body.insert("store".into(), json!(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> ChatRequest {
        ChatRequest {
            task: "Say why.".into(),
            system: Some("Be short.".into()),
            files: vec![ContextFile { name: "src/a.rs".into(), text: "fn a() {}".into() }],
            model: Some("deepseek-r1".into()),
            stream: true,
            more: json!({"temperature": 0}).as_object().cloned().expect("an object"),
            ..ChatRequest::default()
        }
    }

    #[test]
    fn bodies() {
        let prompt = "<file name=\"src/a.rs\">\nfn a() {}\n</file>\n\nSay why.";
        assert_eq!(
            request().body(),
            json!({"model": "deepseek-r1", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0,
                "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": prompt}]})
        );
        assert_eq!(
            ChatRequest { api: Api::LmStudio, ..request() }.body(),
            json!({"model": "deepseek-r1", "stream": true, "store": false, "temperature": 0, "system_prompt": "Be short.",
                "input": prompt})
        );
        let schema = json!({"type": "object"});
        let plain = ChatRequest { task: "Hi".into(), json_schema: Some(schema.clone()), ..ChatRequest::default() };
        assert_eq!(
            plain.body(),
            json!({"stream": false, "messages": [{"role": "user", "content": "Hi"}], "response_format":
                {"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}}})
        );
    }

    #[test]
    fn our_fields_are_ours() {
        assert!(["temperature", "seed", "max_tokens", "grammar"].iter().all(|name| may_be_set(name)));
        assert!(["", "messages", "model", "stream"].iter().all(|name| !may_be_set(name)));
    }
}
