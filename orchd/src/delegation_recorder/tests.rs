//! The story of records on a real database: what is kept, what it sums to, and that nothing counts twice.

use std::path::Path;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use rusqlite::Connection;
use shared::event::{DelegationId, Micros};
use uuid::Uuid;

use super::{Recorded, Recorder};
use crate::analytics::costs::usd;
use crate::analytics::delegations::{DelegationQuery, Sums, delegations, sums};
use crate::analytics::savings::savings;
use crate::config::{Config, ProjectRule, Recording};
use crate::delegation::{Counted, Outcome, Policy, Record, TokenCount};
use crate::ledger::Request;
use crate::local_model::chat::LENGTH;
use crate::metrics::Metrics;
use crate::pricing::{Tokens, Usage};
use crate::store::{LedgerBatch, Store, StoreOptions};
use crate::updates::Updates;
use crate::view::DelegationRow;

/// 2026-11-22T09:10:00Z.
const NOW: Micros = 1_795_338_600_000_000;
const DAY: Micros = 86_400_000_000;
const OUTCOMES: [Outcome; 4] = [Outcome::Completed, Outcome::FellBack, Outcome::Failed, Outcome::Cancelled];

fn options() -> StoreOptions {
    StoreOptions { silent_after: Micros::MAX / 2, ..StoreOptions::default() }
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("orch.db"), options(), Metrics::default(), Updates::default()).expect("opens")
}

fn recorder(store: &Store, folder: &Path, config: &Config) -> Recorder {
    Recorder::new((store.reader(), store.writer()), folder.join("prices.toml"), config, None)
}

fn priced() -> Config {
    let mut config = Config::default();
    (config.local.money.milliwatts, config.local.money.nano_usd_per_kwh) = (120_000, 300_000_000);
    config
}

fn record(number: u128, outcome: Outcome, tokens: Option<(u64, u64, u64)>) -> Record {
    let count = |(input, output, reasoning)| TokenCount { input, output, reasoning, source: Counted::Server };
    Record {
        project_dir: Some("/home/dev/shop".to_owned()),
        model: Some("deepseek-r1".to_owned()),
        tries: 1,
        local_ms: 10_000,
        tokens: tokens.map(count),
        reason: (outcome != Outcome::Completed).then(|| "stalled".to_owned()),
        task: Some("Name it.".to_owned()),
        answer: Some("It.".to_owned()),
        ..Record::new(DelegationId(Uuid::from_u128(number)), Policy::Command, NOW - 11_000_000, NOW, outcome)
    }
}

/// One request of the main thread, by which the displaced model is found.
async fn used_by_main_thread(store: &Store, model: &str, requests: u32) {
    let request = |number: u32| Request {
        message_id: Some(format!("msg_{model}_{number:08}")),
        model: model.to_owned(),
        session_id: "main".to_owned(),
        cwd: Some("/home/dev/shop".to_owned()),
        at: NOW - 2 * DAY,
        usage: Usage { tokens: Tokens { input: 1, output: 1, ..Tokens::default() }, ..Usage::default() },
        ..Request::default()
    };
    let batch = LedgerBatch { requests: (0..requests).map(request).collect(), ..LedgerBatch::default() };
    store.writer().record_now(batch).await.expect("recorded");
}

fn all(conn: &Connection) -> Vec<DelegationRow> {
    delegations(conn, &DelegationQuery::default(), (None, 200), &TimeZone::UTC).expect("answers").items
}

fn number(conn: &Connection, ask: &str) -> i64 {
    conn.query_row(ask, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{ask}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_is_recorded_once_with_all_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    used_by_main_thread(&store, "claude-opus-5", 2).await;
    used_by_main_thread(&store, "claude-haiku-4-5", 1).await;
    used_by_main_thread(&store, "other-model", 3).await;
    let recorder = recorder(&store, folder.path(), &priced());
    let told = Record { session_id: Some("main".into()), ..record(1, Outcome::Completed, Some((1_000, 500, 300))) };
    assert_eq!(recorder.record(told.clone()).await.expect("stored"), Recorded::New);
    let again = Record {
        outcome: Outcome::Failed,
        tokens: Some(TokenCount { input: 9, ..told.tokens.expect("some") }),
        ..told
    };
    assert_eq!(recorder.record(again).await.expect("answered"), Recorded::Known);
    store.close();
    let conn = Connection::open(folder.path().join("orch.db")).expect("opens");
    let rows = all(&conn);
    let [row] = rows.as_slice() else { panic!("one: {rows:?}") };
    assert_eq!((row.ran.as_deref(), &*row.outcome, row.duration_ms), (Some("local"), "completed", 11_000));
    assert_eq!((row.input_tokens, row.output_tokens, row.reasoning_tokens), (Some(1_000), Some(500), Some(300)));
    assert_eq!(row.displaced_model.as_deref(), Some("claude-opus-5"));
    assert_eq!(row.displaced_by.as_deref(), Some("most_used"));
    assert_eq!((row.displaced_cost_usd, row.cost_usd, row.saving_usd), (Some(0.01), Some(0.0001), Some(0.0099)));
    assert_eq!(row.cost_price.as_deref(), Some("local: electricity 120 W at 0.30 USD/kWh"));
    let words = row.assumption.as_deref().expect("words");
    assert!(words.starts_with("claude-opus-5 would have done it, which the main thread used most"), "{words}");
    let ledger = "SELECT count(*) FROM api_requests WHERE source = 'local' AND session_id = 'main' AND agent_type = 'delegation' \
                  AND agent_id = message_id AND output_tokens = 500 AND cost_nano_usd = 100000";
    assert_eq!(number(&conn, ledger), 1);
    assert_eq!(
        number(&conn, "SELECT request_seq FROM api_requests WHERE source = 'local'"),
        row.request_seq.expect("one")
    );
    let rolled = "SELECT sum(requests) FROM cost_day WHERE agent_type = 'delegation'";
    assert_eq!(number(&conn, rolled), 1, "the rollups have it once");
    assert_eq!(number(&conn, "SELECT count(*) FROM task_outcomes WHERE outcome = 'completed'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_back_is_overhead_and_what_is_not_known_is_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let recorder = recorder(&store, folder.path(), &Config::default());
    for told in [
        record(1, Outcome::Completed, Some((10, 5, 0))),
        record(2, Outcome::FellBack, Some((20, 9, 9))),
        record(3, Outcome::FellBack, None),
        record(4, Outcome::Failed, None),
        record(5, Outcome::Cancelled, None),
    ] {
        assert_eq!(recorder.record(told).await.expect("stored"), Recorded::New);
    }
    store.close();
    let conn = Connection::open(folder.path().join("orch.db")).expect("opens");
    let saved = savings(&conn, &DelegationQuery::default(), &TimeZone::UTC).expect("answers");
    assert_eq!((saved.realised.usd, saved.realised.reason), (None, Some("unknown_model")));
    assert_eq!(saved.total.unknown_saving_tasks, 1);
    assert_eq!((saved.total.local, saved.total.claude, saved.total.nobody), (1, 2, 2));
    assert_eq!((saved.total.input_tokens, saved.displaced_tokens), (30, 15));
    assert_eq!((saved.total.local_ms, saved.total.overhead_ms), (50_000, 40_000));
    assert!(
        saved.own_costs.iter().all(|own| own.cost_usd.to_bits() == 0 && own.price == "local: no electricity price set")
    );
    let led_to: Vec<_> = saved.own_costs.iter().map(|own| (&*own.led_to, own.tasks)).collect();
    assert_eq!(led_to, [("nothing", 1), ("unknown", 1)]);
    assert_eq!(saved.optimization_rate.map(f64::round), Some(33.0));
    assert_eq!(saved.seed_estimate.usd, Some(0.000_225));
    assert_eq!((saved.downshift.usd, saved.could_have_saved.reason), (None, Some("too_few_outcomes")));
    let reasons: Vec<_> = saved.fallback_reasons.iter().map(|found| (&*found.outcome, found.tasks)).collect();
    assert_eq!(reasons, [("fell_back", 2), ("failed", 1)]);
    let rows = all(&conn);
    let of = |end: &str| rows.iter().find(|row| row.task_id.ends_with(end)).expect("there");
    assert_eq!((of("2").fallback_reason.as_deref(), of("4").fallback_reason.as_deref()), (Some("stalled"), None));
    assert_eq!(
        (of("2").cost_usd, of("3").cost_usd),
        (Some(0.0), None),
        "only what was counted has a row of the ledger"
    );
    let words = of("1").assumption.as_deref().expect("words");
    assert_eq!(
        words, "Which model would have done it is not known: no saving is counted.",
        "nothing is taken off of nothing"
    );
    assert!(rows.iter().all(|row| row.saving_usd.is_none() && row.confidence.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_recorded_as_their_rules_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let mut config = Config::default();
    let rule = |dir: &str, record| ProjectRule { dir: dir.into(), record };
    config.capture.projects = vec![rule("/secret", Recording::Off), rule("/quiet", Recording::Metadata)];
    let recorder_of = |config: &Config| recorder(&store, folder.path(), config);
    let at = |number, dir: &str| Record {
        project_dir: Some(dir.to_owned()),
        ..record(number, Outcome::Completed, Some((1, 1, 0)))
    };
    assert_eq!(recorder_of(&config).record(at(1, "/secret/app")).await.expect("answered"), Recorded::Excluded);
    assert_eq!(recorder_of(&config).record(at(2, "/quiet/app")).await.expect("stored"), Recorded::New);
    config.capture.bodies = false;
    assert_eq!(recorder_of(&config).record(at(3, "/open")).await.expect("stored"), Recorded::New);
    store.writer().set_paused(true).await.expect("paused");
    assert_eq!(recorder_of(&config).record(at(4, "/open")).await.expect("answered"), Recorded::Paused);
    store.close();
    let conn = Connection::open(folder.path().join("orch.db")).expect("opens");
    let rows = all(&conn);
    let previews: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.project_dir.as_deref().unwrap_or_default(), row.task_preview.is_some(), row.answer_preview.is_some())
        })
        .collect();
    assert_eq!(previews, [("/open", true, false), ("/quiet/app", false, false)]);
    assert_eq!(number(&conn, "SELECT count(*) FROM api_requests"), 2);
}

/// One delegation, as it is drawn.
#[derive(Debug, Clone)]
struct Drawn {
    outcome: Outcome,
    tokens: Option<(u64, u64, u64)>,
    local_ms: i64,
    project: usize,
    in_session: bool,
    days_ago: i64,
    twice: bool,
    partial: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let tokens = (0..50_000_u64, 0..5_000_u64, 0..=100_u64)
        .prop_map(|(input, output, percent)| (input, output, output * percent / 100));
    let rest = (0..600_000_i64, 0..3_usize, any::<bool>(), 0..5_i64, any::<bool>(), proptest::bool::weighted(0.2));
    (0..4_usize, proptest::option::weighted(0.7, tokens), rest).prop_map(
        |(outcome, tokens, (local_ms, project, in_session, days_ago, twice, partial))| {
            let outcome = OUTCOMES[outcome];
            let tokens = if outcome == Outcome::Completed { tokens.or(Some((7, 3, 1))) } else { tokens };
            Drawn { outcome, tokens, local_ms, project, in_session, days_ago, twice, partial }
        },
    )
}

const PROJECTS: [&str; 3] = ["/home/dev/shop", "/home/dev/api", ""];

impl Drawn {
    fn record(&self, number: usize) -> Record {
        let decided_at = NOW - self.days_ago * DAY;
        Record {
            project_dir: Some(PROJECTS[self.project].to_owned()).filter(|dir| !dir.is_empty()),
            session_id: self.in_session.then(|| format!("session-{}", self.project)),
            local_ms: self.local_ms,
            reason: self.partial.then(|| LENGTH.to_owned()),
            decided_at,
            ended_at: decided_at + self.local_ms * 1_000,
            ..record(number as u128 + 1, self.outcome, self.tokens)
        }
    }

    /// What it costs at 120 W and 0.30 USD per kilowatt-hour, worked out apart: 10 nano-dollars a millisecond.
    fn cost(&self) -> i64 {
        self.local_ms * 10
    }

    /// What it saves against a model at 5 and 25 USD per million tokens.
    fn saving(&self) -> i64 {
        let would = |(input, output, reasoning): (u64, u64, u64)| input * 5_000 + (output - reasoning) * 25_000;
        let would = self.tokens.filter(|_| self.outcome == Outcome::Completed && !self.partial).map(would);
        would.map_or(0, |would| i64::try_from(would).expect("small") - self.cost())
    }
}

/// Checks the answers of one selection against the rows of the ledger and of the tasks, and against the figures worked out apart.
fn check(conn: &Connection, query: &DelegationQuery, of: &[&Drawn]) -> Result<(), TestCaseError> {
    let Sums { input_tokens, output_tokens, cost_nano_usd, saving_nano_usd, tasks, displaced_tokens, .. } =
        sums(conn, query, &TimeZone::UTC).expect("answers");
    let range = query.since.map_or("1".to_owned(), |day| {
        let from = day.to_zoned(TimeZone::UTC).expect("a day").timestamp().as_microsecond();
        format!("{{}}_at BETWEEN {from} AND {}", from + DAY - 1)
    });
    let project = query
        .project_dir
        .as_ref()
        .map_or("1".to_owned(), |dir| format!("project_id IN (SELECT project_id FROM projects WHERE dir = '{dir}')"));
    let ledger = |what: &str| {
        let range = range.replace("{}", "requested");
        number(
            conn,
            &format!(
                "SELECT coalesce(sum({what}), 0) FROM api_requests WHERE source = 'local' AND {project} AND {range}"
            ),
        )
    };
    let rows = |what: &str| {
        let range = range.replace("{}", "decided");
        number(conn, &format!("SELECT coalesce(sum({what}), 0) FROM handoff_events WHERE {project} AND {range}"))
    };
    prop_assert_eq!(
        (input_tokens, output_tokens, cost_nano_usd),
        (ledger("input_tokens"), ledger("output_tokens"), ledger("cost_nano_usd"))
    );
    prop_assert_eq!(
        (input_tokens, output_tokens, cost_nano_usd),
        (rows("input_tokens"), rows("output_tokens"), rows("cost_nano_usd"))
    );
    prop_assert_eq!((saving_nano_usd, tasks), (rows("saving_nano_usd"), rows("1")));
    prop_assert_eq!(cost_nano_usd, of.iter().map(|drawn| drawn.cost()).sum::<i64>());
    prop_assert_eq!(saving_nano_usd, of.iter().map(|drawn| drawn.saving()).sum::<i64>());
    prop_assert_eq!(tasks, i64::try_from(of.len()).expect("few"));
    let (mut items, mut cursor, mut total) = (Vec::new(), None, None);
    loop {
        let page = delegations(conn, query, (cursor, 3), &TimeZone::UTC).expect("answers");
        total = total.or(page.total);
        items.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next.parse().expect("our own")),
            None => break,
        }
    }
    prop_assert_eq!(items.iter().filter_map(|row| row.input_tokens).sum::<i64>(), input_tokens);
    prop_assert!((items.iter().filter_map(|row| row.saving_usd).sum::<f64>() - usd(saving_nano_usd)).abs() < 1e-9);
    let saved = savings(conn, query, &TimeZone::UTC).expect("answers");
    prop_assert_eq!(Some(saved.total), total);
    // What is known of none of those that ran here is null; that is so where all of them end at their limit.
    let is_unknown = saved.total.local > 0 && saved.total.unknown_saving_tasks == saved.total.local;
    prop_assert_eq!(saved.realised.usd, Some(usd(saving_nano_usd)).filter(|_| !is_unknown));
    prop_assert_eq!(saved.realised.reason, is_unknown.then_some(LENGTH));
    let whole = of
        .iter()
        .filter(|drawn| drawn.outcome == Outcome::Completed && !drawn.partial)
        .filter_map(|drawn| drawn.tokens);
    let displaced: u64 = whole.map(|(input, output, reasoning)| input + output - reasoning).sum();
    prop_assert_eq!(displaced_tokens, i64::try_from(displaced).expect("small"));
    prop_assert_eq!(saved.seed_estimate.usd, Some(usd(displaced_tokens * 15_000)));
    prop_assert_eq!(saved.assumptions.iter().map(|part| part.tasks).sum::<i64>(), saved.total.local);
    // What stands on the page adds up: there, less its own cost, is saved; with what led to nothing that is all it cost.
    let near = |left: f64, right: f64| (left - right).abs() < 1e-9;
    for part in saved.assumptions.iter().filter(|part| part.saving_usd.is_some()) {
        let (there, own) = (part.displaced_cost_usd.expect("known"), part.own_cost_usd.expect("known"));
        prop_assert!(near(there - own, part.saving_usd.expect("known")), "{part:?}");
    }
    let cost_of =
        |led_to: &str| saved.own_costs.iter().filter(|own| own.led_to == led_to).map(|own| own.cost_usd).sum::<f64>();
    let parts = saved.assumptions.iter().filter_map(|part| part.own_cost_usd).sum::<f64>();
    prop_assert!(near(parts, cost_of("saving") + cost_of("unknown")));
    prop_assert!(near(parts + cost_of("nothing"), usd(cost_nano_usd)));
    for row in items.iter().filter(|row| row.ran.as_deref() == Some("local")) {
        let words = row.assumption.as_deref().expect("words");
        prop_assert_eq!(words.contains("Less its own cost"), row.saving_usd.is_some(), "{}", words);
        prop_assert_eq!(words.contains("no saving is counted"), row.saving_usd.is_none(), "{}", words);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    /// Bar 6: tokens and savings of every answer equal the sums over the rows.
    #[test]
    fn the_books_balance(drawn in proptest::collection::vec(drawn(), 0..14)) {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let store = open(folder.path());
        let mut config = priced();
        config.local.money.displaced_model = "claude-opus-5".to_owned();
        let recorder = recorder(&store, folder.path(), &config);
        runtime.block_on(async {
            for (number, told) in drawn.iter().enumerate() {
                for time in 0..=usize::from(told.twice) {
                    let expected = if time == 0 { Recorded::New } else { Recorded::Known };
                    assert_eq!(recorder.record(told.record(number)).await.expect("stored"), expected);
                }
            }
        });
        store.close();
        let conn = Connection::open(folder.path().join("orch.db")).expect("opens");
        check(&conn, &DelegationQuery::default(), &drawn.iter().collect::<Vec<_>>())?;
        for (place, dir) in PROJECTS.iter().enumerate().take(2) {
            let query = DelegationQuery { project_dir: Some((*dir).to_owned()), ..DelegationQuery::default() };
            check(&conn, &query, &drawn.iter().filter(|drawn| drawn.project == place).collect::<Vec<_>>())?;
        }
        for days_ago in 0..5 {
            let day = crate::analytics::calendar::day_of(NOW - days_ago * DAY, &TimeZone::UTC);
            let query = DelegationQuery { since: Some(day), until: Some(day), ..DelegationQuery::default() };
            check(&conn, &query, &drawn.iter().filter(|drawn| drawn.days_ago == days_ago).collect::<Vec<_>>())?;
        }
        for table in ["cost_metrics", "cost_day", "cost_session"] {
            let rolled = number(&conn, &format!("SELECT coalesce(sum(cost_nano_usd), 0) + coalesce(sum(output_tokens), 0) FROM {table}"));
            let rows = number(&conn, "SELECT coalesce(sum(cost_nano_usd), 0) + coalesce(sum(output_tokens), 0) FROM api_requests");
            prop_assert_eq!(rolled, rows, "{}", table);
        }
    }
}
