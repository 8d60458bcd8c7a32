//! Runs another program for a short answer, and never waits longer than asked.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes kept of each stream.
const OUTPUT_BYTES_MAX: u64 = 1 << 20;

/// How often a running program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Returns what `program args` printed and how it ended, or `TimedOut` after killing it.
pub fn output_within<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: &[A], within: Duration) -> io::Result<Output> {
    let mut command = Command::new(program);
    command.args(args);
    output_of(command, within)
}

/// Returns what the command printed and how it ended, or `TimedOut` after killing it.
pub fn output_of(mut command: Command, within: Duration) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let Some(status) = wait_until(&mut child, Instant::now() + within)? else {
        child.kill()?;
        child.wait()?;
        return Err(io::ErrorKind::TimedOut.into());
    };
    // A grandchild may hold the streams open; what the program said itself is in by then or does not count.
    Ok(Output { status, stdout: joined(stdout, LOOK_EVERY * 50), stderr: joined(stderr, LOOK_EVERY * 50) })
}

fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<std::process::ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // Half an answer is better than none.
            let _ = stream.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
        }
        bytes
    })
}

fn joined(reader: JoinHandle<Vec<u8>>, within: Duration) -> Vec<u8> {
    let deadline = Instant::now() + within;
    while !reader.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    if reader.is_finished() { reader.join().unwrap_or_default() } else { Vec::new() }
}

/// Returns what a program said, errors first, on one line.
#[must_use]
pub fn text_of(output: &Output) -> String {
    let text = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).trim().replace('\n', "; "));
    text.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| output.status.to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_returned_and_a_hanging_program_is_ended() {
        let output =
            output_within("sh", &["-c", "echo out; echo err >&2; exit 3"], Duration::from_secs(10)).expect("runs");
        assert_eq!(
            (output.stdout, output.stderr, output.status.code()),
            (b"out\n".to_vec(), b"err\n".to_vec(), Some(3))
        );
        let begun = Instant::now();
        let hanging = output_within("sleep", &["30"], Duration::from_millis(50));
        assert_eq!(hanging.expect_err("too slow").kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
