//! The status line's payload: three things of it, each taken only where it is what it should be.
//!
//! Only numbers of it are ever printed, so nothing that stands in a field reaches the terminal.

use shared::event::Micros;
use shared::payload::{Scan, scan};
use shared::plan_limits::{LimitWindow, PlanLimits};

/// No session costs more, in dollars; what claims to is not believed.
const MAX_USD: f64 = 1e9;
/// The most of a limit that is believed, in percent.
const MAX_PERCENT: f64 = 10_000.0;
/// Times of reset above this are no seconds, or of no year that anybody will see.
const MAX_SECONDS: f64 = 1e11;

/// What the payload tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) session_id: Option<String>,
    /// What the session costs by the client's own count, nano-dollars.
    pub(super) cost_nano_usd: Option<i64>,
    pub(super) limits: PlanLimits,
}

impl Seen {
    /// Returns what can be read of a payload, nothing of what is none.
    pub(super) fn of(payload: &[u8]) -> Self {
        let Some(payload) = scan(payload) else { return Self::default() };
        let limits = payload.nested("rate_limits");
        let window = |name| limits.as_ref().and_then(|limits| window(&limits.nested(name)?));
        Self {
            session_id: payload.text("session_id").map(std::borrow::Cow::into_owned),
            cost_nano_usd: payload.nested("cost").and_then(|cost| number(&cost, "total_cost_usd", MAX_USD)).map(nano),
            limits: PlanLimits { five_hour: window("five_hour"), seven_day: window("seven_day") },
        }
    }
}

fn window(window: &Scan<'_>) -> Option<LimitWindow> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to MAX_PERCENT")]
    let used_basis_points = (number(window, "used_percentage", MAX_PERCENT)? * 100.0).round() as u32;
    #[expect(clippy::cast_possible_truncation, reason = "0 to MAX_SECONDS")]
    let resets_at = number(window, "resets_at", MAX_SECONDS).map(|seconds| seconds as Micros * 1_000_000);
    Some(LimitWindow { used_basis_points, resets_at })
}

#[expect(clippy::cast_possible_truncation, reason = "0 to MAX_USD")]
fn nano(usd: f64) -> i64 {
    (usd * 1e9).round() as i64
}

/// Returns the number under a key if it is one from 0 to `max`.
fn number(scan: &Scan<'_>, key: &str, max: f64) -> Option<f64> {
    let number: f64 = std::str::from_utf8(scan.raw(key)?).ok()?.parse().ok()?;
    (0.0..=max).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(five_hour: &str) -> Option<LimitWindow> {
        Seen::of(format!("{{\"rate_limits\":{{\"five_hour\":{five_hour},\"seven_day\":null}}}}").as_bytes())
            .limits
            .five_hour
    }

    #[test]
    fn what_a_plan_sends_is_read() {
        let window = |used_basis_points, resets_at| Some(LimitWindow { used_basis_points, resets_at });
        for (text, expected) in [
            (r#"{"used_percentage":23.5,"resets_at":1738425600}"#, window(2350, Some(1_738_425_600_000_000))),
            (r#"{"used_percentage":0}"#, window(0, None)),
            (r#"{"used_percentage":104.999,"resets_at":null}"#, window(10_500, None)),
            (r#"{"used_percentage":5,"resets_at":1e99}"#, window(500, None)),
            (r#"{"used_percentage":5,"resets_at":"2026-11-22T09:10:00Z"}"#, window(500, None)),
            (r#"{"used_percentage":-1}"#, None),
            (r#"{"used_percentage":1e308}"#, None),
            (r#"{"used_percentage":NaN}"#, None),
            (r#"{"used_percentage":inf}"#, None),
            (r#"{"used_percentage":"42"}"#, None),
            (r#"{"used_percentage":null,"resets_at":1}"#, None),
            ("{}", None),
            ("[1,2]", None),
            ("7", None),
        ] {
            assert_eq!(limits(text), expected, "{text}");
        }
    }

    #[test]
    fn costs_that_cannot_be_are_not_believed() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0.07685600000000001", Some(76_856_000)),
            ("1e3", Some(1_000_000_000_000)),
            ("-0.01", None),
            ("1e10", None),
            ("-1e999", None),
            ("null", None),
            ("\"1\"", None),
            ("{}", None),
        ] {
            let payload = format!("{{\"cost\":{{\"total_cost_usd\":{text}}}}}");
            assert_eq!(Seen::of(payload.as_bytes()).cost_nano_usd, expected, "{text}");
        }
    }

    #[test]
    fn no_payload_is_no_reason_to_fail() {
        let hostile: [&[u8]; 8] = [
            b"",
            b"\xff\xfe\x00",
            b"null",
            b"[[[[[[[[",
            b"{\"cost\":",
            b"{\"cost\":\"\x1b]0;x\x07\"}",
            b"{\"session_id\":7,\"cost\":[],\"rate_limits\":true}",
            b"{\"rate_limits\":{\"five_hour\":{\"used_percentage\":\"\x1b[2J\"}}}",
        ];
        for payload in hostile {
            assert_eq!(Seen::of(payload), Seen::default(), "{payload:?}");
        }
        let deep = [b"{\"cost\":".to_vec(), b"[".repeat(100_000)].concat();
        assert_eq!(Seen::of(&deep), Seen::default());
        let lone = br#"{"session_id":"\ud800x","cost":{"total_cost_usd":1}}"#;
        assert_eq!(Seen::of(lone).session_id.as_deref(), Some("\u{fffd}x"));
    }
}
