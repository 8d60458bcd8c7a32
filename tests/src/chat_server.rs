//! A model server that does what a test wants: a real listener on a free port of this machine, one behaviour for all who ask.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

/// One step of an answer.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends these bytes as they are.
    Send(Vec<u8>),
    /// Sends these bytes again and again until the asker is gone.
    SendForEver(Vec<u8>),
    /// Says nothing for a while.
    Wait(Duration),
    /// Says nothing until the asker is gone.
    Hang,
    /// Closes with a reset instead of a proper end.
    Reset,
}

/// What a server was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The first line and the headers.
    pub head: String,
    /// The body.
    pub body: Value,
}

/// What a server tells of its models, and to whom.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The answer to `/api/v1/models`.
    pub models: String,
    /// Who does not have this token gets 401, whatever is asked.
    pub token: Option<String>,
}

/// A listener that answers by steps; gone when dropped.
#[derive(Debug)]
pub struct ChatServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    gone: Receiver<()>,
    address: std::net::SocketAddr,
    thread: Option<JoinHandle<()>>,
    ended: Arc<AtomicBool>,
}

impl ChatServer {
    /// Answers each question by the next list of steps, and all after the last by the last.
    ///
    /// # Panics
    ///
    /// When it cannot listen, or there is no list.
    #[must_use]
    pub fn start(answers: Vec<Vec<Step>>) -> Self {
        Self::start_listed(answers, None)
    }

    /// As [`Self::start`], with models to list.
    ///
    /// # Panics
    ///
    /// When it cannot listen, or there is no list.
    #[must_use]
    pub fn start_listed(answers: Vec<Vec<Step>>, listed: Option<Listed>) -> Self {
        assert!(!answers.is_empty(), "a server answers something");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let (tell, gone) = channel();
        let thread = {
            let (asked, ended) = (Arc::clone(&asked), Arc::clone(&ended));
            std::thread::spawn(move || {
                let next = Arc::new(AtomicUsize::new(0));
                let answers = Arc::new(answers);
                for stream in listener.incoming() {
                    if ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let (asked, tell, listed) = (Arc::clone(&asked), tell.clone(), listed.clone());
                    let (next, answers) = (Arc::clone(&next), Arc::clone(&answers));
                    let steps = move |head: &str| {
                        listed.as_ref().and_then(|listed| listed.steps(head)).unwrap_or_else(|| {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            answers[number.min(answers.len() - 1)].clone()
                        })
                    };
                    std::thread::spawn(move || serve(stream.ok(), steps, &asked, &tell));
                }
            })
        };
        Self { url: format!("http://{address}"), asked, gone, address, thread: Some(thread), ended }
    }

    /// Questions so far.
    ///
    /// # Panics
    ///
    /// Never: nothing panics while it holds the list.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic while held").clone()
    }

    /// Questions so far that were no looks.
    #[must_use]
    pub fn tasks(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.head.starts_with("POST ")).collect()
    }

    /// Waits until an asker has gone away in the middle of an answer.
    #[must_use]
    pub fn asker_goes_within(&self, within: Duration) -> bool {
        self.gone.recv_timeout(within).is_ok()
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for askers.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Listed {
    /// Returns the answer that is not one of a chat.
    fn steps(&self, head: &str) -> Option<Vec<Step>> {
        let is_let_in = self.token.as_ref().is_none_or(|token| head.contains(&format!("Bearer {token}\r\n")));
        match head.split(' ').take(2).collect::<Vec<_>>().as_slice() {
            _ if !is_let_in => Some(answer("401 Unauthorized", &[], "{}")),
            ["GET", "/api/v1/models"] => Some(answer("200 OK", &["Content-Type: application/json"], &self.models)),
            ["GET", _] => Some(answer("404 Not Found", &[], "{}")),
            _ => None,
        }
    }
}

fn serve(
    stream: Option<TcpStream>,
    steps: impl FnOnce(&str) -> Vec<Step>,
    asked: &Mutex<Vec<Asked>>,
    gone: &Sender<()>,
) {
    let Some(mut stream) = stream else { return };
    let _ = stream.set_nodelay(true);
    let Some(question) = read_question(&stream) else { return };
    let steps = steps(&question.head);
    asked.lock().expect("no panic while held").push(question);
    for step in &steps {
        let sent = match step {
            Step::Send(bytes) => stream.write_all(bytes),
            Step::SendForEver(bytes) => loop {
                if let Err(error) = stream.write_all(bytes) {
                    break Err(error);
                }
                // Small pieces reach a limit of time before one of size, on any machine.
                std::thread::sleep(Duration::from_micros(50));
            },
            Step::Wait(time) => {
                std::thread::sleep(*time);
                Ok(())
            }
            Step::Hang => {
                // An asker sends nothing more: the end of what it sends is its end.
                let _ = stream.read(&mut [0; 64]);
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            Step::Reset => {
                // Unread input makes the system answer with a reset.
                let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
                return;
            }
        };
        if sent.is_err() {
            let _ = gone.send(());
            return;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_question(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

/// The head of an answer whose body ends with the connection.
#[must_use]
pub fn head(status: &str, headers: &[&str]) -> Step {
    let first = format!("HTTP/1.1 {status}");
    let lines = [&[first.as_str()], headers, &["Connection: close", "", ""]].concat();
    Step::Send(lines.join("\r\n").into_bytes())
}

/// The head of a stream of events.
#[must_use]
pub fn stream_head() -> Step {
    head("200 OK", &["Content-Type: text/event-stream"])
}

/// A whole answer of a status.
#[must_use]
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<Step> {
    let length = format!("Content-Length: {}", body.len());
    vec![head(status, &[headers, &[&length]].concat()), Step::Send(body.as_bytes().to_vec())]
}

/// One event of a stream.
#[must_use]
pub fn event(object: &Value) -> Step {
    Step::Send(format!("data: {object}\n\n").into_bytes())
}

/// A piece of text as a stream sends it.
#[must_use]
pub fn delta(field: &str, text: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {field: text}, "finish_reason": null}], "model": "stand-in"})
}

/// The end of a stream, with a count of tokens.
#[must_use]
pub fn stream_end(output_tokens: u64) -> Vec<Step> {
    vec![
        event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})),
        event(&json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": output_tokens}})),
        Step::Send(b"data: [DONE]\n\n".to_vec()),
    ]
}

/// A whole stream of content.
#[must_use]
pub fn stream(texts: &[&str]) -> Vec<Step> {
    let pieces = texts.iter().map(|text| event(&delta("content", text)));
    let head = std::iter::once(stream_head());
    head.chain(pieces).chain(stream_end(texts.len() as u64)).collect()
}
