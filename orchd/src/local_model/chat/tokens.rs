//! How many tokens a text may be, before a server has counted them. Pure.

/// Returns about how many tokens the text is.
///
/// Tokenizers of today's models take some four letters of English or code for a token, and about one of a script that is
/// not Latin. An estimate for a warning and for a row without a count, never for a bill.
#[must_use]
pub fn estimate(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    // Each further letter has one byte that is no continuation.
    let others = text.bytes().filter(|byte| *byte >= 0xc0).count();
    (ascii.div_ceil(4) + others) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_tokens() {
        for (text, tokens) in [("", 0), ("four", 1), ("fours", 2), ("日本語", 3), ("né", 2)] {
            assert_eq!(estimate(text), tokens, "{text:?}");
        }
    }
}
