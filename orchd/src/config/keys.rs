//! The table of known keys: name, what a value may be, how it is set and shown.

use std::path::PathBuf;

use serde_json::json;
use toml::Value;

use super::{Config, Durability, ProjectRule, Recording, local, router};

/// What the first `orchd up` writes: every key, commented out, with its default.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// Says why a value was refused; `None` means its text says it all.
pub(super) type Refused = Option<String>;

/// One known key.
#[derive(Debug)]
pub struct Key {
    /// `section.key`.
    pub name: &'static str,
    /// What a value may be, to stand after "must be".
    pub expected: &'static str,
    pub(super) set: fn(&mut Config, &Value) -> Result<(), Refused>,
    pub(super) get: fn(&Config) -> serde_json::Value,
}

/// Every known key, in the order of the documentation.
pub const KEYS: [Key; 24] = [
    Key {
        name: "http.port",
        expected: "a port from 0 to 65535 (0 takes a free one)",
        set: |config, value| store(&mut config.http.port, value.as_integer().and_then(|n| u16::try_from(n).ok())),
        get: |config| json!(config.http.port),
    },
    Key {
        name: "ingest.durability",
        expected: "\"commit\" or \"power\"",
        set: |config, value| {
            let known = [Durability::Commit, Durability::Power];
            store(&mut config.ingest.durability, known.into_iter().find(|d| Some(d.as_str()) == value.as_str()))
        },
        get: |config| json!(config.ingest.durability.as_str()),
    },
    Key {
        name: "capture.bodies",
        expected: "true or false",
        set: |config, value| store(&mut config.capture.bodies, value.as_bool()),
        get: |config| json!(config.capture.bodies),
    },
    Key {
        name: "capture.projects",
        expected: "a list of { dir = \"/absolute/folder\", record = \"full\" | \"metadata\" | \"off\" }",
        set: |config, value| {
            config.capture.projects = project_rules(value)?;
            Ok(())
        },
        get: |config| {
            let shown = |rule: &ProjectRule| json!({"dir": rule.dir, "record": rule.record.as_str()});
            config.capture.projects.iter().map(shown).collect()
        },
    },
    Key {
        name: "ledger.transcripts",
        expected: "true or false",
        set: |config, value| store(&mut config.ledger.transcripts, value.as_bool()),
        get: |config| json!(config.ledger.transcripts),
    },
    Key {
        name: "retention.body_days",
        expected: "a number of days up to 36500 (0 keeps bodies for ever)",
        set: |config, value| {
            let days = value.as_integer().filter(|days| (0..=36_500).contains(days));
            store(&mut config.retention.body_days, days.and_then(|days| days.try_into().ok()))
        },
        get: |config| json!(config.retention.body_days),
    },
    Key {
        name: "display.timezone",
        expected: "\"system\" or an IANA name such as \"Europe/Berlin\"",
        set: |config, value| {
            let known = |name: &&str| *name == "system" || jiff::tz::TimeZone::get(name).is_ok();
            store(&mut config.display.timezone, value.as_str().filter(known).map(str::to_owned))
        },
        get: |config| json!(config.display.timezone),
    },
    Key {
        name: "budget.day_usd",
        expected: USD,
        set: |config, value| store(&mut config.budget.day_nano_usd, nano_usd(value)),
        get: |config| usd(config.budget.day_nano_usd),
    },
    Key {
        name: "budget.week_usd",
        expected: USD,
        set: |config, value| store(&mut config.budget.week_nano_usd, nano_usd(value)),
        get: |config| usd(config.budget.week_nano_usd),
    },
    Key {
        name: "budget.month_usd",
        expected: USD,
        set: |config, value| store(&mut config.budget.month_nano_usd, nano_usd(value)),
        get: |config| usd(config.budget.month_nano_usd),
    },
    Key {
        name: "budget.warn_percent",
        expected: "a number from 1 to 100",
        set: |config, value| {
            let percent = value.as_integer().filter(|percent| (1..=100).contains(percent));
            store(&mut config.budget.warn_percent, percent.and_then(|percent| percent.try_into().ok()))
        },
        get: |config| json!(config.budget.warn_percent),
    },
    Key {
        name: "local.enabled",
        expected: "true or false",
        set: |config, value| store(&mut config.local.enabled, value.as_bool()),
        get: |config| json!(config.local.enabled),
    },
    Key {
        name: "local.endpoints",
        expected: "a list of at most 4 { url = \"http://127.0.0.1:1234\", token or token_file, model }",
        set: |config, value| {
            config.local.endpoints = local::endpoints(value)?;
            Ok(())
        },
        get: |config| local::shown(&config.local.endpoints),
    },
    Key {
        name: "local.watts",
        expected: "watts such as 120 or 65.5, up to 100000 (0 when not known)",
        set: |config, value| store(&mut config.local.money.milliwatts, scaled(value, 1e3, 1e5)),
        get: |config| unscaled(config.local.money.milliwatts, 1e3),
    },
    Key {
        name: "local.usd_per_kwh",
        expected: "US dollars such as 0.3, up to 1000 (0 when not known)",
        set: |config, value| store(&mut config.local.money.nano_usd_per_kwh, scaled(value, 1e9, 1e3)),
        get: |config| unscaled(config.local.money.nano_usd_per_kwh, 1e9),
    },
    Key {
        name: "local.displaced_model",
        expected: "the name of a model such as \"claude-opus-5\" (\"\" for the one used most)",
        set: |config, value| {
            let name = value.as_str().map(str::trim).filter(|name| name.len() <= MOST_NAME_BYTES);
            store(&mut config.local.money.displaced_model, name.map(str::to_owned))
        },
        get: |config| json!(config.local.money.displaced_model),
    },
    Key {
        name: "router.algorithm",
        expected: "\"learned\" or \"keyword\"",
        set: |config, value| store(&mut config.router.algorithm, router::algorithm(value)),
        get: |config| json!(config.router.algorithm.as_str()),
    },
    Key {
        name: "router.policy",
        expected: "\"observe\", \"advise\" or \"downshift\"",
        set: |config, value| store(&mut config.router.policy, router::policy(value)),
        get: |config| json!(config.router.policy.as_str()),
    },
    Key {
        name: "router.projects",
        expected: "a list of { dir = \"/absolute/folder\", policy = \"observe\" | \"advise\" | \"downshift\" }",
        set: |config, value| {
            config.router.projects = router::projects(value)?;
            Ok(())
        },
        get: |config| router::shown(&config.router.projects),
    },
    Key {
        name: "router.min_confidence",
        expected: "a probability from 0 to 1",
        set: |config, value| store(&mut config.router.min_confidence, router::share(value)),
        get: |config| json!(config.router.min_confidence),
    },
    Key {
        name: "router.quality_floor",
        expected: "a share from 0 to 1",
        set: |config, value| store(&mut config.router.quality_floor, router::share(value)),
        get: |config| json!(config.router.quality_floor),
    },
    Key {
        name: "router.rules",
        expected: "a list of { route = \"local\" | \"claude\", and one or more of project, agent, pattern, tool }",
        set: |config, value| {
            config.router.rules = router::rules(value)?;
            Ok(())
        },
        get: |config| router::shown(&config.router.rules),
    },
    Key {
        name: "router.sensitive_paths",
        expected: "a list of { path = \"*/secrets/*\", route = \"local\" | \"claude\" }",
        set: |config, value| {
            config.router.sensitive_paths = router::sensitive_paths(value)?;
            Ok(())
        },
        get: |config| router::shown(&config.router.sensitive_paths),
    },
    Key {
        name: "log.level",
        expected: "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
        set: |config, value| store(&mut config.log.level, value.as_str().and_then(level)),
        get: |config| json!(config.log.level.as_str().to_ascii_lowercase()),
    },
];

const USD: &str = "an amount of US dollars such as 25 or 7.5 (0 for none)";
/// Largest budget, US dollars.
const MOST_USD: f64 = 1e9;
/// Longest name of a model.
const MOST_NAME_BYTES: usize = 200;

/// Returns a number from 0 to `most` as a whole number of its `scale`-th parts.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "bounded, not negative and rounded"
)]
fn scaled(value: &Value, scale: f64, most: f64) -> Option<u64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))?;
    (0.0..=most).contains(&number).then(|| (number * scale).round() as u64)
}

#[expect(clippy::cast_precision_loss, reason = "bounded far below 2^52")]
fn unscaled(parts: u64, scale: f64) -> serde_json::Value {
    json!(parts as f64 / scale)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "bounded, and whole nano-dollars")]
fn nano_usd(value: &Value) -> Option<i64> {
    let usd = value.as_float().or_else(|| value.as_integer().map(|usd| usd as f64))?;
    (0.0..=MOST_USD).contains(&usd).then(|| (usd * 1e9).round() as i64)
}

#[expect(clippy::cast_precision_loss, reason = "bounded, and shown to the cent")]
fn usd(nano_usd: i64) -> serde_json::Value {
    json!(nano_usd as f64 / 1e9)
}

fn store<T>(place: &mut T, value: Option<T>) -> Result<(), Refused> {
    *place = value.ok_or(None)?;
    Ok(())
}

fn level(name: &str) -> Option<tracing::Level> {
    // `FromStr` also takes numbers, which nobody could guess the direction of.
    if name.chars().all(|c| c.is_ascii_lowercase()) { name.parse().ok() } else { None }
}

fn project_rules(value: &Value) -> Result<Vec<ProjectRule>, Refused> {
    value.as_array().ok_or(None)?.iter().map(project_rule).collect()
}

fn project_rule(value: &Value) -> Result<ProjectRule, Refused> {
    let table = value.as_table().ok_or(None)?;
    if let Some(other) = table.keys().find(|key| !matches!(key.as_str(), "dir" | "record")) {
        return Err(Some(format!("an entry with the unknown key `{other}`")));
    }
    let dir = table.get("dir").and_then(Value::as_str).ok_or_else(|| Some("an entry without `dir`".to_owned()))?;
    let dir = expand_home(dir).filter(|dir| dir.is_absolute()).ok_or_else(|| Some(format!("the folder `{dir}`")))?;
    let record = table.get("record").map_or(Some("full"), Value::as_str);
    let known = [Recording::Full, Recording::Metadata, Recording::Off];
    let record = known.into_iter().find(|r| Some(r.as_str()) == record);
    Ok(ProjectRule { dir, record: record.ok_or_else(|| Some(format!("{}", table["record"])))? })
}

pub(super) fn expand_home(dir: &str) -> Option<PathBuf> {
    match dir.strip_prefix("~/") {
        Some(rest) => Some(directories_home()?.join(rest)),
        None => Some(PathBuf::from(dir)),
    }
}

fn directories_home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// Returns `section.key` of `ORCH_SECTION__KEY`; other variables (`ORCH_HOME` too) are not settings.
pub(super) fn key_of_variable(name: &str) -> Option<String> {
    let (section, key) = name.strip_prefix("ORCH_")?.split_once("__")?;
    Some(format!("{}.{}", section.to_ascii_lowercase(), key.to_ascii_lowercase()))
}

/// Returns a variable's text as the TOML value its key wants; a text that is none stays a string and is refused later.
pub(super) fn value_of_text(key: &str, text: &str) -> Value {
    let stays_text = matches!(
        key,
        "ingest.durability"
            | "display.timezone"
            | "local.displaced_model"
            | "router.algorithm"
            | "router.policy"
            | "log.level"
    );
    let parsed = (!stays_text).then(|| format!("value = {text}").parse::<toml::Table>().ok()).flatten();
    parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Returns the known key most like `name`, when one is like it at all.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |key: &str| {
        let (_, tail) = key.split_once('.').unwrap_or(("", key));
        strsim::jaro_winkler(name, key).max(strsim::jaro_winkler(name, tail))
    };
    let best = KEYS.iter().map(|key| (likeness(key.name), key.name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.7).then_some(best.1)
}
