//! The user's own status line command: run as the client would run it, with the same stdin, but never for ever.
//!
//! It gets a process group of its own, which ends with the deadline as a whole: what it started ends with it.

#[cfg(not(unix))]
use std::{ffi::OsStr, time::Instant};

/// Set for the command, so that a circle of commands ends.
pub(super) const MARK: &str = "ORCH_STATUSLINE_CHAINED";

/// Bytes of output that are shown; a command that says more is ended.
const MAX_OUTPUT: usize = 16 << 10;

#[cfg(unix)]
pub(super) use unix::run;

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
    use std::time::{Duration, Instant};

    use rustix::buffer::spare_capacity;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{OFlags, fcntl_setfl};
    use rustix::io::Errno;
    use rustix::process::{Pid, Signal, kill_process_group};

    use super::{MARK, MAX_OUTPUT};

    /// How often it is asked whether a command that says nothing is still there: what it left running may hold its output open.
    const LOOK: Duration = Duration::from_millis(20);

    /// Returns what the command printed until its end or the deadline.
    pub(in super::super) fn run(command: &OsStr, stdin: &[u8], deadline: Instant) -> Vec<u8> {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(command).env(MARK, "1").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut child) = shell.spawn() else { return Vec::new() };
        let mut output = Vec::with_capacity(4096);
        if !exchange(&mut child, stdin, deadline, &mut output)
            && let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw)
        {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        output
    }

    /// Feeds and reads the child; false when it has to be ended.
    fn exchange(child: &mut Child, stdin: &[u8], deadline: Instant, output: &mut Vec<u8>) -> bool {
        let Some(out) = child.stdout.take() else { return false };
        let mut feed = Feed::new(child.stdin.take(), stdin);
        let mut gone = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let wait = if gone { Duration::ZERO } else { left.min(LOOK) };
            let timeout = Timespec::try_from(wait).unwrap_or_default();
            let (readable, writable) = match ready(&out, feed.pipe.as_ref(), &timeout) {
                // It said its last: what it left running may hold the output open.
                Ok((false, _)) if gone => return true,
                Ok((false, false)) => {
                    gone = matches!(child.try_wait(), Ok(Some(_)));
                    continue;
                }
                Ok(ready) => ready,
                Err(Errno::INTR) => continue,
                Err(_) => return false,
            };
            if writable {
                feed.write();
            }
            if readable {
                output.reserve(4096);
                match rustix::io::read(&out, spare_capacity(output)) {
                    Ok(0) => return true,
                    Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
                    Err(_) => return false,
                }
                if output.len() > MAX_OUTPUT {
                    output.truncate(MAX_OUTPUT);
                    return false;
                }
            }
        }
    }

    /// Waits until the child's output can be read or its input be written.
    fn ready(out: &ChildStdout, input: Option<&ChildStdin>, timeout: &Timespec) -> Result<(bool, bool), Errno> {
        let reading = PollFd::new(out, PollFlags::IN);
        let Some(input) = input else {
            let mut fds = [reading];
            poll(&mut fds, Some(timeout))?;
            return Ok((!fds[0].revents().is_empty(), false));
        };
        let mut fds = [reading, PollFd::new(input, PollFlags::OUT)];
        poll(&mut fds, Some(timeout))?;
        Ok((!fds[0].revents().is_empty(), !fds[1].revents().is_empty()))
    }

    /// What the child still has to read. Its pipe is closed as soon as nothing is left, or nobody wants it.
    struct Feed<'a> {
        pipe: Option<ChildStdin>,
        rest: &'a [u8],
    }

    impl<'a> Feed<'a> {
        fn new(pipe: Option<ChildStdin>, rest: &'a [u8]) -> Self {
            let pipe = pipe.filter(|pipe| !rest.is_empty() && fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok());
            let mut feed = Self { pipe, rest };
            // All of it, as a rule.
            feed.write();
            feed
        }

        fn write(&mut self) {
            let Some(pipe) = &self.pipe else { return };
            match rustix::io::write(pipe, self.rest) {
                Ok(written) => self.rest = &self.rest[written..],
                Err(Errno::INTR | Errno::AGAIN) => return,
                Err(_) => self.rest = &[],
            }
            if self.rest.is_empty() {
                self.pipe = None;
            }
        }
    }
}

/// Runs the command to its end. Elsewhere than on Unix a stuck one is left to the client's own time-out; unproven.
#[cfg(not(unix))]
pub(super) fn run(command: &OsStr, stdin: &[u8], _: Instant) -> Vec<u8> {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command).env(MARK, "1");
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = shell.spawn() else { return Vec::new() };
    if let Some(mut pipe) = child.stdin.take() {
        // A command that does not read its input is no failure.
        let _ = pipe.write_all(stdin);
    }
    let mut output = Vec::new();
    if let Some(out) = child.stdout.take() {
        let limit = u64::try_from(MAX_OUTPUT).unwrap_or(u64::MAX);
        // What came before an error is shown all the same.
        let _ = out.take(limit).read_to_end(&mut output);
    }
    output
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::time::{Duration, Instant};

    use super::{MAX_OUTPUT, run};

    fn chain(command: &str, stdin: &[u8], within: Duration) -> (String, Duration) {
        let start = Instant::now();
        let output = run(OsStr::new(command), stdin, start + within);
        (String::from_utf8_lossy(&output).into_owned(), start.elapsed())
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn it_gets_the_same_stdin_and_a_shell() {
        let payload = "{\"a\":\"é 'x'\"}";
        assert_eq!(chain("cat; echo \"[$((1 + 1))]\"", payload.as_bytes(), LONG).0, format!("{payload}[2]\n"));
        assert_eq!(chain("wc -c | tr -d ' '", &b"x".repeat(1 << 20), LONG).0, "1048576\n");
        assert_eq!(chain("cat", b"", LONG).0, "");
    }

    #[test]
    fn one_that_fails_or_reads_nothing_costs_nobody_anything() {
        assert_eq!(chain("echo said; exit 3", b"{}", LONG).0, "said\n");
        assert_eq!(chain("/no/such/program", b"{}", LONG).0, "");
        assert_eq!(chain("echo x", &b"x".repeat(1 << 20), LONG).0, "x\n");
        assert_eq!(chain("echo broken 'quote", b"{}", LONG).0, "");
        assert_eq!(chain("echo noise >&2", b"{}", LONG).0, "");
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let late = folder.path().join("late");
        let command = format!("echo first; (sleep 1; touch '{}') & sleep 60", late.display());
        let (output, took) = chain(&command, b"{}", Duration::from_millis(300));
        assert_eq!(output, "first\n");
        assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(10), "{took:?}");
        std::thread::sleep(Duration::from_millis(1500));
        assert!(!late.exists(), "what it started lives on");
    }

    #[test]
    fn one_that_never_stops_talking_is_cut() {
        let (output, took) = chain("yes", b"{}", LONG);
        assert_eq!(output.len(), MAX_OUTPUT);
        assert!(took < Duration::from_secs(10), "{took:?}");
    }

    #[test]
    fn what_it_leaves_running_is_not_waited_for() {
        let (output, took) = chain("sleep 15 & echo done", b"{}", LONG);
        assert_eq!(output, "done\n");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}
