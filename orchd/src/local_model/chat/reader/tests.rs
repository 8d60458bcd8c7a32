use proptest::prelude::*;

use super::*;
use crate::local_model::chat::limits::REPLY_BYTES_MAX;
use crate::local_model::chat::reply::TokenSource;
use crate::local_model::chat::sse::tests::cut;

const STREAM: &[u8] = include_bytes!("../../../../../tests/fixtures/local-model/llamacpp_chat_stream.sse");
const WHOLE: &[u8] = include_bytes!("../../../../../tests/fixtures/local-model/llamacpp_chat.json");
const NATIVE: &[u8] = include_bytes!("../../../../../tests/fixtures/local-model/lmstudio_chat_stream.sse");
const EVENTS: Option<&str> = Some("text/event-stream; charset=utf-8");

/// Reads pieces, a millisecond apart, and returns the updates and what came of it.
fn read<'a>(
    kind: Option<&str>,
    model: Option<&str>,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Update>, Result<Reply, ChatError>) {
    let (mut reader, mut updates) = (ReplyReader::new(kind, model, REPLY_BYTES_MAX), Vec::new());
    let mut at = Duration::ZERO;
    for piece in pieces {
        at += Duration::from_millis(1);
        if let Err(error) = reader.push(piece, at, &mut updates) {
            return (updates, Err(error));
        }
    }
    let reply = reader.finish(at, &mut updates);
    (updates, reply)
}

fn reply(kind: Option<&str>, model: Option<&str>, bytes: &[u8]) -> Result<Reply, ChatError> {
    read(kind, model, [bytes]).1
}

/// Returns answer and reasoning as somebody saw them who only had the updates.
fn seen(updates: &[Update]) -> (String, String) {
    let (mut answer, mut reasoning) = (String::new(), String::new());
    for update in updates {
        match update {
            Update::Answer(text) => answer.push_str(text),
            Update::Reasoning(text) => reasoning.push_str(text),
            Update::AnswerWasReasoning => reasoning.push_str(&std::mem::take(&mut answer)),
            Update::Loading(_) => {}
        }
    }
    (answer, reasoning)
}

fn deltas(texts: &[&str]) -> String {
    let events = texts.iter().map(|text| {
        format!("data: {}\n\n", serde_json::json!({"choices": [{"delta": {"content": text}, "finish_reason": null}]}))
    });
    events.collect::<String>() + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
}

#[test]
fn recorded_replies() {
    for (bytes, kind, shape, tokens) in [
        (STREAM, EVENTS, ReasoningShape::ReasoningContent, (28, 34)),
        (STREAM, None, ReasoningShape::ReasoningContent, (28, 34)),
        (WHOLE, Some("application/json"), ReasoningShape::ReasoningContent, (28, 34)),
        (NATIVE, EVENTS, ReasoningShape::Native, (28, 9)),
    ] {
        let reply = reply(kind, None, bytes).expect("a reply");
        assert_eq!(reply.answer, "The answer is 4.");
        assert_eq!(reply.reasoning.trim_end(), "I should add.");
        assert_eq!(reply.reasoning_shape, Some(shape));
        assert_eq!((reply.tokens.input, reply.tokens.output), (Some(tokens.0), tokens.1));
        assert_eq!(reply.tokens.source, TokenSource::Server);
        assert!(reply.timings.server_tokens_per_second.is_some());
        assert_eq!(reply.timings.first_token_ms.is_some(), bytes != WHOLE);
        assert!(reply.model.is_some_and(|model| model.ends_with("deepseek-r1")));
    }
}

#[test]
fn loading_is_told_and_the_end_adds_the_figures() {
    let (updates, reply) = read(EVENTS, None, [NATIVE]);
    assert_eq!(updates[..2], [Update::Loading(None), Update::Loading(Some(65))]);
    let reply = reply.expect("a reply");
    assert_eq!(reply.timings.model_load_ms, Some(2656.0));
    assert_eq!((reply.tokens.reasoning, reply.tokens.counted_reasoning), (Some(4), Some(2)));
}

#[test]
fn a_missing_opening_tag_is_waited_for_or_taken_back() {
    let text = deltas(&["I ", "add.\n<", "/think", ">\n\n", "4", "."]);
    for (model, expected) in [
        ("deepseek-r1", vec![Update::Reasoning("I add.\n".into()), Update::Answer("4".into())]),
        ("llama", vec![Update::Answer("I ".into()), Update::Answer("add.\n".into()), Update::AnswerWasReasoning]),
    ] {
        let (updates, reply) = read(EVENTS, Some(model), [text.as_bytes()]);
        let reply = reply.expect("a reply");
        assert_eq!((reply.answer.as_str(), reply.reasoning.as_str()), ("4.", "I add."), "{model}");
        assert_eq!(updates[..expected.len()], expected, "{model}");
        assert_eq!(reply.tokens.counted_reasoning, Some(4), "{model}");
    }
    let held = reply(EVENTS, Some("deepseek-r1"), deltas(&["It ", "is 4."]).as_bytes()).expect("a reply");
    assert_eq!((held.answer.as_str(), held.reasoning_shape), ("It is 4.", None), "there was no reasoning");
    assert_eq!((held.tokens.counted_output, held.tokens.counted_reasoning), (Some(2), Some(0)));
}

#[test]
fn what_is_no_reply_is_an_error() {
    let cut = &STREAM[..STREAM.len() / 2];
    let thought = deltas(&["<think>for ever"]);
    let failed = b"data: {\"error\":{\"message\":\"out of memory\"}}\n\n";
    let full =
        b"data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n";
    for (bytes, reason) in [
        (&b"<html>hi</html>"[..], "not_understood"),
        (b"\x16\x03\x01 no text {]\xff\xff", "not_understood"),
        (b"data: {\"choices\": [}\n\n", "not_understood"),
        (b"data: {\"hello\": 1}\n\n", "not_understood"),
        (b"{\"data\":[", "not_understood"),
        (b"{\"hello\": 1}", "not_understood"),
        (b"", "broke_off"),
        (b" \n", "broke_off"),
        (cut, "broke_off"),
        (failed, "server_error"),
        (b"{\"error\":\"No models loaded\"}", "no_model"),
        (thought.as_bytes(), "empty"),
        (full, "empty"),
        (b"data: [DONE]\n\n", "empty"),
    ] {
        let error = reply(None, None, bytes).expect_err("no reply");
        assert_eq!(error.reason(), reason, "{error}: {}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_reply_that_is_too_large_is_refused() {
    let piece = deltas(&[&"word ".repeat(10_000)]);
    let mut reader = ReplyReader::new(EVENTS, None, 1 << 20);
    let refused = (0..100).find_map(|_| reader.push(piece.as_bytes(), Duration::ZERO, &mut Vec::new()).err());
    assert_eq!(refused.expect("refused").reason(), "too_large");
}

#[test]
fn a_server_that_closes_without_done_is_whole_once_it_said_so() {
    let text = deltas(&["4."]);
    let without = text.trim_end().trim_end_matches("data: [DONE]").trim_end();
    assert_eq!(reply(EVENTS, None, without.as_bytes()).expect("a reply").answer, "4.");
}

proptest! {
    #[test]
    fn where_the_bytes_are_cut_does_not_matter(
        which in 0..4usize,
        cuts in proptest::collection::vec(1usize..400, 1..60),
    ) {
        let inline = deltas(&["<th", "ink>I should add.", "\n</think", ">\n\nThe answer é ", "is 4."]);
        let bytes = [STREAM, WHOLE, NATIVE, inline.as_bytes()][which];
        let (updates, pieced) = read(None, None, cut(bytes, &cuts));
        let (pieced, whole) = (pieced.expect("a reply"), reply(None, None, bytes).expect("a reply"));
        prop_assert_eq!(&pieced.answer, &whole.answer);
        prop_assert_eq!(&pieced.reasoning, &whole.reasoning);
        prop_assert_eq!(&pieced.tokens, &whole.tokens);
        let (answer, reasoning) = seen(&updates);
        prop_assert_eq!(answer, pieced.answer);
        prop_assert_eq!(reasoning.trim(), pieced.reasoning.trim());
    }
}
