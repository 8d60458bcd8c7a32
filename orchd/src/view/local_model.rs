//! How the local model is and was.

use serde::{Deserialize, Serialize};
use shared::event::Micros;
use utoipa::ToSchema;

use super::LatencyView;
use crate::local_model::{Health, Kind, Model, State};

/// The local model: now, its servers, its history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LocalModelView {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// When this answer was made.
    pub now_at: Micros,
    /// The one that counts.
    pub now: LocalModelHealth,
    /// Its server's models.
    pub models: Vec<Model>,
    /// Every server of the settings, in order of preference.
    pub endpoints: Vec<LocalModelHealth>,
    /// Changes, the newest first, at most 200.
    pub history: Vec<LocalModelChange>,
    /// Looks that a server answered, and looks that found none, in the last 24 hours.
    pub probes: Vec<LatencyView>,
}

/// How one server and its model are. Also `local_model` of `orchd status --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocalModelHealth {
    /// In a word.
    pub state: State,
    /// The model that would be used.
    pub model: Option<String>,
    /// Whether work may go there now.
    pub available: bool,
    /// The same in a line for people.
    pub message: String,
    /// What to do next; null when nothing is to be done.
    pub advice: Option<String>,
    /// The server's address; null without one in the settings.
    pub url: Option<String>,
    /// What serves there, or did when it last answered.
    pub kind: Option<Kind>,
    /// Tokens that the model takes as it is loaded.
    pub context_tokens: Option<u64>,
    /// Its quantisation.
    pub quantization: Option<String>,
    /// Seconds that the first answer waits for the model to load, roughly.
    pub expected_wait_s: Option<u64>,
    /// Since when it has been so; null where nobody looks.
    pub since_at: Option<Micros>,
    /// When it was last looked at.
    pub checked_at: Option<Micros>,
}

impl From<&Health> for LocalModelHealth {
    fn from(health: &Health) -> Self {
        let model = health.model.as_ref();
        Self {
            state: health.state,
            model: model.map(|model| model.id.clone()),
            available: health.state.is_available(),
            message: health.line(),
            advice: health.state.advice(health.kind).map(str::to_owned),
            url: (!health.url.is_empty()).then(|| health.url.clone()),
            kind: health.kind,
            context_tokens: model.and_then(|model| model.context_tokens),
            quantization: model.and_then(|model| model.quantization.clone()),
            expected_wait_s: health.expected_wait_s(),
            since_at: (health.state != State::Off).then_some(health.since_at),
            checked_at: health.checked_at,
        }
    }
}

/// One change of the local model's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocalModelChange {
    /// From when on it was so.
    pub since_at: Micros,
    /// In a word, as [`State`] has them.
    pub state: String,
    /// The server that counted.
    pub url: String,
    /// What served there.
    pub kind: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Tokens that it took.
    pub context_tokens: Option<i64>,
    /// Its quantisation.
    pub quantization: Option<String>,
    /// What was found, where the state alone does not say it.
    pub reason: Option<String>,
}
