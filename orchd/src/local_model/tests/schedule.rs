//! An hour of looks at servers that come and go, without a clock: what is sent, and when a server is known to be back.

use std::time::Duration;

use tokio::time::Instant;

use crate::local_model::breaker::{Breaker, Outcome};
use crate::local_model::budget::{Budget, PER_MINUTE};
use crate::local_model::probe::{LOOK_WITHIN, interval};

/// How a server answers at a moment: what a look comes to, how long it takes, and requests it needs unknown and known.
#[derive(Debug, Clone, Copy)]
struct Server {
    /// Returns whether it is up, by the time since the start.
    is_up: fn(Duration) -> bool,
    requests: (u32, u32),
    /// Time a look takes while it is down.
    down_takes: Duration,
}

const REFUSES: Server = Server { is_up: |_| false, requests: (1, 1), down_takes: Duration::ZERO };

struct Soak {
    /// When each request was sent.
    sent: Vec<Instant>,
    /// When a look at the first server came to what.
    seen: Vec<(Duration, bool)>,
}

/// Looks at the servers as the probes do, for as long as told.
fn soak(servers: &[Server], long: Duration) -> Soak {
    let start = Instant::now();
    let mut budget = Budget::new(start);
    let mut done = Soak { sent: Vec::new(), seen: Vec::new() };
    let mut probes: Vec<_> =
        servers.iter().map(|server| (*server, Breaker::new(start, interval(servers.len())), false, start)).collect();
    loop {
        // The probe whose turn is next: its breaker's time, or the next try to get requests.
        let turn = |(_, breaker, _, again): &(Server, Breaker, bool, Instant)| breaker.due().max(*again);
        let place = (0..probes.len()).min_by_key(|&place| turn(&probes[place])).expect("a server");
        let now = turn(&probes[place]);
        let (server, breaker, known, again) = &mut probes[place];
        if now > start + long {
            return done;
        }
        let reserved = if *known { server.requests.1 } else { 5 };
        if let Err(wait) = budget.take(reserved, now) {
            *again = now + wait.min(Duration::from_millis(500));
            continue;
        }
        assert!(breaker.begin(now));
        let up = (server.is_up)(now - start);
        let sent = match (up, *known) {
            (true, false) => server.requests.0,
            (true, true) => server.requests.1,
            (false, _) => 1,
        };
        done.sent.extend((0..sent).map(|_| now));
        let ended = now + if up { Duration::ZERO } else { server.down_takes };
        budget.give_back(reserved - sent, ended);
        if breaker.end(ended, if up { Outcome::Answered } else { Outcome::Failed }) {
            *known = up;
            if place == 0 {
                done.seen.push((ended - start, up));
            }
        }
    }
}

fn most_in_a_minute(sent: &[Instant]) -> usize {
    let of = |(at, from): (usize, &Instant)| {
        sent[at..].iter().take_while(|to| to.duration_since(*from) < Duration::from_mins(1)).count()
    };
    sent.iter().enumerate().map(of).max().unwrap_or(0)
}

#[test]
fn no_minute_has_more_than_thirty_requests() {
    let hour = Duration::from_hours(1);
    let flaps = |is_up| Server { is_up, requests: (5, 3), down_takes: Duration::ZERO };
    let every_second = flaps(|at| at.as_secs().is_multiple_of(2));
    let slowly = flaps(|at| at.as_secs() / 7 % 2 == 0);
    let hangs = Server { is_up: |at| at.as_secs() / 40 % 2 == 0, requests: (4, 2), down_takes: LOOK_WITHIN };
    let ready = flaps(|_| true);
    for (case, servers) in [
        ("refuses", vec![REFUSES]),
        ("ready", vec![ready]),
        ("flaps every second", vec![every_second]),
        ("flaps slowly", vec![slowly]),
        ("hangs now and then", vec![hangs]),
        ("four that refuse", vec![REFUSES; 4]),
        ("four that are ready", vec![ready; 4]),
        ("four that flap", vec![every_second, slowly, hangs, every_second]),
    ] {
        let mut soaked = soak(&servers, hour);
        soaked.sent.sort();
        let most = most_in_a_minute(&soaked.sent);
        assert!(most <= PER_MINUTE as usize, "{case}: {most}");
        assert!(soaked.seen.len() > 60, "{case}: looked at {} times", soaked.seen.len());
    }
}

#[test]
fn a_server_is_known_to_be_back_within_35_seconds() {
    // Of a prime number of seconds, so that the breaker is met at every place of its wait.
    const PERIOD: u64 = 211;
    for (case, down_takes, others) in [
        ("refused", Duration::ZERO, 0),
        ("hung", LOOK_WITHIN, 0),
        ("refused, and three others hang", Duration::ZERO, 3),
    ] {
        let comes_and_goes = Server { is_up: |at| at.as_secs() % PERIOD >= PERIOD / 2, requests: (1, 1), down_takes };
        let mut servers = vec![comes_and_goes];
        servers.extend(vec![Server { down_takes: LOOK_WITHIN, ..REFUSES }; others]);
        let soaked = soak(&servers, Duration::from_secs(PERIOD * 200));
        let mut backs = 0;
        for back_at in (0..199).map(|n| Duration::from_secs(n * PERIOD + PERIOD / 2)) {
            let seen = soaked.seen.iter().find(|(at, up)| *up && *at >= back_at).expect("it comes back");
            let after = seen.0.saturating_sub(back_at);
            assert!(after <= Duration::from_secs(35), "{case}: {after:?}");
            backs += 1;
        }
        assert_eq!(backs, 199);
    }
}
