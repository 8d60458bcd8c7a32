//! Which words, and pairs of words, the heads know: a table of marks in rows of sixteen. A word's hash says in which row it stands and by which
//! mark it is known there, so that a look costs a line of the cache, and a word that no head knows costs no more.

/// Slots of a row.
pub const ROW: usize = 16;

/// The first slots of a row are wide: they hold a weight for every score. The others hold one for each of the first scores alone, those
/// of the heads that answer yes or no; most words tell nothing else.
pub const WIDE: usize = 4;

/// Rows of the table.
pub const ROWS: usize = 1_344;

/// Slots of the table. Some stay free: a row is full sooner than the table is.
pub const SLOTS: usize = ROWS * ROW;

/// Returns the row of a word's hash and its mark there. Words outside the vocabulary have the mark of one in their row less than once in 4,000 times.
#[must_use]
pub fn row_and_mark(gram: u32) -> (usize, u16) {
    let [low, high] = [gram & 0xffff, gram >> 16];
    #[expect(clippy::cast_possible_truncation, reason = "a half of the hash")]
    let mark = (high as u16).max(1);
    ((low as usize * ROWS) >> 16, mark)
}

/// Returns where a mark stands in a row's sixteen marks: eight, and eight more.
pub(super) fn place_in(row: [u128; 2], mark: u16) -> Option<usize> {
    const ONES: u128 = u128::MAX / 0xffff;
    // The marks that are equal become 0; the lowest 0 is found by what it borrows from.
    let zeros = row.map(|eight| {
        let apart = eight ^ (ONES * u128::from(mark));
        apart.wrapping_sub(ONES) & !apart & (ONES << 15)
    });
    match zeros {
        [0, 0] => None,
        [0, zeros] => Some(8 + zeros.trailing_zeros() as usize / 16),
        [zeros, _] => Some(zeros.trailing_zeros() as usize / 16),
    }
}

/// Lays words out in the table: those that need a wide slot, then those that a narrow one would do for, each the weightiest first. Returns of each slot
/// the word in it; where a row is full, those that matter less stay out.
#[must_use]
pub fn arrange(wide: impl IntoIterator<Item = u32>, narrow: impl IntoIterator<Item = u32>) -> Vec<Option<u32>> {
    let mut slots = vec![None; SLOTS];
    for gram in wide {
        place(&mut slots, gram, 0..WIDE);
    }
    for gram in narrow {
        place(&mut slots, gram, (WIDE..ROW).chain(0..WIDE));
    }
    slots
}

/// Puts a word into the first of these slots of its row that is free, unless another is known there by its mark.
fn place(slots: &mut [Option<u32>], gram: u32, mut order: impl Iterator<Item = usize>) {
    let (row, mark) = row_and_mark(gram);
    let row = &mut slots[row * ROW..][..ROW];
    let is_taken = |other: &Option<u32>| other.is_some_and(|other| row_and_mark(other).1 == mark);
    if !row.iter().any(is_taken)
        && let Some(free) = order.find(|slot| row[*slot].is_none())
    {
        row[free] = Some(gram);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::murmur::murmur3;
    use super::*;

    fn row_of(marks: [u16; ROW]) -> [u128; 2] {
        let eight = |marks: &[u16]| marks.iter().rev().fold(0, |row, mark| row << 16 | u128::from(*mark));
        [eight(&marks[..8]), eight(&marks[8..])]
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
        let slots = arrange((0..6).map(of_row), (4..30).map(of_row).chain([of_row(3), u32::MAX]));
        let expected = (0..16).map(|n| Some(of_row(n))).collect::<Vec<_>>();
        assert_eq!(slots[..ROW], expected[..]);
        assert_eq!((slots[SLOTS - ROW + WIDE], slots.len()), (Some(u32::MAX), SLOTS));
        assert_eq!(slots.iter().flatten().count(), 17);
    }

    #[test]
    fn narrow_words_take_wide_slots_that_are_left() {
        let of_row = |n: u32| (n + 1) << 16;
        let slots = arrange([of_row(20)], (0..14).map(of_row));
        assert_eq!(slots[..3], [Some(of_row(20)), Some(of_row(12)), Some(of_row(13))]);
        assert_eq!((slots[3], slots[WIDE]), (None, Some(of_row(0))));
    }

    #[test]
    fn no_mark_is_that_of_a_free_slot() {
        assert_eq!(row_and_mark(0), (0, 1));
        assert_eq!(row_and_mark(u32::MAX), (ROWS - 1, u16::MAX));
        assert!(row_and_mark(murmur3(b"fix")).0 < ROWS);
    }
}
