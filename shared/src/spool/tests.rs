use super::*;
use std::fs::{self, OpenOptions};
use std::io::Write;

fn limits() -> Limits {
    Limits::within(Duration::from_secs(5))
}

fn spool() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn put(dir: &Path, frame: &[u8]) -> Appended {
    append(dir, frame, &limits()).expect("an append")
}

fn drained(dir: &Path) -> Vec<Vec<u8>> {
    let Some(mut drain) = Drain::begin(dir).expect("a drain") else { return Vec::new() };
    let frames = drain.by_ref().collect();
    drain.finish().expect("a finish");
    frames
}

#[test]
fn frames_come_back_in_order_and_once() {
    let home = spool();
    let dir = home.path().join("a/spool");
    assert_eq!(pending(&dir), Pending::default());
    assert!(drained(&dir).is_empty());
    let frames: Vec<Vec<u8>> = (0..300_u32).map(|n| vec![b'x'; 1 + usize::try_from(n).expect("small") * 40]).collect();
    for frame in &frames {
        assert_eq!(put(&dir, frame), Appended::Spooled);
    }
    assert_eq!(pending(&dir).events, 300);
    assert_eq!(drained(&dir), frames);
    assert!(drained(&dir).is_empty());
    assert_eq!(pending(&dir), Pending::default());
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = spool();
    let dir = home.path().join("spool");
    put(&dir, b"x");
    let mode = |path: &Path| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&dir.join(CURRENT)), mode(&dir.join("dropped"))), (0o700, 0o600, 0o600));
}

#[test]
fn what_an_interrupted_drain_left_comes_again() {
    let home = spool();
    put(home.path(), b"one");
    let mut interrupted = Drain::begin(home.path()).expect("a drain").expect("something waits");
    assert_eq!(interrupted.next_frame().as_deref(), Some(&b"one"[..]));
    drop(interrupted);
    put(home.path(), b"two");
    assert_eq!(pending(home.path()).events, 2);
    assert_eq!(drained(home.path()), [b"one"]);
    assert_eq!(drained(home.path()), [b"two"]);
}

#[test]
fn a_full_spool_drops_the_newest_and_counts_it() {
    let home = spool();
    let few = |max_bytes, max_events| Limits { max_bytes, max_events, ..limits() };
    for expected in [Appended::Spooled, Appended::Spooled, Appended::DroppedFull] {
        assert_eq!(append(home.path(), b"x", &few(1 << 20, 2)).expect("an append"), expected);
    }
    assert_eq!(append(home.path(), &[0; 4096], &few(1 << 10, 9)).expect("an append"), Appended::DroppedFull);
    assert_eq!(append(home.path(), b"", &limits()).expect("an append"), Appended::DroppedFull);
    assert_eq!(dropped(home.path()).expect("a count"), 3);
    settle_dropped(home.path(), 2).expect("a count");
    assert_eq!(dropped(home.path()).expect("a count"), 1);
    assert_eq!(drained(home.path()).len(), 2);
}

#[test]
fn taken_files_count_towards_the_limits() {
    let home = spool();
    let two = Limits { max_events: 2, ..limits() };
    append(home.path(), b"a", &two).expect("an append");
    append(home.path(), b"b", &two).expect("an append");
    let drain = Drain::begin(home.path()).expect("a drain");
    assert_eq!(append(home.path(), b"c", &two).expect("an append"), Appended::DroppedFull);
    drop(drain);
}

#[test]
fn frames_for_a_newer_daemon_stay() {
    let home = spool();
    put(home.path(), b"future");
    let mut drain = Drain::begin(home.path()).expect("a drain").expect("something waits");
    let frame = drain.next_frame().expect("a frame");
    drain.keep(&frame).expect("kept");
    assert_eq!(drain.next_frame(), None);
    drain.finish().expect("a finish");
    assert!(Drain::begin(home.path()).expect("a drain").is_none());
    assert_eq!(pending(home.path()), Pending { kept_events: 1, ..Pending::default() });
    let mut newer = Drain::begin_with_kept(home.path()).expect("a drain").expect("something is kept");
    assert_eq!(newer.by_ref().collect::<Vec<_>>(), [b"future"]);
    newer.finish().expect("a finish");
    assert_eq!(pending(home.path()), Pending::default());
}

#[test]
fn a_writer_that_is_locked_out_writes_aside() {
    let home = spool();
    put(home.path(), b"one");
    let stopped = file::open(&home.path().join(CURRENT), file::Mode::Existing).expect("the file");
    stopped.lock().expect("the lock");
    let hasty = Limits::within(Duration::from_millis(5));
    assert_eq!(append(home.path(), b"two", &hasty).expect("an append"), Appended::Spooled);
    assert_eq!(append(home.path(), b"three", &hasty).expect("an append"), Appended::Spooled);
    assert_eq!(pending(home.path()).events, 3);
    assert_eq!(drained(home.path()), [&b"two"[..], b"three"]);
    drop(stopped);
    assert_eq!(drained(home.path()), [b"one"]);
}

#[test]
fn a_late_writer_does_not_write_into_a_taken_file() {
    let home = spool();
    put(home.path(), b"one");
    let mut drain = Drain::begin(home.path()).expect("a drain").expect("something waits");
    drain.next_frame().expect("the file is closed now");
    fs::copy(home.path().join(TAKEN), home.path().join(CURRENT))
        .expect("a closed file in the place of the current one");
    let hasty = Limits::within(Duration::from_millis(5));
    assert_eq!(append(home.path(), b"two", &hasty).expect("an append"), Appended::Spooled);
    assert_eq!(drain.next_frame(), None);
}

#[cfg(unix)]
#[test]
fn damaged_and_foreign_files_cost_no_event() {
    let home = spool();
    let current = home.path().join(CURRENT);
    std::os::unix::fs::symlink("/dev/full", &current).expect("a symlink");
    assert_eq!(put(home.path(), b"one"), Appended::Spooled);
    assert_eq!(drained(home.path()), [b"one"]);
    fs::write(&current, b"this is no spool file at all").expect("a foreign file");
    assert_eq!(put(home.path(), b"two"), Appended::Spooled);
    assert_eq!(drained(home.path()), [b"two"]);
    let kept = fs::read_dir(home.path()).expect("the folder").filter_map(Result::ok);
    assert_eq!(kept.filter(|entry| entry.file_name().to_string_lossy().starts_with(DAMAGED)).count(), 2);
    assert!(drained(home.path()).is_empty());
}

#[test]
fn damaged_files_are_bounded() {
    let home = spool();
    for round in 0..10 {
        fs::write(home.path().join(CURRENT), format!("this is no spool file: {round}")).expect("a foreign file");
        drained(home.path());
    }
    assert_eq!(writer::list(home.path(), DAMAGED).len(), 4);
}

#[test]
fn concurrent_writers_and_a_drain_lose_nothing() {
    const WRITERS: usize = 8;
    const EACH: usize = 200;
    let home = spool();
    let mut frames = Vec::new();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let dir = home.path();
                scope.spawn(move || {
                    for n in 0..EACH {
                        assert_eq!(
                            put(dir, format!("{writer} {n} {}", "x".repeat(n * 7)).as_bytes()),
                            Appended::Spooled
                        );
                    }
                })
            })
            .collect();
        while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            frames.extend(drained(home.path()));
        }
    });
    frames.extend(drained(home.path()));
    let ids = frames.iter().map(|frame| {
        let text = std::str::from_utf8(frame).expect("text");
        text.rsplit_once(' ').expect("an id").0.to_owned()
    });
    let distinct: std::collections::HashSet<String> = ids.collect();
    assert_eq!((frames.len(), distinct.len()), (WRITERS * EACH, WRITERS * EACH));
}

proptest::proptest! {
    /// A writer killed in the middle, again and again: what was whole before and after comes back, in order.
    #[test]
    fn torn_records_cost_only_themselves(frames in proptest::collection::vec((proptest::collection::vec(0..=u8::MAX, 1..2000), proptest::option::of(0.0..1.0_f64)), 1..20)) {
        let home = spool();
        let mut whole = Vec::new();
        let mut torn = 0;
        for (frame, cut) in &frames {
            put(home.path(), frame);
            let Some(cut) = cut else { whole.push(frame.clone()); continue };
            let file = OpenOptions::new().write(true).open(home.path().join(CURRENT)).expect("the file");
            let length = file.metadata().expect("its size").len();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
            let kept = ((frame.len() + record::RECORD_HEADER_BYTES) as f64 * cut) as u64;
            let whole_bytes = u64::try_from(frame.len() + record::RECORD_HEADER_BYTES).expect("small");
            file.set_len(length - whole_bytes + kept).expect("a cut");
            torn += u64::from(kept > 0);
        }
        let mut drain = Drain::begin(home.path()).expect("a drain").expect("a file");
        let read: Vec<_> = drain.by_ref().collect();
        proptest::prop_assert_eq!(read, whole);
        proptest::prop_assert!(drain.torn() <= torn);
    }

    #[test]
    fn any_bytes_behind_the_header_are_survived(mut bytes in proptest::collection::vec(0..=u8::MAX, 0..5000), at in 0..5000_usize) {
        let magic_at = at.min(bytes.len());
        bytes.splice(magic_at..magic_at, record::RECORD_MAGIC);
        let home = spool();
        put(home.path(), b"before");
        let current = home.path().join(CURRENT);
        OpenOptions::new().append(true).open(&current).expect("the file").write_all(&bytes).expect("a write");
        put(home.path(), b"after");
        let frames = drained(home.path());
        proptest::prop_assert_eq!(frames.first().map(Vec::as_slice), Some(&b"before"[..]));
        proptest::prop_assert_eq!(frames.last().map(Vec::as_slice), Some(&b"after"[..]));
    }
}
