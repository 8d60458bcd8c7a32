//! Which call it is, as Claude Code tells it.

use rmcp::model::RequestMetaObject;

/// Claude Code's key in `_meta` of a call.
const TOOL_USE_KEY: &str = "claudecode/toolUseId";
/// Longest id that is taken.
const ID_BYTES_MAX: usize = 200;

/// Returns the id of the call in its session. It says more than the session that started this server: one that was cleared goes on
/// with the same server under another id.
pub(super) fn tool_use_id(meta: &RequestMetaObject) -> Option<String> {
    let id = meta.get(TOOL_USE_KEY)?.as_str()?;
    let is_id = (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    is_id.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_ids_are_none() {
        for (meta, expected) in [
            (json!({"claudecode/toolUseId": "toolu_01"}), Some("toolu_01")),
            (json!({"claudecode/toolUseId": "two words"}), None),
            (json!({"claudecode/toolUseId": ""}), None),
            (json!({"claudecode/toolUseId": 7}), None),
            (json!({}), None),
        ] {
            let read: RequestMetaObject = serde_json::from_value(meta.clone()).expect("an object");
            assert_eq!(tool_use_id(&read).as_deref(), expected, "{meta}");
        }
    }
}
