//! One request to the API, as a source tells of it.

use std::cmp::{Ordering, Reverse};

use shared::event::Micros;

use crate::pricing::{PriceTable, Tokens, Usage, cost};

/// Who tells of a request, the weakest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A line of a transcript.
    #[default]
    Transcript,
    /// An `api_request` event of the client's telemetry.
    Telemetry,
    /// We ourselves, who asked a local model. Nobody else tells of it.
    Local,
}

impl Source {
    /// Returns the word in `api_requests.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Telemetry => "telemetry",
            Self::Local => "local",
        }
    }

    /// Returns the source of a word in `api_requests.source`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "telemetry" => Self::Telemetry,
            "local" => Self::Local,
            _ => Self::Transcript,
        }
    }
}

/// The word for a subagent whose type no source tells. The queries have it too.
const UNKNOWN_AGENT: &str = "unknown agent";

/// What a source claims about one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Who tells it.
    pub source: Source,
    /// Who tells the usage.
    pub usage_of: Source,
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
    /// When the response was first written down.
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

    /// Gives a claim that names no response an id of our own, the same for every line of that response and every copy of it: from the
    /// provider's id of the request, else from what the lines of one response have in common.
    pub fn make_up_id(&mut self) {
        if self.message_id.is_some() {
            return;
        }
        let Tokens { input, cache_read, cache_write_5m: short, cache_write_1h: long, .. } = self.usage.tokens;
        self.message_id = Some(self.request_id.as_ref().map_or_else(
            || {
                let [agent, prompt] = [&self.agent_id, &self.prompt_id].map(|id| id.as_deref().unwrap_or_default());
                let (session, model) = (&self.session_id, &self.model);
                format!("#{session}#{agent}#{prompt}#{model}#{input}+{cache_read}+{short}+{long}")
            },
            |id| format!("#{id}"),
        ));
    }

    /// Whether the local model worked and nobody counted its tokens.
    #[must_use]
    pub fn is_uncounted(&self) -> bool {
        self.source == Source::Local && self.usage.tokens == Tokens::default()
    }

    /// Takes another claim about the same request in, with the same result in any order: more output wins. Of equals a transcript tells
    /// the usage, for it knows searches, place and iterations, and of two transcripts the one with more tokens; the row names the
    /// strongest source that agrees, and the stream was not cut when one of them saw its end. Who told of it first asked: a copy in a
    /// fork says otherwise of itself. Returns whether anything changed.
    pub fn merge(&mut self, other: Self) -> bool {
        let before = self.clone();
        match other.usage.tokens.output.cmp(&self.usage.tokens.output) {
            Ordering::Greater => (self.source, self.cut) = (other.source, other.cut),
            Ordering::Equal => {
                self.source = self.source.max(other.source);
                self.cut &= other.cut;
            }
            Ordering::Less => {}
        }
        if other.weight() > self.weight() {
            (self.usage_of, self.usage) = (other.usage_of, other.usage);
            (self.model, self.price, self.cost_nano_usd) = (other.model, other.price, other.cost_nano_usd);
        }
        match (other.at, &other.session_id).cmp(&(self.at, &self.session_id)) {
            Ordering::Less => {
                (self.at, self.session_id) = (other.at, other.session_id);
                self.cwd = other.cwd.or(self.cwd.take());
            }
            Ordering::Equal => take_lesser(&mut self.cwd, other.cwd, |_| false),
            Ordering::Greater => self.cwd = self.cwd.take().or(other.cwd),
        }
        let never = |_: &str| false;
        take_lesser(&mut self.message_id, other.message_id, is_made_up);
        take_lesser(&mut self.request_id, other.request_id, is_made_up);
        take_lesser(&mut self.agent_id, other.agent_id, never);
        // Telemetry calls agents of the user's own `custom`.
        take_lesser(&mut self.agent_type, other.agent_type, |name| name == "custom");
        take_lesser(&mut self.prompt_id, other.prompt_id, never);
        *self != before
    }

    /// What decides whose usage holds: all that a row keeps of it, so that equals are the same. A known cost stays, unless a claim that
    /// tells of the iterations is cheaper.
    fn weight(&self) -> impl Ord + '_ {
        let Usage { tokens, web_searches, fast, batch, us_only, .. } = &self.usage;
        let Tokens { input, output, cache_read, cache_write_5m, cache_write_1h } = tokens;
        (
            (output, self.usage_of == Source::Transcript, input, cache_read, cache_write_5m, cache_write_1h),
            (web_searches, fast, batch, us_only, &self.model),
            (self.cost_nano_usd.is_some(), Reverse(self.cost_nano_usd), &self.price),
        )
    }
}

/// Whether an id is one that we made for want of the provider's or the response's: see `telemetry` and [`Request::make_up_id`].
#[must_use]
pub fn is_made_up(id: &str) -> bool {
    id.contains('#')
}

/// Of two words the one that is not weak, of such the lesser: which one matters little, so long as it is the same in any order.
fn take_lesser(own: &mut Option<String>, other: Option<String>, is_weak: impl Fn(&str) -> bool) {
    let rank = |word: &Option<String>| word.as_deref().map(|word| (is_weak(word), word.to_owned()));
    if let Some(of_other) = rank(&other)
        && rank(own).is_none_or(|of_own| of_other < of_own)
    {
        *own = other;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            assert_eq!((request.usage.tokens.output, &*request.session_id, request.at), (50, "first", 1));
        }
    }

    #[test]
    fn of_equals_the_larger_usage_holds_and_who_told_first_asked() {
        let told = |input, at, session: &str| {
            let mut told = claim(5, at, session);
            told.usage.tokens.input = input;
            told
        };
        for (one, other, expected) in [
            (told(7, 1, "b"), told(9, 2, "a"), (9, 1, "b")),
            (told(9, 1, "b"), told(7, 1, "a"), (9, 1, "a")),
            (told(7, 1, "a"), told(7, 1, "b"), (7, 1, "a")),
        ] {
            for (mut row, claim) in [(one.clone(), other.clone()), (other.clone(), one.clone())] {
                row.merge(claim);
                assert_eq!((row.usage.tokens.input, row.at, &*row.session_id), expected);
                assert!(!row.clone().merge(row.clone()));
            }
        }
    }

    #[test]
    fn an_id_of_our_own_is_the_same_for_all_lines_of_a_response() {
        let id = |request: &Request| {
            let mut request = request.clone();
            request.make_up_id();
            request.message_id.expect("made")
        };
        let mut line = claim(5, 1, "s");
        line.prompt_id = Some("p".to_owned());
        let mut later = Request { at: 9, ..line.clone() };
        later.usage.tokens.output = 40;
        assert_eq!((id(&line), id(&later)), ("#s##p##10+0+0+0".to_owned(), id(&line)));
        assert_ne!(id(&Request { agent_id: Some("a".into()), ..line.clone() }), id(&line));
        assert_ne!(id(&Request { session_id: "t".into(), ..line.clone() }), id(&line));
        assert_eq!(id(&Request { request_id: Some("req".into()), ..line.clone() }), "#req");
        assert_eq!(id(&Request { message_id: Some("msg".into()), ..line }), "msg");
    }

    #[test]
    fn telemetry_outdoes_an_equal_transcript_and_takes_its_ids() {
        let telemetry = Request {
            source: Source::Telemetry,
            usage_of: Source::Telemetry,
            request_id: Some("req".into()),
            ..claim(5, 9, "s")
        };
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
            usage_of: Source::Telemetry,
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
                let telemetry = Request {
                    source: Source::Telemetry,
                    usage_of: Source::Telemetry,
                    request_id: Some("req".into()),
                    ..claim(told, 11, "s")
                };
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
        let whole = Request { source: Source::Telemetry, usage_of: Source::Telemetry, ..claim(40, 2, "s") };
        for (mut row, later) in [(cut.clone(), whole.clone()), (whole, cut)] {
            row.merge(later);
            assert_eq!((row.usage.tokens.output, row.cut, row.at), (40, false, 1));
            assert_eq!((row.source, row.message_id.as_deref()), (Source::Telemetry, Some("msg")));
        }
    }

    /// Claims about one request that differ in all that claims may differ in, and often not at all.
    fn any_claim() -> impl Strategy<Value = Request> {
        let word = || prop_oneof![Just(None), Just(Some("a".to_owned())), Just(Some("custom".to_owned()))];
        let usage = (0..2_u64, 0..2_u64, 0..2_u64, any::<bool>());
        let words = (word(), word(), word(), prop_oneof![Just("m"), Just("n")]);
        let whose = (any::<bool>(), 1..3_i64, prop_oneof![Just("s"), Just("t")], any::<bool>());
        let price = prop_oneof![Just(None), (1..3_i64).prop_map(Some)];
        (usage, words, whose, price).prop_map(|((output, input, searches, fast), words, whose, cost_nano_usd)| {
            let (is_transcript, at, session, cut) = whose;
            let source = if is_transcript { Source::Transcript } else { Source::Telemetry };
            let mut request = Request {
                source,
                usage_of: source,
                message_id: is_transcript.then(|| "msg".to_owned()),
                request_id: (!is_transcript).then(|| "req".to_owned()),
                model: words.3.to_owned(),
                agent_id: words.0,
                agent_type: words.1,
                prompt_id: words.2,
                cut,
                cost_nano_usd,
                ..claim(output, at, session)
            };
            (request.usage.tokens.input, request.usage.web_searches, request.usage.fast) = (input, searches, fast);
            request
        })
    }

    proptest! {
        #[test]
        fn the_result_is_the_same_in_any_order_and_however_often_it_is_told(
            (claims, shuffled) in prop::collection::vec(any_claim(), 2..6)
                .prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle())),
        ) {
            let merged = |claims: &[Request]| {
                let mut row = claims[0].clone();
                for claim in claims {
                    row.merge(claim.clone());
                }
                row
            };
            let row = merged(&claims);
            prop_assert_eq!(&merged(&shuffled), &row);
            prop_assert_eq!(&merged(&[&shuffled[..], &claims[..]].concat()), &row);
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
