use jiff::civil::date;

use super::super::seed;
use super::*;
use crate::analytics::requests::{RequestQuery, requests};
use crate::ledger::Request;
use crate::metrics::Metrics;
use crate::store::{LedgerBatch, Store, StoreOptions};
use crate::updates::Updates;

fn all(conn: &Connection, query: &CostQuery, group: Group, timezone: &TimeZone) -> Vec<(String, Sums)> {
    rows(conn, query, group, timezone).expect("answers")
}

#[test]
fn every_group_sums_to_the_same_total() {
    let conn = seed::database();
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a valid rule");
    for (since, until, timezone) in [
        (None, None, &TimeZone::UTC),
        (Some(date(2026, 11, 1)), Some(date(2026, 11, 20)), &TimeZone::UTC),
        (Some(date(2026, 11, 3)), None, &berlin),
    ] {
        let query = CostQuery { since, until, ..CostQuery::default() };
        let totals: Vec<Sums> =
            Group::NAMES.iter().map(|&(_, group)| total(&all(&conn, &query, group, timezone))).collect();
        assert!(totals[0].requests > 0 && totals[0].unknown > 0);
        assert!(totals.iter().all(|total| *total == totals[0]), "{totals:?}");
    }
}

#[test]
fn keys_are_days_mondays_months_and_names() {
    let conn = seed::database();
    let keys = |group| -> Vec<String> {
        all(&conn, &CostQuery::default(), group, &TimeZone::UTC).into_iter().map(|(key, _)| key).collect()
    };
    let days = keys(Group::Day);
    assert_eq!((days[0].as_str(), days.last().expect("some").as_str()), ("2026-10-23", "2026-11-22"));
    assert_eq!(keys(Group::Week), ["2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]);
    assert_eq!(keys(Group::Month), ["2026-10", "2026-11"]);
    assert_eq!(keys(Group::Agent), ["main", "Explore"]);
    assert_eq!(keys(Group::Model), ["claude-haiku-4-5", "claude-opus-5", "local-model"]);
    assert_eq!(keys(Group::Project).len(), 2);
}

#[test]
fn what_is_not_known_is_not_nothing() {
    let conn = seed::database();
    let query = CostQuery { model: Some("local-model".into()), ..CostQuery::default() };
    let answer = costs(&conn, &query, (Group::Model, 10), &TimeZone::UTC).expect("answers");
    assert_eq!((answer.total.cost_usd, answer.total.unknown_cost_requests), (None, 20));
    let nothing = CostQuery { since: Some(date(2030, 1, 1)), ..CostQuery::default() };
    let answer = costs(&conn, &nothing, (Group::Model, 10), &TimeZone::UTC).expect("answers");
    assert_eq!((answer.total.cost_usd, answer.rows.len(), answer.over_time.len()), (Some(0.0), 0, 0));
}

#[test]
fn over_time_and_what_is_beyond_the_limit_sum_to_the_total() {
    let conn = seed::database();
    for (_, group) in Group::NAMES {
        let answer = costs(&conn, &CostQuery::default(), (group, 1), &TimeZone::UTC).expect("answers");
        let requests = answer.rows.iter().map(|row| row.sums.requests).sum::<i64>();
        assert_eq!(requests + answer.other.map_or(0, |other| other.requests), 60, "{group:?}");
        assert_eq!(answer.over_time.iter().map(|bucket| bucket.sums.requests).sum::<i64>(), 60, "{group:?}");
        for bucket in &answer.over_time {
            let parts: f64 = bucket.parts_usd.iter().sum();
            let whole = bucket.sums.cost_usd.unwrap_or(0.0);
            assert!(bucket.parts_usd.is_empty() || (parts - whole).abs() < 1e-9, "{group:?} {bucket:?}");
        }
    }
}

#[test]
fn sessions_that_reach_over_an_end_count_what_lies_within() {
    let conn = seed::database();
    let query = CostQuery { since: Some(date(2026, 11, 10)), until: Some(date(2026, 11, 12)), ..CostQuery::default() };
    let sessions = all(&conn, &query, Group::Session, &TimeZone::UTC);
    let working = sessions.iter().find(|(id, _)| id == seed::WORKING).expect("it reaches over both");
    let of = CostQuery { session_id: Some(seed::WORKING.to_owned()), ..query };
    assert_eq!(working.1, total(&all(&conn, &of, Group::Prompt, &TimeZone::UTC)));
    assert_eq!(working.1.requests, 3);
}

#[test]
fn widths_fit_the_number_of_days() {
    for (days, bucket) in
        [(0, Group::Day), (31, Group::Day), (101, Group::Week), (365, Group::Week), (800, Group::Month)]
    {
        assert_eq!(width(days), bucket, "{days}");
    }
}

#[test]
fn the_names_of_groups_are_theirs() {
    for (name, group) in Group::NAMES {
        assert_eq!(group.name(), name);
    }
}

/// A user who changes to another folder makes requests in several projects in one session.
#[test]
fn a_session_in_two_projects_counts_in_each_with_its_part() {
    let conn = seed::database();
    conn.execute(
        "UPDATE api_requests SET project_id = 2 WHERE session_id = ?1 AND request_seq % 3 = 0",
        [seed::WORKING],
    )
    .expect("updates");
    crate::analytics::seed_ledger::roll_up(&conn);
    let projects: Vec<_> =
        all(&conn, &CostQuery::default(), Group::Project, &TimeZone::UTC).into_iter().map(|(dir, _)| dir).collect();
    assert_eq!(projects.len(), 2);
    for dir in projects {
        for since in [None, Some(date(2026, 11, 1))] {
            let query = CostQuery { since, project_dir: Some(dir.clone()), ..CostQuery::default() };
            let totals: Vec<Sums> =
                Group::NAMES.iter().map(|&(_, group)| total(&all(&conn, &query, group, &TimeZone::UTC))).collect();
            assert!(totals.iter().all(|total| *total == totals[0]), "{dir} {since:?}: {totals:?}");
            let sessions = all(&conn, &query, Group::Session, &TimeZone::UTC);
            for (session, sums) in sessions {
                let of = CostQuery { session_id: Some(session.clone()), ..query.clone() };
                assert_eq!(total(&all(&conn, &of, Group::Model, &TimeZone::UTC)), sums, "{session} {dir}");
            }
        }
    }
}

#[test]
fn a_limit_keeps_the_newest_days_and_gives_the_others_a_part() {
    let conn = seed::database();
    let days = costs(&conn, &CostQuery::default(), (Group::Day, 2), &TimeZone::UTC).expect("answers");
    let keys: Vec<_> = days.rows.iter().map(|row| &*row.key).collect();
    assert_eq!((keys[1], days.other.map(|other| other.requests > 50)), ("2026-11-22", Some(true)));
    let models = costs(&conn, &CostQuery::default(), (Group::Model, 2), &TimeZone::UTC).expect("answers");
    assert!(models.over_time.iter().all(|bucket| bucket.parts_usd.len() == 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_no_known_type_is_not_the_main_thread_until_a_claim_names_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orch.db");
    let store = Store::open(&path, StoreOptions::default(), Metrics::default(), Updates::default()).expect("opens");
    let claim = |id: &str, agent_id: Option<&str>, agent_type: Option<&str>| Request {
        message_id: Some(id.to_owned()),
        model: "m".to_owned(),
        session_id: "s".to_owned(),
        agent_id: agent_id.map(str::to_owned),
        agent_type: agent_type.map(str::to_owned),
        at: 1_763_900_000_000_000,
        ..Request::default()
    };
    let untyped = [claim("1", None, None), claim("2", Some("a"), None), claim("3", Some("b"), Some(""))];
    let reader = store.reader();
    let kinds = |agent: Option<&str>| {
        let (reader, of) = (reader.clone(), CostQuery { agent: agent.map(str::to_owned), ..CostQuery::default() });
        async move {
            reader
                .query(move |conn| {
                    let in_session = CostQuery { session_id: Some("s".to_owned()), ..of.clone() };
                    let by_agent = rows(conn, &of, Group::Agent, &TimeZone::UTC)?;
                    assert_eq!(by_agent, rows(conn, &in_session, Group::Agent, &TimeZone::UTC)?);
                    let query = RequestQuery { of, limit: 9, ..RequestQuery::default() };
                    let page = requests(conn, &query, &TimeZone::UTC)?;
                    assert_eq!(Some(view(&total(&by_agent))), page.total);
                    assert_eq!(i64::try_from(page.items.len()), Ok(total(&by_agent).requests));
                    Ok(by_agent
                        .iter()
                        .map(|(key, sums)| format!("{key} {}", sums.requests))
                        .collect::<Vec<_>>()
                        .join(", "))
                })
                .await
        }
    };
    for (claims, all) in [
        (untyped.to_vec(), "unknown agent 2, main 1"),
        (vec![claim("2", Some("a"), Some("Explore"))], "Explore 1, main 1, unknown agent 1"),
    ] {
        let batch = LedgerBatch { requests: claims, ..LedgerBatch::default() };
        store.writer().record_now(batch).await.expect("stored");
        assert_eq!(kinds(None).await.expect("an answer"), all);
        assert_eq!(kinds(Some("main")).await.expect("an answer"), "main 1");
    }
    assert_eq!(kinds(Some("unknown agent")).await.expect("an answer"), "unknown agent 1");
    store.close();
}
