use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::local_model::client;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const PIECE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"4.\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// Serves one question by these bytes and stays silent behind them. Its end is whether the asker went away.
async fn server(bytes: String) -> (Endpoint, JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("an asker");
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(bytes.as_bytes()).await.expect("taken");
        is_gone(&mut stream).await
    });
    (Endpoint::new(&url).expect("an address"), serving)
}

async fn is_gone(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 64]).await, Ok(0) | Err(_))
}

async fn begun(endpoint: &Endpoint, limits: Limits) -> Answering {
    let client = client::builder().build().expect("a client");
    let request = ChatRequest { task: "2 + 2".into(), stream: true, ..ChatRequest::default() };
    ask(&client, endpoint, &request, limits, &Meter::default(), || {}).await.expect("an answer begins")
}

fn short() -> Limits {
    let ms = Duration::from_millis;
    Limits { first_token: ms(900), idle: ms(200), whole: ms(5_000), ..Limits::default() }
}

#[tokio::test]
async fn an_answer_comes_in_pieces() {
    let (endpoint, serving) = server([HEAD, PIECE, END, DONE].concat()).await;
    let mut answering = begun(&endpoint, short()).await;
    assert_eq!(answering.next().await.expect("a piece"), Some(Update::Answer("4.".into())));
    assert_eq!(answering.next().await.expect("the end"), None);
    let (rest, reply) = answering.finish().expect("a reply");
    assert_eq!((rest, reply.answer.as_str()), (vec![], "4."));
    assert!(serving.await.expect("served"), "nothing is waited for behind the end");
}

#[tokio::test]
async fn silence_is_an_error_and_a_slow_reader_is_none() {
    let (endpoint, _serving) = server([HEAD, PIECE].concat()).await;
    let mut answering = begun(&endpoint, short()).await;
    assert!(answering.next().await.expect("a piece").is_some());
    tokio::time::sleep(Duration::from_millis(400)).await;
    let asked = Instant::now();
    let error = answering.next().await.expect_err("silence");
    assert_eq!(error.reason(), "stalled");
    assert!(asked.elapsed() >= Duration::from_millis(190), "the reader's own pause is not the server's");
    let (endpoint, _serving) = server(HEAD.to_owned()).await;
    let error = begun(&endpoint, short()).await.next().await.expect_err("silence");
    assert_eq!(error.reason(), "slow_first_token");
}

#[tokio::test]
async fn an_answer_that_is_whole_is_not_lost_by_what_should_follow() {
    let (endpoint, _serving) = server([HEAD, PIECE, END].concat()).await;
    let mut answering = begun(&endpoint, short()).await;
    while answering.next().await.expect("no error").is_some() {}
    assert_eq!(answering.finish().expect("a reply").1.answer, "4.");
}

#[tokio::test]
async fn dropping_an_answer_closes_its_connection() {
    for pieces in [0, 1] {
        let (endpoint, serving) = server([HEAD, PIECE].concat()).await;
        let mut answering = begun(&endpoint, Limits::default()).await;
        for _ in 0..pieces {
            assert!(answering.next().await.expect("a piece").is_some());
        }
        drop(answering);
        let gone = tokio::time::timeout(Duration::from_secs(5), serving).await.expect("the server is told");
        assert!(gone.expect("served"));
    }
}

#[tokio::test]
async fn a_question_may_be_dropped_before_its_answer_begins() {
    let (endpoint, serving) = server(String::new()).await;
    let waiting = tokio::time::timeout(Duration::from_millis(100), begun(&endpoint, Limits::default()));
    assert!(waiting.await.is_err());
    assert!(tokio::time::timeout(Duration::from_secs(5), serving).await.expect("the server is told").expect("served"));
}
