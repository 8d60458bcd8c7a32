//! The client's telemetry in the user's settings: whether it is on, and whether it comes to this daemon.

use std::path::Path;

use serde_json::Value;
use shared::paths::Paths;

use super::Check;
use super::settings;
use crate::config::Config;
use crate::daemon_client::Endpoint;

const NAME: &str = "telemetry";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const BEARER: &str = "Authorization=Bearer ";

/// Checks where the settings of this user send telemetry.
pub(super) fn check(paths: &Paths) -> Option<Check> {
    let file = settings::user_dir()?.join("settings.json");
    // A file that cannot be read is told of where its hooks are looked for.
    let found = settings::read(&file).ok()?.unwrap_or_default();
    let running = Endpoint::read(paths).map(|endpoint| endpoint.http);
    let planned = || Config::load(paths).ok().map(|config| format!("http://127.0.0.1:{}", config.http.port));
    let token = std::fs::read_to_string(paths.telemetry_token_file()).unwrap_or_default();
    Some(judge(&found, &file, &running.or_else(planned).unwrap_or_default(), token.trim()))
}

fn judge(settings: &Value, file: &Path, http: &str, token: &str) -> Check {
    const OFF: &str = "costs come from transcripts alone";
    let env = settings.get("env").and_then(Value::as_object);
    let variable = |name: &str| env.and_then(|env| env.get(name)?.as_str()).unwrap_or_default();
    let (endpoint, headers) = (variable(ENDPOINT), variable("OTEL_EXPORTER_OTLP_HEADERS"));
    let given = headers.strip_prefix(BEARER).filter(|given| given.len() == 64);
    let tells = |name: &str| name == "CLAUDE_CODE_ENABLE_TELEMETRY" || name.starts_with("OTEL_EXPORTER_OTLP_");
    let own = env.and_then(|env| env.keys().find(|name| tells(name)));
    match (given, own) {
        (_, None) => Check::ok(NAME, format!("off: {OFF}; orchd up turns it on")),
        (Some(given), _) if endpoint.starts_with("http://127.0.0.1:") => {
            if endpoint != http {
                let message = format!("goes to {endpoint}, the daemon has {http}");
                return Check::warn(NAME, message, "orchd up, and a fixed http.port in config.toml");
            }
            if given != token {
                return Check::warn(NAME, format!("{} has an old token", file.display()), "orchd up");
            }
            if variable("CLAUDE_CODE_ENABLE_TELEMETRY") != "1" || variable("OTEL_LOGS_EXPORTER") != "otlp" {
                let message = format!("is turned off in {}: {OFF}", file.display());
                return Check::warn(
                    NAME,
                    message,
                    "set CLAUDE_CODE_ENABLE_TELEMETRY to 1 and OTEL_LOGS_EXPORTER to otlp there",
                );
            }
            Check::ok(NAME, format!("comes to {http}"))
        }
        (_, Some(name)) => Check::ok(NAME, format!("goes elsewhere, as {name} in {} says: {OFF}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use serde_json::json;

    #[test]
    fn it_is_told_where_telemetry_goes_and_never_with_which_token() {
        let (here, token) = ("http://127.0.0.1:6724", "ab".repeat(32));
        let ours = |endpoint: &str, token: &str, logs: &str| {
            json!({"env": {"CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_LOGS_EXPORTER": logs,
                "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_HEADERS": format!("{BEARER}{token}")}})
        };
        for (settings, expected, words) in [
            (json!({}), State::Ok, "off"),
            (json!({"env": {"EDITOR": "vi"}}), State::Ok, "off"),
            (ours(here, &token, "otlp"), State::Ok, "comes to"),
            (ours("http://127.0.0.1:7000", &token, "otlp"), State::Warn, "goes to http://127.0.0.1:7000"),
            (ours(here, &"cd".repeat(32), "otlp"), State::Warn, "old token"),
            (ours(here, &token, "none"), State::Warn, "turned off"),
            (ours("https://otel.example", &token, "otlp"), State::Ok, "elsewhere"),
            (json!({"env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.example"}}), State::Ok, "elsewhere"),
            (json!({"env": {"CLAUDE_CODE_ENABLE_TELEMETRY": "1"}}), State::Ok, "elsewhere"),
        ] {
            let check = judge(&settings, Path::new("/s.json"), here, &token);
            assert_eq!(check.state, expected, "{check:?}");
            assert!(check.message.contains(words) && !format!("{check:?}").contains("abab"), "{check:?}");
        }
    }
}
