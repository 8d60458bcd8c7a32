//! `[local]`: where local models are, in order of preference.
//!
//! What is refused here is never repeated in full: an entry may hold a token.

use serde_json::json;
use toml::Value;

use crate::local_model::{Endpoint, LocalEndpoint, Token};

/// Where LM Studio listens unless told otherwise.
pub const LM_STUDIO: &str = "http://127.0.0.1:1234";

/// Endpoints at most: each is asked on its own, and all of them share the requests of a minute.
pub const MOST_ENDPOINTS: usize = 4;

/// `[local]`: the local model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Whether it is looked for at all.
    pub enabled: bool,
    /// Where, in order of preference.
    pub endpoints: Vec<LocalEndpoint>,
    /// What running it costs and saves.
    pub money: LocalMoney,
}

/// What running the local model costs, and what it saves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalMoney {
    /// What the machine draws from the wall while the model works, thousandths of a watt; 0 where that is not told.
    pub milliwatts: u64,
    /// What electricity costs, nano-dollars per kilowatt-hour; 0 where that is not told.
    pub nano_usd_per_kwh: u64,
    /// The model that would otherwise have done the work; empty for the one that the user's main thread uses most.
    pub displaced_model: String,
}

impl Default for Local {
    fn default() -> Self {
        let endpoint = Endpoint { base_url: LM_STUDIO.to_owned(), token: None, model: None };
        Self {
            enabled: true,
            endpoints: vec![LocalEndpoint { endpoint, token_file: None }],
            money: LocalMoney::default(),
        }
    }
}

/// Returns the endpoints of a value, or why it is none; the reason stands after "not".
pub(super) fn endpoints(value: &Value) -> Result<Vec<LocalEndpoint>, Option<String>> {
    let list = value.as_array().ok_or_else(|| Some(format!("a {}", value.type_str())))?;
    if list.len() > MOST_ENDPOINTS {
        return Err(Some(format!("{} entries", list.len())));
    }
    list.iter().map(entry).collect()
}

fn entry(value: &Value) -> Result<LocalEndpoint, Option<String>> {
    let table = value.as_table().ok_or_else(|| Some(format!("an entry that is a {}", value.type_str())))?;
    if let Some(other) = table.keys().find(|key| !matches!(key.as_str(), "url" | "token" | "token_file" | "model")) {
        return Err(Some(format!("an entry with the unknown key `{other}`")));
    }
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Some(format!("an entry whose `{key}` is no text"))),
    };
    let url = text("url")?.ok_or_else(|| Some("an entry without `url`".to_owned()))?;
    let endpoint = Endpoint::new(url).map_err(|error| Some(error.to_string()))?;
    let (token, file) = (text("token")?, text("token_file")?);
    if token.is_some() && file.is_some() {
        return Err(Some("an entry with both `token` and `token_file`".to_owned()));
    }
    let wrong = || Some("an entry whose `token` could not stand in a header".to_owned());
    let token = token.map(|token| Token::new(token).ok_or_else(wrong)).transpose()?;
    let absolute = |file: &str| super::keys::expand_home(file).filter(|file| file.is_absolute());
    let token_file =
        file.map(|file| absolute(file).ok_or_else(|| Some(format!("the token file `{file}`")))).transpose()?;
    let model = text("model")?.map(str::trim).filter(|model| !model.is_empty()).map(str::to_owned);
    Ok(LocalEndpoint { endpoint: Endpoint { token, model, ..endpoint }, token_file })
}

/// Returns the endpoints as `config show` prints them: that there is a token, and not which.
pub(super) fn shown(endpoints: &[LocalEndpoint]) -> serde_json::Value {
    let one = |entry: &LocalEndpoint| {
        let mut shown = json!({ "url": entry.endpoint.base_url });
        if entry.endpoint.token.is_some() {
            shown["token"] = "(set)".into();
        }
        if let Some(file) = &entry.token_file {
            shown["token_file"] = file.display().to_string().into();
        }
        if let Some(model) = &entry.endpoint.model {
            shown["model"] = model.as_str().into();
        }
        shown
    };
    endpoints.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn config(text: &str) -> Result<Config, String> {
        let config = Config::from_parts(Some(("/c/config.toml".into(), text)), []);
        config.map_err(|error| crate::error::chain(&error))
    }

    #[test]
    fn endpoints_are_taken_in_their_order() {
        let text = r#"[local]
            endpoints = [
                { url = "http://localhost:1234/v1/", token = "sk-lm-fake", model = "deepseek-r1*" },
                { url = "http://box.lan:11434", token_file = "/etc/orch-token" },
            ]"#;
        let config = config(text).expect("valid");
        let [first, second] = config.local.endpoints.as_slice() else { panic!("two: {:?}", config.local) };
        assert_eq!(first.endpoint.base_url, "http://localhost:1234");
        assert_eq!(first.endpoint.token.as_ref().map(Token::expose), Some("sk-lm-fake"));
        assert_eq!(first.endpoint.model.as_deref(), Some("deepseek-r1*"));
        assert_eq!(second.token_file.as_deref(), Some(std::path::Path::new("/etc/orch-token")));
        let shown = serde_json::to_string(&config.settings()).expect("JSON");
        assert!(shown.contains("(set)") && !shown.contains("fake"), "{shown}");
        assert!(!format!("{config:?}").contains("fake"));
        assert!(Config::default().local.enabled);
        assert_eq!(Endpoint::new(LM_STUDIO).expect("valid"), Local::default().endpoints[0].endpoint);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_token() {
        for (entries, expected) in [
            ("\"sk-fake\"", "not a string"),
            ("[\"sk-fake\"]", "not an entry that is a string"),
            ("[{ token = \"sk-fake\" }]", "not an entry without `url`"),
            (
                "[{ url = \"https://h:1\", token = \"sk-fake\" }]",
                "not `https`: only plain http is spoken to a local model",
            ),
            (
                "[{ url = \"http://me:sk-fake@h\" }]",
                "not an address with a name or password in it; use token or token_file",
            ),
            ("[{ url = \"http://h\", tokne = \"sk-fake\" }]", "not an entry with the unknown key `tokne`"),
            ("[{ url = \"http://h\", token = 7 }]", "not an entry whose `token` is no text"),
            ("[{ url = \"http://h\", token = \"sk fake\" }]", "not an entry whose `token` could not stand in a header"),
            (
                "[{ url = \"http://h\", token = \"sk-fake\", token_file = \"/f\" }]",
                "not an entry with both `token` and `token_file`",
            ),
            ("[{ url = \"http://h\", token_file = \"here\" }]", "not the token file `here`"),
            ("[{ url = \"http://h\", token = \"sk-fake\" ]", "line 2, column"),
        ] {
            let error = config(&format!("[local]\nendpoints = {entries}")).expect_err(entries);
            assert!(error.contains(expected), "{entries}: {error}");
            assert!(!error.contains("fake"), "{error}");
        }
    }
}
