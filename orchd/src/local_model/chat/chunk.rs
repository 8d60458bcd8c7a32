//! What one JSON object of a server says: a piece of an OpenAI stream, a whole reply, or an event of LM Studio's own API.
//!
//! Pure and lenient: what is not known is passed over, a field of another type is as good as none.

use serde_json::Value;

use super::reply::ReasoningShape;

/// Figures that a server gives; each may come in any object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Tokens of the prompt.
    pub input_tokens: Option<u64>,
    /// Of those, from the cache.
    pub cached_input_tokens: Option<u64>,
    /// Tokens of reasoning and answer.
    pub output_tokens: Option<u64>,
    /// Tokens of the reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Output tokens per second.
    pub tokens_per_second: Option<f64>,
    /// Time to the first token, milliseconds.
    pub first_token_ms: Option<f64>,
    /// Time to load the model, milliseconds.
    pub model_load_ms: Option<f64>,
}

impl Figures {
    /// Takes what the other tells; the rest stays.
    pub fn take(&mut self, other: &Self) {
        self.input_tokens = other.input_tokens.or(self.input_tokens);
        self.cached_input_tokens = other.cached_input_tokens.or(self.cached_input_tokens);
        self.output_tokens = other.output_tokens.or(self.output_tokens);
        self.reasoning_tokens = other.reasoning_tokens.or(self.reasoning_tokens);
        self.tokens_per_second = other.tokens_per_second.or(self.tokens_per_second);
        self.first_token_ms = other.first_token_ms.or(self.first_token_ms);
        self.model_load_ms = other.model_load_ms.or(self.model_load_ms);
    }
}

/// One thing that an object says.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The name of the model.
    Model(String),
    /// A piece of reasoning, told apart by the server.
    Reasoning(ReasoningShape, String),
    /// A piece of text: answer, perhaps with inline reasoning.
    Text(String),
    /// Why the server ended.
    Finish(String),
    /// Some figures.
    Figures(Figures),
    /// The model is being loaded, percent where it is known.
    Loading(Option<u8>),
    /// The server gave up, in its own words.
    Failed(String),
    /// The last event: `result` repeats what came before and adds the figures.
    End,
}

/// Returns what an object says, in order; `name` is that of its event. Empty for one of an unknown kind.
#[must_use]
pub fn parts(object: &Value, name: Option<&str>) -> Vec<Part> {
    if let Some(error) = object.get("error").filter(|error| !error.is_null()) {
        return vec![Part::Failed(message(error))];
    }
    let kind = object["type"].as_str().or(name).unwrap_or_default();
    let mut parts = Vec::new();
    parts.extend(text(&object["model"]).or_else(|| text(&object["model_instance_id"])).map(Part::Model));
    match kind {
        "message.delta" => parts.extend(text(&object["content"]).map(Part::Text)),
        "reasoning.delta" => parts.extend(reasoning(ReasoningShape::Native, &object["content"])),
        "model_load.start" => parts.push(Part::Loading(None)),
        "model_load.progress" => parts.push(Part::Loading(percent(&object["progress"]))),
        "chat.end" => {
            let result = &object["result"];
            parts.extend(text(&result["model_instance_id"]).map(Part::Model));
            parts.push(Part::Figures(figures(result)));
            parts.push(Part::End);
        }
        _ => {
            for item in object["output"].as_array().into_iter().flatten() {
                match item["type"].as_str() {
                    Some("reasoning") => parts.extend(reasoning(ReasoningShape::Native, &item["content"])),
                    Some("message") => parts.extend(text(&item["content"]).map(Part::Text)),
                    _ => {}
                }
            }
            parts.extend(choice(&object["choices"][0]));
            let figures = figures(object);
            if figures != Figures::default() {
                parts.push(Part::Figures(figures));
            }
        }
    }
    parts
}

/// Whether an object is one of a chat at all: a server of another kind answers JSON too.
#[must_use]
pub fn is_known(object: &Value, name: Option<&str>) -> bool {
    let kind = object["type"].as_str().or(name).unwrap_or_default();
    object["choices"].is_array()
        || object["output"].is_array()
        || object.get("error").is_some()
        || ["chat.", "model_load.", "prompt_processing.", "reasoning.", "message."].iter().any(|k| kind.starts_with(k))
}

fn choice(choice: &Value) -> Vec<Part> {
    // `message` where the reply is whole, `delta` where it comes in pieces.
    let said = if choice["message"].is_object() { &choice["message"] } else { &choice["delta"] };
    // Some servers give both fields, with the same text.
    let apart = reasoning(ReasoningShape::ReasoningContent, &said["reasoning_content"])
        .or_else(|| reasoning(ReasoningShape::Reasoning, &said["reasoning"]));
    let answer = text(&said["content"]).map(Part::Text);
    let end = text(&choice["finish_reason"]).map(Part::Finish);
    [apart, answer, end].into_iter().flatten().collect()
}

fn figures(object: &Value) -> Figures {
    let (usage, timings, stats) = (&object["usage"], &object["timings"], &object["stats"]);
    let count = |values: &[&Value]| values.iter().find_map(|value| value.as_u64());
    let positive = |value: &Value| value.as_f64().filter(|number| number.is_finite() && *number > 0.0);
    let seconds = |value: &Value| positive(value).map(|seconds| seconds * 1e3);
    Figures {
        input_tokens: count(&[&usage["prompt_tokens"], &stats["input_tokens"]]),
        cached_input_tokens: count(&[&usage["prompt_tokens_details"]["cached_tokens"], &timings["cache_n"]]),
        output_tokens: count(&[&usage["completion_tokens"], &stats["total_output_tokens"]]),
        reasoning_tokens: count(&[
            &usage["completion_tokens_details"]["reasoning_tokens"],
            &stats["reasoning_output_tokens"],
        ]),
        tokens_per_second: positive(&timings["predicted_per_second"]).or_else(|| positive(&stats["tokens_per_second"])),
        // Both of LM Studio's are seconds, whatever they are called.
        first_token_ms: positive(&timings["prompt_ms"])
            .or_else(|| seconds(&stats["time_to_first_token"]))
            .or_else(|| seconds(&stats["time_to_first_token_seconds"])),
        model_load_ms: seconds(&stats["model_load_time_seconds"]),
    }
}

/// Returns the words of an error: servers send a text, or an object with a message.
#[must_use]
pub fn message(error: &Value) -> String {
    let words = error.as_str().or_else(|| error["message"].as_str()).or_else(|| error["error"].as_str());
    words.map_or_else(|| error.to_string(), str::to_owned)
}

fn reasoning(shape: ReasoningShape, value: &Value) -> Option<Part> {
    text(value).map(|text| Part::Reasoning(shape, text))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
fn percent(share: &Value) -> Option<u8> {
    share.as_f64().filter(|share| (0.0..=1.0).contains(share)).map(|share| (share * 100.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(text: &str) -> Part {
        Part::Text(text.into())
    }

    #[test]
    fn pieces_of_all_four_shapes() {
        let delta = |delta: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
        let thought = |shape| Part::Reasoning(shape, "hm".into());
        for (object, expected) in [
            (delta(json!({"role": "assistant", "content": null})), vec![]),
            (delta(json!({"content": "<think>hm"})), vec![words("<think>hm")]),
            (delta(json!({"reasoning_content": "hm"})), vec![thought(ReasoningShape::ReasoningContent)]),
            (delta(json!({"reasoning": "hm", "content": ""})), vec![thought(ReasoningShape::Reasoning)]),
            (
                delta(json!({"reasoning": "hm", "reasoning_content": "hm"})),
                vec![thought(ReasoningShape::ReasoningContent)],
            ),
            (json!({"type": "reasoning.delta", "content": "hm"}), vec![thought(ReasoningShape::Native)]),
            (json!({"type": "message.delta", "content": "4."}), vec![words("4.")]),
            (json!({"type": "model_load.progress", "progress": 0.5}), vec![Part::Loading(Some(50))]),
            (json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}), vec![Part::Finish("stop".into())]),
            (json!({"choices": [], "model": 7}), vec![]),
            (json!({"type": "tool_call.start"}), vec![]),
            (json!({"error": {"message": "no", "code": 500}}), vec![Part::Failed("no".into())]),
            (json!({"type": "error", "error": {"type": "x", "message": "no"}}), vec![Part::Failed("no".into())]),
            (json!({"error": "no"}), vec![Part::Failed("no".into())]),
            (json!(["not", "an", "object"]), vec![]),
        ] {
            assert_eq!(parts(&object, None), expected, "{object}");
        }
        assert_eq!(parts(&json!({"content": "4."}), Some("message.delta")), [words("4.")], "by the event's name");
    }

    #[test]
    fn figures_of_each_server() {
        let llama = json!({"choices": [], "usage": {"prompt_tokens": 28, "completion_tokens": 34, "total_tokens": 62},
            "timings": {"cache_n": 27, "prompt_ms": 3.5, "predicted_per_second": 5729.5}});
        let expected = Figures {
            input_tokens: Some(28),
            cached_input_tokens: Some(27),
            output_tokens: Some(34),
            tokens_per_second: Some(5729.5),
            first_token_ms: Some(3.5),
            ..Figures::default()
        };
        assert_eq!(parts(&llama, None), [Part::Figures(expected)]);
        let v0 = json!({"choices": [{"message": {"content": "4."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 24, "completion_tokens": 53},
            "stats": {"tokens_per_second": 51.5, "time_to_first_token": 0.5, "generation_time": 0.9}});
        let figures = Figures {
            input_tokens: Some(24),
            output_tokens: Some(53),
            tokens_per_second: Some(51.5),
            first_token_ms: Some(500.0),
            ..Figures::default()
        };
        assert_eq!(parts(&v0, None), [words("4."), Part::Finish("stop".into()), Part::Figures(figures)]);
        let v1 = json!({"model_instance_id": "m", "output": [{"type": "reasoning", "content": "hm"},
            {"type": "message", "content": "4."}], "stats": {"input_tokens": 6, "total_output_tokens": 5,
            "reasoning_output_tokens": 2, "tokens_per_second": 29.5, "time_to_first_token_seconds": 1.5,
            "model_load_time_seconds": 2.5}});
        let figures = Part::Figures(Figures {
            input_tokens: Some(6),
            output_tokens: Some(5),
            reasoning_tokens: Some(2),
            tokens_per_second: Some(29.5),
            first_token_ms: Some(1500.0),
            model_load_ms: Some(2500.0),
            ..Figures::default()
        });
        let thought = Part::Reasoning(ReasoningShape::Native, "hm".into());
        assert_eq!(parts(&v1, None), [Part::Model("m".into()), thought, words("4."), figures.clone()]);
        let end = json!({"type": "chat.end", "result": v1});
        assert_eq!(parts(&end, None), [Part::Model("m".into()), figures, Part::End], "its text came before");
    }
}
