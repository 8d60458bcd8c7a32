//! How a text begins, without its secrets. Redacted before it is cut: half a secret has no shape by which it is known.

use std::borrow::Cow;

/// Characters of a task that are kept.
pub(super) const TASK_CHARS: usize = 500;
/// Characters of an answer that are kept.
pub(super) const ANSWER_CHARS: usize = 2_000;
/// Bytes that are looked at: far more than is kept, and little enough for a moment.
const LOOKED_AT: usize = 256 << 10;

/// Returns the text's first characters, without secrets.
#[must_use]
pub fn preview(text: &str, chars: usize) -> String {
    let start = &text[..text.floor_char_boundary(LOOKED_AT)];
    redacted(start).chars().take(chars).collect()
}

/// Redacts a text the way payloads are: as a string of JSON.
fn redacted(text: &str) -> Cow<'_, str> {
    let Ok(json) = serde_json::to_vec(text) else { return Cow::Borrowed("") };
    let redacted = shared::redact::redact(&json);
    if redacted.count == 0 {
        return Cow::Borrowed(text);
    }
    // Replacements keep JSON valid; should one not, nothing is kept.
    Cow::Owned(serde_json::from_slice(&redacted.payload).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_at_the_cut_is_not_kept_in_part() {
        let secret = format!("sk-ant-api03-{}", "a1B2".repeat(24));
        for before in 0..60 {
            let text = format!("{} {secret} and more", "x".repeat(before));
            let kept = preview(&text, 60);
            assert!(!kept.contains("a1B2"), "{kept}");
            assert!(kept.chars().count() <= 60);
        }
    }

    #[test]
    fn what_holds_none_stays_as_it_is() {
        for text in ["", "Say \"why\".\n\tThen stop. \\", "日本語\u{1b}[0m"] {
            assert_eq!(preview(text, 500), text);
            assert_eq!(preview(&preview(text, 500), 500), text, "twice is once");
        }
        assert_eq!(preview("日本語", 2), "日本");
    }
}
