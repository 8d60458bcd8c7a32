//! Bodies in, claims out: the recorded ones, made ones, and what is no OTLP at all.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use prost::Message;

use super::body::{Logs, logs, metrics};
use super::message::{AnyValue, KeyValue, LogRecord};
use super::*;
use crate::ledger::{Request, Source};
use crate::pricing::Tokens;

const JSON: &str = include_str!("../../../tests/fixtures/telemetry/subagent_fg/0009-logs.json");
const POINTS: &str = include_str!("../../../tests/fixtures/telemetry/tools_basic/0005-metrics.json");
const HELLO: &[u8] = include_bytes!("../../../tests/fixtures/telemetry/hello/0002-logs.pb");
const HELLO_POINTS: &[u8] = include_bytes!("../../../tests/fixtures/telemetry/hello/0004-metrics.pb");

/// Names beside those that every `api_request` here has.
type Attribute<'a> = (&'a str, serde_json::Value);

fn json(bytes: impl Into<Vec<u8>>) -> Body {
    Body { bytes: bytes.into(), encoding: Encoding::Json, gzip: false }
}

fn protobuf(bytes: impl Into<Vec<u8>>) -> Body {
    Body { bytes: bytes.into(), encoding: Encoding::Protobuf, gzip: false }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("writes memory");
    encoder.finish().expect("writes memory")
}

fn event(attributes: &[Attribute<'_>]) -> String {
    let attributes: Vec<_> =
        attributes.iter().map(|(key, value)| serde_json::json!({ "key": key, "value": value })).collect();
    let record = serde_json::json!({ "timeUnixNano": "1795366616505000999", "attributes": attributes,
        "body": { "stringValue": "claude_code.api_request" } });
    serde_json::json!({ "resourceLogs": [{ "resource": {}, "scopeLogs": [{ "logRecords": [record] }] }] }).to_string()
}

fn usual(more: &[Attribute<'_>]) -> String {
    let text = |text: &str| serde_json::json!({ "stringValue": text });
    let mut all = vec![("session.id", text("s")), ("model", text("claude-opus-5-5"))];
    all.extend_from_slice(more);
    event(&all)
}

fn claim(body: Body) -> Request {
    let mut read = logs(body).expect("a body");
    assert_eq!((read.claims.len(), read.unreadable), (1, 0), "{read:?}");
    read.claims.remove(0)
}

#[test]
fn a_recorded_event_becomes_a_claim() {
    let Request {
        source, message_id, request_id, model, session_id, agent_id, agent_type, prompt_id, at, usage, ..
    } = claim(json(JSON));
    assert_eq!((source, message_id), (Source::Telemetry, None));
    assert_eq!(request_id.as_deref(), Some("req_011Cd3707534c9944361ac93"));
    assert_eq!((&*model, &*session_id), ("claude-haiku-5-5", "f6830698-9455-4b15-b1bb-885e15c9de07"));
    assert_eq!((agent_id.as_deref(), agent_type.as_deref()), (Some("a4426eec8e4b678b5"), Some("Explore")));
    assert_eq!(prompt_id.as_deref(), Some("50fa6ffe-2c90-4af4-b0f8-22c9696a368e"));
    let tokens = Tokens { input: 5, output: 70, cache_read: 6120, cache_write_5m: 310, cache_write_1h: 0 };
    assert_eq!((usage.tokens, usage.fast, at), (tokens, false, 1_795_366_616_505_000));
}

#[test]
fn both_encodings_say_the_same() {
    let hello = logs(protobuf(HELLO)).expect("a body");
    let [claim] = &hello.claims[..] else { panic!("{hello:?}") };
    assert_eq!((claim.usage.tokens.input, claim.usage.tokens.output), (3, 12));
    assert!(claim.request_id.as_deref().is_some_and(|id| id.starts_with("req_")));
    let value = |value: &AnyValue| serde_json::to_value(Shown(value)).expect("is JSON");
    let mut attributes = Vec::new();
    protobuf::walk(HELLO, &message::LOG_TAGS, &mut |record| {
        let record = LogRecord::decode(record).expect("a record");
        if record.body.as_ref().and_then(|body| body.text.as_deref()) == Some("claude_code.api_request") {
            attributes = record.attributes;
        }
        Ok(())
    })
    .expect("a body");
    let shown: Vec<_> = attributes
        .iter()
        .map(|KeyValue { key, value: of }| (&**key, of.as_ref().map_or(serde_json::json!({}), value)))
        .collect();
    assert_eq!(&logs(json(event(&shown))).expect("a body").claims, &hello.claims);
}

/// A value as JSON has it, with 64-bit integers in quotes.
struct Shown<'a>(&'a AnyValue);

impl serde::Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let AnyValue { text, whole, float } = self.0;
        let value = serde_json::json!({ "stringValue": text, "intValue": whole.map(|int| int.to_string()),
            "doubleValue": float });
        value.serialize(to)
    }
}

#[test]
fn numbers_may_come_in_any_kind() {
    for (value, expected) in [
        (serde_json::json!({ "intValue": 7 }), Some(7)),
        (serde_json::json!({ "intValue": "7" }), Some(7)),
        (serde_json::json!({ "doubleValue": 7.0 }), Some(7)),
        (serde_json::json!({ "doubleValue": "7" }), Some(7)),
        (serde_json::json!({ "stringValue": "7" }), Some(7)),
        (serde_json::json!({ "intValue": "9007199254740993" }), None),
        (serde_json::json!({ "intValue": "4294967296" }), Some(4_294_967_296)),
        (serde_json::json!({ "intValue": "4294967297" }), None),
        (serde_json::json!({ "intValue": -7 }), None),
        (serde_json::json!({ "doubleValue": 7.5 }), None),
        (serde_json::json!({ "doubleValue": "NaN" }), None),
        (serde_json::json!({ "doubleValue": 1e300 }), None),
        (serde_json::json!({ "stringValue": "seven" }), None),
        (serde_json::json!({ "intValue": [7] }), None),
        (serde_json::json!({ "intValue": { "low": 7 } }), None),
        (serde_json::json!({ "doubleValue": [[]] }), None),
        (serde_json::json!({ "intValue": u64::MAX }), None),
        (serde_json::json!({ "intValue": null, "doubleValue": 7 }), Some(7)),
        (serde_json::json!({ "boolValue": true }), None),
        (serde_json::json!({ "arrayValue": { "values": [{ "intValue": 7 }] } }), None),
        (serde_json::json!({}), None),
    ] {
        let body = usual(&[("output_tokens", value.clone())]);
        let read = logs(json(body)).expect("a body");
        let found = read.claims.first().map(|claim| claim.usage.tokens.output);
        assert_eq!((found, read.unreadable), (expected, u64::from(expected.is_none())), "{value}");
    }
}

#[test]
fn a_request_with_one_count_that_cannot_be_read_is_none() {
    let good = ("output_tokens", serde_json::json!({ "intValue": 7 }));
    for (key, value) in [
        ("input_tokens", serde_json::json!({ "intValue": -1 })),
        ("cache_read_tokens", serde_json::json!({ "doubleValue": "NaN" })),
        ("cache_creation_tokens", serde_json::json!({ "doubleValue": 1e308 })),
        ("cache_creation_1h_tokens", serde_json::json!({ "intValue": u64::MAX })),
        ("cache_creation_5m_tokens", serde_json::json!({ "stringValue": "many" })),
    ] {
        let read = logs(json(usual(&[good.clone(), (key, value)]))).expect("a body");
        assert_eq!(read, Logs { unreadable: 1, ..Logs::default() }, "{key}");
    }
}

#[test]
fn what_is_written_to_the_cache_is_split_as_far_as_it_is_told() {
    let int = |key, count: u64| (key, serde_json::json!({ "intValue": count }));
    let (sum, short, long) = ("cache_creation_tokens", "cache_creation_5m_tokens", "cache_creation_1h_tokens");
    for (told, five, hour) in [
        (vec![int(sum, 30)], 30, 0),
        (vec![int(sum, 30), int(short, 20), int(long, 10)], 20, 10),
        (vec![int(short, 20), int(long, 10)], 20, 10),
        (vec![int(sum, 30), int(long, 10)], 20, 10),
        (vec![int(sum, 5), int(long, 10)], 0, 5),
    ] {
        let tokens = claim(json(usual(&told))).usage.tokens;
        assert_eq!((tokens.cache_write_5m, tokens.cache_write_1h), (five, hour), "{told:?}");
    }
}

#[test]
fn a_request_without_an_id_gets_one_that_its_repetition_has_too() {
    let out = ("output_tokens", serde_json::json!({ "intValue": 1 }));
    let sequence = |number: u64| ("event.sequence", serde_json::json!({ "intValue": number }));
    let id = |more: &[Attribute<'_>]| claim(json(usual(more))).request_id.expect("an id");
    assert_eq!(id(&[out.clone(), sequence(41)]), "s#41@1795366616505000");
    assert_eq!(id(&[out.clone(), sequence(41)]), id(&[out.clone(), sequence(41)]));
    assert_ne!(id(&[out.clone(), sequence(41)]), id(&[out.clone(), sequence(42)]));
    // A session that is resumed counts from the start again.
    let later = ("event.timestamp", serde_json::json!({ "stringValue": "2026-11-22T17:00:00Z" }));
    assert_ne!(id(&[out.clone(), sequence(41)]), id(&[out.clone(), sequence(41), later]));
    let fast = ("speed", serde_json::json!({ "stringValue": "fast" }));
    assert!(claim(json(usual(&[out, fast]))).usage.fast);
}

#[test]
fn a_request_of_which_too_little_is_told_is_none() {
    let (text, out) = (|text: &str| serde_json::json!({ "stringValue": text }), serde_json::json!({ "intValue": 1 }));
    let (session, model, tokens) = (("session.id", text("s")), ("model", text("m")), ("output_tokens", out));
    let without = |all: &[Attribute<'_>]| logs(json(event(all))).expect("a body");
    let counted = Logs { unreadable: 1, ..Logs::default() };
    assert_eq!(without(&[session.clone(), model.clone()]), counted);
    assert_eq!(without(&[session.clone(), tokens.clone()]), counted);
    assert_eq!(without(&[model.clone(), tokens.clone()]), counted);
    assert_eq!(without(&[("session.id", text(&"x".repeat(5000))), model.clone(), tokens.clone()]), counted);
    assert_eq!(without(&[session.clone(), ("model", text("a\u{1b}[0m")), tokens.clone()]), counted);
    assert_eq!(without(&[session.clone(), ("event.name", text("api_error")), model.clone(), tokens.clone()]).others, 1);
    let timeless = event(&[session, model, tokens]).replace("1795366616505000999", "0");
    assert_eq!(logs(json(timeless)).expect("a body"), counted);
}

#[test]
fn metrics_are_counted() {
    let points = metrics(json(POINTS)).expect("a body");
    assert!(points > 3, "{points}");
    assert!(metrics(protobuf(HELLO_POINTS)).expect("a body") > 0);
    assert_eq!(metrics(protobuf([])).expect("an empty message"), 0);
}

#[test]
fn what_is_no_otlp_is_refused() {
    for garbage in [
        "",
        "null",
        "[]",
        "7",
        "{",
        "{}x",
        r#"{"resourceLogs":{}}"#,
        r#"{"resourceLogs":[7]}"#,
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"attributes\":[{\"key\":7}]}]}]}]}",
    ] {
        assert!(matches!(logs(json(garbage)), Err(IntakeError::Malformed)), "{garbage}");
    }
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(logs(json(deep)).expect("what is not read may be as deep as it likes"), Logs::default());
    for garbage in [
        &b"{}"[..],
        b"\x0a",
        b"\x0a\xff",
        b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        b"\xff\xff",
        &HELLO[..HELLO.len() - 1],
    ] {
        assert!(matches!(logs(protobuf(garbage)), Err(IntakeError::Malformed)), "{garbage:?}");
    }
    for empty in [
        "{}",
        r#"{"resourceLogs":[]}"#,
        r#"{"resourceLogs":null,"x":{"y":[1]}}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{}]}]}"#,
    ] {
        assert_eq!(logs(json(empty)).expect(empty), Logs::default());
    }
}

#[test]
fn a_bomb_is_refused_before_it_bursts() {
    let inflated = |bytes: &[u8]| logs(Body { bytes: gzip(bytes), encoding: Encoding::Json, gzip: true });
    assert_eq!(inflated(JSON.as_bytes()).expect("a body").claims.len(), 1);
    let bomb = vec![b' '; MOST_INFLATED_BYTES + 1];
    assert!(gzip(&bomb).len() < 64 << 10);
    assert!(matches!(inflated(&bomb), Err(IntakeError::TooLarge)));
    for broken in [&b"not gzip"[..], &gzip(JSON.as_bytes())[..40], b""] {
        let body = Body { bytes: broken.to_vec(), encoding: Encoding::Json, gzip: true };
        assert!(matches!(logs(body), Err(IntakeError::Malformed)), "{} bytes", broken.len());
    }
}

#[test]
fn millions_of_empty_records_are_refused() {
    let many = "{},".repeat(MOST_INFLATED_BYTES / 4);
    let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{many}{{}}]}}]}}]}}"#);
    assert!(matches!(logs(json(body)), Err(IntakeError::TooLarge)));
    let inner = b"\x12\x00".repeat(1 << 20);
    let nested = |bytes: Vec<u8>, tag: u8| {
        let mut outer = vec![tag];
        prost::encode_length_delimiter(bytes.len(), &mut outer).expect("writes memory");
        outer.extend(bytes);
        outer
    };
    let body = nested(nested(inner, 0x12), 0x0a);
    assert!(matches!(logs(protobuf(body.clone())), Err(IntakeError::TooLarge)));
    assert!(matches!(metrics(protobuf(body)), Err(IntakeError::TooLarge)));
}

#[test]
fn a_record_keeps_no_more_than_an_event_has() {
    let many = |list: &str, of: &str| format!("{{\"{list}\":[{}{of}]}}", format!("{of},").repeat(1 << 20));
    let record: LogRecord = serde_json::from_str(&many("attributes", "{}")).expect("a record");
    assert_eq!(record.attributes.len(), field::MOST_ATTRIBUTES);
    assert!(record.attributes.capacity() <= 2 * field::MOST_ATTRIBUTES, "{}", record.attributes.capacity());
    let value: AnyValue = serde_json::from_str(&many("intValue", "0")).expect("a value");
    assert_eq!(value, AnyValue::default());
    // All in one body: what is beyond the limit is not read, and the records behind it are.
    let bomb = |attributes: &str| format!("{{\"attributes\":[{attributes}]}},{{}}");
    let records =
        [bomb(&format!("{{}}{}", ",{}".repeat(1 << 20))), bomb("{\"key\":\"k\",\"value\":{\"intValue\":[0,0]}}")];
    let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let bytes = gzip(body.as_bytes());
    assert!(bytes.len() < 16 << 10);
    let read = logs(Body { bytes, encoding: Encoding::Json, gzip: true }).expect("a body");
    assert_eq!(read, Logs { others: 4, ..Logs::default() });
    let first: Vec<_> = (0..field::MOST_ATTRIBUTES).map(|_| ("x", serde_json::json!({}))).collect();
    let pushed_out = [&first[..], &[("output_tokens", serde_json::json!({ "intValue": 7 }))]].concat();
    assert_eq!(logs(json(usual(&pushed_out))).expect("a body").unreadable, 1);
}

#[test]
fn answers_are_empty_unless_something_was_left_out() {
    assert_eq!((accepted(Encoding::Json, 0), accepted(Encoding::Protobuf, 0)), (b"{}".to_vec(), Vec::new()));
    let told: serde_json::Value = serde_json::from_slice(&accepted(Encoding::Json, 3)).expect("JSON");
    assert_eq!(told["partialSuccess"]["rejectedLogRecords"], "3");
    // Field 1, a message whose field 1 is 3.
    assert_eq!((accepted(Encoding::Protobuf, 3)[0], &accepted(Encoding::Protobuf, 3)[2..4]), (0x0a, &[0x08, 0x03][..]));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..2000, gzip: bool) {
        let mut broken = HELLO.to_vec();
        let at = at % broken.len();
        broken.splice(at..(at + bytes.len()).min(HELLO.len()), bytes.iter().copied());
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            for bytes in [&bytes, &broken] {
                let body = || Body { bytes: bytes.clone(), encoding, gzip };
                if let Ok(read) = logs(body()) {
                    prop_assert!(read.claims.iter().all(|claim| claim.at > 0 && claim.request_id.is_some()));
                }
                let _ = metrics(body());
            }
        }
    }
}
