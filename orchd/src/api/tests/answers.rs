//! Statuses, bodies, bad input, tags, compression.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_a_seeded_database() {
    let daemon = Daemon::start();
    for (name, target) in [
        ("overview", "/api/v1/overview"),
        ("activity_7d", "/api/v1/activity?range=7d&project=/home/dev/shop"),
        ("sessions", "/api/v1/sessions?limit=2&sort=tools"),
        ("events", "/api/v1/events?limit=2&failed=true"),
        ("projects", "/api/v1/projects"),
        ("costs_by_model", "/api/v1/costs?period=7d"),
        ("costs_by_agent", "/api/v1/costs?group=agent&since=2026-11-21&until=2026-11-22&limit=1"),
        ("requests", "/api/v1/requests?limit=2&period=all"),
        ("spending", "/api/v1/spending"),
        ("session", &format!("/api/v1/sessions/{}", seed::WORKING)),
        ("event", "/api/v1/events/0199bbbb-0000-7000-8000-000000000004"),
    ] {
        let reply = daemon.get(target).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{target}");
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_json_snapshot!(name, without_empty_buckets(reply.json()));
        });
    }
    daemon.stop().await;
}

/// Leaves out what would fill pages: quarters of an hour in which nothing happened.
fn without_empty_buckets(mut answer: serde_json::Value) -> serde_json::Value {
    for place in ["/buckets", "/activity/buckets"] {
        if let Some(buckets) = answer.pointer_mut(place).and_then(serde_json::Value::as_array_mut) {
            buckets.retain(|bucket| bucket["events"] != 0);
        }
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named() {
    let daemon = Daemon::start();
    for (target, parameter) in [
        ("/api/v1/events?limit=0", "limit"),
        ("/api/v1/events?limit=501", "limit"),
        ("/api/v1/sessions?limit=201", "limit"),
        ("/api/v1/events?before=-1", "before"),
        ("/api/v1/events?after=x", "after"),
        ("/api/v1/events?failed=maybe", "failed"),
        ("/api/v1/events?from=0000-13-99", "from"),
        ("/api/v1/events?q=%00", "q"),
        ("/api/v1/sessions?cursor=AAAA", "cursor"),
        ("/api/v1/sessions?sort=;DROP%20TABLE%20events", "sort"),
        ("/api/v1/sessions?order=up", "order"),
        ("/api/v1/sessions?state=asleep", "state"),
        ("/api/v1/sessions?pinned=1", "pinned"),
        ("/api/v1/activity?range=1y", "range"),
        ("/api/v1/activity?from=5&to=5", "from"),
        ("/api/v1/costs?group=hour", "group"),
        ("/api/v1/costs?period=1y", "period"),
        ("/api/v1/costs?period=7d&since=2026-11-01", "period"),
        ("/api/v1/requests?limit=1&limit=2", "limit"),
        ("/api/v1/costs?since=yesterday", "since"),
        ("/api/v1/costs?since=2026-11-02&until=2026-11-01", "since"),
        ("/api/v1/costs?limit=1001", "limit"),
        ("/api/v1/costs?group=prompt", "group"),
        ("/api/v1/requests?prompt=p", "prompt"),
        ("/api/v1/requests?cursor=1", "cursor"),
        ("/api/v1/requests?limit=201", "limit"),
        ("/api/v1/spending?project=%00", "project"),
    ] {
        let reply = daemon.get(target).await;
        assert_eq!(reply.status, 400, "{target}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        let detail = reply.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(&format!("`{parameter}`")), "{target}: {detail}");
    }
    let reply = daemon.get("/api/v1/spending?projcet=/p").await;
    assert_eq!(
        (reply.status, &reply.json()["detail"]),
        (400, &"a parameter is unknown here; known are: project".into())
    );
    for target in
        ["/api/v1/sessions/nobody", "/api/v1/events/nothing", "/api/v1/nothing", "/nothing", "/api/v1/sessions/"]
    {
        assert_eq!(daemon.get(target).await.status, 404, "{target}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_labelled_and_pinned() {
    let daemon = Daemon::start();
    let id = seed::WORKING;
    let long = format!(r#"{{"label": "{}"}}"#, "x".repeat(121));
    for (body, status) in [
        (r#"{"label": " mine ", "pinned": true}"#, 200),
        (r#"{"label": 5}"#, 400),
        (r#"{"colour": "red"}"#, 400),
        ("[]", 400),
        ("{", 400),
        ("{} {}", 400),
        (&*long, 400),
    ] {
        assert_eq!(daemon.patch(id, body).await.status, status, "{body}");
    }
    let row = daemon.patch(id, "{}").await.json();
    assert_eq!((&row["label"], &row["pinned"]), (&"mine".into(), &true.into()));
    let overview = daemon.get("/api/v1/overview").await.json();
    assert!(overview["live_sessions"].as_array().expect("a list").iter().any(|live| live["label"] == "mine"));
    let row = daemon.patch(id, r#"{"label": null, "pinned": false}"#).await.json();
    assert_eq!((&row["label"], &row["pinned"]), (&serde_json::Value::Null, &false.into()));
    assert_eq!(daemon.patch("nobody", "{}").await.status, 404);
    assert_eq!(daemon.patch("..%2F..%2Fetc%2Fpasswd", "{}").await.status, 404);
    for method in ["POST", "PUT", "DELETE"] {
        let json = [("Content-Type", "application/json")];
        let reply = daemon.ask(method, &format!("/api/v1/sessions/{id}"), &json, "{}").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD, PATCH")), "{method}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_compression_and_heads() {
    let daemon = Daemon::start();
    for target in ["/api/v1/projects", "/assets/js/main.js", "/openapi.json"] {
        let first = daemon.get(target).await;
        let tag = first.header("etag").expect("a tag").to_owned();
        let again = daemon.ask("GET", target, &[("If-None-Match", &tag)], "").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{target}");
        let head = daemon.ask("HEAD", target, &[], "").await;
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, Some(&*tag)), "{target}");
    }
    let packed = daemon.ask("GET", "/openapi.json", &[("Accept-Encoding", "gzip")], "").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.starts_with(&[0x1f, 0x8b]));
    assert_eq!(daemon.get("/openapi.json").await.header("content-encoding"), None);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_logs_a_browser_in_once() {
    let daemon = Daemon::start();
    let bare = async |target: &str, cookie: &str, accept: &str| {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost:{}\r\nCookie: {cookie}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n",
            daemon.port
        );
        Reply::parse(&daemon.exchange(request.as_bytes()).await)
    };
    let locked = bare("/", "", "text/html").await;
    assert_eq!((locked.status, locked.header("content-type")), (401, Some("text/html; charset=utf-8")));
    assert!(String::from_utf8_lossy(&locked.body).contains("orchd dashboard"));
    assert_eq!(bare("/api/v1/overview", "", "*/*").await.json()["type"], "urn:orch:problem:unauthorized");
    let target = format!("/login?code={}", daemon.auth.new_login_code());
    let login = bare(&target, "", "text/html").await;
    assert_eq!((login.status, login.header("location")), (303, Some("/")));
    let set = login.header("set-cookie").expect("a cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"));
    let cookie = set.split(';').next().expect("a pair");
    assert_eq!(bare("/", cookie, "text/html").await.status, 200);
    assert_eq!(bare("/api/v1/overview", cookie, "*/*").await.status, 200);
    assert_eq!(bare(&target, "", "text/html").await.status, 401);
    assert_eq!(bare("/login", "", "text/html").await.status, 401);
    daemon.stop().await;
}
