//! `[router]`: where tasks should run, by the user's own word. All of it goes into the small file that hooks read, so it is bounded.

use std::path::Path;

use serde_json::json;
use shared::decision::{Algorithm, Policy, ProjectPolicy, Route, Rule, SensitivePath, Settings, USUAL_MIN_CONFIDENCE};
use toml::Value;

use super::keys::{Refused, expand_home};
use super::recording::{ProjectRule, Recording};
use crate::routing::floor::USUAL_QUALITY_FLOOR;

/// Bytes of JSON that each list may take: together with the rest it fits into the hook's file.
const MOST_BYTES: usize = 900;
/// Longest home that hooks are told of.
const MOST_HOME_BYTES: usize = 256;

/// `[router]`: what is recommended, and what the hook does with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Router {
    /// Which rule recommends.
    pub algorithm: Algorithm,
    /// What the hook does with a decision.
    pub policy: Policy,
    /// Of projects with a policy of their own.
    pub projects: Vec<ProjectPolicy>,
    /// Probability of being as good below which nothing goes to the local model.
    pub min_confidence: f64,
    /// Share of Claude's quality that all tasks together must keep.
    pub quality_floor: f64,
    /// Tasks that always go one way.
    pub rules: Vec<Rule>,
    /// Paths whose tasks stay in one place.
    pub sensitive_paths: Vec<SensitivePath>,
}

impl Default for Router {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            policy: Policy::default(),
            projects: Vec::new(),
            min_confidence: USUAL_MIN_CONFIDENCE,
            quality_floor: USUAL_QUALITY_FLOOR,
            rules: Vec::new(),
            sensitive_paths: Vec::new(),
        }
    }
}

impl Router {
    /// Returns what decisions go by as far as the settings say it. Where nothing is recorded nothing is steered either.
    #[must_use]
    pub fn settings(&self, recorded: &[ProjectRule]) -> Settings {
        let off = recorded.iter().filter(|rule| rule.record == Recording::Off);
        Settings {
            algorithm: self.algorithm,
            policy: self.policy,
            projects: self.projects.clone(),
            left_alone: off.filter_map(|rule| Some(rule.dir.to_str()?.to_owned())).collect(),
            min_confidence: self.min_confidence,
            rules: self.rules.clone(),
            sensitive_paths: self.sensitive_paths.clone(),
            home: if self.sensitive_paths.is_empty() { None } else { home() },
            ..Settings::default()
        }
    }
}

/// Returns the algorithm of a value.
pub(super) fn algorithm(value: &Value) -> Option<Algorithm> {
    [Algorithm::Learned, Algorithm::Keyword].into_iter().find(|known| Some(known.as_str()) == value.as_str())
}

/// Returns the policy of a value.
pub(super) fn policy(value: &Value) -> Option<Policy> {
    Policy::ALL.into_iter().find(|known| Some(known.as_str()) == value.as_str())
}

/// Returns the share of a value, 0 to 1.
pub(super) fn share(value: &Value) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "0 or 1, else refused")]
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))?;
    (0.0..=1.0).contains(&number).then_some(number)
}

/// Returns the projects of a value.
pub(super) fn projects(value: &Value) -> Result<Vec<ProjectPolicy>, Refused> {
    list(value, &["dir", "policy"], |entry| {
        let dir = folder(entry.required("dir")?)?;
        let policy = entry.0.get("policy").and_then(policy);
        Ok(ProjectPolicy { dir, policy: policy.ok_or_else(|| Some("an entry without a known `policy`".to_owned()))? })
    })
}

/// Returns the rules of a value.
pub(super) fn rules(value: &Value) -> Result<Vec<Rule>, Refused> {
    list(value, &["route", "project", "agent", "pattern", "tool"], |entry| {
        let rule = Rule {
            route: entry.route()?,
            project: entry.text("project")?.map(folder).transpose()?,
            agent: entry.text("agent")?.map(str::to_owned),
            pattern: entry.text("pattern")?.map(str::to_owned),
            tool: entry.text("tool")?.map(str::to_owned),
        };
        let is_bare =
            [&rule.project, &rule.agent, &rule.pattern, &rule.tool].iter().all(|condition| condition.is_none());
        if is_bare {
            Err(Some("an entry without a condition, which would hold for every task".to_owned()))
        } else {
            Ok(rule)
        }
    })
}

/// Returns the sensitive paths of a value.
pub(super) fn sensitive_paths(value: &Value) -> Result<Vec<SensitivePath>, Refused> {
    list(value, &["path", "route"], |entry| {
        let path = entry.required("path")?;
        let path = if path.starts_with("~/") { folder(path)? } else { path.to_owned() };
        Ok(SensitivePath { path, route: entry.route()? })
    })
}

/// Returns a list as `config show` prints it.
pub(super) fn shown(list: &impl serde::Serialize) -> serde_json::Value {
    json!(list)
}

/// An entry of a list.
struct Entry<'a>(&'a toml::Table);

impl Entry<'_> {
    fn text(&self, key: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim())),
            Some(_) => Err(Some(format!("an entry whose `{key}` is no text"))),
        }
    }

    fn required(&self, key: &str) -> Result<&str, Refused> {
        self.text(key)?.ok_or_else(|| Some(format!("an entry without `{key}`")))
    }

    fn route(&self) -> Result<Route, Refused> {
        let word = self.required("route")?;
        Route::parse(word).ok_or_else(|| Some(format!("the route `{word}`; it is local or claude")))
    }
}

fn list<T: serde::Serialize>(
    value: &Value,
    keys: &[&str],
    one: impl Fn(&Entry<'_>) -> Result<T, Refused>,
) -> Result<Vec<T>, Refused> {
    let entries = value.as_array().ok_or_else(|| Some(format!("a {}", value.type_str())))?;
    let read = |entry: &Value| {
        let table = entry.as_table().ok_or_else(|| Some(format!("an entry that is a {}", entry.type_str())))?;
        match table.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(other) => Err(Some(format!("an entry with the unknown key `{other}`"))),
            None => one(&Entry(table)),
        }
    };
    let list = entries.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let bytes = json!(list).to_string().len();
    if bytes > MOST_BYTES {
        return Err(Some(format!("{bytes} bytes of entries; {MOST_BYTES} fit into the file that hooks read")));
    }
    Ok(list)
}

/// Returns the user's home, for the file that hooks read; None for one that would fill that file.
fn home() -> Option<String> {
    let home = folder("~/").ok()?.trim_end_matches(std::path::is_separator).to_owned();
    (home.len() <= MOST_HOME_BYTES).then_some(home)
}

fn folder(dir: &str) -> Result<String, Refused> {
    let absolute = expand_home(dir).filter(|dir| Path::new(dir).is_absolute());
    let text = absolute.and_then(|dir| dir.into_os_string().into_string().ok());
    text.ok_or_else(|| Some(format!("the folder `{dir}`; it must be absolute or begin with ~/")))
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
    fn all_of_it_is_taken() {
        let text = r#"[router]
            algorithm = "keyword"
            policy = "advise"
            projects = [{ dir = "/w/app", policy = "downshift" }]
            min_confidence = 0.75
            quality_floor = 1
            rules = [{ route = "local", pattern = "commit message" }, { route = "claude", agent = "security-*", tool = "Agent", project = "/w" }]
            sensitive_paths = [{ path = "*/secrets/*", route = "local" }]
        "#;
        let router = config(text).expect("valid").router;
        assert_eq!((router.algorithm, router.policy), (Algorithm::Keyword, Policy::Advise));
        assert_eq!(router.projects, [ProjectPolicy { dir: "/w/app".into(), policy: Policy::Downshift }]);
        assert!((router.min_confidence - 0.75).abs() < 1e-12 && (router.quality_floor - 1.0).abs() < 1e-12);
        assert_eq!(router.rules.len(), 2);
        assert_eq!(router.sensitive_paths, [SensitivePath { path: "*/secrets/*".into(), route: Route::Local }]);
        assert_eq!(Config::default().router, Router::default());
    }

    #[test]
    fn hooks_are_told_of_the_home_where_a_path_is_sensitive() {
        let text = r#"[router]
            sensitive_paths = [{ path = "~/clients", route = "local" }]
        "#;
        let Settings { home, sensitive_paths, .. } = config(text).expect("valid").router.settings(&[]);
        let home = home.expect("a home");
        assert_eq!(sensitive_paths[0].path, format!("{home}/clients"));
        assert_eq!(Router::default().settings(&[]).home, None);
    }

    #[test]
    fn what_is_not_recorded_is_not_steered() {
        let text = r#"[router]
            policy = "advise"
            projects = [{ dir = "/w/secret", policy = "downshift" }]
            [capture]
            projects = [{ dir = "/w/secret", record = "off" }, { dir = "/w/quiet", record = "metadata" }]
        "#;
        let config = config(text).expect("valid");
        let settings = config.router.settings(&config.capture.projects);
        for (dir, expected) in [("/w/secret/a", Policy::Observe), ("/w/quiet", Policy::Advise), ("/w", Policy::Advise)]
        {
            assert_eq!(settings.policy_of(dir), expected, "{dir}");
        }
    }

    #[test]
    fn what_is_wrong_says_what_to_do() {
        let long = format!("rules = [{{ route = \"local\", pattern = \"{}\" }}]", "x".repeat(MOST_BYTES));
        for (line, expected) in [
            ("policy = \"steer\"", "\"observe\", \"advise\" or \"downshift\""),
            ("min_confidence = 1.5", "a probability from 0 to 1"),
            ("projects = [{ dir = \"here\", policy = \"advise\" }]", "it must be absolute or begin with ~/"),
            ("projects = [{ dir = \"/w\" }]", "an entry without a known `policy`"),
            ("rules = [{ route = \"local\" }]", "which would hold for every task"),
            ("rules = [{ route = \"cloud\", agent = \"a\" }]", "it is local or claude"),
            ("rules = [{ route = \"local\", agents = \"a\" }]", "the unknown key `agents`"),
            ("sensitive_paths = [{ path = \"\", route = \"local\" }]", "`path` is no text"),
            ("sensitive_paths = [7]", "an entry that is a integer"),
            (&*long, "fit into the file that hooks read"),
        ] {
            let error = config(&format!("[router]\n{line}")).expect_err(line);
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
