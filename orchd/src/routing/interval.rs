//! Intervals of shares, from counts alone.

use super::bootstrap::Estimate;
use super::metrics::as_f64;

/// Standard deviations around the middle that hold 95 % of draws.
const Z: f64 = 1.959_963_984_540_054;

/// Returns a share with its 95 % interval, by Wilson; None of nothing. It stays within 0 to 1 and is open where none or all are seen.
#[must_use]
pub fn share(seen: usize, of: usize) -> Option<Estimate> {
    if of == 0 {
        return None;
    }
    let (count, value) = (as_f64(of), as_f64(seen) / as_f64(of));
    let spread = Z * Z / count;
    let middle = (value + spread / 2.0) / (1.0 + spread);
    let reach = Z / (1.0 + spread) * (value * (1.0 - value) / count + Z * Z / (4.0 * count * count)).sqrt();
    Some(Estimate { value, low: (middle - reach).clamp(0.0, value), high: (middle + reach).clamp(value, 1.0) })
}

/// Returns the quality left where a share of tasks goes to the local model and a share of those is as good: the rest of what is lost.
///
/// The interval is put together from those of both shares, which are independent (the variances recovered from the ends, MOVER).
#[must_use]
pub fn quality(sent: Estimate, as_good: Estimate) -> Estimate {
    let miss = Estimate { value: 1.0 - as_good.value, low: 1.0 - as_good.high, high: 1.0 - as_good.low };
    let lost = sent.value * miss.value;
    let reach = |sent_by: f64, miss_by: f64| {
        let (a, b) = (miss.value * sent_by, sent.value * miss_by);
        (a * a + b * b).sqrt()
    };
    let low = lost - reach(sent.value - sent.low, miss.value - miss.low);
    let high = lost + reach(sent.high - sent.value, miss.high - miss.value);
    Estimate { value: 1.0 - lost, low: 1.0 - high.min(1.0), high: 1.0 - low.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Estimate, (value, low, high): (f64, f64, f64)) {
        let apart = [found.value - value, found.low - low, found.high - high];
        assert!(apart.iter().all(|apart| apart.abs() < 5e-4), "{found:?}");
    }

    #[test]
    fn shares_as_in_the_textbook() {
        assert_eq!(share(0, 0), None);
        near(share(8, 10).expect("a share"), (0.8, 0.4902, 0.9433));
        near(share(0, 10).expect("a share"), (0.0, 0.0, 0.2775));
        near(share(10, 10).expect("a share"), (1.0, 0.7225, 1.0));
    }

    #[test]
    fn quality_is_the_rest_of_what_is_lost() {
        let sent = share(300, 1_000).expect("a share");
        near(quality(sent, share(90, 100).expect("a share")), (0.97, 0.9476, 0.9835));
        // All of ten as good says little: the interval says so.
        let few = quality(sent, share(10, 10).expect("a share"));
        assert!(few.high > 0.999 && few.value > 0.999 && few.low < 0.93, "{few:?}");
        near(quality(share(0, 1_000).expect("a share"), share(1, 2).expect("a share")), (1.0, 0.9981, 1.0));
    }
}
