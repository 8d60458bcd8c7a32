//! The logarithm and the exponential from additions, multiplications and divisions alone, in a fixed order.
//!
//! IEEE 754 rounds those the same on every machine; the functions of the systems' mathematical libraries differ in the last bits.

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// One over 1, 3, 5 and so on.
const ODD: [f64; 11] = [
    1.0,
    1.0 / 3.0,
    1.0 / 5.0,
    1.0 / 7.0,
    1.0 / 9.0,
    1.0 / 11.0,
    1.0 / 13.0,
    1.0 / 15.0,
    1.0 / 17.0,
    1.0 / 19.0,
    1.0 / 21.0,
];

/// Returns the natural logarithm of a positive number, about 15 digits of it; 0 and less count as the smallest number.
#[must_use]
pub fn ln(x: f64) -> f64 {
    let bits = x.max(f64::MIN_POSITIVE).to_bits();
    #[expect(clippy::cast_precision_loss, reason = "an exponent of eleven bits")]
    let mut exponent = (bits >> 52) as f64 - 1023.0;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    // ln m = 2 (s + s^3/3 + s^5/5 + ...), and |s| < 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let sum = ODD.iter().rev().fold(0.0, |sum, part| sum * square + part);
    exponent * LN_2 + 2.0 * s * sum
}

/// Returns e to the power of x, about 15 digits of it, where x is held within 700 of 0; not a number counts as 0.
#[must_use]
pub fn exp(x: f64) -> f64 {
    let x = if x.is_nan() { 0.0 } else { x.clamp(-700.0, 700.0) };
    let power = (x * LOG2_E + if x < 0.0 { -0.5 } else { 0.5 }).trunc();
    let rest = x - power * LN_2;
    let mut sum = 1.0;
    let mut n = 14.0;
    while n > 0.0 {
        sum = 1.0 + sum * rest / n;
        n -= 1.0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1023 and within 1,010 of it")]
    let scale = f64::from_bits(((power as i64 + 1023) as u64) << 52);
    sum * scale
}

/// Returns 1 / (1 + e^-x), in 0 to 1.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_functions_they_are_named_after() {
        for x in [-700.0, -30.0, -1.0, -0.3, 0.0, 1e-9, 0.5, 1.0, 2.0, 88.0, 700.0_f64] {
            let there = x.exp();
            assert!((exp(x) - there).abs() <= there * 1e-13, "{x}: {} {there}", exp(x));
        }
        for x in [1e-300, 0.001, 0.7, 1.0, std::f64::consts::SQRT_2, 3.0, 1500.0, 1e300_f64] {
            assert!((ln(x) - x.ln()).abs() <= 1e-14 * x.ln().abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn any_number_gives_one_and_the_same_bits_everywhere() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -0.0] {
            assert!((0.0..=1.0).contains(&sigmoid(x)), "{x}");
            assert!(ln(x).is_finite(), "{x}");
        }
        assert_eq!(sigmoid(0.7).to_bits(), 0x3fe5_61cb_52a1_9476);
        assert_eq!(ln(1500.0).to_bits(), 0x401d_40bc_d85b_f925);
    }
}
