//! The 15 cases of the local socket: whatever a client does, the daemon lives and serves the next one.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use e2e_tests::daemon::assert_books_balance;
use e2e_tests::hook::MAX_WALL;
use e2e_tests::socket::{RawClient, ask, event_frame, new_header};
use e2e_tests::{TestDaemon, TestHome, exclusive, manifest, payload, process, run_hook, say, wait_until};
use serde_json::Value;
use shared::protocol::{LENGTH_BYTES, Reply, Request, encode};

/// What every case starts from.
struct Case {
    home: TestHome,
    id: String,
    title: String,
    expect: Value,
}

/// What a case found out beside the state of the daemon.
#[derive(Default)]
struct Found {
    closed_after: Option<Duration>,
    refused: bool,
    hook_wall: Option<Duration>,
    stored: i64,
}

#[test]
fn all_of_them() {
    let _turn = exclusive::alone();
    let text = std::fs::read_to_string(manifest::folder().join("ipc_cases.jsonl")).expect("the cases");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 15);
    // The slow ones only wait; each has a home and a daemon of its own.
    let quiet = |line: &&Value| {
        let what = &line["do"];
        what.get("drip_bytes_per_s").is_some() || what["hold_s"] == 60 || what["then"] == "hold"
    };
    std::thread::scope(|scope| {
        for line in lines.iter().filter(quiet) {
            scope.spawn(|| check(line));
        }
    });
    for line in lines.iter().filter(|line| !quiet(line)) {
        check(line);
    }
}

/// Longest that any client is waited for.
const LONGEST: Duration = Duration::from_secs(5);
/// Times a case is tried that found the next client waiting too long: a disk that others keep busy makes one wait now and then, a
/// daemon that neglects it makes it wait each time.
const TRIES: usize = 3;

fn check(line: &Value) {
    let mut waited = Vec::new();
    while waited.len() < TRIES {
        match check_once(line) {
            Ok(()) => return,
            Err(next) => waited.push(next),
        }
        say(format_args!("ipc: {}: the next client waited {:?}; again", line["id"], waited));
    }
    panic!("{}: the next client waited {waited:?}", line["id"]);
}

/// Carries a case out on a daemon of its own. Fails with how long the next client waited, when that was too long.
fn check_once(line: &Value) -> Result<(), Duration> {
    let text = |key: &str| line[key].as_str().expect("text").to_owned();
    let case = Case { home: TestHome::new(), id: text("id"), title: text("title"), expect: line["expect"].clone() };
    let daemon = TestDaemon::start(&case.home);
    run_hook(&case.home, &payload::pre_tool_use("warm", "toolu_warm")).assert_silent(&case.id);
    let rows = daemon.database().events();
    let (descriptors, memory) = (process::descriptors_at_rest(daemon.pid()), process::resident_mib(daemon.pid()));

    let found = act(&case, &daemon, &line["do"]);

    let start = Instant::now();
    let limit = Duration::from_millis(number(&case.expect, "next_valid_client_ok_ms").expect("in every case"));
    let reply = ask(&case.home.paths.socket(), &Request::Event(new_header()), Some(b"{}"), LONGEST);
    let next = start.elapsed();
    assert!(matches!(reply, Ok(Reply::Ack { .. })), "{} {}: next client: {reply:?}", case.id, case.title);
    if next > limit {
        return Err(next);
    }

    let allowed = usize::try_from(number(&case.expect, "fd_growth_max").expect("in every case")).expect("small");
    wait_until(&format!("{}: descriptors to come back to {descriptors}", case.id), Duration::from_secs(15), || {
        process::descriptors(daemon.pid()) <= descriptors + allowed
    });
    let grown = process::resident_mib(daemon.pid()) - memory;
    assert!(grown <= 16.0, "{}: memory grew by {grown:.1} MiB", case.id);
    assert!(process::alive(daemon.pid()));
    let stored = daemon.database().events() - rows;
    if let Some(expected) = case.expect["stored"].as_i64() {
        assert_eq!(stored, expected, "{} {}: stored", case.id, case.title);
    } else if let Some(most) = case.expect["stored_max"].as_i64() {
        assert!(stored <= most, "{}: stored {stored}", case.id);
    } else {
        assert_eq!(stored, found.stored, "{} {}: stored", case.id, case.title);
    }
    if let Some(limit) = number(&case.expect, "closed_within_ms") {
        let after = found.closed_after.unwrap_or_else(|| panic!("{} {}: was not closed", case.id, case.title));
        assert!(after <= Duration::from_millis(limit), "{}: closed after {after:?}", case.id);
    }
    if case.expect["refused"] == true {
        assert!(found.refused, "{}: another user was not refused", case.id);
    }
    if let Some(wall) = found.hook_wall {
        assert!(wall <= MAX_WALL, "{}: a hook took {wall:?}", case.id);
    }
    assert_books_balance(&daemon.status());
    say(format_args!(
        "ipc: {} {}: ok, next client {next:?}, closed {:?}, +{grown:.1} MiB",
        case.id, case.title, found.closed_after
    ));
    Ok(())
}

fn act(case: &Case, daemon: &TestDaemon<'_>, what: &Value) -> Found {
    let mut found = Found::default();
    let socket = case.home.paths.socket();
    let connect = || RawClient::connect(&socket, Duration::from_secs(20)).expect("the daemon listens");
    let limit =
        Duration::from_millis(number(&case.expect, "closed_within_ms").unwrap_or(1_000)) + Duration::from_secs(1);
    let frame = event_frame(&payload::pre_tool_use("ipc", &case.id));
    match case.id.as_str() {
        "p-ipc-001" => found.closed_after = connect().closed_within(limit),
        "p-ipc-002" => (0..1000).for_each(|_| drop(connect())),
        "p-ipc-003" => connect().send(&frame[..frame.len() / 2]).expect("bytes can be sent"),
        "p-ipc-004" => {
            let mut client = connect();
            client.send(&frame[..frame.len() / 2]).expect("bytes can be sent");
            found.closed_after = client.closed_within(limit);
        }
        "p-ipc-005" => {
            let mut client = connect();
            client.send(&[0xff; LENGTH_BYTES]).expect("bytes can be sent");
            found.closed_after = client.closed_within(limit);
        }
        "p-ipc-006" => connect().send(&[0; LENGTH_BYTES]).expect("bytes can be sent"),
        "p-ipc-007" => {
            let mut client = connect();
            client.send(what["text"].as_str().expect("text").as_bytes()).expect("bytes can be sent");
            found.closed_after = client.closed_within(limit);
        }
        "p-ipc-008" => {
            let body = what["frame_of"].as_str().expect("text").as_bytes();
            let length = u32::try_from(body.len()).expect("short").to_be_bytes();
            let mut client = connect();
            client.send(&[&length[..], body].concat()).expect("bytes can be sent");
            let reply = client.reply();
            assert!(!matches!(reply, Ok(Reply::Ack { .. })), "garbage was acknowledged: {reply:?}");
        }
        "p-ipc-009" => found.closed_after = drip(connect(), &frame, limit),
        "p-ipc-010" => found.stored = never_read(connect(), daemon),
        "p-ipc-011" => {
            let held: Vec<RawClient> = (0..500).map(|_| connect()).collect();
            let walls = (0..20).map(|n| {
                let run = run_hook(&case.home, &payload::pre_tool_use("held", &format!("toolu_{n}")));
                run.assert_silent("500 held");
                run.wall
            });
            found.hook_wall = walls.max();
            drop(held);
            found.stored = 20 - i64::try_from(case.home.spooled()).expect("few");
        }
        "p-ipc-012" => std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut client = connect();
                    client.send(&frame).expect("bytes can be sent");
                    assert!(matches!(client.reply(), Ok(Reply::Ack { .. })), "both are acknowledged");
                });
            }
        }),
        "p-ipc-013" => found.refused = refused_to_another_user(case, &frame),
        "p-ipc-014" => {
            let mut client = connect();
            client.send(&104_857_600_u32.to_be_bytes()).expect("bytes can be sent");
            let block = vec![b'A'; 1 << 20];
            let start = Instant::now();
            while start.elapsed() < limit && client.send(&block).is_ok() {}
            found.closed_after = client.closed_within(limit).map(|_| start.elapsed());
        }
        "p-ipc-015" => {
            let client = connect();
            (&client.stream).write_all(&frame).expect("bytes can be sent");
            client.stream.shutdown(std::net::Shutdown::Both).expect("an own stream");
        }
        other => panic!("an unknown case: {other}"),
    }
    found
}

fn drip(mut client: RawClient, frame: &[u8], limit: Duration) -> Option<Duration> {
    let start = Instant::now();
    for byte in frame {
        if client.send(&[*byte]).is_err() {
            return Some(start.elapsed());
        }
        if client.closed_within(Duration::from_secs(1)).is_some() {
            return Some(start.elapsed());
        }
        if start.elapsed() > limit {
            return None;
        }
    }
    None
}

/// Sends 10,000 events on one connection and reads no answer. What the daemon took of them it stored; returns how many.
fn never_read(mut client: RawClient, daemon: &TestDaemon<'_>) -> i64 {
    client.stream.set_write_timeout(Some(Duration::from_secs(3))).expect("an own stream");
    let before = daemon.counter("stored");
    for n in 0..10_000 {
        if client.send(&event_frame(&payload::pre_tool_use("ipc", &format!("unread_{n}")))).is_err() {
            break;
        }
    }
    drop(client);
    // Frames that were whole when the client left may still be stored: wait until nothing moves any more.
    let mut last = (daemon.counter("stored"), Instant::now());
    wait_until("the daemon to be idle", Duration::from_secs(30), || {
        let stored = daemon.counter("stored");
        if stored != last.0 {
            last = (stored, Instant::now());
        }
        last.1.elapsed() > Duration::from_millis(500)
    });
    i64::try_from(last.0 - before).expect("few")
}

/// Connects as uid 65534, once as the folders are and once with their modes opened, so that only the peer check is left.
/// Without root there is no other uid to connect from; the case then shows the modes alone.
fn refused_to_another_user(case: &Case, frame: &[u8]) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let socket = case.home.paths.socket();
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&case.home.paths.run_dir()), mode(&socket)), (0o700, 0o600));
    if !rustix::process::geteuid().is_root() {
        say(format_args!("ipc: {}: not root, so only the modes were checked", case.id));
        return true;
    }
    let as_nobody = || {
        std::thread::scope(|scope| {
            let attempt = scope.spawn(|| {
                // The raw system call changes this one thread, which ends with the attempt.
                rustix::thread::set_thread_gid(rustix::fs::Gid::from_raw(65534)).expect("root may");
                rustix::thread::set_thread_uid(rustix::fs::Uid::from_raw(65534)).expect("root may");
                let mut client = RawClient::connect(&socket, Duration::from_secs(2))?;
                client.send(frame)?;
                let mut answer = Vec::new();
                client.stream.read_to_end(&mut answer)?;
                Ok::<_, std::io::Error>(answer)
            });
            attempt.join().expect("the attempt does not panic")
        })
    };
    let closed_folder = as_nobody();
    assert!(closed_folder.is_err(), "the folder lets nobody in: {closed_folder:?}");
    for folder in socket.ancestors().skip(1).take_while(|folder| folder.starts_with(case.home.around())) {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("an own folder");
    }
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).expect("an own socket");
    let open_folder = as_nobody();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600)).expect("an own socket");
    std::fs::set_permissions(case.home.paths.run_dir(), std::fs::Permissions::from_mode(0o700)).expect("a folder");
    match open_folder {
        Ok(answer) => answer.is_empty() || !e2e_tests::leak::contains(&answer, b"\"ack\""),
        Err(error) => error.kind() != std::io::ErrorKind::PermissionDenied,
    }
}

fn number(expect: &Value, key: &str) -> Option<u64> {
    expect[key].as_u64()
}

#[test]
fn descriptors_do_not_leak_over_many_connections() {
    let _turn = exclusive::shared();
    let home = TestHome::new();
    let daemon = TestDaemon::start(&home);
    let before = process::descriptors_at_rest(daemon.pid());
    for n in 0..2_000 {
        let frame = encode(&Request::Event(new_header()), Some(&payload::pre_tool_use("fd", &format!("toolu_{n}"))));
        let mut client = RawClient::connect(&home.paths.socket(), Duration::from_secs(5)).expect("the daemon listens");
        client.send(&frame).expect("bytes can be sent");
        assert!(matches!(client.reply(), Ok(Reply::Ack { .. })));
    }
    wait_until("connections to be let go", Duration::from_secs(15), || {
        process::descriptors(daemon.pid()) <= before + 5
    });
    assert_eq!(daemon.database().events(), 2_000);
}
