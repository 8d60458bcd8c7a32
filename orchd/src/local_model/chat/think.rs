//! Inline reasoning: `<think>…</think>` in front of the answer, in pieces that may be cut anywhere. Pure.
//!
//! The opening tag may be missing, because many templates put it into the prompt. Then nothing tells reasoning from answer until
//! the closing tag comes. A model that is known to think is waited for; of another its text is shown at once, and taken back
//! should a closing tag come after all. Tags behind the beginning of the answer are part of it: an answer may speak of tags.

use super::reader::Update;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Parts of names of models that think before they answer, and whose templates open the tag themselves.
const THINKERS: [&str; 6] = ["deepseek-r1", "-r1-", "qwq", "think", "reason", "magistral"];

/// Whether a model of this name is known to think first.
#[must_use]
pub fn thinks_first(model: &str) -> bool {
    let name = model.to_ascii_lowercase();
    THINKERS.iter().any(|part| name.contains(part)) || name.ends_with("-r1")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but space, or the beginning of a tag.
    Start,
    /// Text without an opening tag: an answer, or reasoning whose tag is missing.
    Undecided,
    /// Between the tags.
    Inside,
    /// After the closing tag, before the answer's first letter.
    Behind,
    /// In the answer.
    Answer,
}

/// Tells reasoning from answer.
#[derive(Debug)]
pub struct ThinkSplitter {
    state: State,
    /// Whether text of unknown kind waits until it is known.
    patient: bool,
    buffer: String,
    /// Bytes of the buffer that hold no beginning of a tag.
    searched: usize,
    shown: bool,
}

impl ThinkSplitter {
    /// Returns a splitter that waits for the closing tag, or shows what may be answer at once.
    #[must_use]
    pub fn new(patient: bool) -> Self {
        Self { state: State::Start, patient, buffer: String::new(), searched: 0, shown: false }
    }

    /// Whether text is held back until its kind is known.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.patient && self.state == State::Undecided
    }

    /// Whether the last piece is reasoning, as far as is known.
    #[must_use]
    pub fn is_reasoning(&self) -> bool {
        match self.state {
            State::Undecided => self.patient,
            State::Start | State::Inside | State::Behind => true,
            State::Answer => false,
        }
    }

    /// Takes the next piece and appends what is known by now.
    pub fn push(&mut self, text: &str, updates: &mut impl Extend<Update>) {
        self.buffer.push_str(text);
        while self.step(updates) {}
    }

    /// Says that the server tells reasoning apart itself: all that is left is answer.
    pub fn all_answer(&mut self, updates: &mut impl Extend<Update>) {
        if self.state != State::Inside {
            self.enter(State::Answer);
            self.emit(self.buffer.len(), Update::Answer, updates);
        }
    }

    /// Takes the end: what waited is known to be answer now.
    pub fn finish(mut self, updates: &mut impl Extend<Update>) {
        let kind = if self.state == State::Inside { Update::Reasoning } else { Update::Answer };
        if self.state != State::Behind {
            self.emit(self.buffer.len(), kind, updates);
        }
    }

    /// Returns whether the state changed, so that there may be more to see.
    fn step(&mut self, updates: &mut impl Extend<Update>) -> bool {
        match self.state {
            State::Start => {
                let text = self.buffer.trim_start();
                if text.starts_with(OPEN) {
                    self.buffer.drain(..self.buffer.len() - text.len() + OPEN.len());
                    return self.enter(State::Inside);
                }
                !OPEN.starts_with(text) && self.enter(State::Undecided)
            }
            State::Undecided => self.decide(updates),
            State::Inside => {
                if let Some((at, _)) = self.find(&[CLOSE]) {
                    self.emit(at, Update::Reasoning, updates);
                    self.buffer.drain(..CLOSE.len());
                    return self.enter(State::Behind);
                }
                self.emit(self.searched, Update::Reasoning, updates);
                false
            }
            State::Behind => {
                let space = self.buffer.len() - self.buffer.trim_start().len();
                self.buffer.drain(..space);
                !self.buffer.is_empty() && self.enter(State::Answer)
            }
            State::Answer => {
                self.emit(self.buffer.len(), Update::Answer, updates);
                false
            }
        }
    }

    fn decide(&mut self, updates: &mut impl Extend<Update>) -> bool {
        match self.find(&[CLOSE, OPEN]) {
            Some((at, CLOSE)) => {
                if self.shown {
                    updates.extend([Update::AnswerWasReasoning]);
                }
                self.emit(at, Update::Reasoning, updates);
                self.buffer.drain(..CLOSE.len());
                self.enter(State::Behind)
            }
            // Both tags inside of a text: it speaks of them.
            Some(_) => self.enter(State::Answer),
            None => {
                if !self.patient {
                    self.emit(self.searched, Update::Answer, updates);
                }
                false
            }
        }
    }

    /// Returns the first of the tags and where it is. Without one, `searched` is all but what may be a tag's beginning.
    fn find(&mut self, tags: &[&'static str]) -> Option<(usize, &'static str)> {
        let fresh = &self.buffer[self.searched..];
        let found = tags.iter().filter_map(|tag| fresh.find(tag).map(|at| (self.searched + at, *tag))).min();
        if found.is_none() {
            let begins = |start: &usize| tags.iter().any(|tag| tag.starts_with(&fresh[*start..]));
            let tail = fresh.rfind('<').filter(begins);
            self.searched += tail.unwrap_or(fresh.len());
        }
        found
    }

    fn enter(&mut self, state: State) -> bool {
        (self.state, self.searched) = (state, 0);
        true
    }

    /// Moves the first `bytes` of the buffer into an update.
    fn emit(&mut self, bytes: usize, kind: fn(String) -> Update, updates: &mut impl Extend<Update>) {
        if bytes > 0 {
            let text: String = self.buffer.drain(..bytes).collect();
            self.searched = self.searched.saturating_sub(bytes);
            let update = kind(text);
            self.shown |= matches!(update, Update::Answer(_));
            updates.extend([update]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns answer and reasoning after all updates.
    fn split<'a>(pieces: impl IntoIterator<Item = &'a str>, patient: bool) -> (String, String) {
        let (mut splitter, mut updates) = (ThinkSplitter::new(patient), Vec::new());
        for piece in pieces {
            splitter.push(piece, &mut updates);
        }
        splitter.finish(&mut updates);
        let (mut answer, mut reasoning) = (String::new(), String::new());
        for update in updates {
            match &update {
                Update::Answer(text) => answer.push_str(text),
                Update::Reasoning(text) => reasoning.push_str(text),
                Update::AnswerWasReasoning => reasoning.push_str(&std::mem::take(&mut answer)),
                Update::Loading(_) => panic!("{update:?}"),
            }
        }
        (answer, reasoning)
    }

    /// The same over the whole text at once, written another way.
    fn expected(text: &str) -> (String, String) {
        let (open, close) = (text.find(OPEN), text.find(CLOSE));
        let leads = text.trim_start().starts_with(OPEN);
        let own = |text: &str| text.to_owned();
        match (leads, open, close) {
            (true, Some(open), _) => match text[open + OPEN.len()..].split_once(CLOSE) {
                Some((reasoning, answer)) => (own(answer.trim_start()), own(reasoning)),
                None => (String::new(), own(&text[open + OPEN.len()..])),
            },
            (false, open, Some(close)) if open.is_none_or(|open| close < open) => {
                (own(text[close + CLOSE.len()..].trim_start()), own(&text[..close]))
            }
            _ => (own(text), String::new()),
        }
    }

    #[test]
    fn shapes() {
        for (text, answer, reasoning) in [
            ("<think>\nhm\n</think>\n\n4.", "4.", "\nhm\n"),
            ("I add.\n</think>\n\n4.", "4.", "I add.\n"),
            ("</think>4.", "4.", ""),
            ("<think></think>4.", "4.", ""),
            ("  4.\n", "  4.\n", ""),
            (" \n", " \n", ""),
            ("<think>for ever", "", "for ever"),
            ("<think>a</think>", "", "a"),
            ("<think>a</think>b</think>c<think>", "b</think>c<think>", "a"),
            ("The tags are <think> and </think>.", "The tags are <think> and </think>.", ""),
            ("a < b </thin", "a < b </thin", ""),
            ("<thinking>", "<thinking>", ""),
            ("<thi", "<thi", ""),
        ] {
            for patient in [false, true] {
                assert_eq!(split([text], patient), (answer.to_owned(), reasoning.to_owned()), "{text:?} {patient}");
            }
            assert_eq!(expected(text), (answer.to_owned(), reasoning.to_owned()), "the reference: {text:?}");
        }
    }

    #[test]
    fn what_may_be_answer_is_shown_at_once_unless_the_model_thinks() {
        let shown = |patient| {
            let (mut splitter, mut updates) = (ThinkSplitter::new(patient), Vec::new());
            splitter.push("It is 4", &mut updates);
            (updates, splitter.is_waiting())
        };
        assert_eq!(shown(false), (vec![Update::Answer("It is 4".into())], false));
        assert_eq!(shown(true), (vec![], true));
    }

    #[test]
    fn models_that_think() {
        for (name, thinks) in [
            ("deepseek-r1", true),
            ("DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", true),
            ("tiny-deepseek-r1", true),
            ("qwen/qwq-32b", true),
            ("qwen3-4b-thinking-2507", true),
            ("llama-3.2-3b-instruct", false),
            ("gemma-3n", false),
            ("smr12", false),
        ] {
            assert_eq!(thinks_first(name), thinks, "{name}");
        }
    }

    proptest! {
        #[test]
        fn where_the_text_is_cut_does_not_matter(
            words in proptest::collection::vec("<think>|</think>|<|</|think>|a|é|\n| |<thin", 0..14),
            cuts in proptest::collection::vec(1usize..5, 1..30),
            patient: bool,
        ) {
            let text = words.concat();
            let letters: Vec<char> = text.chars().collect();
            let mut pieces = Vec::new();
            let (mut at, mut cut) = (0, cuts.iter().cycle());
            while at < letters.len() {
                let end = letters.len().min(at + cut.next().expect("endless"));
                pieces.push(letters[at..end].iter().collect::<String>());
                at = end;
            }
            prop_assert_eq!(split(pieces.iter().map(String::as_str), patient), expected(&text));
        }
    }
}
