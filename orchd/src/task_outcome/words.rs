//! What a user's next prompt says of the task before: a table of plain words. Anything else says nothing.

/// How a prompt answers what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is what was wanted.
    Approved,
    /// It is not.
    Rejected,
}

/// Ways a prompt begins that turn down what was done.
const REJECTING_STARTS: &[&str] = &[
    "still fails",
    "still failing",
    "no,",
    "no.",
    "no!",
    "no -",
    "nope",
    "wrong",
    "that's wrong",
    "thats wrong",
    "that is wrong",
    "this is wrong",
    "not what i",
    "that's not right",
    "that's not correct",
    "that's not what",
    "that's not it",
    "that's not how",
    "thats not right",
    "thats not what",
    "thats not it",
    "that is not right",
    "that is not correct",
    "that is not what",
    "that is not it",
    "that is not how",
    "this is not what",
    "revert that",
    "revert this",
    "revert it",
    "revert your",
    "revert the last",
    "revert these",
    "revert all",
    "please revert that",
    "please revert your",
    "undo that",
    "undo this",
    "undo it",
    "undo your",
    "undo the last",
    "undo these",
    "undo all",
    "please undo",
    "roll back your",
    "roll that back",
    "doesn't work",
    "does not work",
    "doesnt work",
    "didn't work",
    "did not work",
    "not working",
    "try again",
    "you broke",
    "you misunderstood",
];

/// What turns it down wherever it stands.
const REJECTING_ANYWHERE: &[&str] = &[
    "that doesn't work",
    "that does not work",
    "that didn't work",
    "that did not work",
    "it doesn't work",
    "it does not work",
    "it didn't work",
    "this doesn't work",
    "this didn't work",
    "still doesn't work",
    "still does not work",
    "it still fails",
    "this still fails",
    "that still fails",
    "tests still fail",
    "test still fails",
    "build still fails",
    "is still failing",
    "are still failing",
    "it's still failing",
    "still broken",
    "still wrong",
    "still not working",
    "still the same error",
    "still get the same error",
    "not what i asked",
    "not what i wanted",
    "not what i meant",
    "that's wrong",
    "that is wrong",
    "you broke",
    "please undo that",
    "please undo this",
    "please undo it",
    "please undo your",
    "please revert that",
    "please revert this",
    "please revert it",
    "please revert your",
];

/// Prompts that are nothing but one of these turn it down too.
const REJECTING_WHOLE: &[&str] = &["no", "revert", "undo", "wrong", "try again", "again"];

/// Ways a prompt begins that take it.
const APPROVING_STARTS: &[&str] = &[
    "thanks",
    "thank you",
    "thx",
    "perfect",
    "great",
    "excellent",
    "awesome",
    "nice",
    "lgtm",
    "looks good",
    "looks great",
    "works",
    "it works",
    "that works",
    "this works",
    "that worked",
    "it worked",
    "well done",
    "good job",
    "good work",
    "ship it",
];

/// Words behind which an approval is taken back.
const TAKING_BACK: &[&str] = &[" but ", " but,", " however", " except ", " although "];

/// Returns what the start of a prompt says of the task before it; None where it says nothing plain.
#[must_use]
pub fn answer_of(prompt: &str) -> Option<Answer> {
    let text = prompt.trim().to_lowercase().replace('\u{2019}', "'");
    let whole = text.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let rejected = REJECTING_WHOLE.contains(&whole)
        || REJECTING_STARTS.iter().any(|start| begins(&text, start))
        || REJECTING_ANYWHERE.iter().any(|words| holds(&text, words));
    if rejected {
        return Some(Answer::Rejected);
    }
    let approved = APPROVING_STARTS.iter().any(|start| begins(&text, start));
    let taken_back = TAKING_BACK.iter().any(|words| text.contains(words));
    (approved && !taken_back).then_some(Answer::Approved)
}

/// Whether the text begins with these words, whole.
fn begins(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(ends_a_word)
}

/// Whether these words stand in the text, whole.
fn holds(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric()) && ends_a_word(&text[at + words.len()..])
    })
}

fn ends_a_word(rest: &str) -> bool {
    rest.chars().next().is_none_or(|letter| !letter.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_speak_and_others_do_not() {
        for (prompt, answer) in [
            ("No, use the other file.", Some(Answer::Rejected)),
            ("no", Some(Answer::Rejected)),
            ("Now add a test", None),
            ("That\u{2019}s wrong.", Some(Answer::Rejected)),
            ("Hm, it still fails with the same error", Some(Answer::Rejected)),
            ("Thanks, but it still fails", Some(Answer::Rejected)),
            ("undo", Some(Answer::Rejected)),
            ("That's not all, also add tests", None),
            ("That is not a problem, go on", None),
            ("That\u{2019}s not what I meant", Some(Answer::Rejected)),
            ("That is not right.", Some(Answer::Rejected)),
            ("Thanks, please undo that", Some(Answer::Rejected)),
            ("Thanks, add a button to undo that", Some(Answer::Approved)),
            ("Revert that!", Some(Answer::Rejected)),
            ("revert the migration helper to async", None),
            ("Add undo to the editor", None),
            ("Thanks! Now the docs.", Some(Answer::Approved)),
            ("LGTM", Some(Answer::Approved)),
            ("Great, but make it faster", None),
            ("Greatly simplify this module", None),
            ("Nicely formatted output please", None),
            ("works", Some(Answer::Approved)),
            ("How does this work?", None),
            ("Handle the case where a request which still fails is retried", None),
            ("", None),
            ("\u{dc}bersetze das", None),
        ] {
            assert_eq!(answer_of(prompt), answer, "{prompt:?}");
        }
    }
}
