//! What is shown while the answer comes: the answer on stdout, all else on stderr, and progress only where somebody watches.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::Failure;
use super::args::Delegate;
use crate::command::number::counted;
use crate::command::output::{print_part, say};
use crate::delegate::doing::Doing;
use crate::delegate::local::Watcher;
use crate::local_model::chat::{Reply, Update};
use crate::local_model::matches;
use crate::logging::line::{Colours, printable};

/// The two streams.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts of two streams, each true or not")]
pub(super) struct Screen {
    /// Whether the answer is shown as it comes.
    streams: bool,
    show_reasoning: bool,
    out_is_terminal: bool,
    watched: bool,
    doing: Doing,
    /// Whether a line of progress stands on the terminal.
    line_stands: bool,
    /// Whether stdout has some of the answer.
    shown: bool,
    ends_in_newline: bool,
}

impl Screen {
    /// Returns the screen of this process. What must be whole before it is of use is not shown piece by piece.
    pub(super) fn new(args: &Delegate) -> Self {
        Self {
            streams: !args.json && args.json_schema.is_none(),
            show_reasoning: args.show_reasoning,
            out_is_terminal: io::stdout().is_terminal(),
            watched: io::stderr().is_terminal(),
            doing: Doing::Waiting,
            line_stands: false,
            shown: false,
            ends_in_newline: true,
        }
    }

    /// Whether stdout has some of the answer already.
    pub(super) fn has_shown(&self) -> bool {
        self.shown
    }

    /// Shows an answer that was not shown as it came, and ends the line on a terminal.
    pub(super) fn end(&mut self, answer: &str) -> Result<(), Failure> {
        self.clear();
        if !self.shown {
            self.write(answer)?;
        }
        if self.out_is_terminal && !self.ends_in_newline {
            self.write("\n")?;
        }
        Ok(())
    }

    /// Ends the line of an answer that broke off, so that what is said next does not stand behind its last word.
    pub(super) fn break_off(&self) {
        if self.out_is_terminal && !self.ends_in_newline {
            say("");
        }
    }

    /// Sums up for somebody who watches, and says to everybody what is not whole, or not by the model that was asked for.
    pub(super) fn sum_up(&self, reply: &Reply, asked: Option<&str>) {
        if let (Some(asked), Some(told)) = (asked, &reply.model)
            && !matches(asked, told)
        {
            say(&printable(&format!("orchd: {told} answered, not {asked}: the server uses what it has.")));
        }
        if reply.is_cut() {
            say(
                "orchd: the answer is cut: the model had no more room (its context, or max_tokens). No saving is counted.",
            );
        }
        if self.watched {
            say(&Colours::of_stderr().paint("2", &summary(reply)));
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.clear();
        let harmless = if self.out_is_terminal { for_terminal(text) } else { text.to_owned() };
        (self.shown, self.ends_in_newline) = (true, text.ends_with('\n'));
        print_part(&harmless)
    }

    fn talk(&mut self, text: &str) {
        self.clear();
        let harmless = if self.watched { for_terminal(text) } else { text.to_owned() };
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(Colours::of_stderr().paint("2", &harmless).as_bytes()).and_then(|()| stderr.flush());
    }
}

impl Watcher for Screen {
    fn is_watched(&self) -> bool {
        self.watched
    }

    fn loads(&mut self) {
        self.doing = Doing::Loading(None);
    }

    fn update(&mut self, update: &Update) -> Result<(), Failure> {
        match update {
            Update::Loading(percent) => self.doing = Doing::Loading(*percent),
            Update::Reasoning(text) => {
                self.doing = Doing::Thinking;
                if self.show_reasoning {
                    self.talk(text);
                }
            }
            Update::Answer(text) => {
                if self.show_reasoning && self.doing == Doing::Thinking {
                    self.talk("\n\n");
                }
                self.doing = Doing::Answering;
                if self.streams {
                    self.write(text)?;
                }
            }
            Update::AnswerWasReasoning if self.shown => {
                self.clear();
                say("\norchd: what stands above was the model's reasoning; its answer follows");
            }
            Update::AnswerWasReasoning => {}
        }
        Ok(())
    }

    /// Only where nothing else moves.
    fn tick(&mut self, spent: Duration, tokens: u64, holds: bool) {
        let moves = self.out_is_terminal && self.shown || self.show_reasoning && tokens > 0;
        if self.watched && !moves {
            let doing = if holds { Doing::Thinking } else { self.doing };
            // A closed stderr is nobody's problem.
            let _ = write!(io::stderr(), "\r\u{1b}[2K{}", doing.line(spent, tokens));
            self.line_stands = true;
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.line_stands) {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }
}

/// Returns the text without anything that steers a terminal: a model repeats what it read, escape codes too.
fn for_terminal(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t', '\r']) {
        let end = part.chars().next_back().filter(|c| matches!(c, '\n' | '\t' | '\r'));
        clean.push_str(&printable(&part[..part.len() - end.map_or(0, char::len_utf8)]));
        clean.extend(end.filter(|c| *c != '\r'));
    }
    clean
}

fn summary(reply: &Reply) -> String {
    let model = printable(reply.model.as_deref().unwrap_or("the local model"));
    let speed = reply.timings.tokens_per_second.map(|speed| format!(", {speed:.1} a second"));
    let first = reply.timings.first_token_ms.map(|first| format!(", the first after {:.1} s", first / 1e3));
    let parts = [speed, first].into_iter().flatten().collect::<String>();
    format!("{model}: {}{parts}", counted(reply.tokens.output, "token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_does_not_steer_the_terminal() {
        assert_eq!(for_terminal("a\tb\r\nc\u{1b}[2Jd\u{202e}\n"), "a\tb\nc\\u{1b}[2Jd\\u{202e}\n");
        assert_eq!(for_terminal("é"), "é");
    }
}
