//! Facts and signals of one process, always by its id.

use rustix::process::{Pid, Signal};

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
