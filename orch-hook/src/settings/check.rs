//! Whether a settings file is one that may be edited. What is unusual is named with its line and column, not guessed at.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};

/// Plain JSON, as Claude Code reads it.
pub(super) const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
};

/// What stands in the way of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is there.
    pub what: String,
}

/// Returns the first problem of a text that is to be plain JSON.
fn check_json(text: &str) -> Result<(), Problem> {
    if text.starts_with('\u{feff}') {
        return Err(Problem { line: 1, column: 1, what: "the file starts with a byte order mark".into() });
    }
    // The strictest reader first; its error names the place.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let what = if is_jsonc(text) {
            "comments and trailing commas are not JSON".to_owned()
        } else {
            let what = error.to_string();
            what.split(" at line ").next().unwrap_or(&what).to_owned()
        };
        return Err(Problem { line: error.line().max(1), column: error.column().max(1), what });
    }
    Ok(())
}

/// Returns the first problem of a file of the client's that is to be one plain object.
pub(super) fn check_plain(text: &str) -> Result<(), Problem> {
    check_json(text)?;
    if text.trim_start().starts_with('{') {
        return Ok(());
    }
    Err(Problem { what: "it is not an object".to_owned(), ..place(text, 0) })
}

/// Returns the problem of a text, which is one that [`check_plain`] lets pass, in which one of these keys, each within the one before,
/// stands twice, or holds no object though another is to stand in it.
pub(super) fn check_once(text: &str, keys: &[&str]) -> Result<(), Problem> {
    let at = |offset: usize, what: String| Problem { what, ..place(text, offset) };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT)
        .map_err(|error| at(error.range().start, error.kind().to_string()))?;
    let mut value = parsed.value.as_ref();
    let mut within = None;
    for key in keys {
        let Some(found) = value else { return Ok(()) };
        let object = object(found).ok_or_else(|| {
            let what = within.map_or("it is not an object".to_owned(), |key| format!("`{key}` is not an object"));
            at(found.start(), what)
        })?;
        value = once(object, key).map_err(|offset| at(offset, format!("`{key}` appears twice")))?;
        within = Some(key);
    }
    Ok(())
}

/// Returns the first problem of a settings text.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    check_json(text)?;
    let at = |offset: usize, what: &str| Problem { what: what.to_owned(), ..place(text, offset) };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT)
        .map_err(|error| at(error.range().start, &error.kind().to_string()))?;
    let Some(Value::Object(root)) = parsed.value else {
        return Err(at(0, "the settings are not an object"));
    };
    once(&root, "statusLine").map_err(|offset| at(offset, "`statusLine` appears twice"))?;
    let Some(hooks) = once(&root, "hooks").map_err(|offset| at(offset, "`hooks` appears twice"))? else {
        return Ok(());
    };
    let hooks = object(hooks).ok_or_else(|| at(hooks.start(), "`hooks` is not an object"))?;
    for (at_event, event) in hooks.properties.iter().enumerate() {
        let name = event.name.as_str();
        if hooks.properties[..at_event].iter().any(|other| other.name.as_str() == name) {
            return Err(at(event.start(), &format!("`{name}` appears twice")));
        }
        let groups = array(&event.value).ok_or_else(|| at(event.value.start(), &format!("`{name}` is not a list")))?;
        for group in &groups.elements {
            let refuse = |what: &str| at(group.start(), &format!("an entry of `{name}` {what}"));
            let group = object(group).ok_or_else(|| refuse("is not an object"))?;
            let handlers = once(group, "hooks").map_err(|_| refuse("has `hooks` twice"))?;
            let handlers = handlers.and_then(array).ok_or_else(|| refuse("has no list `hooks`"))?;
            if handlers.elements.iter().any(|handler| object(handler).is_none()) {
                return Err(refuse("has a handler that is not an object"));
            }
        }
    }
    Ok(())
}

/// Returns the first problem of the variables that a settings text holds, which is one that [`check`] lets pass.
pub(super) fn check_env(text: &str) -> Result<(), Problem> {
    let at = |offset: usize, what: String| Problem { what, ..place(text, offset) };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT)
        .map_err(|error| at(error.range().start, error.kind().to_string()))?;
    let Some(Value::Object(root)) = parsed.value else { return Ok(()) };
    let Some(env) = once(&root, "env").map_err(|offset| at(offset, "`env` appears twice".into()))? else {
        return Ok(());
    };
    let env = object(env).ok_or_else(|| at(env.start(), "`env` is not an object".into()))?;
    for (index, variable) in env.properties.iter().enumerate() {
        let name = variable.name.as_str();
        if env.properties[..index].iter().any(|other| other.name.as_str() == name) {
            return Err(at(variable.start(), format!("`{name}` appears twice")));
        }
    }
    Ok(())
}

/// Whether a reader that allows comments and trailing commas can read it.
fn is_jsonc(text: &str) -> bool {
    let loose = ParseOptions { allow_comments: true, allow_trailing_commas: true, ..STRICT };
    jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &loose).is_ok()
}

/// Returns the value under `key`, or where the key stands a second time.
fn once<'a, 'b>(object: &'b Object<'a>, key: &str) -> Result<Option<&'b Value<'a>>, usize> {
    let mut found = object.properties.iter().filter(|property| property.name.as_str() == key);
    let first = found.next().map(|property| &property.value);
    found.next().map_or(Ok(first), |second| Err(second.start()))
}

fn object<'a, 'b>(value: &'b Value<'a>) -> Option<&'b Object<'a>> {
    value.as_object()
}

fn array<'a, 'b>(value: &'b Value<'a>) -> Option<&'b Array<'a>> {
    value.as_array()
}

fn place(text: &str, offset: usize) -> Problem {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    Problem { line, column, what: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, line: usize, column: usize, what: &str) {
        assert_eq!(check(text), Err(Problem { line, column, what: what.to_owned() }), "{text}");
    }

    #[test]
    fn usual_files_pass() {
        for text in ["{}", "{\"model\":\"opus\",\"hooks\":{}}", "{\"hooks\":{\"Stop\":[{\"hooks\":[]}]}}\n"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn unusual_files_are_named_with_their_place() {
        refused("\u{feff}{}", 1, 1, "the file starts with a byte order mark");
        refused("{\n  // mine\n}", 2, 3, "comments and trailing commas are not JSON");
        refused("{\"a\":1,}", 1, 8, "comments and trailing commas are not JSON");
        refused("{\"a\" 1}", 1, 6, "expected `:`");
        refused("[]", 1, 1, "the settings are not an object");
        refused("{\"hooks\":[]}", 1, 10, "`hooks` is not an object");
        refused("{\"hooks\":{},\n\"hooks\":{}}", 2, 1, "`hooks` appears twice");
        refused("{\"statusLine\":{},\n\"statusLine\":{}}", 2, 1, "`statusLine` appears twice");
        refused("{\"hooks\":{\"Stop\":{}}}", 1, 18, "`Stop` is not a list");
        refused("{\"hooks\":{\"Stop\":[],\"Stop\":[]}}", 1, 21, "`Stop` appears twice");
        refused("{\"hooks\":{\"Stop\":[1]}}", 1, 19, "an entry of `Stop` is not an object");
        refused("{\"hooks\":{\"Stop\":[{}]}}", 1, 19, "an entry of `Stop` has no list `hooks`");
        refused(
            "{\"hooks\":{\"Stop\":[{\"hooks\":[\"x\"]}]}}",
            1,
            19,
            "an entry of `Stop` has a handler that is not an object",
        );
    }
}
