//! Telemetry in settings as users have them.

use insta::assert_snapshot;

use super::*;

const FOREIGN: &str = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"EDITOR\": \"vi\"\n  }\n}\n";

fn ours() -> Telemetry {
    Telemetry::new("http://127.0.0.1:6724", &"ab".repeat(32)).expect("a token")
}

fn on(text: &str) -> String {
    let (after, found) = with_telemetry(text, &ours()).expect("usual settings");
    assert_ne!(found, Found::Foreign(String::new()));
    after
}

#[test]
fn it_is_turned_on_beside_what_is_there() {
    assert_snapshot!(masked(&on(FOREIGN)), @r#"
    {
      "model": "opus",
      "env": {
        "EDITOR": "vi",
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:6724",
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer <token>"
      }
    }
    "#);
}

#[test]
fn twice_is_once_and_off_gives_the_file_back() {
    for text in [FOREIGN, "{\n  \"model\": \"opus\"\n}\n", "{\r\n  \"env\": {\r\n    \"A\": \"1\"\r\n  }\r\n}\r\n"] {
        let once = on(text);
        assert_eq!((on(&once), found_in(&once)), (once.clone(), Ok(Found::Ours)));
        assert_eq!(without_telemetry(&once).expect("usual settings"), text);
        assert_eq!(without_telemetry(text).expect("usual settings"), text);
    }
    assert_eq!(without_telemetry(&on("")).expect("usual settings").trim(), "{}");
}

#[test]
fn another_port_or_token_takes_the_place_of_the_old_one() {
    let moved = Telemetry::new("http://127.0.0.1:7000", &"cd".repeat(32)).expect("a token");
    let (text, found) = with_telemetry(&on(FOREIGN), &moved).expect("usual settings");
    assert_eq!(found, Found::Ours);
    assert!(text.contains("127.0.0.1:7000") && !text.contains("6724") && !text.contains("abab"), "{text}");
}

#[test]
fn what_users_set_themselves_stays() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "\"https://otel.example\""),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "\"http://127.0.0.1:4318\""),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "\"http://x\""),
        ("OTEL_EXPORTER_OTLP_HEADERS", "\"Authorization=Bearer other\""),
        ("OTEL_METRICS_EXPORTER", "\"prometheus\""),
        ("OTEL_TRACES_EXPORTER", "\"otlp\""),
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "\"0\""),
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "1"),
    ] {
        let text = format!("{{\n  \"env\": {{\n    \"{name}\": {value}\n  }}\n}}\n");
        let (after, found) = with_telemetry(&text, &ours()).expect("usual settings");
        assert_eq!((after, found), (text.clone(), Found::Foreign(name.to_owned())));
        assert_eq!(without_telemetry(&text).expect("usual settings"), text);
    }
    let helper = "{\n  \"otelHeadersHelper\": \"/home/dev/headers.sh\"\n}\n";
    let found = Found::Foreign("otelHeadersHelper".to_owned());
    assert_eq!(with_telemetry(helper, &ours()).expect("usual settings"), (helper.to_owned(), found));
    // What tells nothing of where it goes is no reason to stay away.
    let verbose = "{\"env\": {\"OTEL_LOG_USER_PROMPTS\": \"1\"}}";
    assert!(on(verbose).contains("OTEL_LOG_USER_PROMPTS"));
}

#[test]
fn what_was_changed_since_is_the_users() {
    let changed = on(FOREIGN).replace("\"OTEL_METRICS_EXPORTER\": \"otlp\"", "\"OTEL_METRICS_EXPORTER\": \"none\"");
    assert_eq!(on(&changed), changed, "it is not set back");
    let off = without_telemetry(&changed).expect("usual settings");
    assert!(off.contains("\"OTEL_METRICS_EXPORTER\": \"none\"") && !off.contains("ENDPOINT"), "{off}");
    let elsewhere = on(FOREIGN).replace("http://127.0.0.1:6724", "https://otel.example");
    assert_eq!(without_telemetry(&elsewhere).expect("usual settings"), elsewhere);
}

#[test]
fn an_odd_env_is_named_and_left() {
    for (text, what) in [
        ("{\"env\": []}", "`env` is not an object"),
        ("{\"env\": {}, \"env\": {}}", "`env` appears twice"),
        ("{\"env\": {\"A\": \"1\", \"A\": \"2\"}}", "`A` appears twice"),
    ] {
        let problem = with_telemetry(text, &ours()).expect_err(text);
        assert_eq!(problem.what, what);
    }
}

#[test]
fn no_token_is_shown() {
    let text = format!("+ \"{BEARER}{}\"\n- \"{BEARER}\"\n", "ab".repeat(32));
    assert_eq!(masked(&text), "+ \"Authorization=Bearer <token>\"\n- \"Authorization=Bearer \"\n");
    assert_eq!(Telemetry::new("http://127.0.0.1:0", &"ab".repeat(32)).map(|_| ()), None);
    assert_eq!(Telemetry::new("http://127.0.0.1:1", "short").map(|_| ()), None);
}
