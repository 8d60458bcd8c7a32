//! A daemon under test: started, asked, stopped, killed and started again.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use shared::protocol::{Reply, Request};

use crate::database::Database;
use crate::home::TestHome;
use crate::wait::wait_for;
use crate::{process, socket};

/// Time a daemon may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Time one request over the socket may take.
const ASK_LIMIT: Duration = Duration::from_secs(5);

/// A running `orchd run --port 0`; killed when dropped.
#[derive(Debug)]
pub struct TestDaemon<'home> {
    home: &'home TestHome,
    child: Child,
}

impl<'home> TestDaemon<'home> {
    /// Starts the daemon of `home` and waits until it answers on its socket.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    #[must_use]
    pub fn start(home: &'home TestHome) -> Self {
        Self::start_with(home, |_| {})
    }

    /// As [`Self::start`], with a change to the command.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    #[must_use]
    pub fn start_with(home: &'home TestHome, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = home.orchd();
        command.args(["run", "--port", "0"]);
        change(&mut command);
        Self::start_command(home, &mut command)
    }

    /// As [`Self::start`], with a command of the caller's own.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    #[must_use]
    pub fn start_command(home: &'home TestHome, command: &mut Command) -> Self {
        let mut daemon = Self::spawn(home, command);
        let pid = daemon.child.id();
        wait_for("the daemon to answer", START_LIMIT, || {
            if let Some(status) = daemon.child.try_wait().expect("a child can be asked") {
                panic!("orchd ended at its start: {status}\n{}", daemon.output());
            }
            daemon.try_status().filter(|status| status["pid"] == pid)
        });
        daemon
    }

    /// Starts `command` without waiting for it.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(home: &'home TestHome, command: &mut Command) -> Self {
        let file = File::options().create(true).append(true).open(output_file(home)).expect("a file of the test");
        let copy = file.try_clone().expect("a file can be cloned");
        command.stdin(Stdio::null()).stdout(file).stderr(copy);
        Self { home, child: command.spawn().expect("orchd can be started") }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        std::fs::read_to_string(output_file(self.home)).unwrap_or_default()
    }

    /// Its state over the socket, or none when it does not answer.
    #[must_use]
    pub fn try_status(&self) -> Option<Value> {
        match socket::ask(&self.home.paths.socket(), &Request::Status, None, ASK_LIMIT) {
            Ok(Reply::Status(status)) => Some(status),
            _ => None,
        }
    }

    /// Its state over the socket.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[must_use]
    pub fn status(&self) -> Value {
        self.try_status().expect("the daemon answers")
    }

    /// One of its counters.
    ///
    /// # Panics
    ///
    /// When it does not answer or knows no such counter.
    #[must_use]
    pub fn counter(&self, name: &str) -> u64 {
        let status = self.status();
        status["counters"][name].as_u64().unwrap_or_else(|| panic!("no counter {name} in {status}"))
    }

    /// `127.0.0.1:PORT` of its HTTP server.
    ///
    /// # Panics
    ///
    /// When its status names none.
    #[must_use]
    pub fn http(&self) -> String {
        let status = self.status();
        let url = status["http"].as_str().unwrap_or_else(|| panic!("no http in {status}"));
        url.trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    /// The token of its HTTP API.
    ///
    /// # Panics
    ///
    /// When the token file cannot be read.
    #[must_use]
    pub fn token(&self) -> String {
        std::fs::read_to_string(self.home.paths.token_file()).expect("the token file").trim().to_owned()
    }

    /// A look into its database.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::open(&self.home.paths.database())
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        process::signal(self.pid(), signal);
    }

    /// Kills it without a warning and waits until it is gone.
    ///
    /// # Panics
    ///
    /// When it cannot be waited for.
    pub fn kill(&mut self) {
        self.child.kill().expect("an own child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Sends SIGTERM and returns how long the end took and whether it was a clean one.
    ///
    /// # Panics
    ///
    /// When it is still there after 10 s.
    pub fn terminate(&mut self) -> (Duration, std::process::ExitStatus) {
        let start = Instant::now();
        self.signal(Signal::TERM);
        let status = self.wait_end();
        (start.elapsed(), status)
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Panics
    ///
    /// When it is still there after 10 s.
    pub fn wait_end(&mut self) -> std::process::ExitStatus {
        wait_for("the daemon to end", Duration::from_secs(10), || self.child.try_wait().expect("a child can be asked"))
    }

    /// Waits until the spool is empty and the books balance, and returns the status.
    ///
    /// # Panics
    ///
    /// When that does not happen within a minute.
    #[must_use]
    pub fn settled(&self) -> Value {
        wait_for("the spool to be drained", Duration::from_mins(1), || {
            self.try_status().filter(|status| status["spool"]["pending"] == 0 && self.home.spooled() == 0)
        })
    }
}

impl Drop for TestDaemon<'_> {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            let output = self.output();
            let tail: Vec<&str> = output.lines().rev().take(20).collect();
            crate::say(format_args!("--- orchd printed (newest first):\n{}", tail.join("\n")));
        }
    }
}

/// Checks that every received event is accounted for.
///
/// # Panics
///
/// When the books do not balance.
pub fn assert_books_balance(status: &Value) {
    let counter = |name: &str| status["counters"][name].as_u64().unwrap_or_else(|| panic!("no counter {name}"));
    let sum = counter("stored") + counter("duplicate") + counter("rejected") + counter("dropped");
    assert_eq!(counter("received"), sum, "received = stored + duplicate + rejected + dropped: {}", status["counters"]);
}

fn output_file(home: &TestHome) -> PathBuf {
    home.around().join("orchd.out")
}
