//! What may stand in a question: text, and not more than a model could take. Pure.

/// Largest file.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// Largest question, all files together: eight times what the largest context of local models holds.
pub const QUESTION_BYTES_MAX: usize = 4 << 20;

/// Returns the text of a file's bytes; None for what is no UTF-8 text.
#[must_use]
pub fn plain_text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    // Editors on Windows begin files with a byte order mark.
    Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_is_none() {
        for (bytes, expected) in [
            (&b"hello \xc3\xa9\n"[..], Some("hello é\n")),
            (b"\xef\xbb\xbfhello", Some("hello")),
            (b"", Some("")),
            (b"\x7fELF\x02\x01\x01\0\0", None),
            (b"\xff\xfe", None),
        ] {
            assert_eq!(plain_text(bytes.to_vec()).as_deref(), expected, "{bytes:?}");
        }
    }
}
