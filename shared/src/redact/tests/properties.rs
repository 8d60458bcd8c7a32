//! What holds for any bytes, and how long a scan may take.

use std::time::Duration;

use proptest::prelude::*;

use super::redact;

/// Text in which the rules have much to do.
fn busy() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("password"),
        Just("="),
        Just(":"),
        Just(": "),
        Just("\""),
        Just("'"),
        Just("\\"),
        Just("\\\""),
        Just(" "),
        Just("\n"),
        Just("--token "),
        Just("Bearer "),
        Just("https://u:"),
        Just("@h "),
        Just("-----BEGIN RSA PRIVATE KEY-----"),
        Just("Kx9fQ2mZ7pLr4TnW"),
        Just("-----END RSA PRIVATE KEY-----"),
        Just("AKIAQWERTYUIOP123456"),
        Just("ghp_0123456789abcdefghijABCDEFGHIJ012345"),
        Just("$X"),
        Just("[redacted:x]"),
        Just("é"),
        Just("\u{1f600}"),
        Just("/"),
        Just("Cookie: a=b1c2d3"),
        Just("mysql -p"),
        Just("{"),
        Just("}"),
        Just(","),
        Just("\\u0041"),
        Just("\\n"),
        Just("%3D"),
        Just("<"),
        Just(">"),
        Just("Authorization: "),
        Just("eyJhbGciOiJI.eyJzdWIiOiAi.c2ln"),
        Just("[\"--password\",\"hunter22\"]"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let once = redact(&bytes);
        prop_assert_eq!(once.count == 0, *once.payload == *bytes);
    }

    // A second pass may hide more: which flag or name a value stands behind can change when a secret before it goes.
    #[test]
    fn valid_json_stays_valid_however_often(text in busy(), more in busy()) {
        let nested = serde_json::json!({ "x": text, (&*more): more }).to_string();
        for payload in [serde_json::json!({ "command": text, "n": [1, more] }).to_string(), serde_json::json!({ "body": nested }).to_string()] {
            let once = redact(payload.as_bytes());
            let twice = redact(&once.payload);
            for payload in [&once.payload, &twice.payload] {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(payload).is_ok(), "{}", String::from_utf8_lossy(payload));
            }
        }
    }

    #[test]
    fn busy_bytes_are_survived(text in busy()) {
        let once = redact(text.as_bytes());
        prop_assert!(String::from_utf8(once.payload.into_owned()).is_ok());
    }
}

/// Baits for quadratic time: four times the text may not take sixteen times as long. Short times tell nothing, and are let pass.
/// Returns the processor's time that this thread had: a machine that does other work takes none of it.
#[cfg(unix)]
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(not(unix))]
fn spent() -> Duration {
    use std::{sync::LazyLock, time::Instant};
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

#[test]
fn baits_take_linear_time() {
    let baits = [
        "a",
        "=",
        ":",
        "-",
        "\\",
        "\\\\",
        "'",
        "password=",
        "token=$token=",
        "pwd='",
        "pwd=\\\"",
        "://",
        "://a:b/",
        "eyJ-",
        "eyJhbGciOiJIUzI1NiI.",
        "AKIA-",
        "sk-",
        "xoxb-",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ",
        "-----END RSA PRIVATE KEY-----",
        "A\\n-----END RSA PRIVATE KEY-----",
        "1:",
        "123456789:",
        " -p",
        " -u a:",
        "Authorization: ",
        "Cookie: a=",
        "cookie:",
        "cookie: x ",
        "Authorization:x",
        "password='x password=`",
        "mysql -z ",
        "-z -z -z -z ",
        "mysql -p ",
        "{",
        "}",
        "password is ",
        "--password ",
        "%3D",
        "<password>",
        "MAAAAAAAAAAAAAAAAAAAAAAAA.",
        "token={}",
        "\\u0041",
        "\\/",
        "\\u001b[",
        "password=\\\\!",
        "SG.-",
        "login password ",
        "key: ",
    ];
    let mut slow = Vec::new();
    for bait in baits {
        let text = |length: usize| format!("{{\"x\":\"mysql {}\"}}", bait.repeat(length / bait.len())).into_bytes();
        let time = |text: &[u8]| {
            let start = spent();
            std::hint::black_box(redact(text).count);
            spent().saturating_sub(start)
        };
        let (small, large) = (text(128 << 10), text(512 << 10));
        // The best of a few: other tests run beside this one.
        let best = |text: &[u8]| (0..3).map(|_| time(text)).min().unwrap_or_default();
        if time(&large) > Duration::from_millis(500) && best(&large) > best(&small) * 10 {
            slow.push(bait);
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
