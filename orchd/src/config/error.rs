//! What can be wrong with the settings, in words the user can act on.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `config.toml`.
    File(PathBuf),
    /// An environment variable, by name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Why the settings could not be used. All of these are the user's to fix.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("failed to read the configuration `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration `{path}` is not valid TOML")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and what was expected.
        #[source]
        source: SyntaxError,
    },
    /// A key nobody knows.
    #[error("unknown key `{key}` in {origin}{}", nearest_hint(*nearest))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The known key most like it.
        nearest: Option<&'static str>,
    },
    /// A known key with a value it cannot have.
    #[error("`{key}` in {origin} must be {expected}, not {found}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// Where it stands.
        origin: Origin,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

/// Where a file stops being TOML, without the line itself: a token may stand in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxError {
    line: usize,
    column: usize,
    message: String,
}

impl SyntaxError {
    pub(super) fn new(text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: error.message().lines().next().unwrap_or_default().to_owned(),
        }
    }
}

fn nearest_hint(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
}
