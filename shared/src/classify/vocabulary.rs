//! Which words, and pairs of words, the heads know: a table of marks in rows of eight. A word's hash says in which row it stands and by which
//! mark it is known there, so that a look costs a line of the cache or two, and a word that no head knows costs no more.

/// Slots of a row.
pub const ROW: usize = 8;

/// Rows of the table.
pub const ROWS: usize = 1_280;

/// Slots of the table. Some stay free: a row is full sooner than the table is.
pub const SLOTS: usize = ROWS * ROW;

/// Returns the row of a word's hash and its mark there. Words outside the vocabulary have the mark of one in their row less than once in 8,000 times.
#[must_use]
pub fn row_and_mark(gram: u32) -> (usize, u16) {
    let [low, high] = [gram & 0xffff, gram >> 16];
    #[expect(clippy::cast_possible_truncation, reason = "a half of the hash")]
    let mark = (high as u16).max(1);
    ((low as usize * ROWS) >> 16, mark)
}

/// Returns where a mark stands in a row's eight marks.
pub(super) fn place_in(row: u128, mark: u16) -> Option<usize> {
    const ONES: u128 = u128::MAX / 0xffff;
    // The marks that are equal become 0; the lowest 0 is found by what it borrows from.
    let apart = row ^ (ONES * u128::from(mark));
    let zeros = apart.wrapping_sub(ONES) & !apart & (ONES << 15);
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 16)
}

/// Lays words out in the table, the weightiest first. Returns of each slot the mark and the word; where a row is full, those that matter
/// less stay out.
#[must_use]
pub fn arrange(grams: impl IntoIterator<Item = u32>) -> Vec<Option<u32>> {
    let mut slots = vec![None; SLOTS];
    for gram in grams {
        let (row, mark) = row_and_mark(gram);
        let row = &mut slots[row * ROW..][..ROW];
        let is_taken = |other: &Option<u32>| other.is_some_and(|other| row_and_mark(other).1 == mark);
        if row.iter().any(is_taken) {
            continue;
        }
        if let Some(slot) = row.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some(gram);
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::murmur::murmur3;
    use super::*;

    fn row_of(marks: [u16; ROW]) -> u128 {
        marks.iter().rev().fold(0, |row, mark| row << 16 | u128::from(*mark))
    }

    proptest! {
        #[test]
        fn a_mark_is_found_where_it_stands_first(marks in any::<[u16; ROW]>(), other in any::<u16>(), near in 0_u16..3) {
            for mark in marks.into_iter().chain([other]).flat_map(|mark| [mark, mark ^ near, mark.wrapping_sub(near)]) {
                prop_assert_eq!(place_in(row_of(marks), mark), marks.iter().position(|own| *own == mark));
            }
        }
    }

    #[test]
    fn words_are_laid_out_by_weight_and_a_full_row_takes_no_more() {
        let of_row = |n: u32| (n + 1) << 16;
        let slots = arrange((0..12).map(of_row).chain([of_row(3), u32::MAX]));
        assert_eq!(slots[..ROW], (0..8).map(|n| Some(of_row(n))).collect::<Vec<_>>()[..]);
        assert_eq!((slots[SLOTS - ROW], slots.len()), (Some(u32::MAX), SLOTS));
        assert_eq!(slots.iter().flatten().count(), 9);
    }

    #[test]
    fn no_mark_is_that_of_a_free_slot() {
        assert_eq!(row_and_mark(0), (0, 1));
        assert_eq!(row_and_mark(u32::MAX), (ROWS - 1, u16::MAX));
        assert!(row_and_mark(murmur3(b"fix")).0 < ROWS);
    }
}
