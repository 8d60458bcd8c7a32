//! No order of arrival may change a row.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::{SCENARIOS, events, fold};
use crate::fold::Decoded;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Hooks run side by side and the spool is late: no order of arrival may change a row.
    #[test]
    fn the_order_of_arrival_does_not_matter(scenario in 0..SCENARIOS.len(), keys in proptest::collection::vec(any::<u32>(), 60), every in 1_usize..9) {
        let in_order = events(SCENARIOS[scenario].1);
        let mut shuffled: Vec<(u32, Decoded)> = keys.iter().copied().cycle().zip(in_order.clone()).collect();
        shuffled.sort_by_key(|&(key, _)| key);
        let shuffled: Vec<Decoded> = shuffled.into_iter().map(|(_, event)| event).collect();
        prop_assert_eq!(fold(&shuffled, every), fold(&in_order, 1));
    }

    /// Nor does it when some events never arrive.
    #[test]
    fn lost_events_do_not_make_the_order_matter((some, keys) in (0..SCENARIOS.len()).prop_flat_map(|scenario| {
        let all = events(SCENARIOS[scenario].1);
        let count = all.len();
        (subsequence(all, 1..=count), proptest::collection::vec(any::<u32>(), count))
    })) {
        let mut shuffled: Vec<(u32, &Decoded)> = keys.into_iter().zip(&some).collect();
        shuffled.sort_by_key(|&(key, _)| key);
        let shuffled: Vec<Decoded> = shuffled.into_iter().map(|(_, event)| event.clone()).collect();
        prop_assert_eq!(fold(&shuffled, 3), fold(&some, 1));
    }
}
