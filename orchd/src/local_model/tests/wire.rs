//! Each kind of server over a real socket: found by what it answers, in few requests, without any that could load a model.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::local_model::answer::Asker;
use crate::local_model::look::{Finding, look};
use crate::local_model::{Endpoint, Kind, State, Token, client, look_once};

/// Status and body of a request's first line and head.
type Answers = fn(&str, &str) -> (u16, String);

/// Answers each connection's one request, and keeps their first lines.
async fn serve(answers: Answers) -> (Endpoint, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = Endpoint::new(&format!("http://{}", listener.local_addr().expect("bound"))).expect("valid");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
            let (status, body) = answers(&line, &head);
            lines.lock().expect("not poisoned").push(line);
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            // The asker may have gone.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (endpoint, asked)
}

async fn look_at(endpoint: &Endpoint, known: Option<Kind>) -> Option<Finding> {
    let client = client::builder().build().expect("a client");
    let sent = AtomicU32::new(0);
    look(&Asker { client: &client, endpoint, sent: &sent }, known).await
}

fn nothing() -> (u16, String) {
    (404, "404 page not found".to_owned())
}

/// Name, answers, kind and model found, requests of the first look and of the next.
type Case = (&'static str, Answers, Kind, &'static str, &'static [&'static str], &'static [&'static str]);

#[tokio::test]
async fn kinds_are_found_by_what_they_answer() {
    let cases: [Case; 6] = [
        (
            "LM Studio",
            |line, _| match line {
                "GET /api/v1/models" => (200, json!({"models": [{"key": "r1", "loaded_instances": []}]}).to_string()),
                _ => nothing(),
            },
            Kind::LmStudio,
            "r1",
            &["GET /api/v1/models"],
            &["GET /api/v1/models"],
        ),
        (
            "LM Studio before 0.4, which answers 200 to anything",
            |line, _| match line {
                "GET /api/v0/models" => (200, json!({"data": [{"id": "r1", "state": "loaded"}]}).to_string()),
                _ => (200, json!({"error": format!("Unexpected endpoint or method. ({line})")}).to_string()),
            },
            Kind::LmStudioV0,
            "r1",
            &["GET /api/v1/models", "GET /api/v0/models"],
            &["GET /api/v0/models"],
        ),
        (
            "Ollama",
            |line, _| match line {
                "GET /v1/models" => (200, json!({"data": [{"id": "r1:8b", "owned_by": "library"}]}).to_string()),
                "GET /api/ps" => (200, json!({"models": []}).to_string()),
                "GET /api/tags" => (200, json!({"models": [{"name": "r1:8b"}]}).to_string()),
                _ => nothing(),
            },
            Kind::Ollama,
            "r1:8b",
            &["GET /api/v1/models", "GET /api/v0/models", "GET /v1/models", "GET /api/ps", "GET /api/tags"],
            &["GET /api/ps", "GET /api/tags"],
        ),
        (
            "llama.cpp",
            |line, _| match line {
                "GET /v1/models" => {
                    (200, include_str!("../../../../tests/fixtures/local-model/llamacpp_models.json").to_owned())
                }
                _ => nothing(),
            },
            Kind::LlamaCpp,
            "tiny-deepseek-r1",
            &["GET /api/v1/models", "GET /api/v0/models", "GET /v1/models"],
            &["GET /v1/models"],
        ),
        (
            "another",
            |line, _| match line {
                "GET /v1/models" => (200, json!({"object": "list", "data": [{"id": "qwen"}]}).to_string()),
                _ => nothing(),
            },
            Kind::OpenAi,
            "qwen",
            &["GET /api/v1/models", "GET /api/v0/models", "GET /v1/models", "GET /api/ps"],
            &["GET /v1/models", "GET /api/ps"],
        ),
        (
            "one list for every address",
            |_, _| (200, json!({"data": [{"id": "deepseek-r1"}]}).to_string()),
            Kind::OpenAi,
            "deepseek-r1",
            &["GET /api/v1/models", "GET /api/v0/models", "GET /v1/models", "GET /api/ps"],
            &["GET /v1/models", "GET /api/ps"],
        ),
    ];
    for (case, answers, kind, model, first, again) in cases {
        let (endpoint, asked) = serve(answers).await;
        for (known, paths) in [(None, first), (Some(kind), again)] {
            let Some(Finding::Models(found, models)) = look_at(&endpoint, known).await else { panic!("{case}") };
            assert_eq!((found, models[0].id.as_str()), (kind, model), "{case}");
            assert_eq!(std::mem::take(&mut *asked.lock().expect("not poisoned")), paths, "{case}");
            assert!(u32::try_from(paths.len()).expect("few") <= known.map_or(5, Kind::requests), "{case}");
        }
    }
}

#[tokio::test]
async fn what_is_no_model_is_told_apart() {
    let cases: [(&str, Answers, Finding); 6] = [
        ("nothing there", |_, _| nothing(), Finding::Foreign("it has no list of models".into())),
        ("busy", |_, _| (429, String::new()), Finding::Busy),
        ("busy, later", |_, _| (503, "try again".into()), Finding::Busy),
        (
            "llama.cpp at its start",
            |_, _| (503, json!({"error": {"message": "Loading model", "type": "unavailable_error"}}).to_string()),
            Finding::Loading,
        ),
        ("broken", |_, _| (500, String::new()), Finding::Failed("it answers with the error 500".into())),
        ("a page", |_, _| (200, "<html>hi</html>".into()), Finding::Foreign("it answers with a web page".into())),
    ];
    for (case, answers, expected) in cases {
        let (endpoint, _) = serve(answers).await;
        assert_eq!(look_at(&endpoint, None).await, Some(expected), "{case}");
    }
    let gone = Endpoint::new("http://127.0.0.1:1").expect("valid");
    assert_eq!(look_at(&gone, None).await, Some(Finding::Failed("nothing listens there".into())));
}

#[tokio::test]
async fn a_server_that_became_another_is_noticed() {
    let (endpoint, _) = serve(|_, _| nothing()).await;
    assert_eq!(look_at(&endpoint, Some(Kind::Ollama)).await, None);
}

#[tokio::test]
async fn a_token_opens_and_is_sent_to_nobody_else() {
    let answers: Answers = |_, head| {
        let given = head.lines().any(|line| line.eq_ignore_ascii_case("authorization: Bearer sk-lm-fake"));
        if given { (200, json!({"models": []}).to_string()) } else { (401, String::new()) }
    };
    let (endpoint, _) = serve(answers).await;
    assert_eq!(look_at(&endpoint, None).await, Some(Finding::Forbidden));
    let endpoint = Endpoint { token: Token::new("sk-lm-fake"), ..endpoint };
    assert_eq!(look_at(&endpoint, None).await, Some(Finding::Models(Kind::LmStudio, Vec::new())));
}

#[tokio::test]
async fn an_answer_that_drips_has_two_seconds_and_an_endless_one_has_half_a_megabyte() {
    for (case, byte_every, state, least, most) in [
        ("drips", Some(Duration::from_millis(50)), State::Down, 1_900, 4_000),
        ("endless", None, State::WrongServer, 0, 2_000),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = Endpoint::new(&format!("http://{}", listener.local_addr().expect("bound"))).expect("valid");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut sent = 0;
            let _ = stream.read(&mut [0; 4096]).await.expect("a request");
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await.expect("a head");
            let chunk = vec![b' '; if byte_every.is_some() { 1 } else { 64 * 1024 }];
            while stream.write_all(&chunk).await.is_ok() {
                sent += chunk.len();
                match byte_every {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => tokio::task::yield_now().await,
                }
            }
            sent
        });
        let began = Instant::now();
        let health = look_once(&client::builder().build().expect("a client"), &endpoint, 7).await;
        let took = began.elapsed().as_millis();
        assert_eq!((health.state, health.checked_at), (state, Some(7)), "{case}: {health:?}");
        assert!((least..=most).contains(&took), "{case}: {took} ms");
        // What the kernel's buffers took was sent, and not read.
        let sent = server.await.expect("ends when nobody reads");
        assert!(sent < 16 * 1024 * 1024, "{case}: {sent} bytes");
    }
}
