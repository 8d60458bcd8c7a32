//! The line with which the client ends a session: what it counted for it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ledger::{ClientCost, ModelCount};

/// More US dollars than any session has cost; sums of what is below fit into nano-dollars.
const MOST_USD: f64 = 1e6;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    session_id: Cow<'a, str>,
    #[serde(borrow)]
    model_usage: BTreeMap<Cow<'a, str>, Usage>,
    #[serde(default)]
    has_unknown_model_cost: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
    #[serde(default)]
    cache_creation_input_tokens: u64,
    #[serde(rename = "costUSD")]
    cost_usd: Option<f64>,
}

/// Reads the line; None when it is another, or in a form that is not known.
pub(super) fn parse(line: &[u8]) -> Option<ClientCost> {
    let row: Row<'_> = serde_json::from_slice(line).ok().filter(|row: &Row<'_>| row.kind == "cost-state")?;
    let known = !row.has_unknown_model_cost;
    let models = row.model_usage.into_iter().map(|(model, usage)| ModelCount {
        model: model.into_owned(),
        input: usage.input_tokens,
        output: usage.output_tokens,
        cache_read: usage.cache_read_input_tokens,
        cache_creation: usage.cache_creation_input_tokens,
        cost_nano_usd: usage.cost_usd.filter(|_| known).and_then(nano),
    });
    Some(ClientCost { session_id: row.session_id.into_owned(), models: models.collect() })
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn nano(usd: f64) -> Option<i64> {
    (0.0..MOST_USD).contains(&usd).then(|| (usd * 1e9).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_session_is_read() {
        let line = |unknown: bool| {
            format!(
                r#"{{"type": "cost-state", "sessionId": "s", "totalCostUSD": 0.06184799999999999, "startTime": 1795367546041, "modelUsage": {{
                "claude-opus-5-5": {{"inputTokens": 36, "outputTokens": 480, "thinkingTokens": 0, "cacheReadInputTokens": 170520,
                "cacheCreationInputTokens": 3600, "webSearchRequests": 0, "costUSD": 0.06184799999999999}}}}, "hasUnknownModelCost": {unknown}}}"#
            )
        };
        let count = ModelCount {
            model: "claude-opus-5-5".into(),
            input: 36,
            output: 480,
            cache_read: 170_520,
            cache_creation: 3_600,
            cost_nano_usd: Some(61_848_000),
        };
        let known = ClientCost { session_id: "s".into(), models: vec![count] };
        assert_eq!(parse(line(false).as_bytes()), Some(known));
        let unknown = parse(line(true).as_bytes()).expect("reads");
        assert_eq!(unknown.models[0].cost_nano_usd, None);
    }

    #[test]
    fn what_is_not_such_a_line_is_none() {
        for text in [
            "",
            "[]",
            r#"{"type":"cost-state","sessionId":"s"}"#,
            r#"{"type":"user","sessionId":"s","modelUsage":{}}"#,
            r#"{"type":"cost-state","sessionId":"s","modelUsage":{"m":{"inputTokens":-1}}}"#,
            r#"{"type":"cost-state","sessionId":"s","modelU"#,
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        for usd in [-1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert_eq!(nano(usd), None);
        }
    }
}
