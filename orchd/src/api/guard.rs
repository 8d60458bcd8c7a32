//! The door: decides from the head of a request whether it may go on. Default is no.
//!
//! A web page the user visits can make the browser send requests here, and can make its own name point to this machine; other
//! users of the machine can connect as well. So: the exact host, no foreign origin or site, a token or the cookie, and
//! changes only as JSON, telemetry also as protobuf. The decision is pure; nothing is read or written before it.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use super::auth::{Auth, Proof};
use super::reject::ApiError;
use super::router::allowed;

const JSON: &str = "application/json";
pub(super) const PROTOBUF: &str = "application/x-protobuf";

/// The port and the secrets that requests are measured by.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    auth: Auth,
    port: u16,
    /// The only names this server answers to.
    hosts: [String; 3],
}

impl Guard {
    pub(super) fn new(auth: Auth, port: u16) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        Self { auth, port, hosts }
    }

    /// Lets a request on, or says why not. `blemished`: its Authorization was not sent the way clients send it.
    pub(super) fn admit(&self, request: &Parts, blemished: bool) -> Result<(), ApiError> {
        self.check_host(request)?;
        let same_origin = self.check_origin(&request.headers)?;
        let path = request.uri.path();
        let public = matches!(path, "/health" | "/login");
        let proof = if blemished { None } else { self.auth.proof(&request.headers, self.port) };
        let enough = match proof {
            Some(Proof::Token) => true,
            Some(Proof::Telemetry) => public || (takes_telemetry(path) && request.method == Method::POST),
            // A browser has no telemetry to bring.
            Some(Proof::Cookie) => !takes_telemetry(path),
            None => public,
        };
        if !enough {
            return Err(ApiError::Unauthorized);
        }
        check_method(request, proof, same_origin)
    }

    fn is_ours(&self, host: &str) -> bool {
        self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))
    }

    fn check_host(&self, request: &Parts) -> Result<(), ApiError> {
        let mut hosts = request.headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(ApiError::NoHost) };
        // Absolute-form and CONNECT carry a second name, which counts before the header.
        let target = request.uri.authority().map(http::uri::Authority::as_str);
        let named = host.to_str().is_ok_and(|host| self.is_ours(host)) && target.is_none_or(|name| self.is_ours(name));
        if named { Ok(()) } else { Err(ApiError::ForeignHost) }
    }

    /// Returns whether the browser says that our own page asks. Reads are checked too: an answer that only the page may
    /// see must not be fetched, embedded or timed by another.
    fn check_origin(&self, headers: &HeaderMap) -> Result<bool, ApiError> {
        let mut same = false;
        for origin in headers.get_all(ORIGIN) {
            let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            if !host.is_some_and(|host| self.is_ours(host)) {
                return Err(ApiError::ForeignOrigin);
            }
            same = true;
        }
        for site in headers.get_all("sec-fetch-site") {
            match site.as_bytes() {
                b"same-origin" => same = true,
                b"none" => {}
                _ => return Err(ApiError::CrossSite),
            }
        }
        Ok(same)
    }
}

/// Whether an address is one of OTLP's.
fn takes_telemetry(path: &str) -> bool {
    matches!(path, "/v1/logs" | "/v1/metrics")
}

/// Lets reads on, and changes under `/api/` and telemetry that no simple form of another page could have sent.
fn check_method(request: &Parts, proof: Option<Proof>, same_origin: bool) -> Result<(), ApiError> {
    let telemetry = takes_telemetry(request.uri.path());
    match request.method {
        Method::POST if telemetry => {}
        _ if telemetry => return Err(ApiError::Method("POST")),
        Method::GET | Method::HEAD => return Ok(()),
        Method::POST | Method::PATCH if request.uri.path().starts_with("/api/") => {}
        _ => return Err(ApiError::Method(allowed(request.uri.path()))),
    }
    let mut types = request.headers.get_all(CONTENT_TYPE).iter();
    let is = |given: &HeaderValue, kind: &str| given.as_bytes().eq_ignore_ascii_case(kind.as_bytes());
    let is_taken = types.next().is_some_and(|given| is(given, JSON) || (telemetry && is(given, PROTOBUF)));
    if !is_taken || types.next().is_some() {
        let taken = if telemetry { "application/json or application/x-protobuf" } else { JSON };
        return Err(ApiError::ContentType(taken));
    }
    match proof {
        Some(Proof::Token | Proof::Telemetry) => Ok(()),
        Some(Proof::Cookie) if same_origin => Ok(()),
        _ => Err(ApiError::CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("token");
        let telemetry_file = dir.path().join("telemetry-token");
        let auth = Auth::load_or_create(&file).and_then(|auth| auth.with_telemetry(&telemetry_file));
        let auth = auth.expect("makes the tokens");
        let token = std::fs::read_to_string(&file).expect("reads it");
        let telemetry = std::fs::read_to_string(&telemetry_file).expect("reads it");
        let cookie = auth.set_cookie(1).split(';').next().expect("a pair").to_owned();
        let guard = Guard::new(auth, 1);
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            let value =
                value.replace("TELEMETRY", telemetry.trim()).replace("TOKEN", token.trim()).replace("COOKIE", &cookie);
            request = request.header(*name, value);
        }
        let (parts, ()) = request.body(()).expect("a valid request").into_parts();
        guard.admit(&parts, false).map_or_else(|error| error.status().as_u16(), |()| 200)
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:1");
    const TOKEN: (&str, &str) = ("authorization", "Bearer TOKEN");
    const COOKIE: (&str, &str) = ("cookie", "COOKIE");
    const JSON: (&str, &str) = ("content-type", "application/json");
    const ORIGIN: (&str, &str) = ("origin", "http://localhost:1");

    #[test]
    fn reads() {
        let other_port = ("host", "127.0.0.1:2");
        for (target, headers, status) in [
            ("/", &[HOST, TOKEN][..], 200),
            ("/", &[HOST, COOKIE], 200),
            ("/", &[HOST], 401),
            ("/nowhere", &[HOST], 401),
            ("/health", &[HOST], 200),
            ("/health/ready", &[HOST], 401),
            ("/login?code=x", &[HOST], 200),
            ("/?token=TOKEN", &[HOST], 401),
            ("/health", &[other_port], 421),
            ("/health", &[], 400),
            ("/health", &[HOST, HOST], 400),
            ("http://127.0.0.1:1/health", &[HOST], 200),
            ("http://evil.example/health", &[HOST], 421),
            ("/", &[HOST, TOKEN, ORIGIN], 200),
            ("/", &[HOST, TOKEN, ("origin", "https://localhost:1")], 403),
            ("/", &[HOST, TOKEN, ("origin", "null")], 403),
            ("/", &[HOST, TOKEN, ("origin", "")], 403),
            ("/", &[HOST, TOKEN, ("sec-fetch-site", "none")], 200),
            ("/", &[HOST, TOKEN, ("sec-fetch-site", "same-origin")], 200),
            ("/", &[HOST, TOKEN, ("sec-fetch-site", "same-site")], 403),
            ("/", &[HOST, TOKEN, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 403),
            ("/", &[HOST, TOKEN, ("sec-fetch-site", "new-value")], 403),
        ] {
            assert_eq!(admit("GET", target, headers), status, "{target} {headers:?}");
        }
    }

    #[test]
    fn changes() {
        let same_origin = ("sec-fetch-site", "same-origin");
        let typed = ("sec-fetch-site", "none");
        let charset = ("content-type", "application/json; charset=utf-8");
        for (method, headers, status) in [
            ("PATCH", &[HOST, TOKEN, JSON][..], 200),
            ("PATCH", &[HOST, TOKEN], 415),
            ("PATCH", &[HOST, TOKEN, charset], 415),
            ("PATCH", &[HOST, TOKEN, JSON, JSON], 415),
            ("PATCH", &[HOST, TOKEN, ("content-type", "text/plain")], 415),
            ("PATCH", &[HOST, COOKIE, JSON], 403),
            ("PATCH", &[HOST, COOKIE, JSON, typed], 403),
            ("PATCH", &[HOST, COOKIE, JSON, ORIGIN], 200),
            ("PATCH", &[HOST, COOKIE, JSON, same_origin], 200),
            ("PATCH", &[HOST, JSON, same_origin], 401),
            ("DELETE", &[HOST, TOKEN], 405),
            ("OPTIONS", &[HOST, TOKEN], 405),
            ("TRACE", &[HOST, TOKEN], 405),
            ("GETX", &[HOST, TOKEN, JSON], 405),
        ] {
            assert_eq!(admit(method, "/api/v1/sessions/x", headers), status, "{method} {headers:?}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(admit(method, "/", &[HOST, TOKEN, JSON]), 405, "{method}");
            assert_eq!(admit(method, "/login?code=x", &[HOST, JSON, same_origin]), 405, "{method}");
        }
    }

    #[test]
    fn telemetry_is_brought_with_its_own_token_which_opens_nothing_else() {
        let telemetry = ("authorization", "Bearer TELEMETRY");
        let protobuf = ("content-type", "application/x-protobuf");
        let cross = ("sec-fetch-site", "cross-site");
        for (method, target, headers, status) in [
            ("POST", "/v1/logs", &[HOST, telemetry, JSON][..], 200),
            ("POST", "/v1/metrics", &[HOST, telemetry, protobuf], 200),
            ("POST", "/v1/logs", &[HOST, TOKEN, protobuf], 200),
            ("POST", "/v1/logs", &[HOST, JSON], 401),
            ("POST", "/v1/logs", &[HOST, COOKIE, JSON, ORIGIN], 401),
            ("POST", "/v1/logs", &[HOST, telemetry, JSON, cross], 403),
            ("POST", "/v1/logs", &[HOST, telemetry, JSON, ("origin", "https://evil.example")], 403),
            ("POST", "/v1/logs", &[("host", "evil.example"), telemetry, JSON], 421),
            ("POST", "/v1/logs", &[HOST, telemetry], 415),
            ("POST", "/v1/logs", &[HOST, telemetry, ("content-type", "text/plain")], 415),
            ("POST", "/v1/logs/", &[HOST, telemetry, JSON], 401),
            ("POST", "/v1/traces", &[HOST, telemetry, JSON], 401),
            ("GET", "/v1/logs", &[HOST, telemetry], 401),
            ("GET", "/v1/logs", &[HOST, TOKEN], 405),
            ("PUT", "/v1/logs", &[HOST, TOKEN, JSON], 405),
            ("GET", "/", &[HOST, telemetry], 401),
            ("GET", "/metrics", &[HOST, telemetry], 401),
            ("GET", "/api/v1/events", &[HOST, telemetry], 401),
            ("PATCH", "/api/v1/sessions/x", &[HOST, telemetry, JSON], 401),
            ("POST", "/api/v1/logs", &[HOST, telemetry, JSON], 401),
            ("PATCH", "/api/v1/sessions/x", &[HOST, TOKEN, protobuf], 415),
            ("GET", "/health", &[HOST, telemetry], 200),
        ] {
            assert_eq!(admit(method, target, headers), status, "{method} {target} {headers:?}");
        }
    }
}
