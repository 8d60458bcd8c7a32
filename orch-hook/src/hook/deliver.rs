//! The frame to the daemon and its word back, non-blocking under one deadline.
//!
//! A connect that succeeds and a write that succeeds prove nothing: both do against a stopped daemon. Only the ack counts.

use std::io::{ErrorKind, Read, Write};
use std::time::Instant;

use interprocess::ConnectWaitMode;
use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::{ConnectOptions, GenericFilePath, Stream, ToFsName as _};
use shared::paths::{MAX_SOCKET_PATH_BYTES, Paths};
use shared::protocol::{self, LENGTH_BYTES};

/// Room for any reply to an event.
const REPLY_BYTES: usize = 1024;

/// Sends the frame; true when the daemon settled the event.
pub(super) fn deliver(paths: &Paths, frame: &[u8], deadline: Instant) -> bool {
    exchange(paths, frame, deadline).is_some()
}

/// Returns once the daemon acknowledged; None on anything else.
fn exchange(paths: &Paths, frame: &[u8], deadline: Instant) -> Option<()> {
    let mut stream = connect(paths)?;
    let mut sent = 0;
    while sent < frame.len() {
        match stream.write(&frame[sent..]) {
            Ok(0) => return None,
            Ok(bytes) => sent += bytes,
            Err(error) => wait(&stream, &error, Direction::Write, deadline)?,
        }
    }
    let mut reply = [0; REPLY_BYTES];
    let mut got = 0;
    loop {
        if let Some((length, rest)) = reply[..got].split_first_chunk::<LENGTH_BYTES>() {
            let length = protocol::decode_length(*length).ok()?;
            if rest.len() >= length {
                return protocol::is_ack(&rest[..length]).then_some(());
            }
        }
        if got == reply.len() {
            return None;
        }
        match stream.read(&mut reply[got..]) {
            Ok(0) => return None,
            Ok(bytes) => got += bytes,
            Err(error) => wait(&stream, &error, Direction::Read, deadline)?,
        }
    }
}

/// Returns a connection that never waits, to a daemon of this very user.
pub(crate) fn connect(paths: &Paths) -> Option<Stream> {
    let socket = paths.socket();
    if socket.as_os_str().len() > MAX_SOCKET_PATH_BYTES || !is_private(socket.parent()?) {
        return None;
    }
    let name = socket.to_fs_name::<GenericFilePath>().ok()?;
    let options = ConnectOptions::new().name(name).wait_mode(ConnectWaitMode::Deferred).nonblocking_stream(true);
    let stream = options.connect_sync().ok()?;
    is_own_user(&stream).then_some(stream)
}

#[derive(Clone, Copy)]
enum Direction {
    Read,
    Write,
}

/// Waits until the stream is ready; None when the deadline passes or the error is not one to wait over.
#[cfg(unix)]
fn wait(stream: &Stream, error: &std::io::Error, direction: Direction, deadline: Instant) -> Option<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    match error.kind() {
        ErrorKind::Interrupted => return Some(()),
        ErrorKind::WouldBlock => {}
        _ => return None,
    }
    let left = deadline.checked_duration_since(Instant::now())?;
    let events = match direction {
        Direction::Read => PollFlags::IN,
        Direction::Write => PollFlags::OUT,
    };
    let Stream::UdSocket(socket) = stream;
    match poll(&mut [PollFd::new(socket, events)], Some(&Timespec::try_from(left).ok()?)) {
        Ok(0) => None,
        Ok(_) | Err(rustix::io::Errno::INTR) => Some(()),
        Err(_) => None,
    }
}

/// A named pipe cannot be polled: looks again after a moment. Unproven.
#[cfg(not(unix))]
fn wait(_: &Stream, error: &std::io::Error, _: Direction, deadline: Instant) -> Option<()> {
    if !matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) {
        return None;
    }
    deadline.checked_duration_since(Instant::now())?;
    std::thread::sleep(std::time::Duration::from_micros(200));
    Some(())
}

/// Whether the socket's folder is ours alone: somebody else's daemon gets nothing.
#[cfg(unix)]
fn is_private(dir: &std::path::Path) -> bool {
    rustix::fs::stat(dir)
        .is_ok_and(|found| found.st_uid == rustix::process::geteuid().as_raw() && found.st_mode & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) -> bool {
    true
}

#[cfg(unix)]
fn is_own_user(stream: &Stream) -> bool {
    stream.peer_creds().is_ok_and(|peer| peer.euid() == Some(rustix::process::geteuid().as_raw()))
}

#[cfg(not(unix))]
fn is_own_user(_: &Stream) -> bool {
    true
}
