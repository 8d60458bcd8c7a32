//! What the rest of the daemon sees of the local model: how it was when it was last looked at. Reading it waits for nothing and asks
//! nobody.

use std::sync::Arc;

use shared::event::Micros;
use tokio::sync::watch;

use super::health::{Health, first};
use super::state::State;

/// How the local model is, as of the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The one that counts.
    pub health: Health,
    /// Every server of the settings, in order of preference.
    pub endpoints: Vec<Health>,
}

impl Snapshot {
    pub(crate) fn of(endpoints: Vec<Health>) -> Self {
        let health = first(&endpoints).cloned().unwrap_or_else(|| Health::unknown(State::Off, "", 0));
        Self { health, endpoints }
    }
}

/// A cheap handle to the newest snapshot.
#[derive(Debug, Clone)]
pub struct LocalModel(watch::Receiver<Arc<Snapshot>>);

impl LocalModel {
    /// Returns a handle, and the end that tells it what is new. All servers begin as unknown; without any the model is off.
    #[must_use]
    pub fn new(urls: &[String], now_at: Micros) -> (watch::Sender<Arc<Snapshot>>, Self) {
        let endpoints = urls.iter().map(|url| Health::unknown(State::Unknown, url, now_at)).collect();
        let (sender, receiver) = watch::channel(Arc::new(Snapshot::of(endpoints)));
        (sender, Self(receiver))
    }

    /// Returns the handle of a local model that nobody looks for.
    #[must_use]
    pub fn off() -> Self {
        Self::new(&[], 0).1
    }

    /// Returns how it is. Never waits.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.borrow().health.state
    }

    /// Returns all that is known. Never waits.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.borrow())
    }

    /// Waits until something is known that was not, since this handle was last asked; for ever when nobody looks any more.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns what the status line shows, `deepseek-r1 ready`; None where there is nothing to tell. Who never had a server since the
    /// daemon started is not told for ever that it is down.
    #[must_use]
    pub fn status_line(&self) -> Option<String> {
        let snapshot = self.snapshot();
        let state = snapshot.health.state;
        let never = matches!(state, State::Down | State::WrongServer) && snapshot.health.kind.is_none();
        if never || matches!(state, State::Off | State::Unknown) {
            return None;
        }
        let model = snapshot.health.model.as_ref().map(|model| format!("{} ", model.id));
        Some(format!("{}{}", model.unwrap_or_default(), state.words()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn nobody_looked_yet_or_ever() {
        let off = LocalModel::off();
        assert_eq!((off.state(), off.status_line(), off.snapshot().endpoints.len()), (State::Off, None, 0));
        let (sender, model) = LocalModel::new(&["http://127.0.0.1:1234".into()], 7);
        assert_eq!((model.state(), model.status_line()), (State::Unknown, None));
        let down = Health::unknown(State::Down, "http://127.0.0.1:1234", 8);
        sender.send_replace(Arc::new(Snapshot::of(vec![down.clone()])));
        assert_eq!((model.state(), model.status_line()), (State::Down, None), "there never was one");
        let lost = Health { kind: Some(Kind::Ollama), ..down };
        sender.send_replace(Arc::new(Snapshot::of(vec![lost])));
        assert_eq!((model.state(), model.status_line().as_deref()), (State::Down, Some("down")));
        drop(sender);
        assert_eq!(model.state(), State::Down, "what is known stays");
    }
}
