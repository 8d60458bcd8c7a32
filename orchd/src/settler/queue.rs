//! Which sessions are to be looked at, and which of them failed when they were.

use std::collections::{HashSet, VecDeque};

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::updates::Update;

/// Sessions to look at, each once, in the order in which they changed.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) sessions: VecDeque<String>,
    /// More changed than was told: every session is to be looked at.
    pub(super) all: bool,
    /// Which could not be settled when last looked at. They wait for their next change, or for a look at every session.
    failing: HashSet<String>,
    /// Which sessions there are could not be asked.
    pub(super) is_blind: bool,
}

impl Queue {
    fn add(&mut self, session_id: &str) {
        if !self.sessions.iter().any(|known| known == session_id) {
            self.sessions.push_back(session_id.to_owned());
        }
    }

    pub(super) fn add_all(&mut self, sessions: Vec<String>) {
        let known: HashSet<String> = self.sessions.iter().cloned().collect();
        self.sessions.extend(sessions.into_iter().filter(|session| !known.contains(session)));
    }

    pub(super) fn note(&mut self, update: &Update) {
        self.all |= update.all;
        update.sessions.iter().for_each(|session| self.add(session));
    }

    /// Takes in what was published meanwhile.
    pub(super) fn drain(&mut self, updates: &mut Receiver<Update>) {
        loop {
            match updates.try_recv() {
                Ok(update) => self.note(&update),
                Err(TryRecvError::Lagged(_)) => self.all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && !self.all
    }

    /// Takes in every session there is; None where that could not be asked, which is then still to do. Returns whether it came out
    /// other than before.
    pub(super) fn swept(&mut self, found: Option<Vec<String>>) -> bool {
        self.all = found.is_none();
        let was_blind = std::mem::replace(&mut self.is_blind, found.is_none());
        self.add_all(found.unwrap_or_default());
        was_blind != self.is_blind
    }

    /// Notes how the look at a session came out. Returns whether that is other than before.
    pub(super) fn looked_at(&mut self, session_id: &str, is_settled: bool) -> bool {
        if is_settled { self.failing.remove(session_id) } else { self.failing.insert(session_id.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_asked_is_still_to_do_and_told_of_once() {
        let mut queue = Queue { all: true, ..Queue::default() };
        assert!(queue.swept(None) && queue.all && !queue.is_empty());
        assert!(!queue.swept(None) && queue.all);
        assert!(queue.swept(Some(vec!["a".into(), "b".into()])), "it is over");
        assert_eq!((queue.all, queue.sessions.len()), (false, 2));
        queue.all = true;
        assert!(!queue.swept(Some(vec!["b".into(), "c".into()])));
        assert_eq!(queue.sessions, ["a", "b", "c"]);
    }

    #[test]
    fn a_session_that_fails_is_told_of_once_and_waits_for_its_next_change() {
        let mut queue = Queue::default();
        assert!(queue.looked_at("a", false) && queue.is_empty());
        for _ in 0..3 {
            queue.add("a");
            assert_eq!(queue.sessions.pop_front().as_deref(), Some("a"));
            assert!(!queue.looked_at("a", false) && queue.is_empty());
        }
        assert!(queue.looked_at("a", true), "it is over");
        assert!(!queue.looked_at("a", true));
    }
}
