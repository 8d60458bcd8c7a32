//! The client's telemetry in its settings, pure: what turns it on and points it at the daemon, told from what users set themselves.
//!
//! The client reads these variables from the user's settings alone. Its own parser of headers decodes nothing, so the blank behind
//! `Bearer` stands as it is.

use jsonc_parser::cst::{CstObject, CstObjectProp};

use super::check::{Problem, check_env};
use super::document::open;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
/// A setting beside the variables: the user's own program that says with which headers telemetry is sent, in the place of ours.
const HELPER: &str = "otelHeadersHelper";
const LOOPBACK: &str = "http://127.0.0.1:";
const BEARER: &str = "Authorization=Bearer ";
/// Digits of a token.
const TOKEN_DIGITS: usize = 64;

/// What is the same in every installation.
const FIXED: [(&str, &str); 4] = [
    ("CLAUDE_CODE_ENABLE_TELEMETRY", "1"),
    ("OTEL_LOGS_EXPORTER", "otlp"),
    ("OTEL_METRICS_EXPORTER", "otlp"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
];

/// Where telemetry goes, and what it is let in by.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Telemetry {
    /// `http://127.0.0.1:6724`.
    pub(super) endpoint: String,
    /// May bring telemetry and nothing else.
    pub(super) token: String,
}

/// Whose telemetry some variables turn on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nobody's.
    Nothing,
    /// Ours.
    Ours,
    /// The user's own; one variable that says so.
    Foreign(String),
}

impl Telemetry {
    /// Returns the telemetry of a daemon; None for what is no loopback address with a port, or no token.
    pub(super) fn new(endpoint: &str, token: &str) -> Option<Self> {
        (is_endpoint(endpoint) && is_token(token))
            .then(|| Self { endpoint: endpoint.to_owned(), token: token.to_owned() })
    }

    fn headers(&self) -> String {
        format!("{BEARER}{}", self.token)
    }
}

/// Tells whose telemetry these variables turn on.
pub(super) fn judge(variables: &[(String, String)]) -> Found {
    let own = |name: &str| FIXED.iter().any(|(fixed, _)| *fixed == name) || name == ENDPOINT || name == HEADERS;
    let ours = are_ours(variables);
    let foreign = variables.iter().map(|(name, _)| name).find(|name| exports(name) && !(ours && own(name)));
    match foreign {
        Some(name) => Found::Foreign(name.clone()),
        None if ours => Found::Ours,
        None => Found::Nothing,
    }
}

/// Returns the settings with telemetry that goes to the daemon, and whose telemetry they had: the user's own stays as it is.
pub(super) fn with_telemetry(text: &str, telemetry: &Telemetry) -> Result<(String, Found), Problem> {
    let (root, found) = (open(text)?, found_in(text)?);
    if !matches!(found, Found::Foreign(_)) {
        let env = root.object_value_or_set().object_value_or_set("env");
        for (name, value) in FIXED {
            if env.get(name).is_none() {
                env.append(name, value.into());
            }
        }
        for (name, value) in [(ENDPOINT, &telemetry.endpoint), (HEADERS, &telemetry.headers())] {
            match env.get(name) {
                None => drop(env.append(name, value.as_str().into())),
                Some(known) if text_of(&known).as_ref() == Some(value) => {}
                Some(known) => known.set_value(value.as_str().into()),
            }
        }
    }
    Ok((root.to_string(), found))
}

/// Returns the settings without our telemetry: of our variables those go that hold what we wrote.
pub(super) fn without_telemetry(text: &str) -> Result<String, Problem> {
    let root = open(text)?;
    // We wrote into no odd one, so there is nothing of ours in it.
    if check_env(text).is_ok()
        && let Some(settings) = root.object_value()
        && let Some(env) = settings.object_value("env")
        && are_ours(&variables(&env))
    {
        for (name, value) in
            FIXED.iter().map(|(name, value)| (*name, Some(*value))).chain([(ENDPOINT, None), (HEADERS, None)])
        {
            if let Some(known) = env.get(name)
                && value.is_none_or(|value| text_of(&known).as_deref() == Some(value))
            {
                known.remove();
            }
        }
        if env.properties().is_empty()
            && let Some(property) = settings.get("env")
        {
            property.remove();
        }
    }
    Ok(root.to_string())
}

/// Tells whose telemetry the settings turn on.
pub(super) fn found_in(text: &str) -> Result<Found, Problem> {
    let root = open(text)?;
    check_env(text)?;
    let Some(settings) = root.object_value() else { return Ok(Found::Nothing) };
    let mut variables = settings.object_value("env").map(|env| variables(&env)).unwrap_or_default();
    if settings.get(HELPER).is_some() {
        variables.push((HELPER.to_owned(), String::new()));
    }
    Ok(judge(&variables))
}

/// Returns a text to be shown, without the token.
pub(super) fn masked(text: &str) -> String {
    let mut parts = text.split(BEARER);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        shown.push_str(BEARER);
        shown.push_str(if rest.len() < part.len() { "<token>" } else { "" });
        shown.push_str(rest);
    }
    shown
}

/// Whether a variable says where telemetry goes, or whether there is any.
fn exports(name: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["CLAUDE_CODE_ENABLE_TELEMETRY", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_TRACES_EXPORTER"];
    name.starts_with("OTEL_EXPORTER_OTLP_") || name == HELPER || OTHERS.contains(&name)
}

fn are_ours(variables: &[(String, String)]) -> bool {
    let value = |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    value(ENDPOINT).is_some_and(is_endpoint)
        && value(HEADERS).and_then(|headers| headers.strip_prefix(BEARER)).is_some_and(is_token)
}

fn is_endpoint(text: &str) -> bool {
    text.strip_prefix(LOOPBACK).is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn variables(env: &CstObject) -> Vec<(String, String)> {
    let named = |property: CstObjectProp| Some((property.name()?.decoded_value().ok()?, text_of(&property)?));
    env.properties().into_iter().filter_map(named).collect()
}

/// Returns a value as the client puts it into the environment.
fn text_of(property: &CstObjectProp) -> Option<String> {
    Some(match property.value()?.to_serde_value()? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests;
