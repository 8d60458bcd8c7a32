use super::*;

fn of(payload: &str) -> Scan<'_> {
    scan(payload.as_bytes()).expect("an object")
}

#[test]
fn members_are_found_by_key() {
    let scan = of(r#" {"a":"x\n\"y","n":-12,"f":1.9e3,"t":true,"o":{"p":[1,{"q":"}"}],"r":"s"},"z":null} "#);
    assert_eq!(scan.text("a").as_deref(), Some("x\n\"y"));
    assert_eq!((scan.number("n"), scan.number("f"), scan.number("a")), (Some(-12), Some(1900), None));
    assert_eq!((scan.bool("t"), scan.bool("n")), (Some(true), None));
    assert_eq!(scan.nested("o").and_then(|nested| nested.text("r")).as_deref(), Some("s"));
    assert_eq!(scan.raw("z"), Some(&b"null"[..]));
    assert_eq!(scan.text("z"), None);
    assert_eq!(scan.flags(), Flags::default());
}

#[test]
fn what_is_no_object_is_none() {
    for payload in ["", "   ", "[1]", "\"x\"", "null", "42", "hello", "\u{feff}"] {
        assert!(scan(payload.as_bytes()).is_none(), "{payload:?}");
    }
}

#[test]
fn unusual_documents_keep_what_is_whole() {
    let (truncated, irregular) = (Flags::TRUNCATED, Flags::IRREGULAR);
    let cases = [
        ("bom", "\u{feff}{\"k\":\"v\"}", Flags::default(), Some("v")),
        ("cut in a later value", r#"{"k":"v","x":{"y":"z"#, truncated, Some("v")),
        ("cut in the value", r#"{"k":"v"#, truncated, None),
        ("cut behind the value", r#"{"k":"v""#, truncated, Some("v")),
        ("cut behind the colon", r#"{"x":1,"k":"#, truncated.with(irregular), None),
        ("cut in a key", r#"{"k":"v","lo"#, truncated, Some("v")),
        ("duplicate keys: the last one", r#"{"k":"a","k":"v"}"#, irregular, Some("v")),
        ("two documents: the first one", r#"{"k":"v"}{"k":"w"}"#, irregular, Some("v")),
        ("trailing text", "{\"k\":\"v\"} tail", irregular, Some("v")),
        ("escaped key", r#"{"\u006b":"v"}"#, Flags::default(), Some("v")),
        ("missing comma", r#"{"x":1 "k":"v"}"#, Flags::default(), Some("v")),
        ("bare word", r#"{x:1,"k":"v"}"#, irregular, Some("v")),
        ("broken nested value", r#"{"x":{"y":tru,,NaN},"k":"v"}"#, Flags::default(), Some("v")),
        ("pair of surrogates", r#"{"k":"\ud83d\ude00"}"#, Flags::default(), Some("\u{1f600}")),
        ("lone surrogate", r#"{"k":"a\ud83db"}"#, Flags::default(), Some("a\u{fffd}b")),
        ("not an escape of JSON", r#"{"k":"\x"}"#, Flags::default(), None),
    ];
    for (name, payload, flags, expected) in cases {
        let scan = of(payload);
        assert_eq!(scan.text("k").as_deref(), expected, "{name}");
        assert_eq!(scan.flags(), flags, "{name}");
    }
}

#[test]
fn a_cut_text_is_readable_up_to_the_cut() {
    for (payload, expected) in
        [(r#"{"k":"a\"b"#, "a\"b"), (r#"{"k":"ab\"#, "ab"), (r#"{"k":"ab\u00"#, "ab"), (r#"{"k":"v"}"#, "v")]
    {
        assert_eq!(of(payload).text_so_far("k").as_deref(), Some(expected), "{payload}");
    }
}

#[test]
fn bad_utf8_costs_only_its_place() {
    let scan = scan(b"{\"k\":\"a\xffb\",\"l\":1}").expect("an object");
    assert_eq!(scan.text("k").as_deref(), Some("a\u{fffd}b"));
    assert_eq!(scan.number("l"), Some(1));
}

#[test]
fn depth_and_width_are_harmless() {
    let deep = format!("{{\"x\":{}{},\"k\":\"v\"}}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(of(&deep).text("k").as_deref(), Some("v"));
    let wide = format!("{{{}\"k\":\"v\"}}", "\"x\":1,".repeat(50_000));
    assert_eq!(of(&wide).text("k").as_deref(), Some("v"));
    assert!(of(&wide).flags().has(Flags::IRREGULAR));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let mut document = b"{\"k\":".to_vec();
        document.extend(bytes);
        if let Some(scan) = scan(&document) {
            let _ = (scan.text("k"), scan.text_so_far("k"), scan.number("k"), scan.nested("k").is_some(), scan.keys().count());
        }
    }

    #[test]
    fn every_text_reads_back(key in "\\PC{1,8}", value: String) {
        let document = serde_json::json!({ &*key: value }).to_string();
        let scan = of(&document);
        let read = scan.text(&key);
        proptest::prop_assert_eq!(read.as_deref(), Some(&*value));
    }
}

#[test]
fn the_end_of_a_cut_payload_tells_its_last_members_and_nothing_of_what_lies_within() {
    let head = br#"{"session_id":"mine","hook_event_name":"PostToolUse","tool_response":{"a":"xxx"#;
    let names = ["session_id", "tool_use_id", "duration_ms"];
    for (tail, expected) in [
        (r#"xx"},"tool_use_id":"t1","duration_ms":12}"#, [Some("mine"), Some("t1"), Some("12")]),
        (r#"xx"},"tool_use_id" : "t1" , "duration_ms" : 12 } "#, [Some("mine"), Some("t1"), Some("12")]),
        // An object that names members like ours is somebody's answer.
        (r#"1],"}},\"session_id":"other","z":"w"}},"tool_use_id":"t1"}"#, [Some("mine"), Some("t1"), None]),
        (r#"1],"session_id":"other","z":"w"}}"#, [Some("mine"), None, None]),
        (r#"1],"session_id":"other","z":[1]}"#, [Some("mine"), None, None]),
        // What looks like members stands inside a string.
        (r#"\",\"session_id\":\"other\",\"x","duration_ms":3}"#, [Some("mine"), None, Some("3")]),
        (r#"","session_id":"other","duration_ms":3}"#, [Some("other"), None, Some("3")]),
        (r#"session_id":"other","duration_ms":3}"#, [Some("mine"), None, Some("3")]),
        (r#"\"session_id":"other"}"#, [Some("mine"), None, None]),
        ("", [Some("mine"), None, None]),
        ("}", [Some("mine"), None, None]),
        (r#""}"#, [Some("mine"), None, None]),
    ] {
        let found = scan_parts(head, tail.as_bytes()).expect("an object");
        let texts =
            names.map(|name| found.raw(name).map(|raw| String::from_utf8_lossy(raw).trim_matches('"').to_owned()));
        assert_eq!(texts.each_ref().map(Option::as_deref), expected, "{tail}");
    }
}
