//! A server in LM Studio's place: healthy, or failing in its own way. It counts what it is asked and refuses what is no question.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How the server behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// LM Studio with one model in memory.
    Healthy,
    /// The same, for whoever has this token; 401 for others.
    WithToken(String),
    /// Nobody listens.
    Refuse,
    /// Connections are taken and never answered.
    AcceptHang,
    /// Connections are not even taken.
    Blackhole,
    /// The head of an answer, and then nothing.
    HeadersHang,
    /// This status, content type and body to anything.
    Answer(u16, String, String),
    /// A body of so many bytes, as fast as they are taken.
    Infinite(u64),
    /// Sends whoever asks to this address.
    Redirect(String),
    /// Half a body, then a reset.
    ResetMidBody,
    /// Healthy and resetting in turns of this length.
    Flap(Duration),
    /// Resetting, then healthy after this time.
    Recover(Duration),
    /// Resetting until [`LmStudioStandIn::recover`].
    UntilTold,
}

/// What a healthy LM Studio has, as it documents it.
pub const MODELS: &str = r#"{"models":[{"type":"llm","publisher":"deepseek","key":"deepseek-r1","display_name":"DeepSeek R1",
 "quantization":{"name":"Q4_K_M","bits_per_weight":4},"size_bytes":4683073952,"max_context_length":131072,
 "loaded_instances":[{"id":"deepseek-r1","config":{"context_length":8192,"parallel":4}}]}]}"#;

/// A server under test; gone when dropped.
#[derive(Debug)]
pub struct LmStudioStandIn {
    address: SocketAddr,
    started: Instant,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
    well: Arc<AtomicBool>,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Fills the queue of connections in [`Mode::Blackhole`].
    _held: Vec<std::os::fd::OwnedFd>,
}

impl LmStudioStandIn {
    /// Listens on a free port.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    #[must_use]
    pub fn start(mode: Mode) -> Self {
        let listener = if mode == Mode::Blackhole { no_backlog() } else { TcpListener::bind("127.0.0.1:0") };
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let held = if mode == Mode::Blackhole { fill(address) } else { Vec::new() };
        let (asked, well) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let done = Arc::new(AtomicBool::new(false));
        let started = Instant::now();
        let thread = (mode != Mode::Refuse).then(|| {
            listener.set_nonblocking(true).expect("a listener can be set");
            let (asked, well, done) = (Arc::clone(&asked), Arc::clone(&well), Arc::clone(&done));
            let is_well = move |mode: &Mode| match mode {
                Mode::Flap(turn) => (started.elapsed().as_millis() / turn.as_millis()).is_multiple_of(2),
                Mode::Recover(after) => started.elapsed() >= *after,
                Mode::UntilTold => well.load(Ordering::Relaxed),
                _ => true,
            };
            std::thread::spawn(move || serve(&listener, &mode, is_well, &asked, &done))
        });
        Self { address, started, asked, well, done, thread, _held: held }
    }

    /// Its address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has it answer from now on, in [`Mode::UntilTold`].
    pub fn recover(&self) {
        self.well.store(true, Ordering::Relaxed);
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// When it was asked for what, the first lines of the requests; an empty one for a connection that was not read.
    #[must_use]
    pub fn asked(&self) -> Vec<(Instant, String)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most questions in any minute.
    #[must_use]
    pub fn most_in_a_minute(&self) -> usize {
        let asked = self.asked();
        let until = |from: Instant| move |at: &&(Instant, String)| at.0.duration_since(from) < Duration::from_mins(1);
        let of = |place: usize| asked[place..].iter().take_while(until(asked[place].0)).count();
        (0..asked.len()).map(of).max().unwrap_or(0)
    }
}

impl Drop for LmStudioStandIn {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn no_backlog() -> std::io::Result<TcpListener> {
    use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0)))?;
    listen(&socket, 0)?;
    Ok(TcpListener::from(socket))
}

/// Connects without waiting until no connection is taken any more.
fn fill(address: SocketAddr) -> Vec<std::os::fd::OwnedFd> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
    let one = |_| {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).expect("a socket");
        // It is in progress, or waits for ever.
        let _ = connect(&socket, &address);
        socket
    };
    let held = (0..8).map(one).collect();
    std::thread::sleep(Duration::from_millis(50));
    held
}

fn serve(
    listener: &TcpListener,
    mode: &Mode,
    is_well: impl Fn(&Mode) -> bool,
    asked: &Mutex<Vec<(Instant, String)>>,
    done: &AtomicBool,
) {
    std::thread::scope(|scope| {
        let mut held = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let taken = if *mode == Mode::Blackhole { None } else { listener.accept().ok() };
            let Some((stream, _)) = taken else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            let _ = stream.set_nonblocking(false);
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
            let line = |line: String| {
                asked.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), line));
            };
            let mode = match mode {
                Mode::AcceptHang => {
                    line(String::new());
                    held.push(stream);
                    continue;
                }
                Mode::Flap(_) | Mode::Recover(_) | Mode::UntilTold => {
                    if !is_well(mode) {
                        line(String::new());
                        reset(&stream);
                        continue;
                    }
                    Mode::Healthy
                }
                other => other.clone(),
            };
            let Some((first, all)) = read_head(&stream) else { continue };
            line(first.clone());
            if mode == Mode::HeadersHang {
                let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
                held.push(stream);
                continue;
            }
            scope.spawn(move || answer(&stream, &mode, &first, &all, done));
        }
    });
}

fn read_head(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let first = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some((first, head))
}

fn answer(stream: &TcpStream, mode: &Mode, first: &str, head: &str, done: &AtomicBool) {
    let (mut to, json) = (stream, "application/json");
    // The asker may be gone at any time.
    let _ = match mode {
        Mode::Answer(status, content_type, body) => send(to, *status, content_type, body),
        Mode::Infinite(bytes) => {
            let _ = write!(to, "HTTP/1.1 200 OK\r\nContent-Type: {json}\r\nConnection: close\r\n\r\n{{\"data\":[");
            let (chunk, mut left) = (vec![b' '; 64 * 1024], *bytes);
            while left > 0 && !done.load(Ordering::Relaxed) && to.write_all(&chunk).is_ok() {
                left = left.saturating_sub(chunk.len() as u64);
            }
            Ok(())
        }
        Mode::Redirect(address) => write!(to, "HTTP/1.1 302 Found\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n"),
        Mode::ResetMidBody => {
            let _ = to.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"models\":[");
            reset(stream);
            Ok(())
        }
        Mode::WithToken(token) if !head.contains(&format!("Bearer {token}\r\n")) => send(to, 401, json, "{}"),
        _ if first == "GET /api/v1/models" => send(to, 200, json, MODELS),
        _ => send(to, 404, json, "{}"),
    };
}

fn send(mut to: &TcpStream, status: u16, content_type: &str, body: &str) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
    to.write_all(format!("{head}{body}").as_bytes())
}

/// Has the stream end with a reset instead of an end.
fn reset(stream: &TcpStream) {
    let _ = rustix::net::sockopt::set_socket_linger(stream.as_fd(), Some(Duration::ZERO));
}
