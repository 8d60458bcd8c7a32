//! What the process may use: many descriptors, no core file (it would hold prompts).

/// Descriptors that the kernel makes room for at the start.
#[cfg(unix)]
const DESCRIPTORS: i32 = 1024;

/// Applies the limits as far as the system lets us; a refusal is no reason not to run.
#[cfg(unix)]
pub(super) fn apply() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let files = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum }) {
        tracing::debug!(error = %error, "the limit of open files stays as it is");
    }
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::debug!(error = %error, "core files stay allowed");
    }
    widen();
}

/// Makes room for descriptors while nobody waits: growing the table of a process with threads takes the kernel some 10 ms each
/// time, in the `accept` of the thread that commits. The table never shrinks.
#[cfg(unix)]
fn widen() {
    let widened = std::fs::File::open("/dev/null")
        .and_then(|null| Ok(rustix::io::fcntl_dupfd_cloexec(null, DESCRIPTORS - 1).map(drop)?));
    if let Err(error) = widened {
        tracing::debug!(error = %error, "the table of descriptors grows when it must");
    }
}

#[cfg(not(unix))]
pub(super) fn apply() {}
