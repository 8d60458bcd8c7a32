//! From the bytes of a reply to updates as they come, and to the whole reply at the end. Pure.
//!
//! What was asked for does not matter: a server that ignores `stream` sends one object, and each object says by itself which API
//! it is of.

use std::time::Duration;

use serde_json::Value;

use super::chunk::{Figures, Part, is_known, parts};
use super::error::ChatError;
use super::limits::Phase;
use super::measure::Measure;
use super::reply::{ReasoningShape, Reply};
use super::sse::{SseEvent, SseParser};
use super::think::{ThinkSplitter, thinks_first};

/// Something that is worth showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A piece of the answer.
    Answer(String),
    /// A piece of the reasoning.
    Reasoning(String),
    /// All of the answer so far was reasoning, whose opening tag was missing.
    AnswerWasReasoning,
    /// The model is being loaded, percent where it is known.
    Loading(Option<u8>),
}

/// How the body comes.
#[derive(Debug)]
enum Body {
    /// Nothing but space so far, and no type that tells.
    Unknown,
    Events(SseParser),
    Whole(Vec<u8>),
}

/// Reads one reply.
#[derive(Debug)]
pub struct ReplyReader {
    body: Body,
    bytes_left: usize,
    reply_bytes: usize,
    splitter: Option<ThinkSplitter>,
    reply: Reply,
    figures: Figures,
    measure: Measure,
    streamed: bool,
    understood: bool,
    done: bool,
}

impl ReplyReader {
    /// Returns a reader of a body of this type, which takes at most `reply_bytes`. `model` is the one that was asked for.
    #[must_use]
    pub fn new(content_type: Option<&str>, model: Option<&str>, reply_bytes: usize) -> Self {
        let kind = content_type.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let body = match kind.as_deref() {
            Some("text/event-stream") => Body::Events(SseParser::default()),
            Some("application/json") => Body::Whole(Vec::new()),
            _ => Body::Unknown,
        };
        Self {
            streamed: !matches!(body, Body::Whole(_)),
            body,
            bytes_left: reply_bytes,
            reply_bytes,
            splitter: None,
            reply: Reply { model: model.map(str::to_owned), ..Reply::default() },
            figures: Figures::default(),
            measure: Measure::default(),
            understood: false,
            done: false,
        }
    }

    /// Takes the next bytes, which came at `at` after the request, and appends what they say.
    pub fn push(&mut self, bytes: &[u8], at: Duration, updates: &mut impl Extend<Update>) -> Result<(), ChatError> {
        self.bytes_left =
            self.bytes_left.checked_sub(bytes.len()).ok_or_else(|| ChatError::TooLarge(self.reply_bytes))?;
        if matches!(self.body, Body::Unknown) {
            match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return Ok(()),
                Some(b'{') => (self.body, self.streamed) = (Body::Whole(Vec::new()), false),
                Some(_) => self.body = Body::Events(SseParser::default()),
            }
        }
        match &mut self.body {
            Body::Whole(whole) => whole.extend_from_slice(bytes),
            Body::Events(parser) => {
                let mut events = Vec::new();
                parser.push(bytes, &mut events)?;
                for event in events {
                    self.event(&event, at, updates)?;
                }
            }
            Body::Unknown => {}
        }
        Ok(())
    }

    /// How far the reply is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.reply.finish_reason.is_some() {
            Phase::Ended
        } else if self.measure.pieces() > 0 || matches!(&self.body, Body::Whole(bytes) if !bytes.is_empty()) {
            Phase::Answering
        } else {
            // Its head has come: what is made in one piece is made by now, and what comes in pieces may begin late.
            Phase::Waiting { streamed: true }
        }
    }

    /// Whether nothing more comes that is of use.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Pieces so far: tokens, as servers send them.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.measure.pieces()
    }

    /// Whether text is held back until it is known to be reasoning or answer.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.splitter.as_ref().is_some_and(ThinkSplitter::is_waiting)
    }

    /// Takes the end of the body at `at`; appends what was held back, and returns the reply.
    pub fn finish(mut self, at: Duration, updates: &mut impl Extend<Update>) -> Result<Reply, ChatError> {
        match std::mem::replace(&mut self.body, Body::Unknown) {
            Body::Unknown => return Err(ChatError::BrokeOff(None)),
            Body::Events(parser) => {
                // What is cut in the middle is no reply that cannot be read, but one that broke off.
                let last = parser.finish().filter(|event| json(&event.data).is_some() || event.data == b"[DONE]");
                if let Some(event) = last {
                    self.event(&event, at, updates)?;
                }
                if !self.understood {
                    return Err(ChatError::NotUnderstood("no event of a chat in it".to_owned()));
                }
                if !self.done && self.reply.finish_reason.is_none() {
                    return Err(ChatError::BrokeOff(None));
                }
            }
            Body::Whole(bytes) => {
                let object = json(&bytes).ok_or_else(|| ChatError::of_bytes(&bytes))?;
                self.object(&object, None, at, updates)?;
            }
        }
        if let Some(splitter) = self.splitter.take() {
            let mut last = Vec::new();
            splitter.finish(&mut last);
            self.take(last, at, updates);
        }
        self.whole(at)
    }

    fn event(&mut self, event: &SseEvent, at: Duration, updates: &mut impl Extend<Update>) -> Result<(), ChatError> {
        if event.data.trim_ascii() == b"[DONE]" {
            (self.done, self.understood) = (true, true);
            return Ok(());
        }
        let object = json(&event.data).ok_or_else(|| ChatError::of_bytes(&event.data))?;
        self.object(&object, event.name.as_deref(), at, updates)
    }

    fn object(
        &mut self,
        object: &Value,
        name: Option<&str>,
        at: Duration,
        updates: &mut impl Extend<Update>,
    ) -> Result<(), ChatError> {
        if !is_known(object, name) {
            // Servers may send events of their own between ours; a whole reply must be one.
            return if self.streamed { Ok(()) } else { Err(ChatError::of_bytes(object.to_string().as_bytes())) };
        }
        self.understood = true;
        for part in parts(object, name) {
            match part {
                Part::Model(model) => self.reply.model = Some(model),
                Part::Reasoning(shape, text) => {
                    self.measure.piece(at);
                    self.measure.reasoning();
                    self.reply.reasoning_shape.get_or_insert(shape);
                    let mut ready = Vec::new();
                    self.splitter().all_answer(&mut ready);
                    ready.push(Update::Reasoning(text));
                    self.take(ready, at, updates);
                }
                Part::Text(text) => {
                    self.measure.piece(at);
                    let mut ready = Vec::new();
                    self.splitter().push(&text, &mut ready);
                    if self.splitter().is_reasoning() {
                        self.measure.reasoning();
                    }
                    self.take(ready, at, updates);
                }
                Part::Finish(reason) => self.reply.finish_reason = Some(reason),
                Part::Figures(figures) => self.figures.take(&figures),
                Part::Loading(percent) => updates.extend([Update::Loading(percent)]),
                Part::Failed(words) => return Err(ChatError::of_words(&words)),
                Part::End => self.done = true,
            }
        }
        Ok(())
    }

    /// Returns the splitter, which is made when the first text comes: the server may have named its model by then.
    fn splitter(&mut self) -> &mut ThinkSplitter {
        let patient = self.reply.model.as_deref().is_some_and(thinks_first);
        self.splitter.get_or_insert_with(|| ThinkSplitter::new(patient))
    }

    /// Puts updates into the reply and hands them on.
    fn take(&mut self, ready: Vec<Update>, at: Duration, updates: &mut impl Extend<Update>) {
        for update in &ready {
            match update {
                Update::Answer(text) => {
                    self.measure.answer(at);
                    self.reply.answer.push_str(text);
                }
                Update::Reasoning(text) => {
                    self.reply.reasoning_shape.get_or_insert(ReasoningShape::Inline);
                    self.reply.reasoning.push_str(text);
                }
                Update::AnswerWasReasoning => {
                    self.measure.all_was_reasoning();
                    let text = std::mem::take(&mut self.reply.answer);
                    self.reply.reasoning_shape = Some(ReasoningShape::Inline);
                    self.reply.reasoning.push_str(&text);
                }
                Update::Loading(_) => {}
            }
        }
        updates.extend(ready);
    }

    fn whole(self, at: Duration) -> Result<Reply, ChatError> {
        let mut reply = self.reply;
        if reply.reasoning_shape == Some(ReasoningShape::Inline) {
            // The newlines beside the tags are theirs.
            reply.reasoning = reply.reasoning.trim().into();
        }
        if reply.reasoning.is_empty() {
            reply.reasoning_shape = None;
        }
        let mut measure = self.measure;
        if reply.reasoning.is_empty() {
            measure.all_was_answer();
        }
        reply.tokens = measure.tokens(self.streamed, &self.figures, [&reply.reasoning, &reply.answer]);
        reply.timings = measure.timings(self.streamed, &self.figures, reply.tokens.output, at);
        if reply.answer.trim().is_empty() { Err(ChatError::Empty { reply: Box::new(reply) }) } else { Ok(reply) }
    }
}

fn json(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests;
