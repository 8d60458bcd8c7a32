//! What is believed of a foreign claim. What is not is left out and counted, for cut to a limit it would be a number like any other.

use shared::event::Micros;

/// Tokens that a request is believed to have had at most, of each kind. A thousand times more than any has, and little enough that
/// billions of requests, told by whoever holds the telemetry's token, do not overflow a sum.
pub const MOST_TOKENS: u64 = 1 << 32;
/// Searches likewise.
pub const MOST_SEARCHES: u64 = 1 << 16;
/// The start of 2023: no client is as old.
const FIRST: Micros = 1_672_531_200_000_000;
/// 24 November 2026, when this was written: a clock that is behind it is wrong.
const WRITTEN: Micros = 1_795_478_400_000_000;
/// The clocks of two machines differ by a time zone at worst.
const DAY: Micros = 24 * 3600 * 1_000_000;

/// Whether a request is believed to have been answered at a time.
#[must_use]
pub fn is_time_of_request(at: Micros, now: Micros) -> bool {
    (FIRST..=now.max(WRITTEN).saturating_add(DAY)).contains(&at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_were_answered_since_clients_exist_and_not_tomorrow() {
        let now = WRITTEN + 100 * DAY;
        for (at, now, believed) in [
            (FIRST - 1, now, false),
            (FIRST, now, true),
            (now + DAY, now, true),
            (now + DAY + 1, now, false),
            (WRITTEN, 0, true),
            (WRITTEN + DAY + 1, 0, false),
            (Micros::MIN, now, false),
            (Micros::MAX, Micros::MAX, true),
        ] {
            assert_eq!(is_time_of_request(at, now), believed, "{at} {now}");
        }
    }
}
