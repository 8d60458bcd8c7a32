//! Which server it is, found by the addresses it answers and never by its port.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What serves the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// LM Studio from 0.4.0 on: `/api/v1/models`.
    LmStudio,
    /// LM Studio from 0.3.6 on: `/api/v0/models`.
    LmStudioV0,
    /// Ollama: `/api/ps` and `/api/tags`.
    Ollama,
    /// llama.cpp's server: `/v1/models` says so.
    LlamaCpp,
    /// Another that has `/v1/models`.
    OpenAi,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::LmStudio, Self::LmStudioV0, Self::Ollama, Self::LlamaCpp, Self::OpenAi];

    /// Returns the word in the database and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LmStudio => "lm_studio",
            Self::LmStudioV0 => "lm_studio_v0",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llama_cpp",
            Self::OpenAi => "open_ai",
        }
    }

    /// Returns the name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LmStudio | Self::LmStudioV0 => "LM Studio",
            Self::Ollama => "Ollama",
            Self::LlamaCpp => "llama.cpp",
            Self::OpenAi => "an OpenAI-like server",
        }
    }

    /// Returns how many requests one look at it takes, once it is known.
    #[must_use]
    pub fn requests(self) -> u32 {
        match self {
            Self::LmStudio | Self::LmStudioV0 | Self::LlamaCpp => 1,
            Self::Ollama => 2,
            // It may be an Ollama by now.
            Self::OpenAi => 3,
        }
    }
}

/// Requests that one look takes at most, where nothing is known: one for each address that there is.
pub(super) const MOST_REQUESTS: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_json() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.word());
            assert!(kind.requests() <= MOST_REQUESTS);
        }
    }
}
