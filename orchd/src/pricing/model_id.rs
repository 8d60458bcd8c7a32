//! The name under which a model is priced, from the many under which it is called.

/// Returns a model's name without provider, suffixes and date: one model has one such name.
#[must_use]
pub fn bare_model(id: &str) -> &str {
    ModelId::parse(id).bare
}

/// A model's id as clients and gateways write it, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ModelId<'a> {
    /// Without provider and suffixes, perhaps with a date.
    pub(super) dated: &'a str,
    /// Without the date.
    pub(super) bare: &'a str,
    /// The id itself asks for fast mode.
    pub(super) fast: bool,
}

impl<'a> ModelId<'a> {
    /// Takes `us.anthropic.claude-opus-5-20260101-v1:0`, `anthropic/claude-opus-5[1m]`, `claude-opus-5@20260101` and the like apart.
    pub(super) fn parse(id: &'a str) -> Self {
        let mut name = id.trim().rsplit('/').next().unwrap_or_default();
        if let Some((_, after)) = name.split_once("anthropic.") {
            name = without_version(after);
        }
        name = without_context(name);
        let (name, fast) = match name.strip_suffix("-fast") {
            Some(before) => (before, true),
            None => (name, false),
        };
        Self { dated: name, bare: without_date(name), fast }
    }
}

/// Drops `[1m]` and its like: how long the context may be, which the price of a request tells by itself.
fn without_context(name: &str) -> &str {
    name.strip_suffix(']').and_then(|open| open.rsplit_once('[')).map_or(name, |(before, _)| before)
}

/// Drops `-v1:0`, the version of a model on Bedrock.
fn without_version(name: &str) -> &str {
    let is_version = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    name.rsplit_once("-v").filter(|(_, version)| is_version(version)).map_or(name, |(before, _)| before)
}

fn without_date(name: &str) -> &str {
    let name = name.strip_suffix("-latest").unwrap_or(name);
    let Some(at) = name.rfind(['-', '@']) else { return name };
    let date = &name[at + 1..];
    let is_date = date.len() == 8 && date.starts_with("20") && date.bytes().all(|byte| byte.is_ascii_digit());
    if is_date { &name[..at] } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_forms_are_one_model() {
        for id in [
            "claude-opus-4-5",
            "claude-opus-4-5-20251101",
            "claude-opus-4-5@20251101",
            "claude-opus-4-5-latest",
            "claude-opus-4-5[1m]",
            "anthropic/claude-opus-4-5",
            "openrouter/anthropic/claude-opus-4-5-20251101",
            "us.anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-opus-4-5-v1",
            " claude-opus-4-5 ",
        ] {
            let parsed = ModelId::parse(id);
            assert_eq!((parsed.bare, parsed.fast), ("claude-opus-4-5", false), "{id}");
        }
        assert_eq!(ModelId::parse("claude-opus-4-5-20251101[1m]").dated, "claude-opus-4-5-20251101");
        let fast = ModelId::parse("claude-opus-5-fast");
        assert_eq!((fast.bare, fast.fast), ("claude-opus-5", true));
    }

    #[test]
    fn other_names_stay_as_they_are() {
        for id in [
            "",
            "-",
            "gpt-5",
            "qwen3-coder-30b",
            "claude-opus-5-20251",
            "claude-opus-5-99999999",
            "]",
            "a[",
            "-v",
            "é-v1é",
        ] {
            let parsed = ModelId::parse(id);
            assert_eq!(parsed.bare, id, "{id}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(id in ".{0,40}") {
            let parsed = ModelId::parse(&id);
            assert!(id.contains(parsed.dated) && parsed.dated.starts_with(parsed.bare));
        }
    }
}
