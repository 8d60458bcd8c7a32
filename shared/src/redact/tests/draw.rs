//! A small seeded generator: the same values in every run.

pub(super) struct Draw(u64);

pub(super) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub(super) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
pub(super) const DIGIT: &str = "0123456789";
pub(super) const HEX: &str = "0123456789abcdef";

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        let count = u64::try_from(letters.len()).expect("small");
        let mut letter = || char::from(letters[usize::try_from(self.next() % count).expect("small")]);
        (0..length).map(|_| letter()).collect()
    }

    /// Fills a pattern: `A40` 40 letters and digits, `T` with `_` and `-`, `B` base64, `H` hex, `U` capitals and digits,
    /// `D` digits, `L` small letters; everything else stands for itself behind a `=`.
    pub(super) fn fill(&mut self, pattern: &str) -> String {
        let mut out = String::new();
        for part in pattern.split(' ') {
            let (kind, rest) = part.split_at(1);
            let alphabet = match kind {
                "A" => [UPPER, LOWER, DIGIT].concat(),
                "T" => [UPPER, LOWER, DIGIT, "_-"].concat(),
                "B" => [UPPER, LOWER, DIGIT, "+/"].concat(),
                "H" => HEX.to_owned(),
                "U" => [UPPER, DIGIT].concat(),
                "D" => DIGIT.to_owned(),
                "L" => LOWER.to_owned(),
                "=" => {
                    out.push_str(rest);
                    continue;
                }
                other => panic!("unknown kind {other}"),
            };
            out.push_str(&self.of(&alphabet, rest.parse().expect("a length")));
        }
        out
    }
}
