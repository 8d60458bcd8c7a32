//! Words of a shell line: the client runs a status line's command with `/bin/sh -c`.

use std::borrow::Cow;

/// Returns the word as the shell reads it back.
pub(super) fn quote(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_/.:@%+,-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

/// Returns the words of a line that is nothing but words: None where the shell would do more than split it.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '$' | '`' | '\\' => return None,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '\n' | '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' | '[' | '#' | '~' | '{' | '}'
            | '!' => {
                return None;
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_split_again_and_the_shell_agrees() {
        for word in [
            "",
            "plain",
            "/a/b-c_1.2",
            "a b",
            "it's",
            "'",
            "''",
            "$HOME `x` \"q\" \\n | ; & > *",
            "a\nb\tc",
            "\u{e9}\u{1f980}",
            "~/x",
            "#no",
            "--chain",
            "\\",
        ] {
            assert_eq!(
                split(&format!("x {} y", quote(word))),
                Some(vec!["x".into(), word.into(), "y".into()]),
                "{word}"
            );
            #[cfg(unix)]
            {
                let line = format!("printf %s {}", quote(word));
                let said = std::process::Command::new("/bin/sh").arg("-c").arg(&line).output().expect("a shell");
                assert_eq!(String::from_utf8_lossy(&said.stdout), word, "{line}");
            }
        }
    }

    #[test]
    fn lines_that_do_more_are_no_words() {
        for line in
            ["a | b", "a; b", "a && b", "a $B", "a `b`", "a > b", "a 'open", "a \"$b\"", "a \\", "a\nb", "a # b"]
        {
            assert_eq!(split(line), None, "{line}");
        }
        assert_eq!(split("  a \"b c\"d\\ e ").as_deref(), Some(&["a".to_owned(), "b cd e".to_owned()][..]));
    }
}
