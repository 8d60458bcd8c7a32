//! The attack payloads and what the manifest expects of each.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

/// The folder of the attack data.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/attacks")
}

/// One payload, as the manifest describes it.
#[derive(Debug, Clone)]
pub struct Attack {
    /// `p001` and so on.
    pub id: String,
    /// What kind of attack.
    pub class: String,
    /// The whole entry.
    pub entry: Value,
}

impl Attack {
    /// Whether the payload is only described and must be made.
    #[must_use]
    pub fn recipe(&self) -> Option<&Value> {
        self.entry.get("recipe")
    }

    /// The bytes of the payload's file.
    ///
    /// # Panics
    ///
    /// When the file cannot be read or the payload is a recipe.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let file = self.entry["file"].as_str().expect("not a recipe");
        std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The strings under `key`.
    #[must_use]
    pub fn strings(&self, key: &str) -> Vec<String> {
        let list = self.entry.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    /// What is expected under `key`.
    #[must_use]
    pub fn expect(&self, key: &str) -> Option<&Value> {
        self.entry["expect"].get(key)
    }
}

/// Returns all payloads.
///
/// # Panics
///
/// When the manifest cannot be read.
pub fn attacks() -> &'static [Attack] {
    static ATTACKS: OnceLock<Vec<Attack>> = OnceLock::new();
    ATTACKS.get_or_init(|| {
        let text = std::fs::read_to_string(folder().join("manifest.json")).expect("the manifest");
        let manifest: Value = serde_json::from_str(&text).expect("the manifest is JSON");
        let entries = manifest["payloads"].as_array().expect("a list of payloads");
        let text_of = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .map(|entry| Attack { id: text_of(entry, "id"), class: text_of(entry, "cls"), entry: entry.clone() })
            .collect()
    })
}
