//! What is counted and timed while a reply comes. Pure: times are handed in, as the time since the request.

use std::time::Duration;

use super::chunk::Figures;
use super::reply::{Timings, TokenSource, Tokens};
use super::tokens::estimate;

/// Counts and times of one reply.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    pieces: u64,
    reasoning_pieces: u64,
    first_piece: Option<Duration>,
    last_piece: Option<Duration>,
    first_answer: Option<Duration>,
}

impl Measure {
    /// Takes a piece that the server sent.
    pub fn piece(&mut self, at: Duration) {
        self.pieces += 1;
        self.first_piece.get_or_insert(at);
        self.last_piece = Some(at);
    }

    /// Says that the last piece was reasoning.
    pub fn reasoning(&mut self) {
        self.reasoning_pieces += 1;
    }

    /// Says that the answer has begun.
    pub fn answer(&mut self, at: Duration) {
        self.first_answer.get_or_insert(at);
    }

    /// Says that all pieces so far were reasoning.
    pub fn all_was_reasoning(&mut self) {
        self.reasoning_pieces = self.pieces;
        self.first_answer = None;
    }

    /// Says that no piece was reasoning, and when the answer began if it was held back.
    pub fn all_was_answer(&mut self) {
        self.reasoning_pieces = 0;
        self.first_answer = self.first_piece;
    }

    /// Pieces so far.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// Returns the tokens: the server's count, else the pieces, else an estimate from the text.
    #[must_use]
    pub fn tokens(&self, streamed: bool, server: &Figures, text: [&str; 2]) -> Tokens {
        let counted = |count: u64| streamed.then_some(count);
        let (output, source) = match (server.output_tokens, counted(self.pieces)) {
            (Some(tokens), _) => (tokens, TokenSource::Server),
            (None, Some(pieces)) => (pieces, TokenSource::Counted),
            (None, None) => (text.map(estimate).iter().sum(), TokenSource::Estimated),
        };
        Tokens {
            input: server.input_tokens,
            cached_input: server.cached_input_tokens,
            output,
            reasoning: server.reasoning_tokens,
            source,
            counted_output: counted(self.pieces),
            counted_reasoning: counted(self.reasoning_pieces),
        }
    }

    /// Returns the times of a reply that ended at `end` with `output` tokens.
    #[must_use]
    pub fn timings(&self, streamed: bool, server: &Figures, output: u64, end: Duration) -> Timings {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let own = |time: Option<Duration>| time.filter(|_| streamed).map(ms);
        let measured = self.speed(output).filter(|_| streamed);
        Timings {
            total_ms: ms(end),
            first_token_ms: own(self.first_piece),
            first_answer_ms: own(self.first_answer),
            tokens_per_second: server.tokens_per_second.or(measured),
            measured_tokens_per_second: measured,
            server_tokens_per_second: server.tokens_per_second,
            server_first_token_ms: server.first_token_ms,
            model_load_ms: server.model_load_ms,
        }
    }

    /// Returns tokens per second from the first piece to the last; None where they came together.
    fn speed(&self, output: u64) -> Option<f64> {
        let spent = self.last_piece?.checked_sub(self.first_piece?)?.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 tokens")]
        let after_the_first = output.checked_sub(1)? as f64;
        (spent > 0.0 && after_the_first > 0.0).then(|| after_the_first / spent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "exact in binary")]
    fn speed_is_that_of_the_tokens_after_the_first() {
        let ms = Duration::from_millis;
        let mut measure = Measure::default();
        for at in [1000, 1250, 1500, 1750, 2000] {
            measure.piece(ms(at));
        }
        measure.answer(ms(1500));
        let none = Figures::default();
        let times = measure.timings(true, &none, 5, ms(2100));
        assert_eq!((times.first_token_ms, times.first_answer_ms), (Some(1000.0), Some(1500.0)));
        assert_eq!(times.tokens_per_second, Some(4.0));
        assert_eq!(times.total_ms, 2100.0);
        let server = Figures { tokens_per_second: Some(4.2), ..none.clone() };
        let times = measure.timings(true, &server, 5, ms(2100));
        assert_eq!((times.tokens_per_second, times.measured_tokens_per_second), (Some(4.2), Some(4.0)));
        let whole = measure.timings(false, &none, 5, ms(2100));
        assert_eq!((whole.first_token_ms, whole.tokens_per_second), (None, None), "one piece tells no speed");
    }

    #[test]
    fn the_server_counts_before_we_do() {
        let mut measure = Measure::default();
        measure.piece(Duration::ZERO);
        let none = Figures::default();
        let server = Figures { output_tokens: Some(7), ..none.clone() };
        for (streamed, figures, expected) in [
            (true, &server, (7, TokenSource::Server)),
            (true, &none, (1, TokenSource::Counted)),
            (false, &none, (3, TokenSource::Estimated)),
        ] {
            let tokens = measure.tokens(streamed, figures, ["eight le", "four"]);
            assert_eq!((tokens.output, tokens.source), expected);
            assert_eq!(tokens.counted_output, streamed.then_some(1));
        }
    }
}
