//! `orchd paths`: where everything lies.

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use shared::paths::Paths;

use crate::command::Failure;
use crate::command::output::{print, print_json};
use crate::daemon_client::Endpoint;
use crate::installed;
use crate::instance::is_locked;
use crate::logging::current_file;
use crate::service::Manager;

pub(crate) fn run(paths: &Paths, as_json: bool) -> Result<ExitCode, Failure> {
    // What a killed daemon wrote down is not where one listens.
    let http = is_locked(paths).then(|| Endpoint::read(paths)).flatten().map(|endpoint| endpoint.http);
    let entries = entries(paths, http.as_deref());
    if as_json {
        let mut fields = Map::from_iter([("schema".to_owned(), json!(1))]);
        fields.extend(entries.into_iter().map(|(name, value)| (name.to_owned(), value)));
        print_json(&fields)?;
    } else {
        let lines = entries.iter().map(|(name, value)| format!("{name:<14}{}", value.as_str().unwrap_or("-")));
        print(&lines.collect::<Vec<_>>().join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn entries(paths: &Paths, http: Option<&str>) -> Vec<(&'static str, Value)> {
    vec![
        ("home", json!(paths.home_override)),
        ("config_dir", json!(paths.config_dir)),
        ("config_file", json!(paths.config_file())),
        ("data_dir", json!(paths.data_dir)),
        ("db", json!(paths.database())),
        ("token_file", json!(paths.token_file())),
        ("telemetry_token_file", json!(paths.telemetry_token_file())),
        ("bin_dir", json!(paths.bin_dir())),
        ("orchd", json!(installed::daemon(paths))),
        ("orch_hook", json!(installed::hook(paths))),
        ("state_dir", json!(paths.state_dir)),
        ("spool_dir", json!(paths.spool_dir())),
        ("log_dir", json!(paths.log_dir())),
        ("log_file", json!(current_file(&paths.log_dir()))),
        ("run_dir", json!(paths.run_dir())),
        ("socket", json!(paths.socket())),
        ("lock_file", json!(paths.lock_file())),
        ("endpoint_file", json!(paths.endpoint_file())),
        ("service_file", json!(Manager::of(paths).file(paths))),
        ("http", json!(http)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_named_and_lies_under_the_home() {
        let paths = Paths::under(std::path::Path::new("/x"));
        let entries = entries(&paths, None);
        for name in ["token_file", "socket", "db", "http"] {
            assert!(entries.iter().any(|(found, _)| *found == name), "{name}");
        }
        let outside = entries.iter().filter_map(|(_, value)| value.as_str()).find(|path| !path.starts_with("/x"));
        assert_eq!(outside, None);
    }
}
