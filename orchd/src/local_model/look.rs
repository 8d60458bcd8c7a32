//! One look at a server: which addresses are asked, in which order, and what their answers come to. It never loads a model: all of
//! them are lists.

use super::answer::{Answer, Asker};
use super::kind::Kind;
use super::models::{self, Loaded, Model};

/// What one look found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Finding {
    /// A server of this kind, with these models.
    Models(Kind, Vec<Model>),
    /// It wants a token, or another.
    Forbidden,
    /// It has too much to do to answer.
    Busy,
    /// It is loading the one model it has.
    Loading,
    /// Something answers that is no server of models: what it does.
    Foreign(String),
    /// Nothing answers: why.
    Failed(String),
}

/// Looks at a server. One of a kind that is `known` is asked as that alone; None when it is another by now.
pub(super) async fn look(asker: &Asker<'_>, known: Option<Kind>) -> Option<Finding> {
    if let Some(kind) = known {
        return ask(asker, kind).await;
    }
    for kind in [Kind::LmStudio, Kind::LmStudioV0, Kind::OpenAi] {
        if let Some(finding) = ask(asker, kind).await {
            return Some(finding);
        }
    }
    Some(Finding::Foreign("it has no list of models".to_owned()))
}

/// Asks as one asks a server of this kind; None when it is of another.
async fn ask(asker: &Asker<'_>, kind: Kind) -> Option<Finding> {
    match kind {
        Kind::LmStudio => read(asker.get("/api/v1/models").await, models::lm_studio_v1, kind),
        Kind::LmStudioV0 => read(asker.get("/api/v0/models").await, models::lm_studio_v0, kind),
        Kind::Ollama => ollama(asker).await,
        Kind::LlamaCpp | Kind::OpenAi => openai(asker).await,
    }
}

fn read(answer: Answer, reader: fn(&serde_json::Value) -> Option<Vec<Model>>, kind: Kind) -> Option<Finding> {
    match answer {
        Answer::Json(json) => reader(&json).map(|models| Finding::Models(kind, models)),
        other => refused(other),
    }
}

/// `/v1/models`, which all have; llama.cpp says who it is there, and Ollama is known by the address that it alone has.
async fn openai(asker: &Asker<'_>) -> Option<Finding> {
    let (models, llama_cpp) = match asker.get("/v1/models").await {
        Answer::Json(json) => models::openai(&json)?,
        other => return refused(other),
    };
    if llama_cpp {
        return Some(Finding::Models(Kind::LlamaCpp, models));
    }
    if let Some(found @ Finding::Models(..)) = ollama(asker).await {
        return Some(found);
    }
    Some(Finding::Models(Kind::OpenAi, models))
}

async fn ollama(asker: &Asker<'_>) -> Option<Finding> {
    let running = match asker.get("/api/ps").await {
        Answer::Json(json) => models::ollama(&json, Loaded::Yes)?,
        other => return refused(other),
    };
    let on_disk = match asker.get("/api/tags").await {
        Answer::Json(json) => models::ollama(&json, Loaded::No).unwrap_or_default(),
        _ => Vec::new(),
    };
    Some(Finding::Models(Kind::Ollama, models::ollama_both(running, on_disk)))
}

/// Returns what an answer without models comes to; None when it only says that the address is not there.
fn refused(answer: Answer) -> Option<Finding> {
    match answer {
        Answer::Json(_) | Answer::NotThere => None,
        Answer::Foreign(what) => Some(Finding::Foreign(what)),
        Answer::Forbidden => Some(Finding::Forbidden),
        Answer::Busy => Some(Finding::Busy),
        Answer::Loading => Some(Finding::Loading),
        Answer::Failed(why) => Some(Finding::Failed(why)),
    }
}
