//! Facts and signals of one process, always by its id.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::wait::wait_for;

/// As many descriptors for this long are all that a daemon opens: it looks for what is due each second.
const REST: Duration = Duration::from_millis(2_500);
/// Longest that is waited for that.
const REST_LIMIT: Duration = Duration::from_secs(30);

/// Sends `signal` to `pid`; a process that is gone already is no failure.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Open file descriptors of `pid`.
///
/// # Panics
///
/// When the process is gone.
#[must_use]
pub fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).expect("the process runs").count()
}

/// Open file descriptors of `pid` once it opens no more: a daemon that just started still opens readers, watches and connections.
///
/// # Panics
///
/// When it never comes to rest, or is gone.
#[must_use]
pub fn descriptors_at_rest(pid: u32) -> usize {
    let mut last = (descriptors(pid), Instant::now());
    wait_for("descriptors to stay as many", REST_LIMIT, || {
        let now = descriptors(pid);
        if now != last.0 {
            last = (now, Instant::now());
        }
        (last.1.elapsed() >= REST).then_some(now)
    })
}

/// Resident memory of `pid` in MiB.
///
/// # Panics
///
/// When the process is gone.
#[must_use]
pub fn resident_mib(pid: u32) -> f64 {
    kib_of(pid, "VmRSS:") / 1024.0
}

/// Resident memory of `pid` in MiB that is its own: what it mapped of files is not counted.
///
/// # Panics
///
/// When the process is gone.
#[must_use]
pub fn private_mib(pid: u32) -> f64 {
    kib_of(pid, "RssAnon:") / 1024.0
}

/// Largest resident memory `pid` ever had, in MiB.
///
/// # Panics
///
/// When the process is gone.
#[must_use]
pub fn peak_mib(pid: u32) -> f64 {
    kib_of(pid, "VmHWM:") / 1024.0
}

fn kib_of(pid: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0.0)
}

/// Whether `pid` runs.
#[must_use]
pub fn alive(pid: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
