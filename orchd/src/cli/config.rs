//! `orchd config show`: every setting, its value and where it came from.

use std::process::ExitCode;

use serde_json::json;
use shared::paths::Paths;

use super::failure::Failure;
use super::output::{print, print_json};
use super::run::load_config;
use crate::config::Setting;

pub(crate) fn show(paths: &Paths, as_json: bool) -> Result<ExitCode, Failure> {
    let settings = load_config(paths)?.settings();
    if as_json {
        print_json(&json!({ "schema": 1, "file": paths.config_file(), "settings": settings }))?;
    } else {
        print(&for_people(&settings))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn for_people(settings: &[Setting]) -> String {
    let rows: Vec<_> = settings.iter().map(|s| (s.key, s.value.to_string(), &s.source)).collect();
    let width = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or_default();
    rows.iter().map(|(key, value, source)| format!("{key:<22}{value:<width$}  {source}")).collect::<Vec<_>>().join("\n")
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
        http.port             0                                  ORCH_HTTP__PORT
        ingest.durability     "commit"                           default
        capture.bodies        true                               default
        capture.projects      []                                 default
        ledger.transcripts    true                               default
        retention.body_days   0                                  default
        display.timezone      "system"                           default
        budget.day_usd        0.0                                default
        budget.week_usd       0.0                                default
        budget.month_usd      0.0                                default
        budget.warn_percent   80                                 default
        local.enabled         true                               default
        local.endpoints       [{"url":"http://127.0.0.1:1234"}]  default
        local.watts           0.0                                default
        local.usd_per_kwh     0.0                                default
        local.displaced_model ""                                 default
        log.level             "info"                             default
        "#);
    }
}
