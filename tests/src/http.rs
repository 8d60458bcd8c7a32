//! A minimal HTTP/1.1 client over a bare stream: it can send what no library would.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::daemon::TestDaemon;

/// Time one answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Header lines, names in small letters, in order.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// Sends `request` as it is to `address` and reads one answer.
pub fn exchange(address: &str, request: &[u8]) -> std::io::Result<Answer> {
    let mut stream = connect(address)?;
    stream.write_all(request)?;
    read_answer(&mut BufReader::new(stream))
}

/// Connects with time limits set.
pub fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    Ok(stream)
}

/// Asks the daemon for `path` with its token.
///
/// # Panics
///
/// When no answer comes.
#[must_use]
pub fn get(daemon: &TestDaemon<'_>, path: &str) -> Answer {
    let (address, token) = (daemon.http(), daemon.token());
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    exchange(&address, request.as_bytes()).unwrap_or_else(|error| panic!("GET {path}: {error}"))
}

/// Asks the daemon for the JSON at `path`.
///
/// # Panics
///
/// When the answer is not 200 with JSON.
#[must_use]
pub fn get_json(daemon: &TestDaemon<'_>, path: &str) -> Value {
    let answer = get(daemon, path);
    assert_eq!(answer.status, 200, "GET {path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Reads one answer.
pub fn read_answer(stream: &mut impl BufRead) -> std::io::Result<Answer> {
    let bad = |text: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, text.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    if line.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| bad("no status line"))?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if matches!(status, 204 | 304) {
        return Ok(answer);
    }
    if answer.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        while let Some(chunk) = read_chunk(stream)? {
            answer.body.extend_from_slice(&chunk);
        }
    } else if let Some(length) = answer.header("content-length").and_then(|value| value.parse().ok()) {
        answer.body = vec![0; length];
        stream.read_exact(&mut answer.body)?;
    } else {
        stream.read_to_end(&mut answer.body)?;
    }
    Ok(answer)
}

fn read_chunk(stream: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let size = usize::from_str_radix(line.trim(), 16)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "a chunk without size"))?;
    let mut chunk = vec![0; size];
    stream.read_exact(&mut chunk)?;
    line.clear();
    stream.read_line(&mut line)?;
    Ok((size > 0).then_some(chunk))
}

/// One message of the live stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// `event:`.
    pub event: String,
    /// `id:`.
    pub id: Option<String>,
    /// `data:`.
    pub data: String,
}

/// An open live stream.
#[derive(Debug)]
pub struct Stream {
    reader: BufReader<TcpStream>,
    left: String,
}

impl Stream {
    /// Opens `/api/v1/stream`, going on after `last` if given.
    ///
    /// # Panics
    ///
    /// When the answer is not an event stream.
    #[must_use]
    pub fn open(daemon: &TestDaemon<'_>, last: Option<&str>) -> Self {
        let (address, token) = (daemon.http(), daemon.token());
        let resume = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let mut stream = connect(&address).expect("the daemon listens");
        let request = format!(
            "GET /api/v1/stream HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Accept: text/event-stream\r\n{resume}\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request can be sent");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).expect("headers"), 0, "closed after {head}");
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
        Self { reader, left: String::new() }
    }

    /// Returns the next message, leaving out comments, or none when the server ends the stream.
    pub fn message(&mut self) -> std::io::Result<Option<Message>> {
        loop {
            if let Some(end) = self.left.find("\n\n") {
                let text: String = self.left.drain(..end + 2).collect();
                let message = parse_message(&text);
                if message != Message::default() {
                    return Ok(Some(message));
                }
                continue;
            }
            match read_chunk(&mut self.reader)? {
                Some(chunk) => self.left.push_str(&String::from_utf8_lossy(&chunk)),
                None => return Ok(None),
            }
        }
    }
}

fn parse_message(text: &str) -> Message {
    let mut message = Message::default();
    for line in text.lines() {
        match line.split_once(':') {
            Some(("event", value)) => value.trim().clone_into(&mut message.event),
            Some(("id", value)) => message.id = Some(value.trim().to_owned()),
            Some(("data", value)) => message.data.push_str(value.trim()),
            _ => {}
        }
    }
    message
}
