//! Where a local model's server is, and the token it may want. The token stands in no log, error or `Debug` text.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// A secret of the user's for one server.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Returns the token of a text, without the space around it (files end with a newline); None when nothing is left or it could
    /// not stand in a header.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// Returns the secret itself, for the `Authorization` header and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// One server that may hold a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http://127.0.0.1:1234`, without a slash at its end; what it serves comes after.
    pub base_url: String,
    /// Sent as `Authorization: Bearer`, where the server wants one.
    pub token: Option<Token>,
    /// The model the user wants there; None takes the best of those that are there.
    pub model: Option<String>,
}

/// Why a text is no address of a local model's server. Made to stand after "not": no text here repeats a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It cannot be read as an address at all.
    #[error("an address that cannot be read; write it like http://127.0.0.1:1234")]
    Unreadable,
    /// It is not plain HTTP.
    #[error("`{0}`: only plain http is spoken to a local model")]
    Scheme(String),
    /// It names no host.
    #[error("an address without a host")]
    NoHost,
    /// It holds a name or password, which would end up in logs.
    #[error("an address with a name or password in it; use token or token_file")]
    Credentials,
    /// It goes on after the path.
    #[error("an address with `?` or `#` in it")]
    Query,
}

/// What people copy from other tools' settings: the same server, with the part after which we look ourselves.
const KNOWN_ENDS: [&str; 3] = ["/api/v1", "/api/v0", "/v1"];

impl Endpoint {
    /// Returns the endpoint of an address.
    pub fn new(url: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(url.trim()).map_err(|_| EndpointError::Unreadable)?;
        if url.scheme() != "http" {
            return Err(EndpointError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EndpointError::NoHost);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Query);
        }
        let text = url.as_str().trim_end_matches('/');
        let base = KNOWN_ENDS.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
        Ok(Self { base_url: base.trim_end_matches('/').to_owned(), token: None, model: None })
    }

    /// Returns the address of a path, which begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Whether it is this machine by its address; a name that only resolves to it does not count.
    #[must_use]
    pub fn is_this_machine(&self) -> bool {
        let Ok(url) = Url::parse(&self.base_url) else { return false };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("http://127.0.0.1:1234", Ok("http://127.0.0.1:1234")),
            (" http://localhost:1234/ ", Ok("http://localhost:1234")),
            ("http://LOCALHOST:1234/v1/", Ok("http://localhost:1234")),
            ("http://localhost:1234/api/v0", Ok("http://localhost:1234")),
            ("http://[::1]:11434", Ok("http://[::1]:11434")),
            ("http://box.lan/llm/v1", Ok("http://box.lan/llm")),
            ("http://127.0.0.1:80", Ok("http://127.0.0.1")),
            ("https://127.0.0.1:1234", Err(EndpointError::Scheme("https".into()))),
            ("localhost:1234", Err(EndpointError::Scheme("localhost".into()))),
            ("file:///etc/passwd", Err(EndpointError::Scheme("file".into()))),
            ("127.0.0.1:1234", Err(EndpointError::Unreadable)),
            ("http://", Err(EndpointError::Unreadable)),
            ("http://a:b@127.0.0.1:1234", Err(EndpointError::Credentials)),
            ("http://key@127.0.0.1:1234", Err(EndpointError::Credentials)),
            ("http://127.0.0.1:1234/?k=1", Err(EndpointError::Query)),
            ("http://127.0.0.1:99999", Err(EndpointError::Unreadable)),
        ] {
            let found = Endpoint::new(text).map(|endpoint| endpoint.base_url);
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
        let endpoint = Endpoint::new("http://127.0.0.1:1234/").expect("valid");
        assert_eq!(endpoint.url("/v1/models"), "http://127.0.0.1:1234/v1/models");
    }

    #[test]
    fn this_machine_is_known_by_its_address() {
        for (text, here) in [
            ("http://127.0.0.1:1234", true),
            ("http://127.8.8.8", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://192.168.1.4:1234", false),
            ("http://localhost.evil.example", false),
            ("http://0.0.0.0:1234", false),
        ] {
            assert_eq!(Endpoint::new(text).expect("valid").is_this_machine(), here, "{text}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" sk-lm-fake-token\n").expect("a token");
        assert_eq!(token.expose(), "sk-lm-fake-token");
        let endpoint = Endpoint { token: Some(token), ..Endpoint::new("http://127.0.0.1:1234").expect("valid") };
        assert!(!format!("{endpoint:?}").contains("fake"), "{endpoint:?}");
        for refused in ["", " \n", "two words", "line\nbreak", "caf\u{e9}"] {
            assert_eq!(Token::new(refused), None, "{refused:?}");
        }
    }
}
