//! Kills of both programs under load: nothing lost, nothing twice, nothing torn.
//!
//! Short here; the bar's size with `ORCH_KILL_LOOP=full` (100 daemon kills, 500 hook kills, 20,000 events). The seed is
//! printed and taken from `ORCH_KILL_SEED`.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::database::Database;
use e2e_tests::random::Random;
use e2e_tests::socket::{RawClient, now};
use e2e_tests::{HookStart, TestDaemon, TestHome, exclusive, run_hook, say, wait::let_pass};
use serde_json::{Value, json};
use shared::event::EventId;
use shared::protocol::{Outcome, Reply, Request, encode};

/// Senders at work at once.
const SENDERS: u64 = 4;

struct Size {
    daemon_kills: u64,
    hook_kills: u64,
    events: u64,
    duplicates: u64,
}

const SHORT: Size = Size { daemon_kills: 15, hook_kills: 60, events: 2_000, duplicates: 100 };
const FULL: Size = Size { daemon_kills: 100, hook_kills: 500, events: 20_000, duplicates: 100 };

/// What a sender knows of an event it issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Acknowledged or spooled: must be stored once.
    Settled,
    /// Its hook was killed: may be stored once.
    Unknown,
}

#[derive(Default)]
struct Tally {
    issued: AtomicU64,
    hook_kills: AtomicU64,
    duplicates: AtomicU64,
    done: AtomicBool,
    log: Mutex<BTreeMap<String, Fate>>,
}

#[test]
fn nothing_is_lost_doubled_or_torn() {
    let _turn = exclusive::alone();
    let size = if std::env::var("ORCH_KILL_LOOP").is_ok_and(|value| value == "full") { FULL } else { SHORT };
    let seed = std::env::var("ORCH_KILL_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| now().unsigned_abs());
    say(format_args!("kill loop: seed {seed}"));
    let home = TestHome::new();
    let tally = Tally::default();
    let start = Instant::now();
    let mut random = Random::new(seed);
    let mut daemon_kills = 0;
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (home, tally) = (&home, &tally);
            scope.spawn(move || send(home, tally, sender, Random::new(seed ^ (sender + 1))));
        }
        let enough = |daemon_kills: u64| {
            daemon_kills >= size.daemon_kills
                && tally.hook_kills.load(Ordering::Relaxed) >= size.hook_kills
                && tally.issued.load(Ordering::Relaxed) >= size.events
                && tally.duplicates.load(Ordering::Relaxed) >= size.duplicates
        };
        // A panic of a check must not leave the senders running for ever.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            while !enough(daemon_kills) {
                let mut daemon = TestDaemon::start(&home);
                let_pass(Duration::from_millis(random.between(50, 500)));
                daemon.kill();
                daemon_kills += 1;
                assert!(start.elapsed() < Duration::from_mins(15), "the loop takes too long");
            }
        }));
        tally.done.store(true, Ordering::Relaxed);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
    let copy = Database::copy(&home.paths.database());
    copy.assert_sound();
    drop(copy);
    let daemon = TestDaemon::start(&home);
    let status = daemon.settled();
    say(format_args!(
        "kill loop: {daemon_kills} daemon kills, {} hook kills, {} events, {} duplicates offered in {:?}; counters {}",
        tally.hook_kills.load(Ordering::Relaxed),
        tally.issued.load(Ordering::Relaxed),
        tally.duplicates.load(Ordering::Relaxed),
        start.elapsed(),
        status["counters"]
    ));
    check(&tally, &daemon, &status);
    let fresh = Instant::now();
    run_hook(&home, &payload("fresh")).assert_silent("a fresh event");
    assert_eq!(daemon.database().number("SELECT count(*) FROM events WHERE tool_use_id = 'fresh'"), 1);
    assert!(fresh.elapsed() < Duration::from_secs(5), "a fresh event passes soon");
    drop(daemon);
    let copy = Database::copy(&home.paths.database());
    copy.assert_sound();
}

/// A payload that proves itself: the input repeats its id over some length.
fn payload(id: &str) -> Vec<u8> {
    let body = json!({
        "session_id": format!("session-{}", id.split('-').next().unwrap_or_default()), "hook_event_name": "PreToolUse",
        "cwd": "/home/dev/app", "tool_name": "Bash", "tool_use_id": id,
        "tool_input": {"command": "ls", "proof": format!("{id} ").repeat(60)},
    });
    body.to_string().into_bytes()
}

fn send(home: &TestHome, tally: &Tally, sender: u64, mut random: Random) {
    let mut n = 0;
    while !tally.done.load(Ordering::Relaxed) {
        n += 1;
        let id = format!("{sender}-{n}");
        let fate = match random.between(0, 100) {
            0..4 => kill_hook(home, tally, &id, &mut random),
            4..40 => run_whole(home, &id),
            // As a hook would, but on a thread: with the same id offered again, which a hook never does.
            _ => offer_twice(home, tally, &id, random.between(0, 20) == 0),
        };
        tally.issued.fetch_add(1, Ordering::Relaxed);
        tally.log.lock().expect("no sender panics with the log").insert(id, fate);
    }
}

fn run_whole(home: &TestHome, id: &str) -> Fate {
    run_hook(home, &payload(id)).assert_silent(id);
    Fate::Settled
}

fn kill_hook(home: &TestHome, tally: &Tally, id: &str, random: &mut Random) -> Fate {
    let mut hook = HookStart::feed(home.orch_hook().arg("hook"), &payload(id));
    let moment = Instant::now();
    let wait = Duration::from_micros(random.between(0, 3_000));
    while moment.elapsed() < wait {
        std::hint::spin_loop();
    }
    let _ = hook.child.kill();
    let run = hook.finish();
    if run.exit == Some(0) {
        return Fate::Settled;
    }
    tally.hook_kills.fetch_add(1, Ordering::Relaxed);
    Fate::Unknown
}

fn offer_twice(home: &TestHome, tally: &Tally, id: &str, again: bool) -> Fate {
    let mut header = e2e_tests::socket::new_header();
    header.event_id = EventId::new(header.occurred_at);
    let frame = encode(&Request::Event(header), Some(&payload(id)));
    let spool = || {
        let limits = shared::spool::Limits::within(Duration::from_secs(5));
        shared::spool::append(&home.paths.spool_dir(), &frame[shared::protocol::LENGTH_BYTES..], &limits)
            .expect("the spool takes it");
    };
    let settled = || -> std::io::Result<bool> {
        let mut client = RawClient::connect(&home.paths.socket(), Duration::from_secs(2))?;
        client.send(&frame)?;
        Ok(matches!(client.reply()?, Reply::Ack { outcome: Outcome::Stored | Outcome::Duplicate }))
    };
    let acked = settled().unwrap_or(false);
    if !acked {
        // The daemon may have committed it before it died: this is the duplicate that must not count twice.
        spool();
    }
    if again {
        tally.duplicates.fetch_add(1, Ordering::Relaxed);
        if !settled().unwrap_or(false) {
            spool();
        }
    }
    Fate::Settled
}

fn check(tally: &Tally, daemon: &TestDaemon<'_>, status: &Value) {
    assert_books_balance(status);
    let log = tally.log.lock().expect("the senders are done");
    let mut stored: BTreeMap<String, u32> = BTreeMap::new();
    let mut torn = Vec::new();
    let database = daemon.database();
    database.each_body(|_, id, body| {
        *stored.entry(id.to_owned()).or_default() += 1;
        if serde_json::from_slice::<Value>(body).ok() != serde_json::from_slice::<Value>(&payload(id)).ok() {
            torn.push(id.to_owned());
        }
    });
    let count = |holds: &dyn Fn(&String, &Fate) -> bool| log.iter().filter(|(id, fate)| holds(id, fate)).count();
    let lost = count(&|id, fate| *fate == Fate::Settled && !stored.contains_key(id));
    let doubled = stored.values().filter(|rows| **rows > 1).count();
    let strangers = stored.keys().filter(|id| !log.contains_key(*id)).count();
    let killed_stored = count(&|id, fate| *fate == Fate::Unknown && stored.contains_key(id));
    let killed = count(&|_, fate| *fate == Fate::Unknown);
    say(format_args!(
        "kill loop: {} rows; {lost} lost, {doubled} doubled, {} torn, {strangers} strangers; {killed_stored} of {killed} \
         killed hooks' events arrived",
        stored.len(),
        torn.len()
    ));
    assert_eq!((lost, doubled, torn.len(), strangers), (0, 0, 0, 0), "torn: {torn:?}");
    assert_eq!(database.events(), i64::try_from(stored.len()).expect("few"), "each row has its body");
    assert_eq!(status["counters"]["stored"], stored.len(), "stored counts rows");
    assert_eq!(status["counters"]["dropped"], 0);
}
