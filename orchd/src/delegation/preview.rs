//! How a text begins, without its secrets. Redacted before it is cut: half a secret has no shape by which it is known.

use shared::redact::redact_text;

/// Characters of a task that are kept.
pub const TASK_CHARS: usize = 500;
/// Characters of an answer that are kept.
pub(super) const ANSWER_CHARS: usize = 2_000;
/// Bytes that are looked at: far more than is kept, and little enough for a moment.
const LOOKED_AT: usize = 256 << 10;

/// Returns the text's first characters, without secrets.
#[must_use]
pub fn preview(text: &str, chars: usize) -> String {
    let start = &text[..text.floor_char_boundary(LOOKED_AT)];
    redact_text(start).0.chars().take(chars).collect()
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
