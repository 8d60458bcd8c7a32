//! The daemon's log: JSON lines in a bounded set of files, and on a terminal the same lines for people on stderr.
//!
//! Writing never holds up the daemon: lines go through a bounded queue to one thread, and a full queue drops lines and
//! counts them. Foreign text reaches a file only as a JSON string and a terminal only through [`line::for_people`], so
//! control characters in it can neither forge a line nor steer a terminal.

pub mod line;
mod rotate;

use std::io;
use std::path::{Path, PathBuf};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use rotate::{FILE_BYTES_MAX, FILES_MAX, RotatingFile, current_file};

/// Lines that wait for the disk; more are dropped.
const QUEUE_LINES: usize = 8192;

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder or its file could not be made.
    #[error("failed to open the log in `{dir}`")]
    Open {
        /// The log folder.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Somebody else has set the process's subscriber.
    #[error("logging was already set up")]
    AlreadySet,
}

/// Keeps the log going; dropping it writes what is queued.
#[derive(Debug)]
pub struct Logging {
    _guard: WorkerGuard,
}

/// Begins logging into `dir`, and for people on stderr when `terminal` is set.
pub fn start(dir: &Path, level: tracing::Level, terminal: bool) -> Result<Logging, LogError> {
    let file = RotatingFile::open(dir).map_err(|source| LogError::Open { dir: dir.to_path_buf(), source })?;
    let (queue, guard) =
        NonBlockingBuilder::default().lossy(true).buffered_lines_limit(QUEUE_LINES).thread_name("log").finish(file);
    tracing_subscriber::registry()
        .with(filter(level))
        .with(json_lines().with_writer(queue))
        .with(terminal.then(|| json_lines().with_writer(Terminal)))
        .try_init()
        .map_err(|_| LogError::AlreadySet)?;
    log_panics(terminal);
    Ok(Logging { _guard: guard })
}

/// One JSON object a line, the event's fields beside its level and time.
fn json_lines<S>() -> fmt::Layer<S, JsonFields, fmt::format::Format<fmt::format::Json>> {
    fmt::layer().json().flatten_event(true).with_span_list(false)
}

/// Ours at `level`; the libraries below us only from warnings up, for they log payload sizes and headers.
fn filter(level: tracing::Level) -> EnvFilter {
    EnvFilter::new(format!("warn,orchd={level},shared={level}"))
}

/// Puts panics into the log. Away from a terminal nothing else is written, so stderr cannot grow without bound.
fn log_panics(terminal: bool) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(panic.message = panic.payload_as_str(), panic.place = place, "panicked");
        if terminal {
            default(panic);
        }
    }));
}

/// Turns each JSON line into one for people on stderr.
struct Terminal;

struct TerminalLine(Vec<u8>);

impl<'a> MakeWriter<'a> for Terminal {
    type Writer = TerminalLine;

    fn make_writer(&'a self) -> TerminalLine {
        TerminalLine(Vec::with_capacity(256))
    }
}

impl io::Write for TerminalLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TerminalLine {
    fn drop(&mut self) {
        let text = line::for_people(&String::from_utf8_lossy(&self.0), line::Colours::of_stderr());
        // A closed terminal must not end the daemon.
        let _ = io::Write::write_all(&mut io::stderr().lock(), text.as_bytes());
    }
}
