//! `orchd config show`: every setting, its value and where it came from.

use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;
use shared::paths::Paths;

use super::control;
use crate::command::Failure;
use crate::command::output::{print, print_json, say};
use crate::command::settings::wrong_settings;
use crate::config::{Config, Setting};
use crate::error::chain;

/// How long a daemon may take to say when it started.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Shows all settings that can be used, also when others cannot; then it fails.
pub(crate) fn show(paths: &Paths, as_json: bool) -> Result<ExitCode, Failure> {
    let (config, errors) = Config::read(paths);
    let settings = config.settings();
    if as_json {
        let mut answer = json!({ "schema": 1, "file": paths.config_file(), "settings": settings });
        if !errors.is_empty() {
            answer["errors"] = errors.iter().map(|error| chain(error)).collect();
        }
        print_json(&answer)?;
    } else {
        print(&for_people(&settings))?;
        if is_newer_than_daemon(paths) {
            say("The daemon runs with the settings of before the file was edited. For the new ones: orchd restart");
        }
    }
    let mut errors = errors.into_iter().map(|error| wrong_settings(paths, error)).collect::<Vec<_>>();
    let last = errors.pop();
    for error in &errors {
        let _ = error.report();
    }
    last.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// Whether the file was edited after the daemon started, which reads it then alone.
fn is_newer_than_daemon(paths: &Paths) -> bool {
    let edited = std::fs::metadata(paths.config_file()).and_then(|file| file.modified()).ok();
    let Some(edited) = edited.and_then(|at| at.duration_since(UNIX_EPOCH).ok()) else { return false };
    let started_at = control::status(paths, ANSWER_WITHIN).ok().and_then(|status| status["started_at"].as_u64());
    started_at.is_some_and(|at| edited > Duration::from_micros(at))
}

fn for_people(settings: &[Setting]) -> String {
    let rows: Vec<_> = settings.iter().map(|s| (s.key, s.value.to_string(), &s.source)).collect();
    let width = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or_default();
    rows.iter().map(|(key, value, source)| format!("{key:<23}{value:<width$}  {source}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn settings_line_up() {
        let variable = ("ORCH_HTTP__PORT".to_owned(), "0".to_owned());
        let config = Config::from_parts(None, [variable]).expect("valid");
        insta::assert_snapshot!(for_people(&config.settings()), @r#"
        http.port              0                                  ORCH_HTTP__PORT
        ingest.durability      "commit"                           default
        capture.bodies         true                               default
        capture.projects       []                                 default
        ledger.transcripts     true                               default
        retention.body_days    0                                  default
        display.timezone       "system"                           default
        budget.day_usd         0.0                                default
        budget.week_usd        0.0                                default
        budget.month_usd       0.0                                default
        budget.warn_percent    80                                 default
        local.enabled          true                               default
        local.endpoints        [{"url":"http://127.0.0.1:1234"}]  default
        local.watts            0.0                                default
        local.usd_per_kwh      0.0                                default
        local.displaced_model  ""                                 default
        router.algorithm       "learned"                          default
        router.policy          "observe"                          default
        router.projects        []                                 default
        router.min_confidence  0.6                                default
        router.quality_floor   0.98                               default
        router.rules           []                                 default
        router.sensitive_paths []                                 default
        log.level              "info"                             default
        "#);
    }
}
