//! Patterns of the user's rules: `*` stands for anything.

/// Whether the whole text is what the pattern says. Letters of ASCII match in either case.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = strip(text, first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some(at) = find(rest, part) else { return false };
            rest = &rest[at + part.len()..];
        }
    }
    match last {
        None => rest.is_empty(),
        Some(end) => {
            rest.len() >= end.len() && rest.as_bytes()[rest.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
        }
    }
}

/// Whether the pattern says something that stands anywhere in the text.
pub(super) fn stands_in(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|part| match find(rest, part) {
        None => false,
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
    })
}

fn strip<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

/// What most of a text consists of.
const FREQUENT: &[u8] = b" etaoinsrhldu";

fn find(text: &str, part: &str) -> Option<usize> {
    let last = text.len().checked_sub(part.len())?;
    // Where a rare letter of the part stands there is little to compare.
    let rare = part.bytes().position(|byte| !FREQUENT.contains(&byte.to_ascii_lowercase())).unwrap_or(0);
    let Some(&letter) = part.as_bytes().get(rare) else { return Some(0) };
    let bytes = text.as_bytes();
    // What equals a whole text begins and ends between characters.
    memchr::memchr2_iter(letter.to_ascii_lowercase(), letter.to_ascii_uppercase(), &bytes[rare..=last + rare])
        .find(|at| bytes[*at..at + part.len()].eq_ignore_ascii_case(part.as_bytes()))
}

/// Whether the longest fixed part of the pattern stands in the text: without it nothing in there is what the pattern says.
pub(super) fn may_stand_in(pattern: &str, text: &str) -> bool {
    // A folder's name may stand without its slashes.
    let longest = pattern.split(['*', '/']).max_by_key(|part| part.len()).unwrap_or_default();
    find(text, longest).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("Explore", "explore", true),
            ("test-*", "test-runner", true),
            ("test-*", "a-test-runner", false),
            ("*/secrets/*", "/app/secrets/key.pem", true),
            ("*/secrets/*", "/app/secret/key.pem", false),
            ("*.pem", "key.pem", true),
            ("*.pem", "key.pem.txt", false),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("größe*", "größe 3", true),
            ("*ß", "gro\u{df}", true),
            ("é", "e", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn parts_of_texts() {
        for (pattern, text, expected) in [
            ("commit message", "Write a Commit Message", true),
            ("write*message", "please write a commit message", true),
            ("message*write", "write a message", false),
            ("x", "", false),
            ("", "", true),
        ] {
            assert_eq!(stands_in(pattern, text), expected, "{pattern} {text}");
        }
    }
}
