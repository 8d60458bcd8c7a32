//! A client of `orchd mcp`: JSON-RPC over its pipes, a line each, as any MCP client speaks it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{TestHome, wait_for};

/// Longest a test waits for a line.
const WITHIN: Duration = Duration::from_secs(30);

/// A server with its client; ended when dropped.
#[derive(Debug)]
pub struct McpClient {
    server: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Reads stderr, so that it never stands full, until its end.
    stderr: Option<JoinHandle<String>>,
    last_id: u64,
}

impl McpClient {
    /// Starts a server for a project and shakes hands with it.
    ///
    /// # Panics
    ///
    /// When it does not start or answers something else.
    #[must_use]
    pub fn start(home: &TestHome, project: &Path, set: impl FnOnce(&mut Command)) -> Self {
        let mut client = Self::spawn(home, project, set);
        let parameters = json!({"protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}});
        let answer = client.ask("initialize", &parameters);
        assert_eq!(answer["result"]["serverInfo"]["name"], "orch", "{answer}");
        client.notify("notifications/initialized", &json!({}));
        client
    }

    /// Starts a server and says nothing to it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn spawn(home: &TestHome, project: &Path, set: impl FnOnce(&mut Command)) -> Self {
        let mut command = home.orchd();
        command.arg("mcp").current_dir(project).env("CLAUDE_PROJECT_DIR", project);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        set(&mut command);
        let mut server = command.spawn().expect("orchd starts");
        let stdout = BufReader::new(server.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut stderr = server.stderr.take().expect("piped");
        let stderr = Some(std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        }));
        let stdin = server.stdin.take();
        Self { server, stdin, lines, stderr, last_id: 0 }
    }

    /// Sends a line as it is.
    ///
    /// # Panics
    ///
    /// When the server does not take it.
    pub fn send(&mut self, line: &str) {
        self.send_bytes(line.as_bytes());
    }

    /// Sends a line that may be no text.
    ///
    /// # Panics
    ///
    /// When the server does not take it.
    pub fn send_bytes(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().expect("still open");
        stdin.write_all(&[line, b"\n"].concat()).and_then(|()| stdin.flush()).expect("the server reads");
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": parameters}).to_string());
    }

    /// Sends a request and returns its id.
    pub fn request(&mut self, method: &str, parameters: &Value) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}).to_string());
        id
    }

    /// Returns the next message.
    ///
    /// # Panics
    ///
    /// When none comes, or what comes is no JSON-RPC: nothing else may stand on stdout.
    pub fn message(&mut self) -> Value {
        let line = self.lines.recv_timeout(WITHIN).expect("the server says something");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// Asks for a sign of life: nothing else may come before it.
    ///
    /// # Panics
    ///
    /// When something does.
    pub fn nothing_waits(&mut self) {
        let id = self.request("ping", &json!({}));
        let answer = self.answer_of(id, |message| panic!("nothing is to come, but {message}"));
        assert!(answer["error"].is_null(), "{answer}");
    }

    /// Sends a request and returns its answer; what comes before it must be other answers' or progress.
    pub fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        let id = self.request(method, parameters);
        self.answer_of(id, |_| ())
    }

    /// Returns the answer to a request; notifications before it go to `told`.
    pub fn answer_of(&mut self, id: u64, mut told: impl FnMut(&Value)) -> Value {
        loop {
            let message = self.message();
            if message["id"] == id {
                return message;
            }
            told(&message);
        }
    }

    /// Calls a tool and returns its result.
    ///
    /// # Panics
    ///
    /// When the protocol's answer is an error.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let mut answer = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}));
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].take()
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// Goes away as clients do, and returns how the server ended and how long that took.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn leave(&mut self) -> (ExitStatus, Duration) {
        drop(self.stdin.take());
        self.ended()
    }

    /// Goes away, and returns what was said until the end that nobody read.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn leave_with_rest(&mut self) -> Vec<String> {
        self.leave();
        self.lines.iter().collect()
    }

    /// Waits for the end of the server.
    ///
    /// # Panics
    ///
    /// When it does not end, or said something on stderr, which clients show as a fault.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let status = wait_for("the server to end", WITHIN, || self.server.try_wait().expect("a child"));
        let took = begun.elapsed();
        let said = self.stderr.take().map(|reading| reading.join().expect("it was read"));
        assert_eq!(said.unwrap_or_default(), "", "stderr");
        (status, took)
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
