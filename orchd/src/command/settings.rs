//! The settings, as a command reads them: a mistake in them is told with the file to edit.

use std::error::Error;

use shared::paths::Paths;

use super::failure::{Code, Failure};
use crate::config::Config;

/// Reads the settings; a mistake in them is told with the file to edit.
pub(crate) fn load_config(paths: &Paths) -> Result<Config, Failure> {
    Config::load(paths).map_err(|error| wrong_settings(paths, error))
}

/// Returns the failure of a mistake in the settings.
pub(crate) fn wrong_settings(paths: &Paths, error: impl Error + Send + Sync + 'static) -> Failure {
    let hint = format!("edit {}, then: orchd config show", paths.config_file().display());
    Failure::new(Code::Config, "the settings cannot be used").because(error).hint(hint)
}
