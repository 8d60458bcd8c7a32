use super::*;

fn file(text: &str) -> Result<Config, ConfigError> {
    Config::from_parts(Some(("/c/config.toml".into(), text)), [])
}

fn variables(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_parts(None, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn source_of(config: &Config, key: &str) -> String {
    config.settings().into_iter().find(|setting| setting.key == key).expect("a known key").source
}

#[test]
fn the_environment_is_over_the_file_is_over_the_default() {
    let text = "[http]\nport = 7000\n[log]\nlevel = \"debug\"\n";
    let environment = [("ORCH_HTTP__PORT".to_owned(), "0".to_owned()), ("ORCH_HOME".to_owned(), "/x".to_owned())];
    let config = Config::from_parts(Some(("/c/config.toml".into(), text)), environment).expect("valid");
    assert_eq!(config.http.port, 0);
    assert_eq!(config.log.level, tracing::Level::DEBUG);
    assert_eq!(source_of(&config, "http.port"), "ORCH_HTTP__PORT");
    assert_eq!(source_of(&config, "log.level"), "/c/config.toml");
    assert_eq!(source_of(&config, "capture.bodies"), "default");
}

#[test]
fn every_key_can_be_a_variable() {
    let config = variables(&[
        ("ORCH_HTTP__PORT", "1"),
        ("ORCH_INGEST__DURABILITY", "power"),
        ("ORCH_CAPTURE__BODIES", "false"),
        ("ORCH_CAPTURE__PROJECTS", r#"[{dir = "/a", record = "off"}, {dir = "/b"}]"#),
        ("ORCH_LEDGER__TRANSCRIPTS", "false"),
        ("ORCH_RETENTION__BODY_DAYS", "30"),
        ("ORCH_DISPLAY__TIMEZONE", "Europe/Berlin"),
        ("ORCH_BUDGET__DAY_USD", "7.5"),
        ("ORCH_BUDGET__WEEK_USD", "25"),
        ("ORCH_BUDGET__MONTH_USD", "0"),
        ("ORCH_BUDGET__WARN_PERCENT", "90"),
        ("ORCH_LOCAL__ENABLED", "false"),
        ("ORCH_LOCAL__ENDPOINTS", r#"[{url = "http://localhost:8080"}]"#),
        ("ORCH_LOCAL__WATTS", "65.5"),
        ("ORCH_LOCAL__USD_PER_KWH", "0.3"),
        ("ORCH_LOCAL__DISPLACED_MODEL", "claude-opus-5"),
        ("ORCH_ROUTER__ALGORITHM", "keyword"),
        ("ORCH_ROUTER__POLICY", "advise"),
        ("ORCH_ROUTER__PROJECTS", r#"[{dir = "/a", policy = "observe"}]"#),
        ("ORCH_ROUTER__MIN_CONFIDENCE", "0.7"),
        ("ORCH_ROUTER__QUALITY_FLOOR", "1"),
        ("ORCH_ROUTER__RULES", r#"[{route = "local", tool = "Agent"}]"#),
        ("ORCH_ROUTER__SENSITIVE_PATHS", r#"[{route = "claude", path = "*.pem"}]"#),
        ("ORCH_LOG__LEVEL", "warn"),
    ])
    .expect("valid");
    assert_eq!(config.ingest.durability, Durability::Power);
    assert!(!config.capture.bodies);
    assert_eq!(config.capture.projects[0], ProjectRule { dir: "/a".into(), record: Recording::Off });
    assert_eq!(config.capture.projects[1].record, Recording::Full);
    assert!(!config.ledger.transcripts);
    assert_eq!(config.retention.body_days, 30);
    assert_eq!(config.display.timezone, "Europe/Berlin");
    let budget =
        Budget { day_nano_usd: 7_500_000_000, week_nano_usd: 25_000_000_000, month_nano_usd: 0, warn_percent: 90 };
    assert_eq!(config.budget, budget);
    assert!(!config.local.enabled);
    assert_eq!(config.local.endpoints[0].endpoint.base_url, "http://localhost:8080");
    let displaced_model = "claude-opus-5".to_owned();
    let money = LocalMoney { milliwatts: 65_500, nano_usd_per_kwh: 300_000_000, displaced_model };
    assert_eq!(config.local.money, money);
    assert!(config.settings().iter().all(|setting| setting.source.starts_with("ORCH_")));
    assert_eq!(config.settings().len(), KEYS.len());
}

#[test]
fn mistakes_are_named_with_the_way_out() {
    for (text, expected) in [
        ("[http]\nprot = 1", "unknown key `http.prot` in /c/config.toml; did you mean `http.port`?"),
        ("port = 1", "unknown key `port` in /c/config.toml; did you mean `http.port`?"),
        (
            "[retention]\ndays = 1",
            "unknown key `retention.days` in /c/config.toml; did you mean `retention.body_days`?",
        ),
        ("[zzz]\nq = 1", "unknown key `zzz.q` in /c/config.toml"),
        (
            "[http]\nport = 70000",
            "`http.port` in /c/config.toml must be a port from 0 to 65535 (0 takes a free one), not 70000",
        ),
        (
            "[ingest]\ndurability = \"full\"",
            "`ingest.durability` in /c/config.toml must be \"commit\" or \"power\", not \"full\"",
        ),
        (
            "[capture]\nprojects = [{dir = \"x\"}]",
            "`capture.projects` in /c/config.toml must be a list of { dir = \"/absolute/folder\", record = \"full\" | \
             \"metadata\" | \"off\" }, not the folder `x`",
        ),
        (
            "[budget]\nday_usd = -1",
            "`budget.day_usd` in /c/config.toml must be an amount of US dollars such as 25 or 7.5 (0 for none), not -1",
        ),
        (
            "[display]\ntimezone = \"Mars/Base\"",
            "`display.timezone` in /c/config.toml must be \"system\" or an IANA name such as \"Europe/Berlin\", not \
             \"Mars/Base\"",
        ),
    ] {
        assert_eq!(file(text).expect_err(text).to_string(), expected);
    }
    let from_environment = variables(&[("ORCH_HTTP__PROT", "1")]).expect_err("unknown");
    assert_eq!(from_environment.to_string(), "unknown key `http.prot` in ORCH_HTTP__PROT; did you mean `http.port`?");
}

#[test]
fn broken_toml_says_where() {
    let error = file("[http\nport = 1").expect_err("broken");
    let source = std::error::Error::source(&error).expect("a parse error").to_string();
    assert!(source.contains("line 1"), "{source}");
}

/// The file `orchd up` writes must change nothing, and each key in it must be known when its comment sign goes.
#[test]
fn the_default_file_holds_the_defaults() {
    assert_eq!(file(DEFAULT_FILE).expect("valid"), Config::default());
    let open: String = DEFAULT_FILE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") && !rest.starts_with('"') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let config = file(&open).expect("valid without comment signs");
    assert_eq!(config.capture.projects.len(), 1);
    assert!(config.settings().iter().all(|setting| setting.source == "/c/config.toml"), "a key is missing");
    assert_eq!(Config { capture: Config::default().capture, ..config.clone() }.http, Config::default().http);
    assert_eq!(config.ingest, Config::default().ingest);
    assert_eq!(config.local, Config::default().local);
}

#[test]
fn a_byte_order_mark_is_no_error() {
    assert_eq!(file("\u{feff}[http]\nport = 9").expect("valid").http.port, 9);
}

#[test]
fn what_can_be_used_is_there_beside_every_mistake() {
    let text = "[http]\nport = 70000\n[log]\nlevel = \"debug\"\n[budgte]\nday_usd = 1\n";
    let environment = [("ORCH_BUDGET__WARN_PERCENT".to_owned(), "most".to_owned())];
    let (config, errors) = Config::of_parts(Some(("/c/config.toml".into(), text)), environment);
    assert_eq!((config.http.port, config.log.level), (DEFAULT_PORT, tracing::Level::DEBUG));
    assert_eq!(source_of(&config, "http.port"), "default");
    let mut texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    texts.sort();
    assert_eq!(texts.len(), 3, "{texts:?}");
    for (text, named) in texts.iter().zip(["budget.warn_percent", "http.port", "budgte.day_usd"]) {
        assert!(text.contains(named), "{texts:?}");
    }
    let (config, errors) = Config::of_parts(Some(("/c/config.toml".into(), "[http\nport")), []);
    assert!(config == Config::default() && matches!(errors[..], [ConfigError::Syntax { .. }]));
}
