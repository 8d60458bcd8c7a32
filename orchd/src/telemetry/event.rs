//! One event of the client, read as a claim about a request.

use shared::event::{Micros, SessionId};

use super::field::whole_of;
use super::message::LogRecord;
use crate::ledger::{MOST_TOKENS, Request, Source};
use crate::pricing::{Tokens, Usage};

/// The event that tells of a request; the record's body has the client's name before it.
const API_REQUEST: &str = "api_request";
const CLIENT: &str = "claude_code.";
/// Characters of a name or an id. No client writes longer ones.
const LONGEST: usize = 256;

/// What an event says that the ledger wants to know.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A request and what it used.
    Request(Box<Request>),
    /// Something else.
    Other,
    /// A request, and too little about it.
    Unreadable,
}

/// Reads an event.
pub(super) fn read(record: &LogRecord) -> Event {
    if !is_api_request(record) {
        return Event::Other;
    }
    claim(record).map_or(Event::Unreadable, |claim| Event::Request(Box::new(claim)))
}

fn is_api_request(record: &LogRecord) -> bool {
    let body = record.body.as_ref().and_then(|body| body.text.as_deref());
    let name = record.text("event.name").or_else(|| body?.strip_prefix(CLIENT));
    name == Some(API_REQUEST)
}

fn claim(record: &LogRecord) -> Option<Request> {
    let session = SessionId::parse(record.text("session.id")?)?.as_str().to_owned();
    let at = at(record)?;
    let owned = |key| record.text(key).map(str::to_owned);
    Some(Request {
        source: Source::Telemetry,
        usage_of: Source::Telemetry,
        message_id: None,
        request_id: Some(owned("request_id").unwrap_or_else(|| made_up_id(record, &session, at))),
        model: owned("model")?,
        agent_id: owned("agent_id"),
        agent_type: owned("agent.name"),
        prompt_id: owned("prompt.id"),
        cwd: None,
        at,
        usage: Usage { tokens: tokens(record)?, fast: record.text("speed") == Some("fast"), ..Usage::default() },
        // What the client tells of it saw the end of its stream.
        cut: false,
        price: None,
        cost_nano_usd: None,
        session_id: session,
    })
}

/// Returns what stands for the provider's id where a gateway gives none, the same in every repetition of the event. The sequence
/// alone would not do: it begins anew when a session is resumed.
fn made_up_id(record: &LogRecord, session: &str, at: Micros) -> String {
    let sequence = record.count("event.sequence").map_or_else(String::new, |sequence| sequence.to_string());
    format!("{session}#{sequence}@{at}")
}

fn at(record: &LogRecord) -> Option<Micros> {
    let told = record.text("event.timestamp").and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let recorded = || Micros::try_from(record.time_unix_nano / 1000).ok().filter(|at| *at > 0);
    told.map(jiff::Timestamp::as_microsecond).or_else(recorded)
}

/// Returns the tokens; None when not one of the counts is there, or one of them cannot be read or believed: it would be priced as 0.
fn tokens(record: &LogRecord) -> Option<Tokens> {
    let of = |key| match record.value(key) {
        None => Some(None),
        Some(_) => record.count(key).filter(|count| *count <= MOST_TOKENS).map(Some),
    };
    let (short, long) = (of("cache_creation_5m_tokens")?, of("cache_creation_1h_tokens")?);
    let sum = of("cache_creation_tokens")?;
    let (input, output, read) = (of("input_tokens")?, of("output_tokens")?, of("cache_read_tokens")?);
    [input, output, read, sum, short, long].iter().any(Option::is_some).then(|| {
        // The sum is what is billed; what the split leaves out of it was written for five minutes.
        let sum = sum.unwrap_or_else(|| short.unwrap_or(0).saturating_add(long.unwrap_or(0)));
        let long = long.unwrap_or(0).min(sum);
        Tokens {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
            cache_read: read.unwrap_or(0),
            cache_write_5m: sum - long,
            cache_write_1h: long,
        }
    })
}

impl LogRecord {
    /// Returns an attribute that is a text of a sane length.
    fn text(&self, key: &str) -> Option<&str> {
        let text = self.value(key)?.text.as_deref()?;
        (!text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)).then_some(text)
    }

    /// Returns an attribute that is a count, in whichever kind it came.
    fn count(&self, key: &str) -> Option<u64> {
        let value = self.value(key)?;
        let whole = value.whole.or_else(|| value.float.and_then(whole_of));
        let number = whole.or_else(|| value.text.as_deref()?.trim().parse().ok());
        number.and_then(|number| u64::try_from(number).ok())
    }

    fn value(&self, key: &str) -> Option<&super::message::AnyValue> {
        self.attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()
    }
}
