//! Searches files for secrets in every form they may have taken on their way; the forms of `check_leak.py`.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Bytes by which a needle is found; shorter forms are not searched for.
const PREFIX: usize = 8;

/// A form of one secret that must be nowhere.
#[derive(Debug, Clone)]
pub struct Needle {
    /// The payload's id and the kind of form; never the value.
    pub name: String,
    /// The bytes to look for.
    pub bytes: Vec<u8>,
}

/// Returns the forms of `value` worth searching for: those of at least 8 bytes.
#[must_use]
pub fn forms(name: &str, value: &str) -> Vec<Needle> {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let escaped = value.encode_utf16().fold(String::new(), |mut text, unit| {
        write!(text, "\\u{unit:04x}").expect("text takes text");
        text
    });
    let hex = value.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes text");
        text
    });
    let mut forms = vec![
        ("raw", value.as_bytes().to_vec()),
        ("json", json(value).into_bytes()),
        ("json2", json(&json(value)).into_bytes()),
        ("url", percent(value).into_bytes()),
        ("html", html.into_bytes()),
        ("uesc", escaped.into_bytes()),
        ("hex", hex.into_bytes()),
        ("utf16", value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    if value.len() >= 12 {
        for (shift, name) in ["b64_0", "b64_1", "b64_2"].into_iter().enumerate() {
            let padded: Vec<u8> = std::iter::repeat_n(0, shift).chain(value.bytes()).collect();
            let text = base64(&padded);
            let inner = &text[[0, 2, 3][shift]..text.len() - 4];
            if inner.len() >= 12 {
                forms.push((name, inner.as_bytes().to_vec()));
            }
        }
    }
    let fits = forms.into_iter().filter(|(_, bytes)| bytes.len() >= PREFIX);
    fits.map(|(form, bytes)| Needle { name: format!("{name} {form}"), bytes }).collect()
}

/// Returns the names of the needles found in `haystack`.
///
/// One pass whatever their number: a needle is looked at only where its first eight bytes stand.
///
/// # Panics
///
/// When a needle is shorter than that; [`forms`] makes none.
#[must_use]
pub fn found<'a>(needles: &'a [Needle], haystack: &[u8]) -> BTreeSet<&'a str> {
    let mut by_start: HashMap<[u8; PREFIX], Vec<&Needle>> = HashMap::new();
    let mut first_two = vec![false; 1 << 16];
    for needle in needles {
        let start = needle.bytes.first_chunk::<PREFIX>().expect("forms are at least that long");
        by_start.entry(*start).or_default().push(needle);
        first_two[pair(start)] = true;
    }
    let mut hits = BTreeSet::new();
    for (at, start) in haystack.windows(PREFIX).enumerate() {
        if !first_two[pair(start)] {
            continue;
        }
        let candidates = start.try_into().ok().and_then(|start: [u8; PREFIX]| by_start.get(&start));
        for needle in candidates.into_iter().flatten() {
            if haystack[at..].starts_with(&needle.bytes) {
                hits.insert(needle.name.as_str());
            }
        }
    }
    hits
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Returns one line per needle and file below `root` that holds it.
///
/// # Panics
///
/// When a file cannot be read.
#[must_use]
pub fn search(needles: &[Needle], root: &Path) -> Vec<String> {
    let mut hits = Vec::new();
    for file in files_below(root) {
        let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        hits.extend(found(needles, &bytes).into_iter().map(|name| format!("{name} in {}", file.display())));
    }
    hits
}

/// Returns the regular files below `root`.
///
/// # Panics
///
/// When a folder cannot be read.
#[must_use]
pub fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display())) {
        let path = entry.expect("an entry").path();
        let kind = std::fs::symlink_metadata(&path).map(|meta| meta.file_type());
        match kind {
            Ok(kind) if kind.is_dir() => files.extend(files_below(&path)),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
    files
}

/// Whether `haystack` holds `needle`.
#[must_use]
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

fn percent(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("text takes text");
        }
        text
    })
}

/// Base64 with `=` always counted as four last characters to cut: the part that depends on what follows.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place) & 63) as usize;
            text.push(if place <= group.len() { char::from(DIGITS[digit]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found() {
        let needles = forms("x", "p4ss\"word<secret>");
        for hidden in [
            &br#"a p4ss"word<secret> b"#[..],
            br#"p4ss\"word<secret>"#,
            br#"p4ss\\\"word<secret>"#,
            b"p4ss%22word%3Csecret%3E",
            b"p4ss&quot;word&lt;secret&gt;",
            b"70347373\x22776f72643c7365637265743e70347373227 7034737322776f72643c7365637265743e",
            b"..cDRzcyJ3b3JkPHNlY3JldD4=",
        ] {
            assert!(!found(&needles, hidden).is_empty(), "{}", String::from_utf8_lossy(hidden));
        }
        assert!(found(&needles, b"p4ss word secret").is_empty());
    }

    #[test]
    fn base64_is_the_usual_one() {
        for (bytes, text) in [(&b"a"[..], "YQ=="), (b"ab", "YWI="), (b"abc", "YWJj"), (b"\xff\xfe\xfd\xfc", "//79/A==")]
        {
            assert_eq!(base64(bytes), text);
        }
    }
}
