//! The local socket on Unix. A connection is not registered with the event loop unless it has to wait: accepting, reading
//! what lies there, answering and closing are all that most hooks need.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::{GenericFilePath, Listener as Socket, ListenerOptions, ToFsName as _};
use interprocess::os::unix::uds_local_socket::Stream;
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The open socket.
#[derive(Debug)]
pub struct Listener {
    socket: AsyncFd<UnixListener>,
    own_user: u32,
}

impl Listener {
    #[expect(
        deprecated,
        reason = "the other way is unsafe code, for types that change their descriptor: a listener does not"
    )]
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        // The name is given back by the daemon while it still holds the lock, not by a drop at any time.
        let options = ListenerOptions::new().name(path.to_fs_name::<GenericFilePath>()?).reclaim_name(false);
        #[cfg(not(target_os = "macos"))]
        let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
        let Socket::UdSocket(socket) = options.create_sync()?;
        let listener = UnixListener::from(OwnedFd::from(socket));
        listener.set_nonblocking(true)?;
        let socket = AsyncFd::with_interest(listener, Interest::READABLE)?;
        Ok(Self { socket, own_user: rustix::process::geteuid().as_raw() })
    }

    pub(super) async fn accept(&self) -> io::Result<Connection> {
        loop {
            if let Ok(accepted) = self.socket.readable().await?.try_io(|listener| listener.get_ref().accept()) {
                return accepted.map(|(stream, _)| Connection(stream.into()));
            }
        }
    }

    /// Whether the peer runs as the daemon's own user. A peer that cannot be told is refused.
    pub(super) fn is_own_user(&self, connection: &Connection) -> bool {
        connection.0.peer_creds().is_ok_and(|peer| peer.euid() == Some(self.own_user))
    }
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Connection(Stream);

impl Connection {
    /// Reads into `buffer` what lies there already. An error shows again when the connection is waited for.
    pub(super) fn read_now(&self, buffer: &mut Vec<u8>) {
        let _ = recv(&self.0, spare_capacity(buffer), RecvFlags::DONTWAIT);
    }

    /// Sends a reply that fits into any socket's buffer, and closes.
    pub(super) fn answer_now(self, reply: &[u8]) {
        // A peer that went away needs no answer.
        let _ = send(&self.0, reply, SendFlags::DONTWAIT);
    }

    /// Registers the connection, so that it can be waited for.
    pub(super) fn into_stream(self) -> io::Result<tokio::net::UnixStream> {
        let stream = UnixStream::from(OwnedFd::from(self.0));
        stream.set_nonblocking(true)?;
        tokio::net::UnixStream::from_std(stream)
    }
}
