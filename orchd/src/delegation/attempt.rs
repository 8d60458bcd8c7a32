//! What a record takes from an attempt at the local model.

use super::preview::{ANSWER_CHARS, TASK_CHARS, preview};
use super::record::{Counted, Record, TokenCount};
use crate::local_model::chat::{ChatError, ChatRequest, Reply, TokenSource, Tokens, tokens::estimate};
use crate::logging::line::printable;

/// Characters of a model's name.
const MODEL_CHARS: usize = 60;

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
        Self { answer, ..self.spent(request, reply) }
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
        self.tokens_per_second = reply.timings.tokens_per_second;
        self.tokens = Some(count(&reply.tokens, request, &reply.reasoning));
        self
    }
}

/// Returns a name as it may be kept: it is the server's, or the user's.
fn named(name: &str) -> Option<String> {
    let clean: String = printable(name.trim()).chars().take(MODEL_CHARS).collect();
    (!clean.is_empty()).then_some(clean)
}

/// Returns the tokens of a reply: the server's count, else ours, else by the length of the texts.
fn count(tokens: &Tokens, request: &ChatRequest, reasoning: &str) -> TokenCount {
    let source = match (tokens.input, tokens.source) {
        (None, _) | (_, TokenSource::Estimated) => Counted::Estimated,
        (_, TokenSource::Server) => Counted::Server,
        (_, TokenSource::Counted) => Counted::Counted,
    };
    let thought = tokens.reasoning.or(tokens.counted_reasoning).unwrap_or_else(|| estimate(reasoning));
    TokenCount {
        input: tokens.input.unwrap_or_else(|| request.estimated_tokens()),
        output: tokens.output,
        reasoning: thought.min(tokens.output),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let TokenCount { input, output, reasoning, source } = count(&tokens, &request, "thought.");
            assert_eq!((input, output, reasoning, source), expected, "{tokens:?}");
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
