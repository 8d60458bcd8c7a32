//! Keeps timed tests alone on the machine: they hold a lock file exclusively, all others share it.
//!
//! A file and not a mutex, so that it also works with a runner that starts one process per test.

use std::fs::{File, OpenOptions};

/// Holds the machine until dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, never read")] File);

/// Waits until no timed test runs, and keeps new ones out.
///
/// # Panics
///
/// When the lock file cannot be made.
#[must_use]
pub fn shared() -> Turn {
    let file = lock_file();
    file.lock_shared().expect("a lock file can be locked");
    Turn(file)
}

/// Waits until no other test runs, and keeps new ones out.
///
/// # Panics
///
/// When the lock file cannot be made.
#[must_use]
pub fn alone() -> Turn {
    let file = lock_file();
    file.lock().expect("a lock file can be locked");
    Turn(file)
}

fn lock_file() -> File {
    let name = format!("orch-e2e-{}.lock", rustix::process::getuid().as_raw());
    let path = std::env::temp_dir().join(name);
    OpenOptions::new().create(true).append(true).open(path).expect("the temporary directory can be written")
}
