//! Who may come in: the token in its file, the cookie made from it, codes that buy the cookie once, and the telemetry's own token.
//!
//! The token is never logged and never stands in an address; what is compared is compared in constant time.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of randomness in a token or a code.
const SECRET_BYTES: usize = 32;
/// How long a login code may be used.
const CODE_LIFE: Duration = Duration::from_mins(1);
/// Login codes alive at once; the oldest gives way.
const MOST_CODES: usize = 16;

/// How a request proved who it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// `Authorization: Bearer`: no web page can make a browser send it.
    Token,
    /// The same with the telemetry's own token, which stands in the client's settings: it may bring telemetry, and see nothing.
    Telemetry,
    /// The cookie: a browser sends it by itself.
    Cookie,
}

/// A cheap handle to the secrets.
#[derive(Clone)]
pub struct Auth(Arc<Secrets>);

struct Secrets {
    token: String,
    telemetry: Option<String>,
    cookie: String,
    codes: Mutex<Vec<(String, Instant)>>,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}

impl Auth {
    /// Reads the token, made anew when there is none or when it is not one of ours.
    pub fn load_or_create(token_file: &Path) -> io::Result<Self> {
        Ok(Self::new(read_or_create(token_file)?, None))
    }

    /// Takes the telemetry's token as well, read or made as the other one.
    pub fn with_telemetry(self, token_file: &Path) -> io::Result<Self> {
        Ok(Self::new(self.0.token.clone(), Some(read_or_create(token_file)?)))
    }

    fn new(token: String, telemetry: Option<String>) -> Self {
        // Whoever holds the cookie cannot find the token; a new token file makes every cookie worthless.
        let cookie = hex(&Sha256::new().chain_update("orch dashboard cookie 1\0").chain_update(&token).finalize());
        Self(Arc::new(Secrets { token, telemetry, cookie, codes: Mutex::default() }))
    }

    /// Returns a code that buys the cookie once, within 60 seconds.
    #[must_use]
    pub fn new_login_code(&self) -> String {
        let code = random_hex().unwrap_or_default();
        let mut codes = self.0.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, made)| made.elapsed() < CODE_LIFE);
        if codes.len() >= MOST_CODES {
            codes.remove(0);
        }
        if !code.is_empty() {
            codes.push((code.clone(), Instant::now()));
        }
        code
    }

    /// Takes a login code; false when it is unknown, used or too old.
    pub(super) fn redeem(&self, code: &str) -> bool {
        let mut codes = self.0.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, made)| made.elapsed() < CODE_LIFE);
        let found = codes.iter().position(|(known, _)| same(known, code));
        found.map(|at| codes.remove(at)).is_some()
    }

    /// Returns how a request proves that it may come in; None when it does not.
    pub(super) fn proof(&self, headers: &HeaderMap, port: u16) -> Option<Proof> {
        if headers.contains_key(AUTHORIZATION) {
            // A wrong token is not made good by a cookie.
            return self.bearer(headers);
        }
        let name = cookie_name(port);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(key, value)| key == name && same(&self.0.cookie, value)).then_some(Proof::Cookie)
    }

    fn bearer(&self, headers: &HeaderMap) -> Option<Proof> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let (scheme, given) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (is_token, telemetry) = (same(&self.0.token, given), self.0.telemetry.as_deref());
        let is_telemetry = telemetry.is_some_and(|token| same(token, given));
        if is_token { Some(Proof::Token) } else { is_telemetry.then_some(Proof::Telemetry) }
    }

    /// Returns the `Set-Cookie` of a login: long-lived, out of reach of scripts and of other sites.
    pub(super) fn set_cookie(&self, port: u16) -> String {
        format!("{}={}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict", cookie_name(port), self.0.cookie)
    }
}

/// Cookies know no ports: the name keeps two daemons on one machine apart.
fn cookie_name(port: u16) -> String {
    format!("orch_{port}")
}

fn same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}

fn is_token(text: &str) -> bool {
    text.len() == 2 * SECRET_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn random_hex() -> io::Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

/// Reads a token, made anew when there is none or when it is not one of ours.
fn read_or_create(token_file: &Path) -> io::Result<String> {
    let known = match fs::read_to_string(token_file) {
        Ok(text) => Some(text.trim().to_owned()).filter(|token| is_token(token)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
        Err(error) => return Err(error),
    };
    let Some(token) = known else { return create(token_file) };
    restrict(token_file)?;
    Ok(token)
}

/// Writes a new token beside its place and moves it there, so that nobody reads half of one.
fn create(token_file: &Path) -> io::Result<String> {
    let token = random_hex()?;
    let beside = token_file.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(format!("{token}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, token_file)?;
    Ok(token)
}

/// Takes the file away from other users, should it have been copied or made by hand.
#[cfg(unix)]
fn restrict(token_file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(token_file)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!("the token file was readable by other users; delete it to get a new token");
    fs::set_permissions(token_file, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the folder's own access list protects the file")]
fn restrict(_token_file: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn auth() -> Auth {
        Auth::new("ab".repeat(SECRET_BYTES), Some("cd".repeat(SECRET_BYTES)))
    }

    fn headers(name: &http::HeaderName, values: &[&str]) -> HeaderMap {
        let values = values.iter().map(|value| HeaderValue::from_str(value).expect("a valid value"));
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn tokens() {
        let token = "ab".repeat(32);
        for (given, expected) in [
            (vec![format!("Bearer {token}")], Some(Proof::Token)),
            (vec![format!("bearer {token}")], Some(Proof::Token)),
            (vec![format!("Bearer {}", "cd".repeat(32))], Some(Proof::Telemetry)),
            (vec![format!("Bearer {}", "ef".repeat(32))], None),
            (vec![format!("Bearer {token} ")], None),
            (vec![format!("Bearer  {token}")], None),
            (vec![format!("Bearer {}", &token[1..])], None),
            (vec!["Bearer ".to_owned()], None),
            (vec![token.clone()], None),
            (vec![format!("Basic {token}")], None),
            (vec![format!("Bearer {token}"), format!("Bearer {token}")], None),
        ] {
            let given: Vec<&str> = given.iter().map(String::as_str).collect();
            assert_eq!(auth().proof(&headers(&AUTHORIZATION, &given), 1), expected, "{given:?}");
        }
    }

    #[test]
    fn cookies_belong_to_a_port_and_do_not_mend_a_wrong_token() {
        let set = auth().set_cookie(6724);
        let pair = set.split(';').next().expect("a pair");
        let with = |text: &str| headers(&COOKIE, &[text]);
        assert_eq!(auth().proof(&with(pair), 6724), Some(Proof::Cookie));
        assert_eq!(auth().proof(&with(&format!("a=b; {pair}; c=d")), 6724), Some(Proof::Cookie));
        assert_eq!(auth().proof(&with(pair), 6725), None);
        assert_eq!(auth().proof(&with("orch_6724="), 6724), None);
        assert!(!set.contains(&"ab".repeat(32)));
        let mut both = with(pair);
        both.insert(AUTHORIZATION, HeaderValue::from_static("Bearer wrong"));
        assert_eq!(auth().proof(&both, 6724), None);
    }

    #[test]
    fn codes_buy_once() {
        let auth = auth();
        let code = auth.new_login_code();
        assert!(!auth.redeem("") && !auth.redeem(&code[1..]));
        assert!(auth.redeem(&code) && !auth.redeem(&code));
        let old: Vec<_> = (0..=MOST_CODES).map(|_| auth.new_login_code()).collect();
        assert!(!auth.redeem(&old[0]) && auth.redeem(&old[1]));
    }

    #[test]
    fn the_token_file_is_kept_private_and_replaced_when_broken() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("token");
        let first = Auth::load_or_create(&file).expect("makes a token");
        assert_eq!(Auth::load_or_create(&file).expect("reads it").0.token, first.0.token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = || fs::metadata(&file).expect("is there").permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("opens it");
            Auth::load_or_create(&file).expect("reads it");
            assert_eq!(mode(), 0o600);
        }
        for broken in [&b""[..], b"\xff\xfe", b"short"] {
            fs::write(&file, broken).expect("breaks it");
            assert_ne!(Auth::load_or_create(&file).expect("makes another").0.token, first.0.token);
        }
    }
}
