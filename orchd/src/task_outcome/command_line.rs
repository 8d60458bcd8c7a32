//! A shell command, cut where its exit code is made: which parts there are, and what joins them.

/// What stands between a part and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `&&`: the next runs only if this one went well.
    And,
    /// `||`, `;`, `|`, `&` or a new line: the whole command's exit code is another's.
    Other,
    /// Nothing follows.
    End,
}

/// Returns the parts of a command with what follows each. Quotes are kept together; nothing is expanded.
pub(super) fn parts(command: &str) -> Vec<(&str, Joint)> {
    let command = command.trim();
    let bytes = command.as_bytes();
    let (mut parts, mut start, mut at, mut quote) = (Vec::new(), 0, 0, None);
    while at < bytes.len() {
        let (byte, next) = (bytes[at], bytes.get(at + 1).copied());
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            // Between single quotes nothing else has a meaning.
            (Some(b'\''), _) => {}
            (_, b'\\') => at += 1,
            // A comment, quotes in it included, ends with its line.
            (None, b'#') if at == start || bytes[at - 1].is_ascii_whitespace() => {
                at += bytes[at..].iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len() - at) - 1;
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            // `2>&1` and `&>file` join nothing.
            (None, b'&') if at > 0 && bytes[at - 1] == b'>' || next == Some(b'>') && byte == b'&' => {}
            (None, b'&' | b'|' | b';' | b'\n') => {
                let doubled = next == Some(byte) && matches!(byte, b'&' | b'|');
                let joint = if doubled && byte == b'&' { Joint::And } else { Joint::Other };
                parts.push((command[start..at].trim(), joint));
                at += usize::from(doubled);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push((command.get(start..).unwrap_or_default().trim(), Joint::End));
    // `make;` ends with what it began with.
    if let [.., (_, joint), ("", Joint::End)] = &mut parts[..]
        && *joint == Joint::Other
        && command.ends_with(';')
    {
        *joint = Joint::End;
    }
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts() {
        for (command, expected) in [
            ("", vec![]),
            ("make", vec![("make", Joint::End)]),
            ("cd a && make;", vec![("cd a", Joint::And), ("make", Joint::End)]),
            ("make 2>&1 | tail -5", vec![("make 2>&1", Joint::Other), ("tail -5", Joint::End)]),
            ("make\necho done\n", vec![("make", Joint::Other), ("echo done", Joint::End)]),
            ("cd a\n\nmake\n", vec![("cd a", Joint::Other), ("make", Joint::End)]),
            ("make \\\n  all", vec![("make \\\n  all", Joint::End)]),
            ("make # don't\necho", vec![("make # don't", Joint::Other), ("echo", Joint::End)]),
            ("make #\n", vec![("make #", Joint::End)]),
            ("echo 'a\\' | x", vec![("echo 'a\\'", Joint::Other), ("x", Joint::End)]),
            ("make &> log", vec![("make &> log", Joint::End)]),
            ("echo 'a && b' || x", vec![("echo 'a && b'", Joint::Other), ("x", Joint::End)]),
            ("make &", vec![("make", Joint::Other)]),
            ("echo \"\\\"; make\"", vec![("echo \"\\\"; make\"", Joint::End)]),
            ("a\\", vec![("a\\", Joint::End)]),
            ("\u{e4} && \u{fc}", vec![("\u{e4}", Joint::And), ("\u{fc}", Joint::End)]),
        ] {
            assert_eq!(parts(command), expected, "{command:?}");
        }
    }
}
