//! Runs `orch-hook hook` as Claude Code does: the exec form, the payload on stdin, both outputs read.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::home::TestHome;

/// The wall time no hook may pass, whatever the daemon does.
pub const MAX_WALL: Duration = Duration::from_millis(300);

/// What a hook did.
#[derive(Debug, Clone)]
pub struct HookRun {
    /// Its exit code; none when a signal ended it.
    pub exit: Option<i32>,
    /// What it printed, which Claude Code would obey.
    pub stdout: Vec<u8>,
    /// What it printed, which the user would see.
    pub stderr: Vec<u8>,
    /// From before its start until it was gone.
    pub wall: Duration,
}

impl HookRun {
    /// Checks what every hook owes its session: exit 0 and not one byte.
    ///
    /// # Panics
    ///
    /// When it did anything else; `case` names the input.
    pub fn assert_silent(&self, case: &str) {
        assert_eq!(self.exit, Some(0), "{case}: exit");
        assert_eq!(String::from_utf8_lossy(&self.stdout), "", "{case}: stdout");
        assert_eq!(String::from_utf8_lossy(&self.stderr), "", "{case}: stderr");
    }

    /// Checks the wall time as well; only under [`crate::exclusive::alone`].
    ///
    /// # Panics
    ///
    /// When it took longer than `limit` or was not silent.
    pub fn assert_silent_within(&self, case: &str, limit: Duration) {
        self.assert_silent(case);
        assert!(self.wall <= limit, "{case}: took {:?}, may take {limit:?}", self.wall);
    }
}

/// A hook that runs, with the writer of its stdin on a thread of its own.
#[derive(Debug)]
pub struct HookStart {
    /// The process.
    pub child: Child,
    started: Instant,
    writer: Option<std::thread::JoinHandle<()>>,
}

impl HookStart {
    /// Starts `command` and feeds it `payload`.
    ///
    /// # Panics
    ///
    /// When the program cannot be started.
    #[must_use]
    pub fn feed(command: &mut Command, payload: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().expect("the hook can be started");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A pipe takes 64 KiB at once; only what is longer needs a thread. The hook may stop reading: not our failure.
        let writer = if payload.len() <= 32 << 10 {
            let _ = stdin.write_all(payload);
            None
        } else {
            let payload = payload.to_vec();
            Some(std::thread::spawn(move || drop(stdin.write_all(&payload))))
        };
        Self { child, started, writer }
    }

    /// Waits for the end; a hook still there after 10 s is killed and shows no exit code.
    ///
    /// # Panics
    ///
    /// When the process cannot be waited for.
    #[must_use]
    pub fn finish(mut self) -> HookRun {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let pid = rustix::process::Pid::from_child(&self.child);
        let (done, ended) = std::sync::mpsc::channel::<()>();
        let guard = std::thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(10)).is_err() {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        });
        if let Some(mut pipe) = self.child.stdout.take() {
            let _ = pipe.read_to_end(&mut stdout);
        }
        if let Some(mut pipe) = self.child.stderr.take() {
            let _ = pipe.read_to_end(&mut stderr);
        }
        let status = self.child.wait().expect("a child can be waited for");
        let wall = self.started.elapsed();
        let _ = done.send(());
        guard.join().expect("the guard only waits");
        if let Some(writer) = self.writer.take() {
            writer.join().expect("the writer ignores a closed pipe");
        }
        HookRun { exit: status.code(), stdout, stderr, wall }
    }
}

/// Runs the hook of `home` on `payload`.
#[must_use]
pub fn run_hook(home: &TestHome, payload: &[u8]) -> HookRun {
    HookStart::feed(home.orch_hook().arg("hook"), payload).finish()
}
