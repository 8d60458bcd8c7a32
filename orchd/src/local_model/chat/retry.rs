//! Whether a question is asked again, and when. Pure. Only what failed before the first byte may be asked again.
//!
//! A server that says that it loads its model will answer once it has: that is waited for, as the first token is.

use std::time::Duration;

use super::error::ChatError;

/// Questions in all.
const TRIES: u32 = 3;
/// Pause before the second question, in milliseconds, before it is drawn; twice that before the third.
const PAUSE_MS: f64 = 150.0;
/// Pause before a server that loads its model is asked again, and the longest such pause: each is longer than the one before.
const LOADING_PAUSE: Duration = Duration::from_millis(500);
const LOADING_PAUSE_MAX: Duration = Duration::from_secs(2);
/// Longest pause a server may ask for; a user waits for it.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Returns the pause before the next question after `tried` of them; `draw` (0 to 1) spreads those that failed together. A model
/// that loads is waited for while there is time `left` to ask again.
#[must_use]
pub fn pause(error: &ChatError, tried: u32, draw: f64, left: Duration) -> Option<Duration> {
    if let ChatError::Loading(_) = error {
        let pause = (LOADING_PAUSE * tried).min(LOADING_PAUSE_MAX);
        return (pause < left).then_some(pause);
    }
    if tried >= TRIES {
        return None;
    }
    let doubled = PAUSE_MS * f64::from(1 << (tried.max(1) - 1));
    let drawn = Duration::from_secs_f64(doubled * (0.5 + draw.clamp(0.0, 1.0)) / 1e3);
    match error {
        ChatError::Busy { retry_after: Some(wait), .. } => (*wait <= PAUSE_MAX).then(|| drawn.max(*wait)),
        ChatError::Unreachable { refused: true, .. } | ChatError::Busy { status: 503, retry_after: None } => {
            Some(drawn)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_asked_again() {
        let busy =
            |status, seconds: Option<u64>| ChatError::Busy { status, retry_after: seconds.map(Duration::from_secs) };
        let ms = Duration::from_millis;
        for (error, tried, expected) in [
            (busy(503, None), 1, Some(ms(150))),
            (busy(503, None), 2, Some(ms(300))),
            (busy(503, None), 3, None),
            (ChatError::Loading(ms(0)), 1, Some(ms(500))),
            (ChatError::Loading(ms(0)), 900, Some(ms(2000))),
            (busy(429, Some(2)), 1, Some(ms(2000))),
            (busy(429, Some(60)), 1, None),
            (busy(429, None), 1, None),
            (ChatError::NeedsToken, 1, None),
            (ChatError::BrokeOff(None), 1, None),
        ] {
            assert_eq!(pause(&error, tried, 0.5, ms(600_000)), expected, "{error} after {tried}");
        }
        assert_eq!(pause(&ChatError::Loading(ms(0)), 9, 0.5, ms(2000)), None, "no time is left for an answer");
        for draw in [0.0, 0.3, 1.0, 7.0] {
            let pause = pause(&busy(503, None), 1, draw, ms(600_000)).expect("asked again");
            assert!((ms(75)..=ms(225)).contains(&pause), "{pause:?}");
        }
    }
}
