//! The parameters of an address: found by name, checked, and refused by name.
//!
//! Parameters that an address does not know, and such as stand twice, are refused.

use std::str::FromStr;

use shared::event::Micros;

use super::reject::ApiError;

/// Longest value that is looked at, in bytes.
const MOST_BYTES: usize = 4_096;

/// The parameters of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Refuses names other than these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let all_known = self.0.iter().all(|(name, _)| known.contains(&name.as_str()));
        all_known.then_some(()).ok_or_else(|| ApiError::UnknownParameter { known: known.join(", ") })
    }

    /// Returns a value; None when it is absent or empty.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let found = values.next();
        if values.next().is_some() {
            return Err(bad(name, "given once"));
        }
        match found {
            Some(value) if value.len() > MOST_BYTES => Err(bad(name, format!("at most {MOST_BYTES} bytes"))),
            Some(value) if value.contains('\0') => Err(bad(name, "without NUL")),
            found => Ok(found.filter(|value| !value.is_empty()).cloned()),
        }
    }

    /// Returns a value that parses.
    pub(super) fn parsed<T: FromStr>(&self, name: &'static str, wanted: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| bad(name, wanted))
    }

    /// Returns `limit`: a number from 1 to `most`, `default` when absent.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        let wanted = format!("a number from 1 to {most}");
        let limit = self.parsed("limit", &wanted)?.unwrap_or(default);
        if (1..=most).contains(&limit) { Ok(limit) } else { Err(bad("limit", wanted)) }
    }

    /// Returns `true` or `false`.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, ApiError> {
        self.parsed(name, "true or false")
    }

    /// Returns one of the named values.
    pub(super) fn one_of<T: Copy>(&self, name: &'static str, known: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = known.iter().find(|(key, _)| *key == text).map(|&(_, value)| value);
        let names = || known.iter().map(|&(key, _)| key).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| bad(name, format!("one of {}", names())))
    }

    /// Returns names separated by commas.
    pub(super) fn names(&self, name: &'static str) -> Result<Vec<String>, ApiError> {
        let text = self.text(name)?.unwrap_or_default();
        let names: Vec<_> = text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if names.len() > 32 { Err(bad(name, "at most 32 names")) } else { Ok(names) }
    }

    /// Returns a moment: microseconds since the epoch, or a date and time with its zone such as 2026-11-22T09:00:00Z.
    pub(super) fn moment(&self, name: &'static str) -> Result<Option<Micros>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed =
            text.parse().ok().or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond));
        let known = parsed.filter(|at: &Micros| (0..=jiff::Timestamp::MAX.as_microsecond()).contains(at));
        known.map(Some).ok_or_else(|| bad(name, "microseconds since 1970 or such as 2026-11-22T09:00:00Z"))
    }
}

/// Returns the error that names a parameter and what it must be.
pub(super) fn bad(name: &'static str, wanted: impl Into<String>) -> ApiError {
    ApiError::Parameter { name, wanted: wanted.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        for (query, limit) in [
            ("", Some(50)),
            ("limit=", Some(50)),
            ("limit=1", Some(1)),
            ("limit=200", Some(200)),
            ("limit=7&limit=7", None),
            ("limit=0", None),
            ("limit=201", None),
            ("limit=-1", None),
            ("limit=1000000000000000000000", None),
            ("limit=abc", None),
            ("limit=1e2", None),
        ] {
            assert_eq!(Params::parse(query).limit(50, 200).ok(), limit, "{query}");
        }
    }

    #[test]
    fn moments() {
        for (text, at) in [
            ("0", Some(0)),
            ("1763802000000000", Some(1_763_802_000_000_000)),
            ("2026-11-22T09:00:00Z", Some(1_795_338_000_000_000)),
            ("2026-11-22T10:00:00%2B01:00", Some(1_795_338_000_000_000)),
            ("0000-13-99", None),
            ("-1", None),
            ("9223372036854775807", None),
            ("9223372036854775808", None),
            ("yesterday", None),
        ] {
            assert_eq!(Params::parse(&format!("from={text}")).moment("from").ok().flatten(), at, "{text}");
        }
    }

    #[test]
    fn unknown_names() {
        assert!(Params::parse("a=1&b=2").only(&["b", "a"]).is_ok());
        let error = Params::parse("a=1&<b>=2").only(&["a", "c"]).expect_err("unknown");
        assert_eq!(error.to_string(), "a parameter is unknown here; known are: a, c");
        let error = Params::parse("a").only(&[]).expect_err("unknown");
        assert_eq!(error.to_string(), "a parameter is unknown here; known are: none");
    }

    #[test]
    fn errors_name_the_parameter_and_never_its_value() {
        let error = Params::parse("sort=<script>").one_of("sort", &[("last", 1), ("events", 2)]).expect_err("unknown");
        assert_eq!(error.to_string(), "parameter `sort` must be one of last, events");
        assert!(Params::parse("q=a%00b").text("q").is_err());
        assert!(Params::parse(&format!("q={}", "a".repeat(MOST_BYTES + 1))).text("q").is_err());
    }
}
