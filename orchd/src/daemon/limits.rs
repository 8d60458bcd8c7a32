//! What the process may use: many descriptors, no core file (it would hold prompts).

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
}

#[cfg(not(unix))]
pub(super) fn apply() {}
