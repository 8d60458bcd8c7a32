//! One line of a transcript.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use shared::event::Micros;

use super::cost_state;
use crate::ledger::{ClientCost, Request, Source};
use crate::pricing::{Tokens, Usage};

/// Model of the client's own messages: errors and notices that no request stands behind.
const SYNTHETIC: &str = "<synthetic>";
/// Bytes of a line in which its kind is looked for where nothing else tells it: the client writes the kind first.
const KIND_WITHIN: usize = 128;

/// What a line says that the ledger wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A request and what it used.
    Request(Box<Request>),
    /// The prompt that the lines below serve.
    Prompt(String),
    /// What the client counted for the session so far.
    ClientCost(ClientCost),
    /// Nothing.
    Other,
    /// It names a usage and cannot be read.
    Malformed,
}

/// Reads a line without its newline.
#[must_use]
pub fn parse(line: &[u8]) -> Line {
    // A key cannot stand inside a string of JSON with its quotes unescaped: what lacks it needs no parser.
    if memmem::find(line, b"\"usage\"").is_some() {
        match serde_json::from_slice::<Row<'_>>(line) {
            Ok(row) => row.read(),
            Err(_) => Line::Malformed,
        }
    } else if memmem::find(line, b"\"promptId\"").is_some() {
        match serde_json::from_slice::<PromptRow<'_>>(line) {
            Ok(PromptRow { prompt_id: Some(id) }) => Line::Prompt(id.into_owned()),
            _ => Line::Other,
        }
    } else if memmem::find(&line[..line.len().min(KIND_WITHIN)], b"\"cost-state\"").is_some() {
        cost_state::parse(line).map_or(Line::Other, Line::ClientCost)
    } else {
        Line::Other
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptRow<'a> {
    #[serde(borrow)]
    prompt_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow)]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    session_id: Option<Cow<'a, str>>,
    /// On a line that a fork copied: the session that asked.
    #[serde(borrow)]
    request_session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    agent_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    attribution_agent: Option<Cow<'a, str>>,
    #[serde(borrow)]
    prompt_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cwd: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    is_aborted_mid_stream: Option<bool>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stop_reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    usage: Option<UsageRow<'a>>,
}

/// The usage of a response, or of one of its iterations.
#[derive(Deserialize)]
struct UsageRow<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    server_tool_use: Option<ServerTools>,
    #[serde(borrow)]
    service_tier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    speed: Option<Cow<'a, str>>,
    #[serde(borrow)]
    inference_geo: Option<Cow<'a, str>>,
    #[serde(borrow)]
    iterations: Option<Vec<UsageRow<'a>>>,
}

#[derive(Deserialize)]
struct CacheCreation {
    ephemeral_1h_input_tokens: Option<u64>,
    ephemeral_5m_input_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct ServerTools {
    web_search_requests: Option<u64>,
}

impl Row<'_> {
    fn read(self) -> Line {
        let Some(Message { id: Some(id), model: Some(model), stop_reason, usage: Some(usage) }) = self.message else {
            return self.prompt_id.map_or(Line::Other, |id| Line::Prompt(id.into_owned()));
        };
        if self.kind.as_deref() != Some("assistant") || model == SYNTHETIC || id.is_empty() {
            return Line::Other;
        }
        // Without a time no day can be given the request, and without a session nobody.
        let session = self.request_session_id.or(self.session_id);
        let (Some(session), Some(at)) = (session, self.timestamp.and_then(|text| micros(&text))) else {
            return Line::Malformed;
        };
        let usage = usage.read();
        let unfinished = stop_reason.is_none() && usage.tokens.output <= 1;
        Line::Request(Box::new(Request {
            source: Source::Transcript,
            message_id: Some(id.into_owned()),
            request_id: self.request_id.map(Cow::into_owned),
            model: model.into_owned(),
            session_id: session.into_owned(),
            agent_id: self.agent_id.map(Cow::into_owned),
            agent_type: self.attribution_agent.map(Cow::into_owned),
            prompt_id: self.prompt_id.map(Cow::into_owned),
            cwd: self.cwd.map(Cow::into_owned),
            at,
            usage,
            cut: unfinished || self.is_aborted_mid_stream == Some(true),
            price: None,
            cost_nano_usd: None,
        }))
    }
}

impl UsageRow<'_> {
    fn read(&self) -> Usage {
        let parts = self.iterations.iter().flatten().filter(|part| part.kind.as_deref() == Some("message"));
        Usage {
            tokens: self.tokens(),
            iterations: parts.map(UsageRow::tokens).collect(),
            web_searches: self.server_tool_use.as_ref().and_then(|tools| tools.web_search_requests).unwrap_or(0),
            fast: self.speed.as_deref() == Some("fast"),
            batch: self.service_tier.as_deref() == Some("batch"),
            us_only: self.inference_geo.as_deref() == Some("us"),
        }
    }

    fn tokens(&self) -> Tokens {
        let split = self
            .cache_creation
            .as_ref()
            .map(|split| (split.ephemeral_5m_input_tokens.unwrap_or(0), split.ephemeral_1h_input_tokens.unwrap_or(0)));
        let (short, long) = split.unwrap_or_default();
        // The sum is what is billed; what the split leaves out of it was written for five minutes.
        let sum = self.cache_creation_input_tokens.unwrap_or_else(|| short.saturating_add(long));
        let long = long.min(sum);
        Tokens {
            input: self.input_tokens.unwrap_or(0),
            output: self.output_tokens.unwrap_or(0),
            cache_read: self.cache_read_input_tokens.unwrap_or(0),
            cache_write_5m: sum - long,
            cache_write_1h: long,
        }
    }
}

/// Reads a time as the client writes it.
fn micros(text: &str) -> Option<Micros> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: &str = r#"{"input_tokens":3,"cache_creation_input_tokens":30,"cache_read_input_tokens":7,
        "output_tokens":50,"server_tool_use":{"web_search_requests":2},"service_tier":"standard",
        "cache_creation":{"ephemeral_1h_input_tokens":10,"ephemeral_5m_input_tokens":20},"inference_geo":"","iterations":[],
        "speed":"standard","fallback_credit":null}"#;

    fn line(message: &str, rest: &str) -> String {
        format!(
            r#"{{"type":"assistant","message":{{"id":"msg_1","model":"claude-opus-5-5",{message}}},"sessionId":"s",
            "timestamp":"2026-11-22T16:58:09.948Z"{rest}}}"#
        )
    }

    fn request(text: &str) -> Request {
        match parse(text.as_bytes()) {
            Line::Request(request) => *request,
            other => panic!("{other:?} of {text}"),
        }
    }

    #[test]
    fn a_response_is_read_with_all_that_prices_it() {
        let text = line(
            &format!(
                r#""stop_reason":"tool_use","content":[{{"type":"text","text":"a \"usage\" of"}}],"usage":{USAGE}"#
            ),
            r#","requestId":"req_1","agentId":"a1","cwd":"/home/dev/p","uuid":"u""#,
        );
        let request = request(&text);
        let tokens = Tokens { input: 3, output: 50, cache_read: 7, cache_write_5m: 20, cache_write_1h: 10 };
        assert_eq!(request.usage, Usage { tokens, web_searches: 2, ..Usage::default() });
        assert_eq!((request.request_id.as_deref(), request.agent_id.as_deref()), (Some("req_1"), Some("a1")));
        assert_eq!((request.session_id.as_str(), request.at, request.cut), ("s", 1_795_366_689_948_000, false));
    }

    #[test]
    fn factors_and_iterations_are_seen() {
        let usage = r#"{"input_tokens":4,"output_tokens":2,"speed":"fast","service_tier":"batch","inference_geo":"us","iterations":
            [{"type":"message","input_tokens":1,"output_tokens":1},{"type":"advisor","input_tokens":9},{"type":"message","input_tokens":3,"output_tokens":1}]}"#;
        let usage = request(&line(&format!(r#""stop_reason":"end_turn","usage":{usage}"#), "")).usage;
        assert!(usage.fast && usage.batch && usage.us_only);
        assert_eq!(usage.iterations.iter().map(|part| part.input).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_cut_stream_is_a_lower_bound_and_a_copy_belongs_to_who_asked() {
        let cut = line(r#""stop_reason":null,"usage":{"output_tokens":1}"#, "");
        assert!(request(&cut).cut);
        let aborted = line(r#""stop_reason":null,"usage":{"output_tokens":9}"#, r#","isAbortedMidStream":true"#);
        assert!(request(&aborted).cut);
        let copied = line(&format!(r#""stop_reason":"end_turn","usage":{USAGE}"#), r#","requestSessionId":"first""#);
        assert_eq!(request(&copied).session_id, "first");
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        for (text, expected) in [
            (r#"{"type":"user","promptId":"p1","message":{"role":"user"}}"#, Line::Prompt("p1".to_owned())),
            (
                r#"{"type":"user","promptId":"p2","toolUseResult":{"usage":{"input_tokens":1}}}"#,
                Line::Prompt("p2".to_owned()),
            ),
            (r#"{"type":"summary","summary":"the usage"}"#, Line::Other),
            (
                r#"{"type":"cost-state","sessionId":"s","modelUsage":{}}"#,
                Line::ClientCost(ClientCost { session_id: "s".into(), models: Vec::new() }),
            ),
            (r#"{"type":"cost-state","sessionId":"s","modelU"#, Line::Other),
            ("", Line::Other),
            ("[]", Line::Other),
            (r#"{"type":"assistant","message":{"id":"msg_trunc","usage":{"input_to"#, Line::Malformed),
            (r#"{"type":"assistant","message":{"id":"m","model":"x","usage":{}},"sessionId":"s"}"#, Line::Malformed),
            (
                r#"{"type":"assistant","message":{"id":"m","model":"x","usage":{"input_tokens":-1}},"sessionId":"s"}"#,
                Line::Malformed,
            ),
            (
                r#"{"type":"assistant","message":{"id":"m","model":"<synthetic>","usage":{"output_tokens":0}},"sessionId":"s"}"#,
                Line::Other,
            ),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_sum_without_its_split_was_written_for_five_minutes() {
        for (usage, five, hour) in [
            (r#"{"cache_creation_input_tokens":30}"#, 30, 0),
            (r#"{"cache_creation":{"ephemeral_1h_input_tokens":4,"ephemeral_5m_input_tokens":6}}"#, 6, 4),
            (r#"{"cache_creation_input_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":4}}"#, 0, 3),
        ] {
            let tokens = request(&line(&format!(r#""stop_reason":"x","usage":{usage}"#), "")).usage.tokens;
            assert_eq!((tokens.cache_write_5m, tokens.cache_write_1h), (five, hour), "{usage}");
        }
    }
}
