//! What the daemon tells the hook ahead of any question, so that a decision asks nobody: how the local model is, and what to decide by.
//!
//! A file of its own ([`crate::sealed`]), read only where something is to be decided. One that is missing, foreign or stale says
//! nothing, and what is not known is not sent to the local model.

use serde_json::json;

use crate::decision::Settings;
use crate::event::Micros;
use crate::payload::Scan;
use crate::sealed;
#[cfg(doc)]
use crate::sealed::MAX_BYTES;

const SCHEMA: i64 = 1;
/// Longest name of a model that is kept, in characters.
const MAX_TEXT: usize = 120;

/// The local model as it was when it was last looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalModel {
    /// `ready`, `loadable`, `down`: the word of `orchd status --json`.
    pub state: String,
    /// Whether work may go there now.
    pub available: bool,
    /// Its name; None where there is none.
    pub model: Option<String>,
    /// Tokens that it takes as it is loaded.
    pub context_tokens: Option<u64>,
}

/// What the daemon knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// When the file is written.
    pub written_at: Micros,
    /// How the local model is.
    pub local_model: LocalModel,
    /// What decisions go by.
    pub router: Settings,
}

impl Snapshot {
    /// Returns the file's bytes. Whoever takes the user's settings sees to it that they fit into [`MAX_BYTES`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let LocalModel { state, available, model, context_tokens } = &self.local_model;
        let model = model.as_ref().map(|model| model.chars().take(MAX_TEXT).collect::<String>());
        let mut local_model = json!({ "state": state, "available": available });
        if let Some(model) = model {
            local_model["model"] = model.into();
        }
        if let Some(tokens) = context_tokens {
            local_model["context_tokens"] = (*tokens).into();
        }
        let json = json!({ "schema": SCHEMA, "written_at": self.written_at, "local_model": local_model, "router": self.router });
        sealed::seal(&json.to_string())
    }

    /// Returns what the file says, if it is whole, of a schema known here, and young enough to be true.
    #[must_use]
    pub fn decode(bytes: &[u8], now_at: Micros) -> Option<Self> {
        let file = sealed::open(bytes, SCHEMA).filter(|file| sealed::is_fresh(file, now_at))?;
        let local_model = local_model(&file.nested("local_model")?)?;
        // A daemon of before the router tells nothing of it.
        let router = file.raw("router").map(serde_json::from_slice).transpose().ok()?.unwrap_or_default();
        Some(Self { written_at: file.number("written_at")?, local_model, router })
    }
}

fn local_model(scan: &Scan<'_>) -> Option<LocalModel> {
    let text = |name| scan.text(name).map(std::borrow::Cow::into_owned);
    Some(LocalModel {
        state: text("state")?,
        available: scan.bool("available")?,
        model: text("model"),
        context_tokens: scan.number("context_tokens").and_then(|tokens| u64::try_from(tokens).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::{MAX_BYTES, STALE_AFTER};

    const NOW: Micros = 1_795_338_600_000_000;

    fn snapshot() -> Snapshot {
        let local_model = LocalModel {
            state: "ready".into(),
            available: true,
            model: Some("deepseek/\"r1\"\u{e9}".into()),
            context_tokens: Some(8192),
        };
        Snapshot { written_at: NOW, local_model, router: Settings::default() }
    }

    #[test]
    fn what_is_written_is_read() {
        let down = LocalModel { state: "down".into(), ..LocalModel::default() };
        for snapshot in [snapshot(), Snapshot { local_model: down, ..snapshot() }] {
            assert_eq!(Snapshot::decode(&snapshot.encode(), NOW).as_ref(), Some(&snapshot));
        }
    }

    #[test]
    fn what_is_stale_half_or_foreign_says_nothing() {
        let bytes = snapshot().encode();
        for (later, known) in [(0, true), (STALE_AFTER, true), (STALE_AFTER + 1, false), (-STALE_AFTER - 1, false)] {
            assert_eq!(Snapshot::decode(&bytes, NOW + later).is_some(), known, "{later}");
        }
        for end in 0..bytes.len() {
            assert!(Snapshot::decode(&bytes[..end], NOW).is_none(), "{end} bytes");
        }
        for json in [r#"{"schema":2}"#, r#"{"schema":1,"written_at":1}"#, "[]", ""] {
            assert!(Snapshot::decode(&sealed::seal(json), 1).is_none(), "{json}");
        }
    }

    #[test]
    fn it_stays_small() {
        let model = Some("\u{1}".repeat(5000));
        let long = Snapshot { local_model: LocalModel { model, ..snapshot().local_model }, ..snapshot() };
        assert!(long.encode().len() <= MAX_BYTES);
    }
}
