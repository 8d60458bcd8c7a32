//! The settings of the daemon: `config.toml`, over it the environment, each value with where it came from.
//!
//! An unknown key is an error that names the nearest known one: a setting that is silently ignored is worse than a
//! daemon that says what to fix.

mod edit;
mod error;
mod keys;
mod local;
mod recording;
mod router;
mod time_zone;

use std::collections::BTreeMap;
use std::path::PathBuf;

use shared::paths::Paths;

pub use edit::{Edit, with_policy};
pub use error::{ConfigError, Origin};
pub use keys::{DEFAULT_FILE, KEYS, Key};
pub use local::{LM_STUDIO, Local, LocalMoney, MOST_ENDPOINTS};
pub use recording::{ProjectRule, Recording, recording_of};
pub use router::Router;
pub use time_zone::{UnknownTimeZone, time_zone};

/// The port of the dashboard unless told otherwise.
pub const DEFAULT_PORT: u16 = 6724;

/// Every setting, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[http]`
    pub http: Http,
    /// `[ingest]`
    pub ingest: Ingest,
    /// `[capture]`
    pub capture: Capture,
    /// `[ledger]`
    pub ledger: Ledger,
    /// `[retention]`
    pub retention: Retention,
    /// `[display]`
    pub display: Display,
    /// `[budget]`
    pub budget: Budget,
    /// `[local]`
    pub local: Local,
    /// `[router]`
    pub router: Router,
    /// `[log]`
    pub log: Log,
    origins: BTreeMap<&'static str, Origin>,
}

/// `[http]`: the dashboard and the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
}

/// `[ingest]`: how events are taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingest {
    /// What an acknowledged event survives.
    pub durability: Durability,
}

/// `[capture]`: what is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Whether the redacted payloads are kept beside the columns.
    pub bodies: bool,
    /// Projects with a rule of their own.
    pub projects: Vec<ProjectRule>,
}

/// `[ledger]`: what requests used and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Whether the daemon reads the client's transcripts by itself, as they are written.
    pub transcripts: bool,
}

/// `[retention]`: what is thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Days to keep bodies; 0 keeps them for ever.
    pub body_days: u32,
}

/// `[display]`: how figures are cut into days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// `system` or an IANA name such as `Europe/Berlin`.
    pub timezone: String,
}

/// `[budget]`: what requests may cost before the user is warned. Nothing is ever stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Of a day, nano-dollars; 0 for none.
    pub day_nano_usd: i64,
    /// Of a week, which begins on Monday.
    pub week_nano_usd: i64,
    /// Of a month.
    pub month_nano_usd: i64,
    /// Percent of a budget from which it warns.
    pub warn_percent: u32,
}

/// `[log]`: the daemon's own log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The least level that is written.
    pub level: tracing::Level,
}

/// What an acknowledged event survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The death of any process; a power cut may cost the last second.
    #[default]
    Commit,
    /// A power cut too: each acknowledgement waits for the disk.
    Power,
}

impl Durability {
    /// Returns the word used in `config.toml` and in the status.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Power => "power",
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { day_nano_usd: 0, week_nano_usd: 0, month_nano_usd: 0, warn_percent: 80 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: Http { port: DEFAULT_PORT },
            ingest: Ingest { durability: Durability::Commit },
            capture: Capture { bodies: true, projects: Vec::new() },
            ledger: Ledger { transcripts: true },
            retention: Retention { body_days: 0 },
            display: Display { timezone: "system".to_owned() },
            budget: Budget::default(),
            local: Local::default(),
            router: Router::default(),
            log: Log { level: tracing::Level::INFO },
            origins: BTreeMap::new(),
        }
    }
}

/// One line of `orchd config show`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Setting {
    /// `section.key`.
    pub key: &'static str,
    /// The value in force.
    pub value: serde_json::Value,
    /// `default`, the file, or the environment variable.
    pub source: String,
}

impl Config {
    /// Returns the settings of this installation: defaults, then `config.toml`, then the environment.
    pub fn load(paths: &Paths) -> Result<Self, ConfigError> {
        strict(Self::read(paths))
    }

    /// Returns the settings that can be used, and what is wrong with the others, which are as by default.
    #[must_use]
    pub fn read(paths: &Paths) -> (Self, Vec<ConfigError>) {
        let file = paths.config_file();
        let (text, unread) = match std::fs::read_to_string(&file) {
            Ok(text) => (Some(text), None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (None, None),
            Err(source) => (None, Some(ConfigError::Read { path: file.clone(), source })),
        };
        // A variable that is not UTF-8 cannot be one of ours: all our values are plain words.
        let variables = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let (config, errors) = Self::of_parts(text.as_deref().map(|text| (file, text)), variables);
        (config, unread.into_iter().chain(errors).collect())
    }

    /// Returns the settings of a file's text and of environment variables; other variables are ignored.
    pub fn from_parts(
        file: Option<(PathBuf, &str)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        strict(Self::of_parts(file, variables))
    }

    fn of_parts(
        file: Option<(PathBuf, &str)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> (Self, Vec<ConfigError>) {
        let (mut config, mut errors) = (Self::default(), Vec::new());
        if let Some((path, text)) = file {
            // Editors on Windows begin files with a byte order mark.
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            match text.parse() {
                Ok(table) => config.take_table(&table, &Origin::File(path), &mut errors),
                Err(source) => {
                    errors.push(ConfigError::Syntax { path, source: error::SyntaxError::new(text, &source) });
                }
            }
        }
        for (name, value) in variables {
            let Some(key) = keys::key_of_variable(&name) else { continue };
            let taken = config.take(&key, &keys::value_of_text(&key, &value), &Origin::Variable(name));
            errors.extend(taken.err());
        }
        (config, errors)
    }

    fn take_table(&mut self, table: &toml::Table, origin: &Origin, errors: &mut Vec<ConfigError>) {
        for (section, value) in table {
            match value {
                toml::Value::Table(entries) => {
                    for (key, value) in entries {
                        errors.extend(self.take(&format!("{section}.{key}"), value, origin).err());
                    }
                }
                _ => errors.extend(self.take(section, value, origin).err()),
            }
        }
    }

    fn take(&mut self, name: &str, value: &toml::Value, origin: &Origin) -> Result<(), ConfigError> {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let nearest = keys::nearest(name);
            return Err(ConfigError::UnknownKey { key: name.to_owned(), origin: origin.clone(), nearest });
        };
        (key.set)(self, value).map_err(|reason| ConfigError::BadValue {
            key: key.name,
            origin: origin.clone(),
            expected: key.expected,
            found: reason.unwrap_or_else(|| value.to_string()),
        })?;
        self.origins.insert(key.name, origin.clone());
        Ok(())
    }

    /// Returns every setting with its value and source, in the order of the documentation.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        KEYS.iter()
            .map(|key| Setting {
                key: key.name,
                value: (key.get)(self),
                source: self.origins.get(key.name).map_or_else(|| "default".to_owned(), ToString::to_string),
            })
            .collect()
    }
}

fn strict((config, errors): (Config, Vec<ConfigError>)) -> Result<Config, ConfigError> {
    errors.into_iter().next().map_or(Ok(config), Err)
}

#[cfg(test)]
mod tests;
