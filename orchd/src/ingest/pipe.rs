//! The named pipe on Windows, each connection registered with the event loop from the start. Unproven, see ARCHITECTURE.

use std::io;
use std::path::Path;

use interprocess::local_socket::tokio::{Listener as Pipe, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName as _};

/// The open pipe.
#[derive(Debug)]
pub struct Listener(Pipe);

impl Listener {
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        let options = ListenerOptions::new().name(path.to_fs_name::<GenericFilePath>()?).reclaim_name(false);
        options.create_tokio().map(Self)
    }

    pub(super) async fn accept(&self) -> io::Result<Connection> {
        self.0.accept().await.map(Connection)
    }

    /// The pipe's security descriptor has seen to this.
    pub(super) fn is_own_user(&self, _: &Connection) -> bool {
        true
    }
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Connection(Stream);

impl Connection {
    /// Nothing is read without waiting.
    pub(super) fn read_now(&self, _: &mut Vec<u8>) {}

    pub(super) fn answer_now(self, _: &[u8]) {}

    pub(super) fn into_stream(self) -> io::Result<Stream> {
        Ok(self.0)
    }
}
