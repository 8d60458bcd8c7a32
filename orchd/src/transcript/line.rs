//! One line of a transcript.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use shared::event::Micros;

use super::cost_state;
use super::field::{Field, List, Object, without_halves};
use crate::ledger::{ClientCost, MOST_SEARCHES, MOST_TOKENS, Request, Source};
use crate::pricing::{Tokens, Usage};

/// Model of the client's own messages: errors and notices that no request stands behind.
const SYNTHETIC: &str = "<synthetic>";
/// What a model is called that is not told: no table has a price for it.
const UNKNOWN_MODEL: &str = "unknown";
/// Bytes of a line in which its kind is looked for where nothing else tells it: the client writes the kind first.
const KIND_WITHIN: usize = 128;
/// What some editors put at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes of an id. None is as long.
const LONGEST_ID: usize = 256;

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
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    // A key cannot stand inside a string of JSON with its quotes unescaped: what lacks it needs no parser.
    if memmem::find(line, b"\"usage\"").is_some() {
        let read = |line: &[u8]| serde_json::from_slice::<Row<'_>>(line).ok().map(Row::read);
        let mended = || without_halves(line).and_then(|line| read(&line));
        read(line).or_else(mended).unwrap_or(Line::Malformed)
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

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Row<'a> {
    #[serde(borrow, rename = "type")]
    kind: Field<'a>,
    #[serde(borrow)]
    message: Object<Message<'a>>,
    #[serde(borrow)]
    request_id: Field<'a>,
    #[serde(borrow)]
    session_id: Field<'a>,
    /// On a line that a fork copied: the session that asked.
    #[serde(borrow)]
    request_session_id: Field<'a>,
    #[serde(borrow)]
    agent_id: Field<'a>,
    #[serde(borrow)]
    attribution_agent: Field<'a>,
    #[serde(borrow)]
    prompt_id: Field<'a>,
    #[serde(borrow)]
    cwd: Field<'a>,
    #[serde(borrow)]
    timestamp: Field<'a>,
    #[serde(borrow)]
    is_aborted_mid_stream: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    id: Field<'a>,
    #[serde(borrow)]
    model: Field<'a>,
    #[serde(borrow)]
    stop_reason: Field<'a>,
    #[serde(borrow)]
    usage: Object<UsageRow<'a>>,
}

/// The usage of a response, or of one of its iterations.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageRow<'a> {
    #[serde(borrow, rename = "type")]
    kind: Field<'a>,
    #[serde(borrow)]
    input_tokens: Field<'a>,
    #[serde(borrow)]
    output_tokens: Field<'a>,
    #[serde(borrow)]
    cache_read_input_tokens: Field<'a>,
    #[serde(borrow)]
    cache_creation_input_tokens: Field<'a>,
    #[serde(borrow)]
    cache_creation: Object<CacheCreation<'a>>,
    #[serde(borrow)]
    server_tool_use: Object<ServerTools<'a>>,
    #[serde(borrow)]
    service_tier: Field<'a>,
    #[serde(borrow)]
    speed: Field<'a>,
    #[serde(borrow)]
    inference_geo: Field<'a>,
    #[serde(borrow)]
    iterations: List<UsageRow<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CacheCreation<'a> {
    #[serde(borrow)]
    ephemeral_1h_input_tokens: Field<'a>,
    #[serde(borrow)]
    ephemeral_5m_input_tokens: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServerTools<'a> {
    #[serde(borrow)]
    web_search_requests: Field<'a>,
}

/// A value that stands for tokens or says what a line is about, and cannot be read or believed.
struct Unreadable;

impl Row<'_> {
    fn read(self) -> Line {
        let is_response = self.kind.is("assistant");
        let (message, prompt_id) = match self.message {
            Object::Of(message) if is_response && !message.model.is(SYNTHETIC) => (message, self.prompt_id),
            _ => return self.prompt_id.text().map_or(Line::Other, |id| Line::Prompt(id.into_owned())),
        };
        let usage = match message.usage {
            Object::Absent => return prompt_id.text().map_or(Line::Other, |id| Line::Prompt(id.into_owned())),
            Object::Odd => return Line::Malformed,
            Object::Of(usage) => usage,
        };
        // Without a time no day can be given the request, and without a session nobody.
        let session = self.request_session_id.text().or_else(|| self.session_id.text());
        let (Some(session), Some(at)) = (session, self.timestamp.text().and_then(|text| micros(&text))) else {
            return Line::Malformed;
        };
        let (Ok(usage), Ok(message_id), true) = (usage.read(), id(message.id), is_id(&session)) else {
            return Line::Malformed;
        };
        let request_id = id_or_none(self.request_id);
        if message_id.is_none() && request_id.is_none() && usage.tokens.prompt() == 0 {
            // Nothing tells it from another.
            return Line::Malformed;
        }
        let model = message.model.text().filter(|model| is_id(model)).unwrap_or(Cow::Borrowed(UNKNOWN_MODEL));
        let owned = |field: Field<'_>| field.text().map(Cow::into_owned);
        let unfinished = matches!(message.stop_reason, Field::Absent | Field::Null) && usage.tokens.output <= 1;
        Line::Request(Box::new(Request {
            source: Source::Transcript,
            usage_of: Source::Transcript,
            message_id,
            request_id,
            model: model.into_owned(),
            session_id: session.into_owned(),
            agent_id: owned(self.agent_id),
            agent_type: owned(self.attribution_agent),
            prompt_id: owned(prompt_id),
            cwd: owned(self.cwd),
            at,
            usage,
            cut: unfinished || matches!(self.is_aborted_mid_stream, Field::Bool(true)),
            price: None,
            cost_nano_usd: None,
        }))
    }
}

impl UsageRow<'_> {
    fn read(&self) -> Result<Usage, Unreadable> {
        let parts = self.iterations.0.iter().filter_map(|part| match part {
            Object::Of(part) if !part.kind.is("message") => None,
            Object::Of(part) => Some(part.tokens()),
            Object::Absent | Object::Odd => Some(Err(Unreadable)),
        });
        Ok(Usage {
            tokens: self.tokens()?,
            // Without all of them the request is priced by its whole prompt.
            iterations: parts.collect::<Result<_, _>>().unwrap_or_default(),
            web_searches: match &self.server_tool_use {
                Object::Of(ServerTools { web_search_requests: Field::Count(count) }) if *count > MOST_SEARCHES => {
                    return Err(Unreadable);
                }
                Object::Of(ServerTools { web_search_requests: Field::Count(count) }) => *count,
                _ => 0,
            },
            fast: self.speed.is("fast"),
            batch: self.service_tier.is("batch"),
            us_only: self.inference_geo.is("us"),
        })
    }

    fn tokens(&self) -> Result<Tokens, Unreadable> {
        // The API may say null of the cache where there is none, and of nothing else.
        let of_cache = |field: &Field<'_>| if matches!(field, Field::Null) { Ok(None) } else { count(field) };
        let split = match &self.cache_creation {
            Object::Absent => Ok((0, 0)),
            Object::Odd => Err(Unreadable),
            Object::Of(split) => of_cache(&split.ephemeral_5m_input_tokens).and_then(|short| {
                let long = of_cache(&split.ephemeral_1h_input_tokens)?;
                Ok((short.unwrap_or(0), long.unwrap_or(0)))
            }),
        };
        let (input, output) = (count(&self.input_tokens)?, count(&self.output_tokens)?);
        let cache_read = of_cache(&self.cache_read_input_tokens)?;
        // The sum is what is billed; what the split leaves out of it was written for five minutes.
        let (sum, long) = match (of_cache(&self.cache_creation_input_tokens)?, split) {
            (Some(sum), split) => (sum, split.map_or(0, |(_, long)| long.min(sum))),
            (None, split) => split.map(|(short, long)| (short.saturating_add(long), long))?,
        };
        let is_told = [input, output, cache_read].iter().any(Option::is_some) || sum > 0;
        is_told.then_some(()).ok_or(Unreadable)?;
        Ok(Tokens {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
            cache_read: cache_read.unwrap_or(0),
            cache_write_5m: sum - long,
            cache_write_1h: long,
        })
    }
}

fn count(field: &Field<'_>) -> Result<Option<u64>, Unreadable> {
    match field {
        Field::Absent => Ok(None),
        Field::Count(count) if *count <= MOST_TOKENS => Ok(Some(*count)),
        _ => Err(Unreadable),
    }
}

/// Whether a text can tell one thing from another: short enough, and without what stands for characters that were lost.
fn is_id(text: &str) -> bool {
    text.len() <= LONGEST_ID && !text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Returns an id; None where there is none.
fn id(field: Field<'_>) -> Result<Option<String>, Unreadable> {
    match field {
        Field::Absent | Field::Null => Ok(None),
        Field::Text(text) if is_id(&text) => Ok(Some(text.into_owned()).filter(|id| !id.is_empty())),
        _ => Err(Unreadable),
    }
}

/// Returns an id without which the line does.
fn id_or_none(field: Field<'_>) -> Option<String> {
    id(field).unwrap_or(None)
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
    fn a_field_of_an_odd_kind_does_not_cost_the_line() {
        const PLAIN: &str = r#""stop_reason":"x","usage":{"input_tokens":3,"output_tokens":5}"#;
        let plain = request(&line(PLAIN, ""));
        let usage = |more: &str| {
            let usage = format!(r#""stop_reason":"x","usage":{{"input_tokens":3,"output_tokens":5,{more}}}"#);
            line(&usage, "")
        };
        for text in [
            line(r#""stop_reason":"x","usage":{"input_tokens":3.0,"output_tokens":5e0}"#, ""),
            line(PLAIN, r#","cwd":5,"agentId":["a"],"promptId":{},"attributionAgent":false,"requestId":7"#),
            line(PLAIN, r#","isAbortedMidStream":"no","requestSessionId":null"#),
            usage(r#""speed":5,"service_tier":["batch"],"inference_geo":{"us":1}"#),
            usage(r#""iterations":"x","cache_creation":null,"server_tool_use":"x""#),
            usage(r#""iterations":["x"],"server_tool_use":{"web_search_requests":"x"}"#),
            usage(r#""iterations":[{"type":"message","input_tokens":-1}],"cache_read_input_tokens":null"#),
            format!("\u{feff}{}", line(PLAIN, "")),
        ] {
            assert_eq!(request(&text), plain, "{text}");
        }
        let split = request(&usage(r#""cache_creation_input_tokens":7,"cache_creation":"x""#));
        assert_eq!((split.usage.tokens.cache_write_5m, split.usage.tokens.cache_write_1h), (7, 0));
        let halves = request(&line(PLAIN, r#","cwd":"/home/\ud83d","agentId":"\udc00\ud83d\ude00""#));
        assert_eq!(halves.cwd.as_deref(), Some("/home/\u{fffd}"));
        assert_eq!(halves.agent_id.as_deref(), Some("\u{fffd}\u{1f600}"));
    }

    #[test]
    fn tokens_and_ids_that_cannot_be_read_are_told_of() {
        let usage = |tokens: &str| line(&format!(r#""stop_reason":"x","usage":{tokens}"#), "");
        let with = |from: &str, to: &str| usage(r#"{"input_tokens":3,"output_tokens":5}"#).replace(from, to);
        for text in [
            usage(r#"{"input_tokens":null,"output_tokens":5}"#),
            usage(r#"{"input_tokens":3,"output_tokens":"5"}"#),
            usage(r#"{"input_tokens":3,"output_tokens":-5}"#),
            usage(r#"{"input_tokens":3.5,"output_tokens":5}"#),
            usage(r#"{"input_tokens":3,"output_tokens":4294967297}"#),
            usage(r#"{"input_tokens":3,"output_tokens":99999999999999999999999}"#),
            usage(r#"{"input_tokens":3,"cache_read_input_tokens":[]}"#),
            usage(r#"{"input_tokens":3,"cache_creation":"x"}"#),
            usage(r#"{"input_tokens":3,"server_tool_use":{"web_search_requests":65537}}"#),
            usage("{}"),
            usage("[]"),
            with("\"msg_1\"", "5"),
            with("msg_1", "").replace("\"input_tokens\":3,", ""),
            with("msg_1", "msg_\\ud83d"),
            with("msg_1", &"m".repeat(257)),
            with("\"s\"", "5"),
            with("\"s\"", "\"\\u0000\""),
            with("\"2026-11-22T16:58:09.948Z\"", "1795366689948"),
            with("2026-11-22T16:58:09.948Z", ""),
        ] {
            assert_eq!(parse(text.as_bytes()), Line::Malformed, "{text}");
        }
    }

    #[test]
    fn a_request_may_have_neither_ids_nor_a_model() {
        let whole =
            line(r#""stop_reason":"x","usage":{"input_tokens":3,"output_tokens":5}"#, r#","requestId":"req_1""#);
        for (from, to, expected) in [
            ("\"id\":\"msg_1\",", "", (None, Some("req_1"), "claude-opus-5-5")),
            ("\"msg_1\"", "null", (None, Some("req_1"), "claude-opus-5-5")),
            ("msg_1", "", (None, Some("req_1"), "claude-opus-5-5")),
            ("\"model\":\"claude-opus-5-5\",", "", (Some("msg_1"), Some("req_1"), "unknown")),
            ("\"claude-opus-5-5\"", "null", (Some("msg_1"), Some("req_1"), "unknown")),
            ("claude-opus-5-5", "", (Some("msg_1"), Some("req_1"), "unknown")),
            ("\"claude-opus-5-5\"", "[5]", (Some("msg_1"), Some("req_1"), "unknown")),
            ("req_1", "", (Some("msg_1"), None, "claude-opus-5-5")),
        ] {
            let read = request(&whole.replace(from, to));
            let found = (read.message_id.as_deref(), read.request_id.as_deref(), &*read.model);
            assert_eq!(found, expected, "{from} {to}");
        }
        assert_eq!(request(&whole.replace("msg_1", "").replace("req_1", "")).message_id, None);
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
