//! A decision as JSON and in words. Pure.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use shared::classify::{Head, Weights, explain};
use shared::decision::{Decision, NOT_KNOWN};

use crate::knowledge::Knowledge;

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;
/// Features that `--explain` names.
const FEATURES: usize = 10;

/// Returns the JSON. `text` is the task where what moved the decision is wanted.
pub(super) fn json(decision: &Decision, knowledge: &Knowledge, text: Option<&str>) -> Map<String, Value> {
    let local = knowledge.local.as_ref();
    let reasons: Vec<&str> = decision.reasons.iter().map(|reason| &*reason.text).collect();
    let codes: Vec<&str> = decision.reasons.iter().map(|reason| &*reason.code).collect();
    let answer = json!({
        "schema": SCHEMA,
        "route": decision.route,
        "confidence": decision.confidence,
        "as_good": decision.as_good,
        "is_calibrated": decision.is_calibrated,
        "reasons": reasons,
        "reason_codes": codes,
        "router_version": decision.router_version,
        "change_size": decision.change_size,
        "small": decision.small,
        "not_large": decision.not_large,
        "task_type": decision.task_type,
        "task_type_confidence": decision.task_type_confidence,
        "agent": decision.agent,
        "agent_confidence": decision.agent_confidence,
        "estimated_tokens": decision.estimated_tokens.total(),
        "estimated_input_tokens": decision.estimated_tokens.input,
        "estimated_output_tokens": decision.estimated_tokens.output,
        "expected_saving_usd": decision.expected_saving_usd,
        "expected_loss_usd": decision.expected_loss_usd,
        "min_confidence": knowledge.settings.min_confidence,
        "threshold": knowledge.settings.threshold,
        "local_model": {
            "state": local.map_or(NOT_KNOWN, |local| &*local.state),
            "available": local.is_some_and(|local| local.available),
            "model": local.and_then(|local| local.model.as_deref()),
            "context_tokens": local.and_then(|local| local.context_tokens),
        },
    });
    let Value::Object(mut answer) = answer else { return Map::new() };
    if let Some(text) = text {
        answer.insert(
            "explain".into(),
            moved(text).into_iter().map(|(feature, moved)| json!({"feature": feature, "moved": moved})).collect(),
        );
    }
    answer
}

/// Returns the words, one thing a line.
pub(super) fn words(decision: &Decision, text: Option<&str>) -> String {
    let mut out = decision.route.as_str().to_owned();
    // Writing into a string cannot fail.
    for reason in &decision.reasons {
        let _ = write!(out, "\n  {}", reason.text);
    }
    let Decision { change_size, task_type, agent, .. } = decision;
    let tokens = decision.estimated_tokens.total();
    let _ = write!(out, "\n  probably a {change_size} change ({task_type}), for {agent}; about {tokens} tokens");
    if let (Some(saving), Some(loss)) = (decision.expected_saving_usd, decision.expected_loss_usd) {
        let _ = write!(out, "\n  expected saving ${saving:.4}, expected loss ${loss:.4}");
    }
    for (feature, moved) in text.map(moved).into_iter().flatten() {
        let _ = write!(out, "\n  {moved:+.3}  {feature}");
    }
    out
}

/// Returns what moved the log odds of being as good, and how far, the farthest first.
fn moved(text: &str) -> Vec<(String, f64)> {
    let reasons = explain(text, &Weights::embedded(), Head::AsGood, 0, FEATURES);
    reasons.into_iter().map(|reason| (reason.feature, (reason.moved * 1e6).round() / 1e6)).collect()
}
