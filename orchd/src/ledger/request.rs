//! One request to the API, as a source tells of it.

use shared::event::Micros;

use crate::pricing::{PriceTable, Usage, cost};

/// Who tells of a request, the weakest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A line of a transcript.
    #[default]
    Transcript,
    /// An `api_request` event of the client's telemetry.
    Telemetry,
}

impl Source {
    /// Returns the word in `api_requests.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Telemetry => "telemetry",
        }
    }

    /// Returns the source of a word in `api_requests.source`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        if word == "telemetry" { Self::Telemetry } else { Self::Transcript }
    }
}

/// The word for a subagent whose type no source tells. The queries have it too.
const UNKNOWN_AGENT: &str = "unknown agent";

/// What a source claims about one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Who tells it.
    pub source: Source,
    /// The id of the response; None where the source does not know it.
    pub message_id: Option<String>,
    /// The provider's id of the request; gateways may leave it out.
    pub request_id: Option<String>,
    /// The model that answered, as the source names it.
    pub model: String,
    /// The session that asked.
    pub session_id: String,
    /// The subagent that asked; None for the main thread.
    pub agent_id: Option<String>,
    /// Its type.
    pub agent_type: Option<String>,
    /// The prompt that it served.
    pub prompt_id: Option<String>,
    /// The folder it was asked from.
    pub cwd: Option<String>,
    /// When the response was written down.
    pub at: Micros,
    /// What it used.
    pub usage: Usage,
    /// The stream was cut: the output is a lower bound.
    pub cut: bool,
    /// The price row it was priced by.
    pub price: Option<String>,
    /// What it cost, nano-dollars; None when unknown.
    pub cost_nano_usd: Option<i64>,
}

impl Request {
    /// Prices the request as of its time.
    pub fn price(&mut self, table: &PriceTable) {
        let found = table.find(&self.model, self.at);
        if let Some((_, true)) = found {
            self.usage.fast = true;
        }
        self.price = found.map(|(price, _)| price.name());
        self.cost_nano_usd = found.and_then(|(price, _)| cost(price, &self.usage));
    }

    /// Returns the type of agent that the request is summed under, empty for the main thread.
    #[must_use]
    pub fn agent(&self) -> &str {
        let unknown = if self.agent_id.is_some() { UNKNOWN_AGENT } else { "" };
        self.agent_type.as_deref().filter(|name| !name.is_empty()).unwrap_or(unknown)
    }

    /// Takes a later claim about the same request in, with the same result in any order of the two sources: more output wins. Of
    /// equals a transcript tells the usage, for it knows searches, place and iterations, and the row names the strongest source that
    /// agrees; the stream was not cut when one of them saw its end, and the earliest time holds. Who asked stays as first told, since
    /// a copy in a fork says otherwise of itself. Returns whether anything changed.
    pub fn merge(&mut self, later: Self) -> bool {
        let before = self.clone();
        let (old, new) = (self.usage.tokens.output, later.usage.tokens.output);
        if new > old {
            (self.source, self.at, self.cut) = (later.source, later.at, later.cut);
        } else if new == old {
            self.source = self.source.max(later.source);
            self.at = self.at.min(later.at);
            self.cut &= later.cut;
        }
        let knows_more = later.is_of_transcript() || !self.is_of_transcript();
        if new > old || (new == old && knows_more) {
            self.model = later.model;
            self.usage = later.usage;
            self.price = later.price;
            self.cost_nano_usd = later.cost_nano_usd;
        }
        // Telemetry calls agents of the user's own `custom`.
        if self.message_id.is_none() && later.message_id.is_some() && later.agent_type.is_some() {
            self.agent_type.clone_from(&later.agent_type);
        }
        for (own, other) in [
            (&mut self.message_id, later.message_id),
            (&mut self.request_id, later.request_id),
            (&mut self.agent_id, later.agent_id),
            (&mut self.agent_type, later.agent_type),
            (&mut self.prompt_id, later.prompt_id),
            (&mut self.cwd, later.cwd),
        ] {
            if own.is_none() {
                *own = other;
            }
        }
        *self != before
    }

    /// Whether a transcript tells, or told, of it: telemetry knows no id of a response.
    fn is_of_transcript(&self) -> bool {
        self.message_id.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::Tokens;

    fn claim(output: u64, at: Micros, session: &str) -> Request {
        let tokens = Tokens { input: output * 2, output, ..Tokens::default() };
        Request {
            session_id: session.to_owned(),
            at,
            usage: Usage { tokens, ..Usage::default() },
            ..Request::default()
        }
    }

    #[test]
    fn most_output_wins_whatever_the_order() {
        for (first, second) in [(3, 50), (50, 3)] {
            let mut request = claim(first, 1, "first");
            request.merge(claim(second, 2, "second"));
            assert_eq!((request.usage.tokens.output, &*request.session_id), (50, "first"));
        }
    }

    #[test]
    fn among_equals_the_later_claim_holds_at_the_first_time() {
        let mut request = claim(5, 1, "s");
        let mut later = claim(5, 2, "s");
        later.usage.tokens.input = 7;
        assert!(request.merge(later));
        assert_eq!((request.usage.tokens.input, request.at), (7, 1));
        assert!(!request.clone().merge(request.clone()));
    }

    #[test]
    fn telemetry_outdoes_an_equal_transcript_and_takes_its_ids() {
        let telemetry = Request { source: Source::Telemetry, request_id: Some("req".into()), ..claim(5, 9, "s") };
        let transcript = Request { message_id: Some("msg".into()), ..claim(5, 1, "s") };
        for (mut request, later) in [(telemetry.clone(), transcript.clone()), (transcript, telemetry)] {
            request.merge(later);
            assert_eq!(request.source, Source::Telemetry);
            assert_eq!((request.message_id.as_deref(), request.request_id.as_deref()), (Some("msg"), Some("req")));
        }
    }

    #[test]
    fn what_only_a_transcript_knows_outlives_telemetry_and_its_replays() {
        let telemetry = Request {
            source: Source::Telemetry,
            request_id: Some("req".into()),
            agent_type: Some("custom".into()),
            cost_nano_usd: Some(10),
            ..claim(5, 9, "s")
        };
        let mut transcript = Request {
            message_id: Some("msg".into()),
            agent_type: Some("reviewer".into()),
            cost_nano_usd: Some(20_000_010),
            cut: true,
            ..claim(5, 7, "s")
        };
        transcript.usage.web_searches = 2;
        let merged = |claims: &[&Request]| {
            let mut row = claims[0].clone();
            for claim in &claims[1..] {
                row.merge((*claim).clone());
            }
            row
        };
        let expected = merged(&[&telemetry, &transcript]);
        assert_eq!((expected.usage.web_searches, expected.cost_nano_usd), (2, Some(20_000_010)));
        assert_eq!((expected.agent_type.as_deref(), expected.at, expected.cut), (Some("reviewer"), 7, false));
        for order in [
            &[&transcript, &telemetry][..],
            &[&transcript, &telemetry, &telemetry],
            &[&telemetry, &telemetry, &transcript, &transcript, &telemetry],
        ] {
            assert_eq!(merged(order), expected, "{order:?}");
        }
    }

    #[test]
    fn telemetry_may_come_between_any_two_lines_of_a_transcript() {
        let lines = |outputs: &[u64]| {
            let line = |(place, &output): (usize, &u64)| Request {
                message_id: Some("msg".into()),
                cut: output == 1,
                ..claim(output, 10 + Micros::try_from(place).expect("few"), "s")
            };
            outputs.iter().enumerate().map(line).collect::<Vec<_>>()
        };
        for outputs in [&[1][..], &[40], &[1, 40], &[1, 20, 40, 40], &[40, 1]] {
            for told in [1, 20, 40, 41] {
                let telemetry =
                    Request { source: Source::Telemetry, request_id: Some("req".into()), ..claim(told, 11, "s") };
                let merged = (0..=outputs.len()).map(|place| {
                    let mut claims = lines(outputs);
                    claims.insert(place, telemetry.clone());
                    // Repetitions change nothing.
                    claims.extend(lines(outputs));
                    claims.push(telemetry.clone());
                    claims.into_iter().reduce(|mut row, claim| {
                        row.merge(claim);
                        row
                    })
                });
                let merged: Vec<_> = merged.collect();
                assert!(merged.iter().all(|row| *row == merged[0]), "{outputs:?} and {told}: {merged:#?}");
            }
        }
    }

    #[test]
    fn a_cut_transcript_gives_way_to_what_telemetry_saw_whole() {
        let cut = Request { message_id: Some("msg".into()), cut: true, ..claim(1, 1, "s") };
        let whole = Request { source: Source::Telemetry, ..claim(40, 2, "s") };
        for (mut row, later) in [(cut.clone(), whole.clone()), (whole, cut)] {
            row.merge(later);
            assert_eq!((row.usage.tokens.output, row.cut, row.at), (40, false, 2));
            assert_eq!((row.source, row.message_id.as_deref()), (Source::Telemetry, Some("msg")));
        }
    }

    #[test]
    fn what_no_table_knows_costs_nobody_knows_what() {
        let table = PriceTable::new(Vec::new());
        let mut request = Request { model: "qwen3-coder-30b".into(), ..claim(5, 1, "s") };
        request.price(&table);
        assert_eq!((request.price, request.cost_nano_usd), (None, None));
        let mut request = Request { model: "claude-opus-5-fast".into(), ..claim(100, 1, "s") };
        request.price(&table);
        assert_eq!(
            (request.price.as_deref(), request.cost_nano_usd),
            (Some("litellm 1.109.1 claude-opus-5"), Some(7_000_000))
        );
    }
}
