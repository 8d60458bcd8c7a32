//! What a transcript says of its session as a whole, beside the requests.

use std::path::Path;

use crate::ledger::ClientCost;

/// The session that a transcript is named after.
#[derive(Debug, Default)]
pub(super) struct OwnSession {
    /// None where the file is a subagent's.
    id: Option<String>,
    /// The last that the client counted for it.
    pub(super) cost: Option<ClientCost>,
    parents: Vec<String>,
    told: usize,
}

impl OwnSession {
    pub(super) fn of(transcript: &Path) -> Self {
        let name = transcript.file_stem().and_then(|name| name.to_str()).filter(|name| !name.starts_with("agent-"));
        Self { id: name.map(str::to_owned), ..Self::default() }
    }

    /// Notes who asked for a request of the transcript: when that is another session, this one is its fork.
    pub(super) fn hears_of(&mut self, session_id: &str) {
        if self.id.as_deref().is_some_and(|own| own != session_id)
            && !self.parents.iter().any(|known| known == session_id)
        {
            self.parents.push(session_id.to_owned());
        }
    }

    /// Returns what was not handed out yet.
    pub(super) fn take(&mut self) -> (Vec<ClientCost>, Vec<(String, String)>) {
        let news = &self.parents[self.told..];
        self.told = self.parents.len();
        let forks = news.iter().filter_map(|parent| Some((self.id.clone()?, parent.clone()))).collect();
        (self.cost.take().into_iter().collect(), forks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_is_told_once_of_each_parent() {
        let mut session = OwnSession::of(Path::new("/p/s.jsonl"));
        for id in ["s", "first", "first", "second", "s"] {
            session.hears_of(id);
        }
        let pair = |parent: &str| ("s".to_owned(), parent.to_owned());
        assert_eq!(session.take().1, [pair("first"), pair("second")]);
        session.hears_of("first");
        assert_eq!(session.take().1, []);
    }

    #[test]
    fn a_subagent_is_no_fork() {
        let mut session = OwnSession::of(Path::new("/p/s/subagents/agent-a1.jsonl"));
        session.hears_of("s");
        assert_eq!(session.take(), (Vec::new(), Vec::new()));
    }
}
