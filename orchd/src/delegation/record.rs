//! What the maker of a delegation tells of it: the one thing that knows how it went. Foreign when it comes over the wire, so it is
//! measured before it is believed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use shared::event::{DelegationId, Micros};
use shared::redact::redact_text;
use utoipa::ToSchema;

use super::preview::{ANSWER_CHARS, TASK_CHARS, preview};
use super::scores::Scores;
use crate::local_model::chat::LENGTH;

/// Longest name or id, bytes.
pub(super) const MOST_NAME: usize = 256;
/// Longest folder, bytes.
const MOST_DIR: usize = 4096;
/// Reasons, and the bytes of one.
pub(super) const MOST_REASONS: usize = 16;
/// Tokens of a prompt or an answer: more than any model takes.
pub(super) const MOST_TOKENS: u64 = 1 << 24;
/// Tokens a second: a hundred times what any machine does.
const MOST_PER_SECOND: f64 = 1e6;
/// Milliseconds that the local model may have had beyond the task's own: they are rounded apart.
const SLACK_MS: i64 = 1_000;
/// A task that is said to have taken longer did not: 30 days, milliseconds.
const MOST_MS: i64 = 30 * 24 * 3_600_000;
/// No client was there before: 2023-01-01, microseconds.
const EARLIEST: Micros = 1_672_531_200 * 1_000_000;
/// Clocks of one machine agree better than this, microseconds.
const MOST_AHEAD: Micros = 3_600 * 1_000_000;

/// How a task came to be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// `orchd delegate`.
    Command,
    /// The tool `delegate_task` of `orchd mcp`.
    Mcp,
}

impl Policy {
    /// Returns the word of the JSON and of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mcp => "mcp",
        }
    }
}

/// Where a task may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// On the local model.
    Local,
    /// On Claude.
    Claude,
}

impl Route {
    /// Returns the word of the JSON and of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Claude => "claude",
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The local model answered, perhaps not to the end.
    Completed,
    /// The local model could not, and Claude does or did it.
    FellBack,
    /// Nobody answered.
    Failed,
    /// Somebody ended it before its answer was whole.
    Cancelled,
}

impl Outcome {
    /// Returns the word of the JSON and of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::FellBack => "fell_back",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns where a task of this outcome ran; None where nobody finished it.
    #[must_use]
    pub fn ran(self) -> Option<Route> {
        match self {
            Self::Completed => Some(Route::Local),
            Self::FellBack => Some(Route::Claude),
            Self::Failed | Self::Cancelled => None,
        }
    }
}

/// Who counted tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// The server.
    Server,
    /// We, by the pieces that came.
    Counted,
    /// Nobody: by the length of the texts.
    Estimated,
}

impl Counted {
    /// Returns the word of the JSON and of the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Counted => "counted",
            Self::Estimated => "estimated",
        }
    }
}

/// What the local model read and wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenCount {
    /// Of the prompt.
    pub input: u64,
    /// Of reasoning and answer.
    pub output: u64,
    /// Of those, the reasoning.
    pub reasoning: u64,
    /// Who counted the first two; the weaker of the two where they differ.
    pub source: Counted,
}

impl TokenCount {
    /// Tokens of the answer without its reasoning.
    #[must_use]
    pub fn answer(&self) -> u64 {
        self.output.saturating_sub(self.reasoning)
    }
}

/// One task that was handed to the local model, as its maker tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DelegationRecord)]
pub struct Record {
    /// `delegation:<uuid>`. The same id again changes nothing.
    pub task_id: String,
    /// How it came to be handed over.
    pub policy: Policy,
    /// The task on behalf of which it was done.
    #[serde(default)]
    pub parent_task: Option<String>,
    /// The session that asked.
    #[serde(default)]
    pub session_id: Option<String>,
    /// Its tool call.
    #[serde(default)]
    pub tool_use_id: Option<String>,
    /// The project's folder.
    #[serde(default)]
    pub project_dir: Option<String>,
    /// When it was decided, microseconds.
    pub decided_at: Micros,
    /// When it ended, microseconds.
    pub ended_at: Micros,
    /// What the router recommended; null where none was asked.
    #[serde(default)]
    pub recommended_route: Option<Route>,
    /// How sure it was, 0 to 1.
    #[serde(default)]
    pub confidence: Option<f64>,
    /// Which router.
    #[serde(default)]
    pub router_version: Option<String>,
    /// Why, in words.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// What else it said of the task; null where it was not asked.
    #[serde(default)]
    pub scores: Option<Box<Scores>>,
    /// The state of the local model at that moment; null where nobody looked.
    #[serde(default)]
    pub local_model_state: Option<String>,
    /// How it ended. Where it ran follows from that.
    pub outcome: Outcome,
    /// Why it was not completed, a word; `length` where it was, by an answer that ends at its token limit.
    #[serde(default)]
    pub reason: Option<String>,
    /// The server's address.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The local model.
    #[serde(default)]
    pub model: Option<String>,
    /// How often the server was asked.
    #[serde(default)]
    pub tries: u32,
    /// Milliseconds that went into the local model, whatever came of it.
    pub local_ms: i64,
    /// Milliseconds to the first token.
    #[serde(default)]
    pub first_token_ms: Option<f64>,
    /// Tokens a second.
    #[serde(default)]
    pub tokens_per_second: Option<f64>,
    /// What was read and written; null where nobody counted.
    #[serde(default)]
    pub tokens: Option<TokenCount>,
    /// How the task begins.
    #[serde(default)]
    pub task: Option<String>,
    /// How the answer begins.
    #[serde(default)]
    pub answer: Option<String>,
}

impl Record {
    /// Returns the record of a task that ended as `outcome`, of which nothing else is known yet.
    #[must_use]
    pub fn new(id: DelegationId, policy: Policy, decided_at: Micros, ended_at: Micros, outcome: Outcome) -> Self {
        Self {
            task_id: id.to_string(),
            policy,
            parent_task: None,
            session_id: None,
            tool_use_id: None,
            project_dir: None,
            decided_at,
            ended_at,
            recommended_route: None,
            confidence: None,
            router_version: None,
            reasons: Vec::new(),
            scores: None,
            local_model_state: None,
            outcome,
            reason: None,
            endpoint: None,
            model: None,
            tries: 0,
            local_ms: 0,
            first_token_ms: None,
            tokens_per_second: None,
            tokens: None,
            task: None,
            answer: None,
        }
    }

    /// How long it took, milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        (self.ended_at - self.decided_at) / 1_000
    }

    /// Whether there is an answer, and somebody has to do the rest.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.outcome == Outcome::Completed && self.reason.as_deref() == Some(LENGTH)
    }

    /// Returns the record with its secrets redacted and its previews cut, or what is wrong with it, to stand behind "the body".
    pub fn checked(self, now_at: Micros) -> Result<Self, &'static str> {
        // The same id in another form would be another task.
        if self.task_id.parse::<DelegationId>().map(|id| id.to_string()).as_ref() != Ok(&self.task_id) {
            return Err("has a task_id that is not delegation: and a UUID");
        }
        let names = [&self.session_id, &self.tool_use_id, &self.parent_task, &self.router_version, &self.model];
        let more = [&self.local_model_state, &self.reason, &self.endpoint];
        if !names.into_iter().chain(more).flatten().all(|name| is_name(name, MOST_NAME)) {
            return Err("has an id or a name that is empty, too long or holds control characters");
        }
        if !self.project_dir.iter().all(|dir| is_name(dir, MOST_DIR)) {
            return Err("has a project_dir that is no folder");
        }
        if self.reasons.len() > MOST_REASONS || !self.reasons.iter().all(|reason| is_name(reason, MOST_NAME)) {
            return Err("has more or longer reasons than are kept");
        }
        let latest = now_at.saturating_add(MOST_AHEAD);
        if !(EARLIEST..=self.ended_at).contains(&self.decided_at)
            || self.ended_at > latest
            || self.duration_ms() > MOST_MS
        {
            return Err("has times that cannot be");
        }
        if self.local_ms > self.duration_ms() + SLACK_MS {
            return Err("has a local_ms that is longer than the task was");
        }
        if self.endpoint.as_deref().is_some_and(|url| url.contains(['@', '?', '#'])) {
            return Err("has an endpoint with more than an address in it");
        }
        if !(0..=MOST_MS).contains(&self.local_ms) {
            return Err("has a local_ms that cannot be");
        }
        if self.confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            return Err("has a confidence that is not from 0 to 1");
        }
        if self.tokens.is_some_and(|tokens| tokens.reasoning > tokens.output) {
            return Err("has more reasoning than output");
        }
        if self.tokens.is_some_and(|tokens| tokens.input.max(tokens.output) > MOST_TOKENS) {
            return Err("has more tokens than any model takes");
        }
        if self.outcome == Outcome::Completed && self.tokens.is_none() {
            return Err("has no tokens, and yet it was completed");
        }
        Ok(self.with_measures_that_can_be().redacted())
    }

    /// Returns the record without measures that cannot be: they are a server's own as a rule, and the rest is true without them.
    fn with_measures_that_can_be(mut self) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 milliseconds")]
        let most_ms = (self.duration_ms() + SLACK_MS) as f64;
        self.first_token_ms = self.first_token_ms.filter(|ms| (0.0..=most_ms).contains(ms));
        self.tokens_per_second = self.tokens_per_second.filter(|speed| (0.0..=MOST_PER_SECOND).contains(speed));
        self.scores = self.scores.filter(|scores| scores.can_be());
        self
    }

    /// Returns the record without secrets in any of its texts: who tells of a delegation may be anybody's script.
    fn redacted(mut self) -> Self {
        self.task = self.task.map(|text| preview(&text, TASK_CHARS));
        self.answer = self.answer.map(|text| preview(&text, ANSWER_CHARS));
        let ids = [&mut self.session_id, &mut self.tool_use_id, &mut self.parent_task];
        let names = [&mut self.router_version, &mut self.model, &mut self.local_model_state, &mut self.reason];
        let places = [&mut self.project_dir, &mut self.endpoint];
        let of_scores = self.scores.iter_mut().filter_map(|scores| scores.local_model.as_mut());
        let texts = ids.into_iter().chain(names).chain(places).flatten().chain(&mut self.reasons).chain(of_scores);
        for text in texts {
            if let (Cow::Owned(clean), _) = redact_text(text) {
                *text = clean;
            }
        }
        self
    }
}

fn is_name(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Micros = 1_795_338_600_000_000;

    fn body() -> Value {
        json!({
            "task_id": "delegation:0199aaaa-0000-7000-8000-000000000001",
            "policy": "command", "decided_at": NOW - 2_000_000, "ended_at": NOW, "outcome": "completed", "local_ms": 1990,
            "tokens": {"input": 10, "output": 5, "reasoning": 2, "source": "server"},
            "one day": "there may be more",
        })
    }

    fn with(key: &str, value: Value) -> Result<Record, &'static str> {
        let mut body = body();
        body[key] = value;
        let record: Record = serde_json::from_value(body).map_err(|_| "no record")?;
        record.checked(NOW)
    }

    #[test]
    fn what_is_there_is_enough_and_where_it_ran_follows() {
        let record = with("session_id", json!(null)).expect("a record");
        assert_eq!((record.outcome.ran(), record.duration_ms(), record.tries), (Some(Route::Local), 2_000, 0));
        assert_eq!(record.tokens.map(|tokens| tokens.answer()), Some(3));
        let again: Record = serde_json::from_value(json!(record)).expect("a record");
        assert_eq!(again, record, "what is sent is what is read");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let long = "x".repeat(300);
        for (key, value) in [
            ("task_id", json!("delegation:1")),
            ("task_id", json!("prompt:0199aaaa-0000-7000-8000-000000000001")),
            ("task_id", json!("delegation:0199AAAA-0000-7000-8000-000000000001")),
            ("task_id", json!("delegation:0199aaaa000070008000000000000001")),
            ("policy", json!("magic")),
            ("outcome", json!("won")),
            ("session_id", json!("")),
            ("session_id", json!("a\u{1b}b")),
            ("model", json!(long)),
            ("project_dir", json!("/".repeat(5000))),
            ("reasons", json!(vec!["because"; 17])),
            ("reasons", json!([long])),
            ("decided_at", json!(-1)),
            ("decided_at", json!(0)),
            ("local_ms", json!(3_001)),
            ("endpoint", json!("http://u:pw@127.0.0.1:1/")),
            ("endpoint", json!("http://127.0.0.1:1/?token=x")),
            ("decided_at", json!(NOW + 1)),
            ("decided_at", json!(i64::MIN)),
            ("ended_at", json!(NOW + 2 * MOST_AHEAD)),
            ("ended_at", json!(i64::MAX)),
            ("local_ms", json!(-1)),
            ("local_ms", json!(i64::MAX)),
            ("confidence", json!(1.1)),
            ("tokens", json!({"input": 1, "output": 1, "reasoning": 2, "source": "server"})),
            ("tokens", json!({"input": 20_000_000, "output": 1, "reasoning": 0, "source": "server"})),
            ("tokens", json!(null)),
        ] {
            assert!(with(key, value.clone()).is_err(), "{key} {value}");
        }
    }

    #[test]
    fn a_measure_that_cannot_be_is_left_out_and_the_record_kept() {
        for (key, value, kept) in [
            ("tokens_per_second", json!(42.5), true),
            ("tokens_per_second", json!(-0.1), false),
            ("tokens_per_second", json!(1e7), false),
            ("tokens_per_second", json!(1e300), false),
            ("first_token_ms", json!(1990.5), true),
            ("first_token_ms", json!(3_001), false),
            ("first_token_ms", json!(1e300), false),
            ("first_token_ms", json!(-1), false),
        ] {
            let record = json!(with(key, value.clone()).expect("a record"));
            assert_eq!(record[key], if kept { value.clone() } else { Value::Null }, "{key} {value}");
        }
    }

    #[test]
    fn no_field_keeps_a_secret() {
        let secret = format!("sk-ant-api03-{}", "a1B2".repeat(24));
        for key in [
            "session_id",
            "tool_use_id",
            "parent_task",
            "project_dir",
            "router_version",
            "reasons",
            "local_model_state",
            "reason",
            "endpoint",
            "model",
            "task",
            "answer",
        ] {
            let text = format!("http://127.0.0.1:1/{secret}");
            let value = if key == "reasons" { json!(["because", text]) } else { json!(text) };
            let record = json!(with(key, value).expect("a record"));
            assert!(!record.to_string().contains(&secret), "{record}");
            assert!(record[key].to_string().contains("[redacted:"), "{record}");
        }
    }

    #[test]
    fn previews_are_redacted_and_cut() {
        let secret = format!("sk-ant-api03-{}", "a1B2".repeat(24));
        let record = with("task", json!(format!("Use {secret}. {}", "é".repeat(900)))).expect("a record");
        let task = record.task.expect("a task");
        assert!(!task.contains(&secret) && task.contains("[redacted:"), "{task}");
        assert_eq!(task.chars().count(), TASK_CHARS);
    }
}
