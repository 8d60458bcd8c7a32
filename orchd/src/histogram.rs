//! Log-linear histograms: 4 bins per power of two, so a bin is at most 25 % wide and its middle at most 12.5 % off.

/// Bins that cover every `u64`.
pub const BINS: usize = 252;

/// Returns the bin that holds `value`.
#[must_use]
pub fn bin_of(value: u64) -> usize {
    if value < 4 {
        return usize::try_from(value).unwrap_or(0);
    }
    let power = value.ilog2();
    let quarter = usize::try_from((value >> (power - 2)) & 3).unwrap_or(0);
    (power as usize - 1) * 4 + quarter
}

/// Returns the smallest value of a bin and the width of the bin.
fn bounds(bin: usize) -> (f64, f64) {
    if bin < 4 {
        #[expect(clippy::cast_precision_loss, reason = "bins below 4 are exact")]
        return (bin as f64, 1.0);
    }
    let (power, quarter) = (bin / 4 + 1, bin % 4);
    let width = 2f64.powi(i32::try_from(power).unwrap_or(i32::MAX) - 2);
    #[expect(clippy::cast_precision_loss, reason = "quarter is below 4")]
    (width * (4.0 + quarter as f64), width)
}

/// Returns the middle of a bin; bins below 4 hold one value each and are exact.
#[must_use]
pub fn middle(bin: usize) -> f64 {
    let (low, width) = bounds(bin);
    if bin < 4 { low } else { low + width / 2.0 }
}

/// Returns the `q`-quantile (0 to 1) of counts by bin, in ascending order of bins; None without samples.
#[must_use]
pub fn quantile(counts: &[(usize, u64)], q: f64) -> Option<f64> {
    let total: u64 = counts.iter().map(|&(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let rank = ((total as f64 * q).ceil() as u64).clamp(1, total);
    let mut seen = 0;
    counts.iter().find_map(|&(bin, count)| {
        seen += count;
        (seen >= rank).then(|| middle(bin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_middle_is_within_an_eighth(value in any::<u64>()) {
            let bin = bin_of(value);
            prop_assert!(bin < BINS);
            #[expect(clippy::cast_precision_loss, reason = "compared with a tolerance")]
            let exact = value as f64;
            prop_assert!((middle(bin) - exact).abs() <= exact * 0.125 + 1e-9, "{value} in bin {bin}");
        }

        #[test]
        fn bins_ascend(a in any::<u64>(), b in any::<u64>()) {
            prop_assert!(bin_of(a.min(b)) <= bin_of(a.max(b)));
        }
    }

    #[test]
    fn quantiles_walk_the_bins() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[(1, 1), (2, 1), (3, 8)], 0.1), Some(1.0));
        assert_eq!(quantile(&[(1, 1), (2, 1), (3, 8)], 0.5), Some(3.0));
    }
}
