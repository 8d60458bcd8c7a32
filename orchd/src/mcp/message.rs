//! What a line of the client says, and what is answered to one that says nothing that could be served. Pure.
//!
//! JSON-RPC has every request answered: one that cannot be read is answered with its id where that can be read, for else its
//! client waits for ever. No id is made up: null says that none was found.

use rmcp::RoleServer;
use rmcp::model::ErrorCode;
use rmcp::service::RxJsonRpcMessage;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::payload::{Flags, Scan, scan, scan_parts};

use super::lines::{LINE_BYTES_MAX, Line};

/// What becomes of a line.
#[derive(Debug)]
pub(super) enum Said {
    /// A message to be served.
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    /// What needs no answer: an empty line, a notification, or an answer to a request of ours.
    Nothing,
    /// The error that is answered.
    Refused(Refusal),
}

/// An error as JSON-RPC has it. The id is the request's own, byte for byte: as a number of ours it might be another's.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    jsonrpc: &'static str,
    id: Option<Box<RawValue>>,
    error: Why,
}

#[derive(Debug, Serialize)]
struct Why {
    code: i32,
    message: String,
}

/// Returns what a line says.
pub(super) fn said(line: &Line) -> Said {
    let bytes = match line {
        Line::Whole(bytes) => bytes,
        Line::TooLong(head, tail) => {
            let why = format!("a line of more than {} MiB is not read", LINE_BYTES_MAX >> 20);
            let is_whole = tail.trim_ascii_end().ends_with(b"}");
            return unreadable(ErrorCode::INVALID_REQUEST, &why, scan_parts(head, tail).as_ref(), is_whole);
        }
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Said::Nothing;
    }
    let error = match serde_json::from_slice(bytes) {
        Ok(message) => return Said::Message(Box::new(message)),
        Err(error) => error,
    };
    let members = scan(bytes);
    let is_whole = members
        .as_ref()
        .is_some_and(|members| !members.flags().has(Flags::TRUNCATED) && !members.flags().has(Flags::IRREGULAR));
    let (code, why) = match &members {
        _ if !error.is_data() => (ErrorCode::PARSE_ERROR, format!("this is no JSON that can be read: {error}")),
        None if bytes.trim_ascii_start().starts_with(b"[") => {
            (ErrorCode::INVALID_REQUEST, "batches are not taken: send one message a line".to_owned())
        }
        _ => (ErrorCode::INVALID_REQUEST, "this is no message of MCP".to_owned()),
    };
    unreadable(code, &why, members.as_ref(), is_whole)
}

/// Returns what becomes of a line that cannot be served. Of one that was read to its end it is known whether it asks for an answer.
fn unreadable(code: ErrorCode, why: &str, members: Option<&Scan<'_>>, is_whole: bool) -> Said {
    if is_whole && members.is_some_and(asks_for_nothing) {
        return Said::Nothing;
    }
    let error = Why { code: code.0, message: why.to_owned() };
    Said::Refused(Refusal { jsonrpc: "2.0", id: members.and_then(id), error })
}

/// Whether this is a notification, which is never answered, or itself an answer.
fn asks_for_nothing(members: &Scan<'_>) -> bool {
    let has = |key| members.raw(key).is_some();
    if has("method") { !has("id") } else { has("result") || has("error") }
}

/// Returns the id of a request. An answer has one too, but it is one of ours: as the client's own it would be another's.
fn id(members: &Scan<'_>) -> Option<Box<RawValue>> {
    members.raw("method")?;
    let id: Box<RawValue> = serde_json::from_slice(members.whole("id")?).ok()?;
    id.get().starts_with(|first: char| matches!(first, '"' | '-' | '0'..='9')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(line: impl Into<Vec<u8>>) -> Said {
        said(&Line::Whole(line.into()))
    }

    fn refusal(said: Said) -> Value {
        let Said::Refused(refusal) = said else { panic!("not refused: {said:?}") };
        serde_json::to_value(refusal).expect("JSON")
    }

    #[test]
    fn what_cannot_be_served_is_answered_with_its_id() {
        let call = |arguments: &str| {
            format!(
                r#"{{"method":"tools/call","params":{{"name":"t","arguments":{arguments}}},"jsonrpc":"2.0","id":7}}"#
            )
        };
        let deep = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let not_utf8 = [&b"{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"a\xff\"}"[..]].concat();
        for (line, code, id) in [
            (call(&deep(200)).into_bytes(), -32700, json!(7)),
            (call(&deep(100_000)).into_bytes(), -32700, json!(7)),
            (call(r#"{"task":"\ud800"}"#).into_bytes(), -32700, json!(7)),
            (not_utf8, -32700, json!("x")),
            (b"garbage".to_vec(), -32700, Value::Null),
            (b"{".to_vec(), -32700, Value::Null),
            (b"[1,2".to_vec(), -32700, Value::Null),
            (br#"{"jsonrpc":"2.0","method":"ping","id":3,"#.to_vec(), -32700, json!(3)),
            // It may have been 31.
            (br#"{"jsonrpc":"2.0","method":"ping","id":3"#.to_vec(), -32700, Value::Null),
            (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":5}"#.to_vec(), -32600, json!(1)),
            (br#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#.to_vec(), -32600, json!(1)),
            (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#.to_vec(), -32600, Value::Null),
            (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#.to_vec(), -32600, Value::Null),
            (br#"{"a":1}"#.to_vec(), -32600, Value::Null),
            (b"null".to_vec(), -32600, Value::Null),
            // It may have had an id further on.
            (br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"#.to_vec(), -32700, Value::Null),
            (br#"{"jsonrpc":"2.0","method":"x",id:3}"#.to_vec(), -32700, Value::Null),
        ] {
            let words = String::from_utf8_lossy(&line).chars().take(80).collect::<String>();
            let answer = refusal(of(line));
            assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{words}: {answer}");
            assert!(answer.as_object().is_some_and(|answer| answer.contains_key("id")), "{answer}");
        }
    }

    #[test]
    fn of_a_long_line_both_ends_are_looked_at() {
        let tail = br#"xxx \"id\":1}"},"jsonrpc":"2.0","id":8}"#;
        for (head, tail, id) in [
            (&br#"{"method":"tools/call","params":{"task":"xx"#[..], &tail[..], json!(8)),
            (br#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"task":"xx"#, br#"xx"}}"#, json!(9)),
            (br#"{"params":{"task":"xx"#, b"xxxx", Value::Null),
            (b"xxxx", b"xxxx", Value::Null),
        ] {
            let answer = refusal(said(&Line::TooLong(head.to_vec(), tail.to_vec())));
            assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32600), &id), "{answer}");
        }
    }

    #[test]
    fn what_needs_no_answer_has_none_and_the_rest_is_served() {
        for line in ["", " \r", r#"{"jsonrpc":"2.0","method":"$/other","params":5}"#] {
            assert!(matches!(of(line), Said::Nothing), "{line}");
        }
        for line in [
            "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r",
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#,
        ] {
            assert!(matches!(of(line), Said::Message(_)), "{line}");
        }
    }

    #[test]
    fn an_id_comes_back_as_it_stands() {
        for id in ["18446744073709551617", "1e400", "-0", "1.10", r#""a\u0062\/""#] {
            let Said::Refused(refusal) = of(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":5}}"#)) else {
                panic!("{id} is served")
            };
            let line = serde_json::to_string(&refusal).expect("JSON");
            assert!(line.contains(&format!(r#""id":{id},"#)), "{line}");
        }
    }

    #[test]
    fn neither_a_notification_nor_an_answer_is_answered_however_broken() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let note = |value: &str| format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{value}}}"#);
        let answer = |what: &str, value: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"{what}":{value}}}"#);
        for value in [deep.as_str(), r#""\ud800""#, "5"] {
            assert!(matches!(of(note(value)), Said::Nothing), "{value}");
        }
        for value in [deep.as_str(), r#""\ud800""#] {
            for what in ["result", "error"] {
                assert!(matches!(of(answer(what, value)), Said::Nothing), "{what}: {value}");
            }
        }
        for (head, tail) in [
            (&br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"xx"#[..], &br#"xx"}}"#[..]),
            (br#"{"params":{"message":"xx"#, br#"xx"},"method":"notifications/progress","jsonrpc":"2.0"}"#),
            (br#"{"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"xx"#, br#"xx"}]}}"#),
        ] {
            assert!(matches!(said(&Line::TooLong(head.to_vec(), tail.to_vec())), Said::Nothing));
        }
    }
}
