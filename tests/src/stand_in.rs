//! Daemons that misbehave: each listens on the hook's socket and fails in its own way.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use shared::protocol::{ErrorCode, LENGTH_BYTES, Outcome, Reply, encode};

use crate::home::TestHome;

/// How the stand-in fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Never accepts, with as many connections waiting as the queue takes.
    FullBacklog,
    /// Accepts and never reads.
    NeverReads,
    /// Reads everything and never answers.
    NeverAnswers,
    /// Sends its right answer one byte every 20 ms.
    SlowAnswer,
    /// Answers with bytes that are no frame.
    Garbage,
    /// Answers with a length of 4 GiB.
    HugeLength,
    /// Answers half an ack and closes.
    HalfAck,
    /// Closes at once.
    Closes,
    /// Answers that it does not know the version.
    UnsupportedVersion,
    /// Answers that its queue is full.
    Busy,
    /// Answers an ack of a version that is not known here.
    LaterAck,
}

/// All of them.
pub const FAULTS: [Fault; 11] = [
    Fault::FullBacklog,
    Fault::NeverReads,
    Fault::NeverAnswers,
    Fault::SlowAnswer,
    Fault::Garbage,
    Fault::HugeLength,
    Fault::HalfAck,
    Fault::Closes,
    Fault::UnsupportedVersion,
    Fault::Busy,
    Fault::LaterAck,
];

/// A listener in the daemon's place; gone when dropped.
#[derive(Debug)]
pub struct StandIn {
    done: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
    held: Vec<UnixStream>,
    socket: std::path::PathBuf,
}

impl StandIn {
    /// Listens on the socket of `home` and fails by `fault`.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    #[must_use]
    pub fn start(home: &TestHome, fault: Fault) -> Self {
        use std::os::unix::fs::PermissionsExt;
        home.make_run_dir();
        let socket = home.paths.socket();
        let _ = std::fs::remove_file(&socket);
        let (done, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut held = Vec::new();
        let listener = if fault == Fault::FullBacklog { tiny_backlog(&socket) } else { UnixListener::bind(&socket) }
            .expect("the socket's folder takes a socket");
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600)).expect("an own socket");
        if fault == Fault::FullBacklog {
            held = fill(&socket);
        }
        listener.set_nonblocking(true).expect("a listener can be set");
        let thread = {
            let (done, served) = (Arc::clone(&done), Arc::clone(&served));
            std::thread::spawn(move || serve(&listener, fault, &done, &served))
        };
        Self { done, served, thread: Some(thread), held, socket }
    }

    /// Connections taken so far.
    #[must_use]
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.held.clear();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.socket);
    }
}

fn tiny_backlog(path: &std::path::Path) -> std::io::Result<UnixListener> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, 0)?;
    Ok(UnixListener::from(socket))
}

/// Connects without waiting until the queue is full.
fn fill(path: &std::path::Path) -> Vec<UnixStream> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
    let address = SocketAddrUnix::new(path).expect("a short path");
    let mut held = Vec::new();
    while held.len() < 64 {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).expect("a socket");
        if connect(&socket, &address).is_err() {
            break;
        }
        held.push(UnixStream::from(socket));
    }
    assert!(held.len() < 64, "the backlog never filled");
    held
}

fn serve(listener: &UnixListener, fault: Fault, done: &AtomicBool, served: &AtomicUsize) {
    let mut kept = Vec::new();
    while !done.load(Ordering::Relaxed) {
        if fault == Fault::FullBacklog {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        match listener.accept() {
            Ok((stream, _)) => {
                served.fetch_add(1, Ordering::Relaxed);
                let _ = stream.set_nonblocking(false);
                if let Some(stream) = answer(stream, fault) {
                    kept.push(stream);
                }
            }
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// Answers by `fault`; returns the stream when it is to be held open.
fn answer(mut stream: UnixStream, fault: Fault) -> Option<UnixStream> {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let ack = encode(&Reply::Ack { outcome: Outcome::Stored }, None);
    let refusal = |code| encode(&Reply::Error { code, message: "no".into() }, None);
    let reply = match fault {
        Fault::FullBacklog | Fault::NeverReads => return Some(stream),
        Fault::Closes => return None,
        Fault::NeverAnswers => {
            read_frame(&mut stream)?;
            return Some(stream);
        }
        Fault::SlowAnswer => {
            read_frame(&mut stream)?;
            std::thread::spawn(move || {
                for byte in ack {
                    std::thread::sleep(Duration::from_millis(20));
                    if stream.write_all(&[byte]).is_err() {
                        break;
                    }
                }
            });
            return None;
        }
        Fault::Garbage => b"\x16\x03\x01 this is no frame {]\xff\xff".repeat(40),
        Fault::HugeLength => [&[0xff; LENGTH_BYTES][..], &ack[LENGTH_BYTES..]].concat(),
        Fault::HalfAck => ack[..ack.len() / 2].to_vec(),
        Fault::UnsupportedVersion => refusal(ErrorCode::UnsupportedVersion),
        Fault::Busy => refusal(ErrorCode::Busy),
        Fault::LaterAck => {
            let header = br#"{"v":2,"kind":"ack","outcome":"stored"}"#;
            let length = u32::try_from(header.len()).expect("short").to_be_bytes();
            [&length[..], header].concat()
        }
    };
    read_frame(&mut stream)?;
    let _ = stream.write_all(&reply);
    None
}

fn read_frame(stream: &mut UnixStream) -> Option<Vec<u8>> {
    let mut length = [0; LENGTH_BYTES];
    stream.read_exact(&mut length).ok()?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame).ok()?;
    Some(frame)
}
