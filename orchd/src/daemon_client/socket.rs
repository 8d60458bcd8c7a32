//! The daemon's local socket from outside: blocking, with one deadline for the whole exchange.
//!
//! A connection that opens proves nothing, for the system connects to a stopped daemon too; only a reply counts.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use interprocess::ConnectWaitMode;
use interprocess::local_socket::traits::Stream as _;
use interprocess::local_socket::{ConnectOptions, GenericFilePath, Stream, ToFsName};
use serde_json::Value;
use shared::paths::Paths;
use shared::protocol::{self, FrameError, LENGTH_BYTES, Reply, Request};

/// Why the daemon was not reached.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No socket, or nobody listens on it.
    #[error("nothing listens on `{socket}`")]
    NotRunning {
        /// The socket.
        socket: PathBuf,
    },
    /// The path does not fit into a socket address.
    #[error("the socket's path `{socket}` is too long")]
    TooLong {
        /// The socket.
        socket: PathBuf,
    },
    /// The socket's folder is not ours alone: whoever listens there may be anybody.
    #[error("the folder `{dir}` is not private to this user")]
    Foreign {
        /// The folder.
        dir: PathBuf,
    },
    /// Connected, or not, but no answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The exchange broke.
    #[error("failed to talk over the socket")]
    Io(#[source] io::Error),
    /// The daemon's answer is not one.
    #[error("the answer is not understood")]
    Frame(#[source] FrameError),
    /// The daemon said no.
    #[error("the daemon refused: {0}")]
    Refused(String),
}

impl ClientError {
    /// Returns the error of an answer to another question.
    pub(crate) fn unexpected(reply: &Reply) -> Self {
        let kind = match reply {
            Reply::Ack { .. } => "an acknowledgement",
            Reply::Status(_) => "a status",
            Reply::Login { .. } => "a login",
            Reply::Progress(_) => "progress",
            Reply::Done => "done",
            Reply::Error { .. } => "an error",
        };
        Self::Refused(format!("it answered {kind} to another question"))
    }
}

/// Sends one request and returns its answer. [`Reply::Error`] becomes [`ClientError::Refused`].
pub fn ask(paths: &Paths, request: &Request, within: Duration) -> Result<Reply, ClientError> {
    match Connection::open(paths, within)?.exchange(request, None, within)? {
        Reply::Error { message, .. } => Err(ClientError::Refused(message)),
        reply => Ok(reply),
    }
}

/// Returns the daemon's status.
pub fn status(paths: &Paths, within: Duration) -> Result<Value, ClientError> {
    match ask(paths, &Request::Status, within)? {
        Reply::Status(status) => Ok(status),
        other => Err(ClientError::unexpected(&other)),
    }
}

/// An open connection, for many requests one after the other.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
}

impl Connection {
    /// Connects to the daemon of these paths.
    pub fn open(paths: &Paths, within: Duration) -> Result<Self, ClientError> {
        let socket = paths.socket();
        if !paths.socket_fits() {
            return Err(ClientError::TooLong { socket });
        }
        is_private(&paths.run_dir()).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ClientError::NotRunning { socket: socket.clone() },
            io::ErrorKind::PermissionDenied => ClientError::Foreign { dir: paths.run_dir() },
            _ => ClientError::Io(error),
        })?;
        let name = socket.as_path().to_fs_name::<GenericFilePath>().map_err(ClientError::Io)?;
        let options = ConnectOptions::new().name(name).wait_mode(ConnectWaitMode::Timeout(within));
        let stream = options.connect_sync().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ClientError::NotRunning { socket },
            _ => of_io(error, within),
        })?;
        Ok(Self { stream })
    }

    /// Sends a request with the bytes behind it and returns the answer.
    pub fn exchange(&mut self, request: &Request, body: Option<&[u8]>, within: Duration) -> Result<Reply, ClientError> {
        let deadline = Instant::now() + within;
        let sent =
            set_timeouts(&self.stream, within).and_then(|()| self.stream.write_all(&protocol::encode(request, body)));
        sent.map_err(|error| of_io(error, within))?;
        let mut length = [0; LENGTH_BYTES];
        self.read_exact(&mut length, deadline).map_err(|error| of_io(error, within))?;
        let mut frame = vec![0; protocol::decode_length(length).map_err(ClientError::Frame)?];
        self.read_exact(&mut frame, deadline).map_err(|error| of_io(error, within))?;
        protocol::decode::<Reply>(&frame).map(|(reply, _)| reply).map_err(ClientError::Frame)
    }

    /// Reads until the buffer is full. The system's time-outs are per call, so the rest of the deadline is set anew.
    fn read_exact(&mut self, mut buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
        while !buffer.is_empty() {
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
            set_timeouts(&self.stream, left.ok_or(io::ErrorKind::TimedOut)?)?;
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => buffer = &mut buffer[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn set_timeouts(stream: &Stream, within: Duration) -> io::Result<()> {
    // Named pipes know no time-outs; there the daemon's own reply deadline is all there is.
    if cfg!(unix) {
        stream.set_send_timeout(Some(within))?;
        stream.set_recv_timeout(Some(within))?;
    }
    Ok(())
}

fn of_io(error: io::Error, within: Duration) -> ClientError {
    match error.kind() {
        // A full backlog looks like a connection that is not connected.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected => {
            ClientError::Timeout(within)
        }
        _ => ClientError::Io(error),
    }
}

/// Errs unless the folder is there, is ours and lets nobody else in.
#[cfg(unix)]
fn is_private(dir: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(dir)?;
    let ours = found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
    if ours { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    const SHORT: Duration = Duration::from_millis(80);

    fn home() -> (tempfile::TempDir, Paths) {
        let home = tempfile::Builder::new().prefix("o").tempdir_in("/tmp").expect("temp folder");
        let paths = Paths::under(home.path());
        std::fs::create_dir_all(paths.run_dir()).expect("makes the folder");
        std::fs::set_permissions(paths.run_dir(), std::fs::Permissions::from_mode(0o700)).expect("changes the mode");
        (home, paths)
    }

    #[test]
    fn nobody_a_stale_socket_and_a_foreign_folder_are_told_apart() {
        let (_home, paths) = home();
        let outcome = || ask(&paths, &Request::Status, SHORT).expect_err("no daemon");
        assert!(matches!(outcome(), ClientError::NotRunning { .. }));
        drop(UnixListener::bind(paths.socket()).expect("binds"));
        assert!(matches!(outcome(), ClientError::NotRunning { .. }));
        std::fs::set_permissions(paths.run_dir(), std::fs::Permissions::from_mode(0o777)).expect("changes the mode");
        assert!(matches!(outcome(), ClientError::Foreign { .. }));
    }

    #[test]
    fn a_daemon_that_never_answers_costs_one_deadline() {
        let (_home, paths) = home();
        let _listener = UnixListener::bind(paths.socket()).expect("binds");
        let begun = Instant::now();
        assert!(matches!(ask(&paths, &Request::Status, SHORT), Err(ClientError::Timeout(_))));
        assert!(begun.elapsed() < SHORT * 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_reply_is_read_and_a_refusal_is_an_error() {
        let (_home, paths) = home();
        let listener = UnixListener::bind(paths.socket()).expect("binds");
        let daemon = std::thread::spawn(move || {
            for reply in [Reply::Done, Reply::Error { code: protocol::ErrorCode::Busy, message: "later".into() }] {
                let (mut stream, _) = listener.accept().expect("accepts");
                let mut length = [0; LENGTH_BYTES];
                stream.read_exact(&mut length).expect("reads");
                let mut frame = vec![0; protocol::decode_length(length).expect("a length")];
                stream.read_exact(&mut frame).expect("reads");
                assert_eq!(protocol::decode::<Request>(&frame).expect("a request").0, Request::Pause);
                stream.write_all(&protocol::encode(&reply, None)).expect("answers");
            }
        });
        let within = Duration::from_secs(5);
        assert_eq!(ask(&paths, &Request::Pause, within).expect("answered"), Reply::Done);
        let refused = ask(&paths, &Request::Pause, within).expect_err("refused");
        assert_eq!(refused.to_string(), "the daemon refused: later");
        daemon.join().expect("the stand-in met what it expected");
    }
}
