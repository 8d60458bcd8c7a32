//! Where the daemon listens and which token telemetry is let in by, as it wrote them down.

use std::path::Path;

use serde::Deserialize;
use shared::paths::Paths;

use super::file::SettingsError;
use super::telemetry::Telemetry;

#[derive(Deserialize)]
struct Endpoint {
    http: String,
}

/// Returns what telemetry needs to know of the daemon; an error where none has run, or none of this version.
pub(super) fn announced(paths: &Paths) -> Result<Telemetry, SettingsError> {
    let missing = |path: &Path| SettingsError::NoDaemon { path: path.to_path_buf() };
    let (endpoint_file, token_file) = (paths.endpoint_file(), paths.telemetry_token_file());
    let endpoint = std::fs::read(&endpoint_file).ok().and_then(|text| serde_json::from_slice::<Endpoint>(&text).ok());
    let endpoint = endpoint.ok_or_else(|| missing(&endpoint_file))?;
    let token = std::fs::read_to_string(&token_file).map_err(|_| missing(&token_file))?;
    Telemetry::new(&endpoint.http, token.trim()).ok_or_else(|| missing(&token_file))
}
