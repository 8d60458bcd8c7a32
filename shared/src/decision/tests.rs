//! What is decided, by example.

use super::*;
use crate::classify::classify;
use crate::snapshot::LocalModel;

fn ready() -> LocalModel {
    LocalModel { state: "ready".into(), available: true, model: Some("deepseek-r1".into()), context_tokens: Some(4096) }
}

fn task(text: &str) -> Task<'_> {
    Task { text, project: "/w/app", ..Task::default() }
}

/// Settings under which every task is good enough.
fn open() -> Settings {
    Settings { min_confidence: 0.0, threshold: 0.0, ..Settings::default() }
}

fn first(decision: &Decision) -> &str {
    &decision.reasons[0].code
}

#[test]
fn what_was_laid_down_comes_before_the_heads() {
    let rule = |route| Rule { route, project: None, agent: None, pattern: Some("changelog".into()), tool: None };
    let path = |route| SensitivePath { path: "*.pem".into(), route };
    let closed = Settings { threshold: 1.1, ..open() };
    let down = LocalModel { state: "down".into(), available: false, ..ready() };
    let words = "write the changelog of key.pem";
    for (settings, local, route, code) in [
        (open(), Some(ready()), Route::Local, "above_threshold"),
        (closed.clone(), Some(ready()), Route::Claude, "below_threshold"),
        (Settings { min_confidence: 1.1, ..open() }, Some(ready()), Route::Claude, "below_min_confidence"),
        (Settings { rules: vec![rule(Route::Local)], ..closed.clone() }, Some(ready()), Route::Local, "rule"),
        (
            Settings { rules: vec![rule(Route::Claude), rule(Route::Local)], ..open() },
            Some(ready()),
            Route::Claude,
            "rule",
        ),
        (
            Settings { rules: vec![rule(Route::Local)], ..open() },
            Some(down.clone()),
            Route::Claude,
            "local_model_not_available",
        ),
        (
            Settings { sensitive_paths: vec![path(Route::Claude)], ..open() },
            Some(ready()),
            Route::Claude,
            "sensitive_path",
        ),
        (
            Settings { sensitive_paths: vec![path(Route::Local)], ..closed },
            Some(down.clone()),
            Route::Local,
            "sensitive_path",
        ),
        (open(), Some(down), Route::Claude, "local_model_not_available"),
        (open(), None, Route::Claude, "local_model_unknown"),
        (open(), Some(LocalModel { context_tokens: Some(3), ..ready() }), Route::Claude, "too_long"),
        (open(), Some(LocalModel { state: "loadable".into(), ..ready() }), Route::Local, "above_threshold"),
    ] {
        let decision = decide(&task(words), &settings, local.as_ref());
        assert_eq!((decision.route, first(&decision)), (route, code), "{settings:?} {local:?}");
    }
}

#[test]
fn the_confidence_is_of_the_route() {
    let as_good = (classify("fix the typo").as_good.probability * 1e6).round() / 1e6;
    let local = decide(&task("fix the typo"), &open(), Some(&ready()));
    let claude = decide(&task("fix the typo"), &open(), None);
    assert_eq!(local.confidence, Some(as_good));
    assert!((claude.confidence.expect("learned") - (1.0 - as_good)).abs() < 1e-5);
    assert!(!local.is_calibrated && local.reasons.iter().any(|reason| reason.code == "not_calibrated"));
}

#[test]
fn a_fit_counts_for_its_weights_only() {
    let fit = |weights: String| Fit {
        id: 7,
        weights,
        slope: 0.0,
        intercept: 3.0,
        projects: vec![("/w".into(), -6.0)],
        outcomes: 300,
    };
    let settings = Settings { fit: Some(fit(router_version())), ..Settings::default() };
    let other = Task { project: "/x", ..task("anything") };
    let decision = decide(&other, &settings, Some(&ready()));
    assert!((decision.as_good - 0.9526).abs() < 1e-4 && decision.is_calibrated, "{decision:?}");
    assert_eq!((decision.route, &*decision.router_version), (Route::Local, &*format!("{}+7", router_version())));
    assert_eq!(decide(&task("anything"), &settings, Some(&ready())).route, Route::Claude);
    let foreign = Settings { fit: Some(fit("00000000".into())), ..Settings::default() };
    assert!(!decide(&other, &foreign, Some(&ready())).is_calibrated);
}

#[test]
fn what_is_unlike_all_that_is_known_gets_no_surer_a_word() {
    let wall = "a".repeat(3_000);
    let decision = decide(&task(&wall), &open(), Some(&ready()));
    assert!(decision.as_good <= 0.937, "{}", decision.as_good);
    assert!(decision.reasons.iter().any(|reason| reason.code == "unlike_known"), "{:?}", decision.reasons);
    let plain = decide(&task("fix the typo"), &open(), Some(&ready()));
    assert!(plain.reasons.iter().all(|reason| reason.code != "unlike_known"), "{:?}", plain.reasons);
}

#[test]
fn the_keyword_rule_has_no_probability() {
    let settings = Settings { algorithm: Algorithm::Keyword, ..Settings::default() };
    for (text, local, route) in [
        ("implement a function", Some(ready()), Route::Local),
        ("implement a function", None, Route::Claude),
        ("explain the design", Some(ready()), Route::Claude),
    ] {
        let decision = decide(&task(text), &settings, local.as_ref());
        assert_eq!(
            (decision.route, decision.confidence, &*decision.router_version),
            (route, None, "keyword"),
            "{text}"
        );
    }
    assert_eq!(decide(&task("a load test"), &settings, None).agent, "performance-testing-expert");
}

#[test]
fn what_costs_more_than_it_saves_is_not_handed_over() {
    let money = |local_output| Some(Money { claude_input: 2_000.0, claude_output: 10_000.0, local_output });
    let settings = |local_output| Settings { money: money(local_output), ..open() };
    let cheap = decide(&task("fix the typo"), &settings(0.0), Some(&ready()));
    assert!(cheap.route == Route::Local && cheap.expected_saving_usd > cheap.expected_loss_usd, "{cheap:?}");
    let dear = decide(&task("fix the typo"), &settings(1e9), Some(&ready()));
    assert_eq!((dear.route, first(&dear)), (Route::Claude, "not_worth_it"));
    assert_eq!(decide(&task("fix the typo"), &open(), Some(&ready())).expected_saving_usd, None);
}

#[test]
fn any_text_gets_a_sane_decision() {
    let long = "word ".repeat(200_000);
    for text in ["", "\0", "fix", "修复登录错误", "исправь ошибку", "fn main() {}\n}{", "🙂🙂", &long]
    {
        let decision = decide(&task(text), &Settings::default(), Some(&ready()));
        assert!((0.0..=1.0).contains(&decision.as_good) && !decision.reasons.is_empty(), "{text:.20}");
        let text = serde_json::to_string(&decision).expect("JSON");
        assert_eq!(serde_json::from_str::<Decision>(&text).expect("own JSON"), decision);
        assert!(text.len() < 1_500, "{} bytes", text.len());
    }
}
