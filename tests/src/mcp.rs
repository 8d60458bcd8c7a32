//! A client of `orchd mcp`: JSON-RPC over its pipes, a line each, as any MCP client speaks it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
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
        let stdin = server.stdin.take();
        Self { server, stdin, lines, last_id: 0 }
    }

    /// Sends a line as it is.
    ///
    /// # Panics
    ///
    /// When the server does not take it.
    pub fn send(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("still open");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("the server reads");
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

    /// Returns a message that comes within a while.
    ///
    /// # Panics
    ///
    /// As [`McpClient::message`].
    #[must_use]
    pub fn message_within(&mut self, within: Duration) -> Option<Value> {
        self.lines.recv_timeout(within).ok().map(|line| serde_json::from_str(&line).expect("JSON"))
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

    /// Waits for the end of the server.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let status = wait_for("the server to end", WITHIN, || self.server.try_wait().expect("a child"));
        (status, begun.elapsed())
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
