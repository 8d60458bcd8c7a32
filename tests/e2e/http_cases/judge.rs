//! Whether an answer is what a case expects.

use std::time::Duration;

use e2e_tests::http::Answer;
use e2e_tests::leak::contains;
use serde_json::Value;

use super::{STORED, text_of};

/// Whether the status is one of those the case allows.
pub(super) fn status_fits(expect: &Value, status: u16) -> bool {
    expect["status_in"].as_array().is_none_or(|list| list.iter().any(|one| *one == status))
}

/// Says what is wrong with an answer, if anything.
pub(super) fn judge(case: &Value, answer: &Answer, took: Duration) -> Result<(), String> {
    let expect = &case["expect"];
    // The path of our write can also be read: a GET there is an honest read, and only a change would be wrong.
    let is_read_of_write = text_of(case, "id") == "p-http-048" && answer.status == 200;
    if !status_fits(expect, answer.status) && !is_read_of_write {
        return Err(format!(
            "status {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>()
        ));
    }
    for name in expect["no_header"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(value) = answer.header(name) {
            return Err(format!("header {name}: {value}"));
        }
    }
    for (name, words) in expect["has_header"].as_object().into_iter().flatten() {
        let value = answer.header(name).ok_or_else(|| format!("no header {name}"))?;
        let words: Vec<&str> = words.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let all = name == "content-security-policy";
        let fits = |word: &&str| value.contains(*word);
        if !(if all { words.iter().all(fits) } else { words.iter().any(fits) }) {
            return Err(format!("header {name}: {value}"));
        }
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    for word in expect["csp_forbids"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if policy.split([' ', ';']).any(|part| part.trim_matches('\'') == word) {
            return Err(format!("the policy holds {word}: {policy}"));
        }
    }
    if let Some(kind) = expect["content_type"].as_str()
        && !answer.header("content-type").unwrap_or_default().contains(kind)
    {
        return Err(format!("content type {:?}", answer.header("content-type")));
    }
    if expect["no_event_data"] == true
        && let Some(shown) = STORED.iter().find(|text| contains(&answer.body, text.as_bytes()))
    {
        return Err(format!("it shows {shown}"));
    }
    for text in expect["body_must_not_contain"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if contains(&answer.body, text.as_bytes()) {
            return Err(format!("the body holds {text:?}"));
        }
    }
    if expect["no_server_error"] == true && answer.status >= 500 {
        return Err(format!("status {}", answer.status));
    }
    if let Some(most) = expect["max_rows"].as_u64()
        && answer.status == 200
        && answer.json()["items"].as_array().is_some_and(|items| items.len() as u64 > most)
    {
        return Err("too many rows".into());
    }
    if let Some(limit) = expect["max_ms"].as_u64()
        && took > Duration::from_millis(limit)
    {
        return Err(format!("took {took:?}"));
    }
    Ok(())
}
