//! What a record takes from an attempt at the local model.

use super::preview::{ANSWER_CHARS, TASK_CHARS, preview};
use super::record::{Counted, Record, TokenCount};
use crate::local_model::chat::{ChatError, ChatRequest, LENGTH, Reply, TokenSource, tokens::estimate};
use crate::logging::line::printable;

/// Characters of a model's name.
const MODEL_CHARS: usize = 60;
/// Tokens that a server may count of what nobody sees: the model's own template, and ends of turns.
const UNSEEN: u64 = 1024;

impl Record {
    /// Takes in what was asked.
    #[must_use]
    pub fn asked(mut self, request: &ChatRequest) -> Self {
        self.task = Some(preview(&request.task, TASK_CHARS));
        self.model = self.model.or_else(|| request.model.as_deref().and_then(named));
        self
    }

    /// Takes in the answer.
    #[must_use]
    pub fn answered(self, request: &ChatRequest, reply: &Reply) -> Self {
        let answer = Some(preview(&reply.answer, ANSWER_CHARS));
        let reason = reply.is_cut().then(|| LENGTH.to_owned());
        Self { reason, answer, ..self.spent(request, reply) }
    }

    /// Takes in why there is no answer, and what the server counted nonetheless: it was used up for nothing.
    #[must_use]
    pub fn failed(self, request: &ChatRequest, error: &ChatError) -> Self {
        let record = Self { reason: Some(error.reason().to_owned()), ..self };
        match error.reply() {
            Some(reply) if reply.tokens.source == TokenSource::Server => record.spent(request, reply),
            _ => record,
        }
    }

    fn spent(mut self, request: &ChatRequest, reply: &Reply) -> Self {
        self.model = reply.model.as_deref().and_then(named).or(self.model);
        self.first_token_ms = reply.timings.first_token_ms.or(reply.timings.server_first_token_ms);
        let count = count(request, reply);
        self.tokens_per_second = speed(reply, count.output);
        self.tokens = Some(count);
        self
    }
}

/// Returns a name as it may be kept: it is the server's, or the user's.
fn named(name: &str) -> Option<String> {
    let clean: String = printable(name.trim()).chars().take(MODEL_CHARS).collect();
    (!clean.is_empty()).then_some(clean)
}

/// Returns the tokens of a reply: the server's count, else ours, else by the length of the texts. A token has a byte at least, so
/// a count beyond what went over the wire is no count; nor is none at all of an answer that came.
fn count(request: &ChatRequest, reply: &Reply) -> TokenCount {
    let Reply { tokens, answer, reasoning, .. } = reply;
    let (sent, came) = (request.body().to_string().len() as u64, (answer.len() + reasoning.len()) as u64);
    let believed = |count: &u64| *count <= came + UNSEEN && (*count > 0 || came == 0);
    let input = tokens.input.filter(|count| *count <= sent + UNSEEN);
    let output = Some(tokens.output).filter(believed);
    let counted = tokens.counted_output.filter(believed);
    let source = match (input, output, tokens.source) {
        (None, ..) | (_, _, TokenSource::Estimated) => Counted::Estimated,
        (_, Some(_), TokenSource::Server) => Counted::Server,
        (_, None, _) if counted.is_none() => Counted::Estimated,
        _ => Counted::Counted,
    };
    let output = output.or(counted).unwrap_or_else(|| estimate(answer) + estimate(reasoning));
    let thought = tokens.reasoning.or(tokens.counted_reasoning).unwrap_or_else(|| estimate(reasoning));
    TokenCount {
        input: input.unwrap_or_else(|| request.estimated_tokens()),
        output,
        reasoning: thought.min(output),
        source,
    }
}

/// Returns the tokens per second of a reply of which this many are believed: as told or measured where that is the server's count,
/// else by our own count over the same time. None where only an estimate is left.
fn speed(reply: &Reply, believed: u64) -> Option<f64> {
    let Reply { tokens, timings, .. } = reply;
    if tokens.output == believed {
        return timings.tokens_per_second;
    }
    tokens.counted_output.filter(|counted| *counted == believed)?;
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    let after_the_first = |count: u64| count.saturating_sub(1) as f64;
    let of_all = after_the_first(tokens.output);
    let measured = timings.measured_tokens_per_second.filter(|_| of_all > 0.0)?;
    Some(measured * after_the_first(believed) / of_all).filter(|speed| *speed > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_model::chat::{Timings, Tokens};

    #[test]
    fn the_server_counts_before_we_do() {
        let request = ChatRequest { task: "sixteen letters.".into(), ..ChatRequest::default() };
        let server = Tokens { input: Some(9), output: 20, source: TokenSource::Server, ..Tokens::default() };
        for (tokens, expected) in [
            (Tokens { reasoning: Some(5), counted_reasoning: Some(6), ..server.clone() }, (9, 20, 5, Counted::Server)),
            (Tokens { counted_reasoning: Some(6), ..server.clone() }, (9, 20, 6, Counted::Server)),
            (Tokens { counted_reasoning: Some(60), ..server.clone() }, (9, 20, 20, Counted::Server)),
            (server.clone(), (9, 20, 2, Counted::Server)),
            (Tokens { input: None, ..server.clone() }, (4, 20, 2, Counted::Estimated)),
            (Tokens { source: TokenSource::Counted, ..server.clone() }, (9, 20, 2, Counted::Counted)),
        ] {
            let reply = Reply { tokens, reasoning: "thought.".into(), ..Reply::default() };
            let TokenCount { input, output, reasoning, source } = count(&request, &reply);
            assert_eq!((input, output, reasoning, source), expected, "{reply:?}");
        }
    }

    #[test]
    fn more_tokens_than_bytes_are_not_believed() {
        let request = ChatRequest { task: "sixteen letters.".into(), ..ChatRequest::default() };
        let of = |input, output, counted_output| {
            let tokens =
                Tokens { input: Some(input), output, source: TokenSource::Server, counted_output, ..Tokens::default() };
            let count =
                count(&request, &Reply { tokens, answer: "An answer of 28 letters, so.".into(), ..Reply::default() });
            (count.input, count.output, count.source)
        };
        assert_eq!(of(50_000_000, 7, None), (4, 7, Counted::Estimated));
        assert_eq!(of(9, 5_000_000, Some(6)), (9, 6, Counted::Counted));
        assert_eq!(of(9, 5_000_000, None), (9, 7, Counted::Estimated));
        assert_eq!(of(9, 0, Some(6)), (9, 6, Counted::Counted));
        assert_eq!(of(u64::MAX >> 1, u64::MAX >> 1, Some(u64::MAX >> 1)), (4, 7, Counted::Estimated));
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "exact")]
    fn a_speed_is_that_of_the_tokens_that_are_believed() {
        let request = ChatRequest { task: "sixteen letters.".into(), ..ChatRequest::default() };
        let id = shared::event::DelegationId(uuid::Uuid::nil());
        // Eleven pieces in two seconds; what the server counts and tells is not of this world.
        let of = |output, counted_output, told: Option<f64>| {
            let measured = (output - 1) as f64 / 2.0;
            let timings = Timings {
                tokens_per_second: told.or(Some(measured)),
                measured_tokens_per_second: Some(measured),
                server_tokens_per_second: told,
                ..Timings::default()
            };
            let tokens =
                Tokens { input: Some(4), output, source: TokenSource::Server, counted_output, ..Tokens::default() };
            let reply = Reply { tokens, timings, answer: "An answer of 28 letters, so.".into(), ..Reply::default() };
            let record = Record::new(id, super::super::Policy::Command, 1, 2, super::super::Outcome::Completed);
            record.answered(&request, &reply).tokens_per_second
        };
        assert_eq!(of(11, Some(11), None), Some(5.0));
        assert_eq!(of(11, Some(11), Some(5.5)), Some(5.5), "its own is taken with its own count");
        assert_eq!(of(5_000_001, Some(11), None), Some(5.0));
        assert_eq!(of(5_000_001, Some(11), Some(2.5e6)), Some(5.0));
        assert_eq!(of(5_000_001, None, Some(2.5e6)), None);
        assert_eq!(of(5_000_001, Some(1), None), None, "one token has no speed");
    }

    #[test]
    fn an_answer_that_is_not_whole_is_marked() {
        let id = shared::event::DelegationId(uuid::Uuid::nil());
        for (finish_reason, reason) in [("length", Some("length")), ("stop", None)] {
            let record = Record::new(id, super::super::Policy::Command, 1, 2, super::super::Outcome::Completed);
            let reply = Reply { finish_reason: Some(finish_reason.into()), answer: "It".into(), ..Reply::default() };
            let record = record.answered(&ChatRequest::default(), &reply);
            assert_eq!((record.reason.as_deref(), record.is_partial()), (reason, reason.is_some()));
        }
    }

    #[test]
    fn an_attempt_that_came_to_nothing_tells_what_the_server_counted() {
        let record = || {
            let id = shared::event::DelegationId(uuid::Uuid::nil());
            Record::new(id, super::super::Policy::Command, 1, 2, super::super::Outcome::Failed)
        };
        let request = ChatRequest::default();
        let reply = |source| {
            let tokens = Tokens { input: Some(3), output: 4, source, ..Tokens::default() };
            Box::new(Reply { tokens, model: Some("r1".into()), ..Reply::default() })
        };
        let spent = record().failed(&request, &ChatError::Empty { reply: reply(TokenSource::Server) });
        assert_eq!((spent.reason.as_deref(), spent.model.as_deref()), (Some("empty"), Some("r1")));
        assert_eq!(spent.tokens.map(|tokens| (tokens.input, tokens.output)), Some((3, 4)));
        let unknown = record().failed(&request, &ChatError::Empty { reply: reply(TokenSource::Counted) });
        assert_eq!((unknown.tokens, unknown.answer), (None, None));
        assert_eq!(record().failed(&request, &ChatError::NeedsToken).tokens, None);
    }
}
