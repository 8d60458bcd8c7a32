//! The weights of all heads in one small file: a byte for each word and score, the rest in single precision.
//!
//! Little endian: `ORCHRTR3`; of each head a version (u16); of each score its scale, intercept, slope and offset (f32 each); of
//! each head the mean of every count (f32); of every count a weight for each score (f32); of every slot of the vocabulary the mark of the
//! word in it (u16, 0 where none is); of every wide slot a weight for each score (i8), of every other one for each of the first scores;
//! the CRC-32 of all that.

use super::features::{Bits, DENSE, Features, strength};
use super::heads::{Head, OUTPUTS, YES_OR_NO};
use super::vocabulary::{ROW, ROWS, SLOTS, WIDE, place_in, row_and_mark};

const MAGIC: &[u8; 8] = b"ORCHRTR3";
const HEADS: usize = Head::ALL.len();
const VERSIONS_AT: usize = MAGIC.len();
const SCALES_AT: usize = VERSIONS_AT + HEADS * 2;
const MEANS_AT: usize = SCALES_AT + OUTPUTS * 16;
const DENSE_AT: usize = MEANS_AT + HEADS * DENSE * 4;
const MARKS_AT: usize = DENSE_AT + DENSE * OUTPUTS * 4;
const WIDE_AT: usize = MARKS_AT + SLOTS * 2;
const NARROW_AT: usize = WIDE_AT + ROWS * WIDE * OUTPUTS;
const SUM_AT: usize = NARROW_AT + ROWS * (ROW - WIDE) * YES_OR_NO;

/// Bytes of the file.
pub const FILE_BYTES: usize = SUM_AT + 4;

static EMBEDDED: &[u8; FILE_BYTES] = include_bytes!("weights.bin");

/// The weights, read where they lie.
#[derive(Clone, Copy)]
pub struct Weights<'a>(&'a [u8; FILE_BYTES]);

/// Why a file holds no weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// Another kind of file, or of another version.
    #[error("not a weights file of this version")]
    Foreign,
    /// Half, or changed.
    #[error("the weights file is damaged")]
    Damaged,
}

/// From a score to a probability, and what the score is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What a word's byte is multiplied by.
    pub scale: f32,
    /// The score of a text without features.
    pub intercept: f32,
    /// The calibrated logit is slope times score plus offset.
    pub slope: f32,
    /// See `slope`.
    pub offset: f32,
}

/// All weights in a form to make a file of.
pub struct Parts {
    /// Of each head.
    pub versions: [u16; HEADS],
    /// Of each score.
    pub scales: [Scale; OUTPUTS],
    /// Of each head, the mean of every count where it was fitted.
    pub means: Vec<[f32; DENSE]>,
    /// Of every count.
    pub dense: Vec<[f32; OUTPUTS]>,
    /// Of every slot, the mark of the word in it; 0 where none is.
    pub marks: Vec<u16>,
    /// Of every slot. Of narrow ones the first scores are kept.
    pub words: Vec<[i8; OUTPUTS]>,
}

impl Parts {
    /// Returns the bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FILE_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend(self.versions.iter().flat_map(|version| version.to_le_bytes()));
        let scales = self.scales.iter().flat_map(|scale| [scale.scale, scale.intercept, scale.slope, scale.offset]);
        let singles = scales.chain(self.means.iter().flatten().copied()).chain(self.dense.iter().flatten().copied());
        bytes.extend(singles.flat_map(f32::to_le_bytes));
        bytes.extend(self.marks.iter().flat_map(|mark| mark.to_le_bytes()));
        let rows = self.words.as_chunks::<ROW>().0;
        let wide = rows.iter().flat_map(|row| row[..WIDE].as_flattened());
        let narrow = rows.iter().flat_map(|row| &row[WIDE..]).flat_map(|weights| &weights[..YES_OR_NO]);
        bytes.extend(wide.chain(narrow).map(|weight| weight.cast_unsigned()));
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }
}

impl Weights<'static> {
    /// Returns the weights of this build. Their checksum is looked at by a test, not by every hook.
    #[must_use]
    pub fn embedded() -> Self {
        Self(EMBEDDED)
    }
}

impl<'a> Weights<'a> {
    /// Returns the weights in a file's bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        if !bytes.starts_with(MAGIC) {
            return Err(WeightsError::Foreign);
        }
        let bytes: &[u8; FILE_BYTES] = bytes.try_into().map_err(|_| WeightsError::Damaged)?;
        let weights = Self(bytes);
        if crc32fast::hash(&bytes[..SUM_AT]) != weights.checksum() {
            return Err(WeightsError::Damaged);
        }
        Ok(weights)
    }

    /// Returns the checksum, which names these weights.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        u32::from_le_bytes(self.bytes(SUM_AT))
    }

    /// Returns the version of a head: raised when it means something else, or is made in another way.
    #[must_use]
    pub fn version(&self, head: Head) -> u16 {
        u16::from_le_bytes(self.bytes(VERSIONS_AT + head as usize * 2))
    }

    /// Returns how a score is scaled.
    #[must_use]
    pub fn scale(&self, output: usize) -> Scale {
        let at = SCALES_AT + output * 16;
        let [scale, intercept, slope, offset] = [0, 4, 8, 12].map(|more| self.single(at + more));
        Scale { scale, intercept, slope, offset }
    }

    /// Returns the score of each output, before calibration.
    #[must_use]
    pub fn scores(&self, features: &Features) -> [f64; OUTPUTS] {
        let mut counts = vec![0_u8; SLOTS];
        let mut known = [0_u64; SLOTS / 64];
        for &gram in features.grams() {
            if let Some(slot) = self.slot(gram) {
                counts[slot] = counts[slot].saturating_add(1);
                known[slot / 64] |= 1 << (slot % 64);
            }
        }
        let mut sums = [0_i32; OUTPUTS];
        for (part, &bits) in known.iter().enumerate() {
            for slot in Bits(bits).map(|bit| part * 64 + bit) {
                let strength = i32::from(strength(counts[slot]));
                match Place::of(slot) {
                    Place::Wide(at) => add(&mut sums, strength, self.bytes::<OUTPUTS>(at)),
                    Place::Narrow(at) => add(&mut sums, strength, self.bytes::<YES_OR_NO>(at)),
                }
            }
        }
        let mut scores = [0.0; OUTPUTS];
        for (row, &value) in self.0[DENSE_AT..MARKS_AT].as_chunks::<{ OUTPUTS * 4 }>().0.iter().zip(&features.dense) {
            if value != 0.0 {
                for (score, weight) in scores.iter_mut().zip(row.as_chunks::<4>().0) {
                    *score += f64::from(f32::from_le_bytes(*weight)) * f64::from(value);
                }
            }
        }
        let length = features.length();
        for (output, score) in scores.iter_mut().enumerate() {
            let scale = self.scale(output);
            *score += f64::from(scale.intercept) + f64::from(sums[output]) * f64::from(scale.scale) / length;
        }
        scores
    }

    /// Returns where a word, or a pair of words, stands by its hash; None for one that no head knows.
    #[must_use]
    pub fn slot(&self, gram: u32) -> Option<usize> {
        let (row, mark) = row_and_mark(gram);
        let marks = [0, ROW].map(|half| u128::from_le_bytes(self.bytes(MARKS_AT + row * ROW * 2 + half)));
        Some(row * ROW + place_in(marks, mark)?)
    }

    /// Returns what the word of a slot adds to a score for each of its strength, in a text of length 1.
    #[must_use]
    pub fn word(&self, slot: usize, output: usize) -> f64 {
        let at = match Place::of(slot) {
            Place::Narrow(_) if output >= YES_OR_NO => return 0.0,
            Place::Wide(at) | Place::Narrow(at) => at,
        };
        let [weight] = self.bytes(at + output);
        f64::from(weight.cast_signed()) * f64::from(self.scale(output).scale)
    }

    /// Returns what a count of 1 adds to a score.
    #[must_use]
    pub fn dense(&self, count: usize, output: usize) -> f64 {
        f64::from(self.single(DENSE_AT + (count * OUTPUTS + output) * 4))
    }

    /// Returns the mean of a count where the head was fitted.
    #[must_use]
    pub fn mean(&self, count: usize, head: Head) -> f64 {
        f64::from(self.single(MEANS_AT + (head as usize * DENSE + count) * 4))
    }

    fn single(self, at: usize) -> f32 {
        f32::from_le_bytes(self.bytes(at))
    }

    /// Copies bytes from a place that the layout has.
    fn bytes<const N: usize>(self, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.0[at..at + N]);
        bytes
    }
}

/// Where the weights of a slot lie.
enum Place {
    Wide(usize),
    Narrow(usize),
}

impl Place {
    fn of(slot: usize) -> Self {
        let (row, slot) = (slot / ROW, slot % ROW);
        match slot.checked_sub(WIDE) {
            None => Self::Wide(WIDE_AT + (row * WIDE + slot) * OUTPUTS),
            Some(slot) => Self::Narrow(NARROW_AT + (row * (ROW - WIDE) + slot) * YES_OR_NO),
        }
    }
}

/// Adds what a word of that strength says to the first scores.
fn add<const N: usize>(sums: &mut [i32; OUTPUTS], strength: i32, weights: [u8; N]) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += strength * i32::from(weight.cast_signed());
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::pair_hash;
    use super::super::murmur::murmur3;
    use super::super::vocabulary::arrange;
    use super::*;

    #[test]
    fn the_embedded_weights_are_whole_and_small() {
        let weights = Weights::parse(EMBEDDED).expect("whole");
        assert_eq!(weights.checksum(), Weights::embedded().checksum());
        const { assert!(FILE_BYTES <= 200_000) };
        for output in 0..OUTPUTS {
            let scale = weights.scale(output);
            assert!(scale.scale > 0.0 && scale.slope > 0.0 && scale.offset.is_finite(), "{output}: {scale:?}");
        }
    }

    #[test]
    fn a_changed_half_or_foreign_file_holds_none() {
        let mut bytes = EMBEDDED.to_vec();
        bytes[WIDE_AT] ^= 1;
        assert_eq!(Weights::parse(&bytes).err(), Some(WeightsError::Damaged));
        assert_eq!(Weights::parse(&bytes[..99]).err(), Some(WeightsError::Damaged));
        assert_eq!(Weights::parse(b"ORCHRTR2").err(), Some(WeightsError::Foreign));
        assert_eq!(Weights::parse(b"").err(), Some(WeightsError::Foreign));
    }

    #[test]
    fn what_is_written_is_read() {
        let scale = Scale { scale: 0.5, intercept: 0.25, slope: 2.0, offset: -1.0 };
        let mut parts = Parts {
            versions: [3; HEADS],
            scales: [scale; OUTPUTS],
            means: vec![[0.5; DENSE]; HEADS],
            dense: vec![[0.0; OUTPUTS]; DENSE],
            marks: vec![0; SLOTS],
            words: vec![[0; OUTPUTS]; SLOTS],
        };
        parts.dense[1][2] = 0.125;
        parts.words[ROW + 3][15] = -4;
        parts.words[ROW + 7] = [3; OUTPUTS];
        let bytes = parts.to_bytes();
        assert_eq!(bytes.len(), FILE_BYTES);
        let weights = Weights::parse(&bytes).expect("whole");
        assert_eq!((weights.version(Head::Agent), weights.scale(15)), (3, scale));
        let read = [weights.dense(1, 2), weights.mean(0, Head::Small)];
        assert_eq!(read.map(f64::to_bits), [0.125, 0.5].map(f64::to_bits));
        let words = [(ROW + 3, 15), (ROW + 3, 14), (ROW + 7, 3), (ROW + 7, 4), (ROW + 8, 3), (7, 3)];
        let read = words.map(|(slot, output)| weights.word(slot, output));
        assert_eq!(read.map(f64::to_bits), [-2.0, 0.0, 1.5, 0.0, 0.0, 0.0].map(f64::to_bits));
        let nothing = weights.scores(&Features::of(""));
        assert_eq!(nothing[15].to_bits(), 0.25_f64.to_bits());
    }

    #[test]
    fn words_that_are_known_add_up_and_others_only_thin_them() {
        let scale = Scale { scale: 0.5, intercept: 0.25, slope: 1.0, offset: 0.0 };
        let fix = murmur3(b"fix");
        let slots = arrange([fix], [pair_hash(fix, murmur3(b"the"))]);
        let weigh = |gram: &Option<u32>| gram.map_or([0; OUTPUTS], |gram| [if gram == fix { 6 } else { -2 }; OUTPUTS]);
        let bytes = Parts {
            versions: [1; HEADS],
            scales: [scale; OUTPUTS],
            means: vec![[0.0; DENSE]; HEADS],
            dense: vec![[0.0; OUTPUTS]; DENSE],
            marks: slots.iter().map(|gram| gram.map_or(0, |gram| row_and_mark(gram).1)).collect(),
            words: slots.iter().map(weigh).collect(),
        }
        .to_bytes();
        let weights = Weights::parse(&bytes).expect("whole");
        assert_eq!(weights.slot(murmur3(b"other")), None);
        // Of eight words and pairs, "fix" comes twice and "fix the" once.
        let found = weights.scores(&Features::of("fix the fix it"))[0];
        let expected = 0.25 + 0.5 * (6.0 * 2.0_f64.sqrt() - 2.0) / 8.0_f64.sqrt();
        assert!((found - expected).abs() < 0.01, "{found} {expected}");
    }
}
