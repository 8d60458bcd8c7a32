//! The recorded attack payloads: every `must` secret is gone, every control and every other payload is as it was.

use std::path::Path;

use serde_json::Value;

use super::redact;

/// Baits that hold what a key's shape starts with.
const BAITS: [&str; 2] = ["redos-bait-near-miss", "redos-bait-begin-key"];

#[test]
fn must_secrets_are_gone_and_the_rest_is_unharmed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/attacks");
    let manifest = std::fs::read(root.join("manifest.json")).expect("the manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let (mut musts, mut files) = (0, 0);
    for entry in manifest["payloads"].as_array().expect("payloads") {
        let Some(file) = entry["file"].as_str() else { continue };
        files += 1;
        let payload = std::fs::read(root.join(file)).expect("a payload");
        let was_json = serde_json::from_slice::<Value>(&payload).is_ok();
        let redacted = redact(&payload);
        let text = String::from_utf8_lossy(&redacted.payload);
        assert!(!was_json || serde_json::from_slice::<Value>(&redacted.payload).is_ok(), "{file}: JSON stays valid");
        let listed = |key: &str| entry[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        assert_eq!(listed("must_never_appear").find(|needle| text.contains(needle)), None, "{file}: {text}");
        assert_eq!(listed("must_still_appear").find(|needle| !text.contains(needle)), None, "{file}: {text}");
        if entry["level"] == "must" {
            musts += 1;
        } else if !BAITS.contains(&entry["cls"].as_str().unwrap_or_default()) {
            assert!(redacted.payload == payload, "{file}: {text}");
        }
    }
    assert_eq!((files, musts), (137, 39));
}
