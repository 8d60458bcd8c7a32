use serde_json::json;

use super::*;

fn shown(models: &[Model]) -> Vec<String> {
    let one = |model: &Model| {
        let quantization = model.quantization.as_deref().unwrap_or("-");
        let (context, most) = (model.context_tokens.unwrap_or(0), model.max_context_tokens.unwrap_or(0));
        format!("{} {:?} {context}/{most} {quantization} {}", model.id, model.loaded, model.size_bytes.unwrap_or(0))
    };
    models.iter().map(one).collect()
}

/// As LM Studio documents it.
fn documented_v1() -> Value {
    json!({"models": [
        {"type": "llm", "publisher": "deepseek", "key": "deepseek-r1", "display_name": "DeepSeek R1",
         "quantization": {"name": "Q4_K_M", "bits_per_weight": 4}, "size_bytes": 40_492_610_355_u64,
         "loaded_instances": [], "max_context_length": 131_072, "format": "gguf"},
        {"type": "llm", "key": "google/gemma-4-26b-a4b", "loaded_instances": [{"id": "google/gemma-4-26b-a4b",
         "config": {"context_length": 4096, "parallel": 4}}]},
        {"type": "embedding", "key": "text-embedding-nomic-embed-text-v1.5-embedding", "loaded_instances": []}]})
}

#[test]
fn lm_studio_says_what_is_loaded() {
    let models = lm_studio_v1(&documented_v1()).expect("is LM Studio's");
    assert_eq!(shown(&models), ["deepseek-r1 No 0/131072 Q4_K_M 40492610355", "google/gemma-4-26b-a4b Yes 4096/0 - 0"]);
    let v0 = json!({"object": "list", "data": [
        {"id": "gemma-3n-e4b-it-mlx", "type": "vlm", "quantization": "4bit", "state": "loaded",
         "max_context_length": 32768, "loaded_context_length": 4096},
        {"id": "deepseek-r1-distill-qwen-7b", "type": "llm", "quantization": "Q4_K_M", "state": "not-loaded"},
        {"id": "slow", "type": "llm", "state": "loading"},
        {"id": "nomic", "type": "embeddings", "state": "loaded"}]});
    assert_eq!(
        shown(&lm_studio_v0(&v0).expect("is LM Studio's")),
        [
            "gemma-3n-e4b-it-mlx Yes 4096/32768 4bit 0",
            "deepseek-r1-distill-qwen-7b No 0/0 Q4_K_M 0",
            "slow Loading 0/0 - 0"
        ]
    );
}

/// As it was recorded from llama.cpp's server.
#[test]
fn llama_cpp_has_its_model_in_memory() {
    let recorded = include_str!("../../../../tests/fixtures/local-model/llamacpp_models.json");
    let json: Value = serde_json::from_str(recorded).expect("JSON");
    let (models, llama_cpp) = openai(&json).expect("a list");
    assert!(llama_cpp);
    assert_eq!(shown(&models), ["tiny-deepseek-r1 Yes 1024/4096 all F32 108928"]);
    assert_eq!((lm_studio_v1(&json), lm_studio_v0(&json)), (None, None), "it has a `models` too");
}

#[test]
fn ollama_has_some_in_memory_and_more_on_disk() {
    let ps = json!({"models": [{"name": "deepseek-r1:8b", "size": 6_000_000_000_u64, "context_length": 8192,
        "details": {"quantization_level": "Q4_K_M"}}]});
    let tags = json!({"models": [{"name": "deepseek-r1:8b", "size": 5_000_000_000_u64},
        {"name": "llama3:70b", "size": 40_000_000_000_u64}, {"name": "nomic-embed-text:latest"}]});
    let running = ollama(&ps, Loaded::Yes).expect("a list");
    let models = ollama_both(running, ollama(&tags, Loaded::No).expect("a list"));
    assert_eq!(shown(&models), ["deepseek-r1:8b Yes 8192/0 Q4_K_M 6000000000", "llama3:70b No 0/0 - 40000000000"]);
}

#[test]
fn who_does_not_tell_is_not_guessed_about() {
    let json = json!({"object": "list", "data": [{"id": "qwen", "object": "model"}, {"id": "text-embedding-3"}]});
    assert_eq!(shown(&openai(&json).expect("a list").0), ["qwen Unknown 0/0 - 0"]);
}

#[test]
fn what_is_no_list_of_models_is_none() {
    for json in [
        json!(null),
        json!([]),
        json!({"data": {}}),
        json!({"models": 3, "data": "x"}),
        json!({"data": [1, {}]}),
        json!({"error": "Unexpected endpoint or method. (GET /api/v1/models)"}),
    ] {
        assert!(lm_studio_v1(&json).is_none() && lm_studio_v0(&json).is_none() && openai(&json).is_none(), "{json}");
        assert!(ollama(&json, Loaded::Yes).is_none(), "{json}");
    }
    assert_eq!(lm_studio_v1(&json!({"models": []})), Some(vec![]));
    assert_eq!(lm_studio_v0(&json!({"data": []})), Some(vec![]));
}

#[test]
fn odd_values_cost_a_field_and_not_the_model() {
    let odd = json!({"models": [{"key": "a\u{1b}[2J", "loaded_instances": [7], "size_bytes": -1, "max_context_length": "x",
        "quantization": "Q4"}, {"key": 7, "loaded_instances": []}, {"key": "x".repeat(5000), "loaded_instances": []}]});
    let models = lm_studio_v1(&odd).expect("a list");
    assert_eq!(shown(&models[..1]), ["a[2J Yes 0/0 - 0"]);
    assert_eq!((models.len(), models[1].id.len()), (2, MOST_CHARS));
    let many: Vec<_> = (0..10_000).map(|n| json!({"id": n.to_string(), "state": "loaded"})).collect();
    assert_eq!(lm_studio_v0(&json!({ "data": many })).expect("a list").len(), MOST_MODELS);
}

#[test]
fn the_best_model_answers_at_once() {
    let model = |id: &str, loaded| Model::new(id.to_owned(), loaded);
    let models = [
        model("qwen/qwen3", Loaded::No),
        model("deepseek/deepseek-r1-0528", Loaded::No),
        model("google/gemma-4", Loaded::Yes),
    ];
    for (wanted, expected) in [
        (None, Some("google/gemma-4")),
        (Some("deepseek-r1*"), Some("deepseek/deepseek-r1-0528")),
        (Some("DeepSeek/*"), Some("deepseek/deepseek-r1-0528")),
        (Some("qwen3"), Some("qwen/qwen3")),
        (Some("*3*"), Some("qwen/qwen3")),
        (Some("qwen"), None),
        (Some("other/qwen3"), None),
    ] {
        assert_eq!(best(&models, wanted).map(|model| model.id.as_str()), expected, "{wanted:?}");
    }
    assert_eq!(best(&models[..2], None).map(|model| model.id.as_str()), Some("deepseek/deepseek-r1-0528"));
    assert_eq!(best(&[], None), None);
}

proptest::proptest! {
    #[test]
    fn patterns_never_panic_and_a_name_fits_itself(pattern in ".{0,12}", name in "[^*]{0,12}") {
        let _ = matches(&pattern, &name);
        proptest::prop_assert!(matches(&name, &name) && matches("*", &name));
    }
}
