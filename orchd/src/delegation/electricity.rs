//! What a local model costs: the electricity, where the user says what that is. Else nothing, with that said.

use crate::config::LocalMoney;

/// Returns the name of the price row, and nano-dollars for this many milliseconds of work.
#[must_use]
pub fn own_cost(money: &LocalMoney, local_ms: i64) -> (String, i64) {
    let (milliwatts, nano_usd) = (money.milliwatts, money.nano_usd_per_kwh);
    if milliwatts == 0 || nano_usd == 0 {
        return ("local: no electricity price set".to_owned(), 0);
    }
    // A kilowatt-hour is 3.6e12 thousandths of a watt times milliseconds. Bounds of the settings keep the product below 2^127.
    let product = u128::from(milliwatts) * u128::from(nano_usd) * u128::from(local_ms.unsigned_abs());
    let nano = (product + 1_800_000_000_000) / 3_600_000_000_000;
    let name = format!("local: electricity {} W at {} USD/kWh", decimal(milliwatts, 3, 0), decimal(nano_usd, 9, 2));
    (name, i64::try_from(nano).unwrap_or(i64::MAX))
}

/// Returns a number of `10^-digits`-th parts as a decimal, with at least so many places.
fn decimal(parts: u64, digits: u32, least: usize) -> String {
    let scale = 10_u64.pow(digits);
    let fraction = format!("{:0width$}", parts % scale, width = digits as usize);
    let mut kept = fraction.trim_end_matches('0').len();
    kept = kept.max(least);
    let point = if kept == 0 { "" } else { "." };
    format!("{}{point}{}", parts / scale, &fraction[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(milliwatts: u64, nano_usd_per_kwh: u64) -> LocalMoney {
        LocalMoney { milliwatts, nano_usd_per_kwh, ..LocalMoney::default() }
    }

    #[test]
    fn an_hour_at_a_kilowatt_is_what_the_bill_says() {
        for (milliwatts, price, ms, nano) in [
            (1_000_000, 300_000_000, 3_600_000, 300_000_000),
            (120_000, 300_000_000, 10_000, 100_000),
            (65_500, 250_000_000, 1, 5),
            (120_000, 300_000_000, 0, 0),
            (100_000_000, 1_000_000_000_000, 30 * 24 * 3_600_000, 72_000_000_000_000_000),
            (0, 300_000_000, 10_000, 0),
            (120_000, 0, 10_000, 0),
        ] {
            assert_eq!(own_cost(&money(milliwatts, price), ms).1, nano, "{milliwatts} {price} {ms}");
        }
    }

    #[test]
    fn the_price_is_named() {
        for (milliwatts, price, name) in [
            (120_000, 300_000_000, "local: electricity 120 W at 0.30 USD/kWh"),
            (65_500, 287_500_000, "local: electricity 65.5 W at 0.2875 USD/kWh"),
            (120_000, 0, "local: no electricity price set"),
            (0, 0, "local: no electricity price set"),
        ] {
            assert_eq!(own_cost(&money(milliwatts, price), 1).0, name);
        }
    }
}
