//! A session cut at the user's prompts: to each belongs what comes before the next one, the reports of background agents included.

use shared::event::Micros;

use super::Answer;
use super::facts::{SessionFacts, Turn, TurnKind};
use super::signs::End;

/// What belongs to one prompt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'f> {
    /// The prompt's event and those up to the next prompt.
    turns: &'f [Turn],
    /// When the next prompt came.
    next_at: Option<Micros>,
    /// What that says of this one.
    pub(super) answer: Option<Answer>,
}

impl<'f> Window<'f> {
    /// The task that the prompt is.
    pub(super) fn task_id(&self) -> Option<&'f str> {
        self.turns.first()?.task_id.as_deref()
    }

    /// When the prompt came.
    pub(super) fn typed_at(&self) -> Micros {
        self.turns.first().map_or(0, |prompt| prompt.at)
    }

    /// The ids of the prompt and of the reports that belong to it; one may come more than once.
    pub(super) fn prompt_ids(&self) -> impl Iterator<Item = &'f str> {
        self.turns.iter().filter_map(|turn| turn.prompt_id.as_deref())
    }

    /// Whether a moment lies in it.
    pub(super) fn holds(&self, at: Micros) -> bool {
        at >= self.typed_at() && self.next_at.is_none_or(|next| at < next)
    }
}

/// Cuts a session; what lies before its first prompt belongs to none.
pub(super) fn windows(turns: &[Turn]) -> Vec<Window<'_>> {
    let starts: Vec<usize> = (0..turns.len()).filter(|&place| turns[place].kind == TurnKind::Prompt).collect();
    let window = |(nth, &start): (usize, &usize)| {
        let next = starts.get(nth + 1).map(|&next| &turns[next]);
        let end = starts.get(nth + 1).copied().unwrap_or(turns.len());
        Window {
            turns: &turns[start..end],
            next_at: next.map(|next| next.at),
            answer: next.and_then(|next| next.answer),
        }
    };
    starts.iter().enumerate().map(window).collect()
}

/// Returns when a prompt's work ended, and how; None while it goes on. A turn that began and has no Stop was interrupted once
/// something proves that it will not go on; where that is the next prompt, it ended at `last_sign_at`, its last sign of work.
pub(super) fn ended(window: &Window<'_>, last_sign_at: Micros, facts: &SessionFacts) -> Option<(Micros, End)> {
    let (mut stopped_at, mut failed, mut closed_at) = (None, false, None);
    for turn in window.turns {
        match turn.kind {
            TurnKind::Stop | TurnKind::Failure => {
                stopped_at = Some(turn.at);
                failed |= turn.kind == TurnKind::Failure;
            }
            TurnKind::End => closed_at = closed_at.or(Some(turn.at)),
            TurnKind::Prompt | TurnKind::Notification => {}
        }
    }
    if let Some(stopped_at) = stopped_at {
        return Some((stopped_at, if failed { End::StopFailure } else { End::Completed }));
    }
    let after = |at: &Micros| *at > window.typed_at();
    if let Some(closed_at) = closed_at {
        return Some((closed_at, End::Interrupted));
    }
    if window.next_at.is_some() {
        return Some((last_sign_at, End::Interrupted));
    }
    let lost = facts.lost_at.filter(after).map(|at| (at, End::Lost));
    lost.or_else(|| facts.rest_at.filter(after).map(|at| (at, End::Interrupted)))
}
