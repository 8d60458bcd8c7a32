//! A server of the settings, whose token may stand in a file.

use std::path::{Path, PathBuf};

use super::endpoint::{Endpoint, Token};

/// Largest file that may hold a token.
const MOST_TOKEN_BYTES: u64 = 4096;

/// One entry of `local.endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalEndpoint {
    /// As configured, with `token` where that stands in the entry itself.
    pub endpoint: Endpoint,
    /// A file whose first line is the token; read again for every look, so that a new one needs no restart.
    pub token_file: Option<PathBuf>,
}

impl LocalEndpoint {
    /// Returns the endpoint with its token. Reads a small file where one is named; one that cannot be read is no token.
    #[must_use]
    pub fn resolved(&self) -> Endpoint {
        let token = match &self.token_file {
            Some(file) => token_of(file).ok(),
            None => self.endpoint.token.clone(),
        };
        Endpoint { token, ..self.endpoint.clone() }
    }
}

/// Returns the token on a file's first line, or why there is none. A pipe, which might never end, is not opened.
pub fn token_of(file: &Path) -> Result<Token, String> {
    let found = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if !found.is_file() || found.len() > MOST_TOKEN_BYTES {
        return Err("it is no small file".to_owned());
    }
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    text.lines().next().and_then(Token::new).ok_or_else(|| "its first line is no token".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_is_read_for_every_look() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("token");
        let endpoint = Endpoint::new("http://127.0.0.1:1234").expect("valid");
        let entry = LocalEndpoint { endpoint, token_file: Some(file.clone()) };
        assert_eq!(entry.resolved().token, None, "there is no file yet");
        for text in ["one\n", "two\nsecond line"] {
            std::fs::write(&file, text).expect("written");
            assert_eq!(entry.resolved().token, Token::new(text.lines().next().expect("a line")));
        }
        for text in ["", "\nsecond", &"x".repeat(5000)] {
            std::fs::write(&file, text).expect("written");
            assert!(token_of(&file).is_err() && entry.resolved().token.is_none());
        }
        assert!(token_of(folder.path()).is_err(), "a folder");
    }
}
