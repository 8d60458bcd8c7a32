//! The models of a server, as its lists tell of them. Pure; each reader takes what it finds and trips over nothing.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Models that are kept of a list.
const MOST_MODELS: usize = 200;
/// Longest name that is kept, in characters.
const MOST_CHARS: usize = 120;

/// Whether a model is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loaded {
    /// It answers at once.
    Yes,
    /// It is being loaded.
    Loading,
    /// It is on the disk, and loads when it is used.
    No,
    /// The server does not tell.
    Unknown,
}

/// One model that can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LocalModelItem)]
pub struct Model {
    /// What a request names.
    pub id: String,
    /// Whether it is in memory.
    pub loaded: Loaded,
    /// Tokens that it takes as it is loaded.
    pub context_tokens: Option<u64>,
    /// Tokens that it could take.
    pub max_context_tokens: Option<u64>,
    /// `Q4_K_M`, `4bit`.
    pub quantization: Option<String>,
    /// Size on disk.
    pub size_bytes: Option<u64>,
}

impl Model {
    fn new(id: String, loaded: Loaded) -> Self {
        Self { id, loaded, context_tokens: None, max_context_tokens: None, quantization: None, size_bytes: None }
    }
}

/// Reads LM Studio's `/api/v1/models`; None when it is something else.
#[must_use]
pub(super) fn lm_studio_v1(json: &Value) -> Option<Vec<Model>> {
    let list = json.get("models")?.as_array()?;
    // Others have a `models` too; LM Studio's say what is loaded.
    let ours = list.iter().all(|model| model.get("loaded_instances").is_some_and(Value::is_array));
    ours.then(|| bounded(list.iter().filter(|model| answers(model)).filter_map(v1_model)))
}

fn v1_model(model: &Value) -> Option<Model> {
    let instances = model.get("loaded_instances").and_then(Value::as_array).into_iter().flatten();
    let is_loading =
        |instance: &&Value| word(instance, "state").or(word(instance, "status")).as_deref() == Some("loading");
    let (loading, loaded): (Vec<_>, Vec<_>) = instances.partition(is_loading);
    let state = match (loaded.first(), loading.first()) {
        (Some(_), _) => Loaded::Yes,
        (None, Some(_)) => Loaded::Loading,
        (None, None) => Loaded::No,
    };
    let instance = loaded.first();
    // An instance has a name of its own when a model is loaded twice.
    let id = instance.and_then(|instance| word(instance, "id")).or_else(|| word(model, "key"))?;
    Some(Model {
        context_tokens: instance.and_then(|instance| instance.pointer("/config/context_length")?.as_u64()),
        max_context_tokens: number(model, "max_context_length"),
        quantization: model.get("quantization").and_then(|found| word(found, "name")),
        size_bytes: number(model, "size_bytes"),
        ..Model::new(id, state)
    })
}

/// Reads LM Studio's `/api/v0/models`; None when it is something else.
#[must_use]
pub(super) fn lm_studio_v0(json: &Value) -> Option<Vec<Model>> {
    let list = json.get("data")?.as_array()?;
    let ours = list.iter().all(|model| model.get("state").is_some_and(Value::is_string));
    ours.then(|| bounded(list.iter().filter(|model| answers(model)).filter_map(v0_model)))
}

fn v0_model(model: &Value) -> Option<Model> {
    let loaded = match word(model, "state")?.as_str() {
        "loaded" => Loaded::Yes,
        "loading" => Loaded::Loading,
        _ => Loaded::No,
    };
    Some(Model {
        context_tokens: number(model, "loaded_context_length"),
        max_context_tokens: number(model, "max_context_length"),
        quantization: word(model, "quantization"),
        ..Model::new(word(model, "id")?, loaded)
    })
}

/// Reads `/v1/models` as everybody has it: the models, and whether it is llama.cpp's. None when it is something else.
#[must_use]
pub(super) fn openai(json: &Value) -> Option<(Vec<Model>, bool)> {
    let list = json.get("data")?.as_array()?;
    let llama_cpp = list.iter().any(|model| word(model, "owned_by").as_deref() == Some("llamacpp"));
    let models = bounded(list.iter().filter_map(|model| openai_model(model, llama_cpp)));
    // A list of things without a name is no list of models.
    (list.is_empty() || !models.is_empty()).then_some((models, llama_cpp))
}

fn openai_model(model: &Value, llama_cpp: bool) -> Option<Model> {
    let id = word(model, "id")?;
    if id.to_ascii_lowercase().contains("embed") {
        return None;
    }
    // Several models behind one llama.cpp: each says how it is. A single one is loaded before anything is answered.
    let loaded = match model.pointer("/status/value").and_then(Value::as_str) {
        Some("loaded") => Loaded::Yes,
        Some("loading") => Loaded::Loading,
        Some(_) => Loaded::No,
        None if llama_cpp => Loaded::Yes,
        None => Loaded::Unknown,
    };
    let meta = model.get("meta").unwrap_or(&Value::Null);
    Some(Model {
        context_tokens: number(meta, "n_ctx"),
        max_context_tokens: number(meta, "n_ctx_train").or_else(|| number(model, "max_model_len")),
        quantization: word(meta, "ftype"),
        size_bytes: number(meta, "size"),
        ..Model::new(id, loaded)
    })
}

/// Reads Ollama's `/api/tags` (on disk) or, with `loaded`, `/api/ps` (in memory); None when it is something else.
#[must_use]
pub(super) fn ollama(json: &Value, loaded: Loaded) -> Option<Vec<Model>> {
    let list = json.get("models")?.as_array()?;
    let chats = |model: &&Value| !word(model, "name").is_some_and(|name| name.to_ascii_lowercase().contains("embed"));
    let model = |model: &Value| {
        Some(Model {
            context_tokens: number(model, "context_length"),
            quantization: model.get("details").and_then(|details| word(details, "quantization_level")),
            size_bytes: number(model, "size"),
            ..Model::new(word(model, "name").or_else(|| word(model, "model"))?, loaded)
        })
    };
    Some(bounded(list.iter().filter(chats).filter_map(model)))
}

/// Returns Ollama's models: those in memory, then those that are only on disk.
#[must_use]
pub(super) fn ollama_both(running: Vec<Model>, on_disk: Vec<Model>) -> Vec<Model> {
    let mut models = running;
    let more = on_disk.into_iter().filter(|model| !models.iter().any(|running| running.id == model.id));
    let more: Vec<_> = more.collect();
    models.extend(more);
    models
}

/// Whether a model of LM Studio can hold a conversation.
fn answers(model: &Value) -> bool {
    !matches!(model.get("type").and_then(Value::as_str), Some("embedding" | "embeddings"))
}

fn bounded(models: impl Iterator<Item = Model>) -> Vec<Model> {
    models.take(MOST_MODELS).collect()
}

/// Returns a text of a stranger's, short and without control characters; None when nothing is left.
fn word(of: &Value, key: &str) -> Option<String> {
    let text = of.get(key)?.as_str()?;
    let kept: String = text.chars().filter(|c| !c.is_control()).take(MOST_CHARS).collect();
    (!kept.is_empty()).then_some(kept)
}

fn number(of: &Value, key: &str) -> Option<u64> {
    of.get(key).and_then(Value::as_u64).filter(|&number| number > 0 && i64::try_from(number).is_ok())
}

/// What is preferred where the user names nothing: what the system was made for.
const PREFERRED: &str = "*deepseek-r1*";

/// Returns the model that would be used: the one the user wants, where one is named; else one that answers at once rather than one
/// that has to load, and of equals the preferred.
#[must_use]
pub(super) fn best<'a>(models: &'a [Model], wanted: Option<&str>) -> Option<&'a Model> {
    let readiness = |model: &Model| match model.loaded {
        Loaded::Yes => 0,
        Loaded::Loading => 1,
        Loaded::Unknown => 2,
        Loaded::No => 3,
    };
    let fits = |model: &&Model| wanted.is_none_or(|wanted| matches(wanted, &model.id));
    models.iter().filter(fits).min_by_key(|model| (readiness(model), !matches(PREFERRED, &model.id)))
}

/// Whether a name is of a pattern, in which `*` stands for any text; large and small letters are the same. A pattern without a
/// publisher also fits what follows the publisher.
#[must_use]
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let short = name.rsplit('/').next().unwrap_or_default();
    glob(&pattern, &name) || (!pattern.contains('/') && glob(&pattern, short))
}

fn glob(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests;
