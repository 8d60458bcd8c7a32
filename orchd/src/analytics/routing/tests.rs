//! The answer over a small log.

use jiff::tz::TimeZone;
use rusqlite::{Connection, params};
use shared::decision::{Settings, router_version};

use super::super::seed;
use super::*;

/// A decision of the log: log odds of as good, local model, where it ran, what came out.
pub(crate) type Seeded<'a> = (f64, &'a str, Option<&'a str>, Option<bool>);

/// Writes decisions about prompts of the project numbered 1, a minute apart; local is recommended from even odds on.
pub(crate) fn fill(conn: &Connection, decisions: &[Seeded<'_>]) {
    let known: i64 = conn.query_row("SELECT count(*) FROM handoff_events", [], |row| row.get(0)).expect("counted");
    for (number, (logit, model, ran, judged)) in (known + 1..).zip(decisions) {
        let task = format!("prompt:{number}");
        let as_good = 1.0 / (1.0 + (-logit).exp());
        conn.execute(
            "INSERT INTO handoff_events (task_id, kind, project_id, decided_at, policy, recommended_route, confidence, as_good,
               as_good_logit, router_version, reasons, local_model, ran, tries, local_ms, expected_saving_nano_usd, expected_loss_nano_usd)
             VALUES (?1, 'prompt', 1, ?2, 'observe', ?3, ?4, ?4, ?5, ?6, '[]', ?7, ?8, 0, 0, 3000000, 1000000)",
            params![
                task,
                seed::NOW - 60_000_000 * number,
                if *logit >= 0.0 { "local" } else { "claude" },
                as_good,
                logit,
                router_version(),
                model,
                ran
            ],
        )
        .expect("filled");
        conn.execute(
            "INSERT INTO task_outcomes (task_id, outcome, ended_at, duration_ms, label, evidence, quality_parts, as_good, judged_by, judged_at)
             VALUES (?1, 'completed', ?2, 1000, 'unknown', '[]', '{}', ?3, iif(?3 IS NULL, NULL, 'user'), iif(?3 IS NULL, NULL, ?2))",
            params![task, seed::NOW - 60_000_000 * number, judged],
        )
        .expect("filled");
    }
}

fn ask(conn: &Connection, query: &RoutingQuery) -> Routing {
    routing(conn, query, (&Settings::default(), 0.98), &TimeZone::UTC).expect("answers")
}

#[test]
fn an_empty_log_knows_nothing() {
    let answer = ask(&seed::database(), &RoutingQuery::default());
    assert_eq!((answer.decisions, answer.local_model, answer.fit), (0, None, None));
    assert_eq!((answer.precision, answer.coverage, answer.quality, answer.ece), (None, None, None, None));
    assert_eq!(answer.message.as_deref(), Some("too few outcomes yet: 0 of 30"));
    assert_eq!((answer.histogram.len(), answer.reliability.len(), answer.thresholds.len()), (10, 10, 21));
    assert!(answer.thresholds.iter().all(|row| row.local_share.is_none() && row.could_save_usd.is_none()));
    assert_eq!((answer.threshold_source, answer.router_version), ("usual", router_version()));
}

#[test]
fn figures_are_of_the_judged_tasks_of_one_model() {
    let conn = seed::database();
    // Ten as good and ten not at 0.73 that ran on Claude; ten of another model; twenty nobody judged at 0.27.
    let judged: Vec<Seeded<'_>> = (0..20).map(|n| (1.0, "r1", Some("claude"), Some(n % 2 == 0))).collect();
    let other: Vec<Seeded<'_>> = vec![(1.0, "qwen", Some("local"), Some(true)); 10];
    let open: Vec<Seeded<'_>> = vec![(-1.0, "r1", Some("claude"), None); 20];
    fill(&conn, &[judged, other, open].concat());
    let answer = ask(&conn, &RoutingQuery { model: Some("r1".into()), ..RoutingQuery::default() });
    assert_eq!((answer.decisions, answer.recommended_local, answer.recommended_claude), (50, 30, 20));
    assert_eq!((answer.ran_local, answer.ran_claude, answer.judged, answer.disagreements), (10, 40, 20, 20));
    assert_eq!(answer.message.as_deref(), Some("too few outcomes yet: 20 of 30"));
    let precision = answer.precision.expect("enough");
    assert!((precision.value - 0.5).abs() < 1e-9 && precision.low < 0.35 && precision.high > 0.65, "{precision:?}");
    let quality = answer.quality.expect("enough");
    // Six in ten go to the local model, half of these are not as good.
    assert!((quality.value - 0.7).abs() < 1e-9 && quality.low < 0.6 && quality.high > 0.78, "{quality:?}");
    assert!((answer.ece.expect("enough") - 0.231).abs() < 1e-3, "{:?}", answer.ece);
    let bin = answer.reliability[7];
    assert!(bin.n == 20 && (bin.predicted.expect("some") - 0.731).abs() < 1e-3 && bin.observed == Some(0.5), "{bin:?}");
    assert!(answer.reliability[2].n == 0 && answer.reliability[2].observed.is_none());
    assert_eq!((answer.histogram[7].local, answer.histogram[2].claude), (30, 20));
    let at = |threshold: f64| {
        answer.thresholds.iter().find(|row| (row.threshold - threshold).abs() < 1e-9).expect("a row").clone()
    };
    assert_eq!((at(0.0).local_tasks, at(0.5).local_tasks, at(0.75).local_tasks), (50, 30, 0));
    assert_eq!((at(0.5).judged, at(0.75).judged, at(0.75).precision), (20, 0, None));
    // Twenty tasks on Claude above the half, each expected to save 0.003 and to lose 0.001 USD.
    assert!((at(0.5).could_save_usd.expect("known") - 0.04).abs() < 1e-9 && at(0.75).could_save_usd.is_none());
    // The model that was judged last, without one that is asked for.
    assert_eq!(ask(&conn, &RoutingQuery::default()).local_model.as_deref(), Some("r1"));
    let nowhere = RoutingQuery { project_dir: Some("/nowhere".into()), ..RoutingQuery::default() };
    assert_eq!(ask(&conn, &nowhere).decisions, 0);
}

#[test]
fn a_fit_moves_what_thresholds_would_do_and_not_what_was_said() {
    let conn = seed::database();
    fill(&conn, &vec![(1.0, "r1", Some("claude"), Some(true)); 60]);
    let without = ask(&conn, &RoutingQuery::default());
    assert_eq!((without.threshold_source, &without.message), ("own log", &None));
    conn.execute(
        "INSERT INTO router_fits (model, weights, slope, intercept, projects, outcomes, guard, fitted_at, is_active)
         VALUES ('r1', ?1, 1.0, 3.0, '[[\"/home/dev/shop\", 1.0]]', 60, '{}', 7, 1)",
        [router_version()],
    )
    .expect("filled");
    let with = ask(&conn, &RoutingQuery::default());
    assert_eq!(with.fit.as_ref().map(|fit| (fit.fit_id, fit.outcomes, fit.guard)), Some((1, 60, None)));
    assert_eq!(with.router_version, format!("{}+1", router_version()));
    assert_eq!((without.thresholds[19].local_tasks, with.thresholds[19].local_tasks), (0, 60));
    assert_eq!(with.reliability, without.reliability);
    // At log odds of 5 nearly all are expected to be as good: the floor holds for all of them.
    assert!(without.threshold > 0.99 && with.threshold < 0.01, "{} {}", without.threshold, with.threshold);
    // A fit for other weights counts for nothing.
    conn.execute("UPDATE router_fits SET weights = '00000000'", []).expect("changed");
    assert_eq!(ask(&conn, &RoutingQuery::default()), without);
}
