//! What the demo's sessions would have used: the telemetry that a client sends of its requests.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Moment;
use super::random::Random;

/// Model of subagents.
const AGENTS_MODEL: &str = "claude-haiku-5-5";
/// Tokens of the prompt that each request of a session begins with.
const BASE_TOKENS: i64 = 14_000;
/// Longest prompt; beyond, a client compacts.
const MOST_TOKENS: i64 = 150_000;

/// Makes requests of moments; remembers what each thread has read so far.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    models: HashMap<String, String>,
    /// Tokens in the cache, by session and agent.
    cached: HashMap<(String, String), i64>,
}

impl Usage {
    /// Returns the body of `POST /v1/logs` that tells of the requests behind these moments; None when there is none.
    pub(crate) fn telemetry(&mut self, moments: &[Moment]) -> Option<String> {
        let records: Vec<_> = moments.iter().filter_map(|moment| self.record(moment)).collect();
        let logs = json!({ "resourceLogs": [{ "resource": {}, "scopeLogs": [{ "logRecords": records }] }] });
        (!records.is_empty()).then(|| logs.to_string())
    }

    /// Each call of a tool and each end of a turn is the answer to one request.
    fn record(&mut self, Moment { occurred_at, payload }: &Moment) -> Option<Value> {
        let text = |key: &str| payload[key].as_str().unwrap_or_default();
        let session = text("session_id");
        if let Some(model) = payload["model"].as_str() {
            self.models.insert(session.to_owned(), model.to_owned());
        }
        let is_last = matches!(text("hook_event_name"), "Stop" | "SubagentStop");
        if !is_last && text("hook_event_name") != "PreToolUse" {
            return None;
        }
        let agent = text("agent_id");
        let model = if agent.is_empty() { self.models.get(session).map(String::as_str) } else { Some(AGENTS_MODEL) }?;
        let mut random =
            Random::new(occurred_at.unsigned_abs(), session.bytes().chain(agent.bytes()).map(u64::from).sum());
        let read = self.cached.entry((session.to_owned(), agent.to_owned())).or_insert(BASE_TOKENS);
        let written = random.between(150, 2_800);
        if *read + written > MOST_TOKENS {
            *read = BASE_TOKENS;
        }
        // The first request of a thread finds nothing in the cache, nor does one after a compaction.
        let (cached, written) = if *read == BASE_TOKENS { (0, *read + written) } else { (*read, written) };
        *read = cached + written;
        let output = if is_last { random.between(120, 900) } else { random.between(45, 420) };
        let id = format!("req_{:016x}", random.next());
        let mut attributes = vec![
            ("event.name", json!({ "stringValue": "api_request" })),
            ("session.id", json!({ "stringValue": session })),
            ("request_id", json!({ "stringValue": id })),
            ("model", json!({ "stringValue": model })),
            ("input_tokens", json!({ "intValue": random.between(3, 60).to_string() })),
            ("output_tokens", json!({ "intValue": output.to_string() })),
            ("cache_read_tokens", json!({ "intValue": cached.to_string() })),
            ("cache_creation_tokens", json!({ "intValue": written.to_string() })),
        ];
        for (name, key) in [("agent_id", "agent_id"), ("agent.name", "agent_type"), ("prompt.id", "prompt_id")] {
            if !text(key).is_empty() {
                attributes.push((name, json!({ "stringValue": text(key) })));
            }
        }
        let attributes: Vec<_> =
            attributes.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let nanos = (i128::from(*occurred_at) * 1000).to_string();
        Some(
            json!({ "timeUnixNano": nanos, "body": { "stringValue": "claude_code.api_request" }, "attributes": attributes }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::past;
    use super::*;

    #[test]
    fn the_same_moments_used_the_same_and_every_turn_ends_in_an_answer() {
        let moments = past(1, 12, 1_800_000_000_000_000);
        let body = Usage::default().telemetry(&moments).expect("requests");
        assert_eq!(Usage::default().telemetry(&moments), Some(body.clone()));
        let ends = moments.iter().filter(|moment| moment.payload["hook_event_name"] == "Stop").count();
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let records = body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().expect("records");
        assert!(records.len() > ends && ends > 12, "{} {ends}", records.len());
        let of_agents = records.iter().filter(|record| record.to_string().contains("agent.name")).count();
        assert!(of_agents > 0 && of_agents < records.len());
    }

    #[test]
    fn a_prompt_grows_with_its_session_and_never_beyond_what_a_client_keeps() {
        let moment = |at| Moment {
            occurred_at: at,
            payload: json!({ "session_id": "s", "model": "m", "hook_event_name": "PreToolUse" }),
        };
        let mut usage = Usage::default();
        let mut before = 0;
        for at in 0..500 {
            let body = usage.telemetry(&[moment(at)]).expect("a request");
            let body: Value = serde_json::from_str(&body).expect("JSON");
            let record = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
            let count = |key: &str| -> i64 {
                let all = record["attributes"].as_array().expect("attributes");
                let found = all.iter().find(|attribute| attribute["key"] == key).expect("there");
                found["value"]["intValue"].as_str().expect("a number").parse().expect("a number")
            };
            let prompt = count("cache_read_tokens") + count("cache_creation_tokens");
            assert!(prompt <= MOST_TOKENS && (prompt > before || count("cache_read_tokens") == 0), "{at}");
            before = prompt;
        }
    }
}
