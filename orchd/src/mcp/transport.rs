//! The way between the client and rmcp: a line a message, both ways. rmcp's own passes over what it cannot read, and who sent that
//! would wait for ever; this one answers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::lines::Lines;
use super::message::{Said, said};

/// Lines that may be on their way to the client while it is still read: a client that does not read is not read either, so it fills
/// nothing.
const UNREAD_MAX: usize = 64;
/// Longest a line may take to be out. A client that has not read for so long is gone, or as good as gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// Longest the end waits for a line that is still on its way: what may take long to be out had its time.
const CLOSE_WITHIN: Duration = Duration::from_millis(500);

/// Messages over a pair of pipes.
#[derive(Debug)]
pub(super) struct Messages<R, W> {
    lines: Lines<R>,
    out: Out<W>,
}

impl<R: AsyncRead + Unpin, W> Messages<R, W> {
    pub(super) fn new((read, write): (R, W), gone: CancellationToken) -> Self {
        let unread = Arc::new(Semaphore::new(UNREAD_MAX));
        let write = Arc::new(Mutex::new(Some(write)));
        Self { lines: Lines::new(read), out: Out { write, unread, write_within: WRITE_WITHIN, gone } }
    }
}

impl<R, W> Transport<RoleServer> for Messages<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(&mut self, message: TxJsonRpcMessage<RoleServer>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        self.out.line(message)
    }

    /// May be dropped and called again, which rmcp does: what is under way is kept.
    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let line = tokio::select! {
                biased;
                () = self.out.gone.cancelled() => return None,
                line = async {
                    // Given back at once: what counts is that one is free.
                    let _free = self.out.unread.acquire().await;
                    self.lines.next().await
                } => line,
            };
            let Ok(Some(line)) = line else {
                self.out.gone.cancel();
                return None;
            };
            match said(&line) {
                Said::Message(message) => return Some(*message),
                Said::Nothing => {}
                // What could not be written, the next read will know.
                Said::Refused(error) => drop(tokio::spawn(self.out.line(error))),
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        let closing = async {
            match self.out.write.lock().await.as_mut() {
                Some(write) => write.shutdown().await,
                None => Ok(()),
            }
        };
        timeout(CLOSE_WITHIN, closing).await?
    }
}

/// The way to the client.
#[derive(Debug)]
struct Out<W> {
    /// None while a line is written, and for good when one was not written to its end: what came behind it would be part of it.
    write: Arc<Mutex<Option<W>>>,
    /// Room for lines on their way.
    unread: Arc<Semaphore>,
    write_within: Duration,
    /// Cancelled at the end: a client that goes away closes its pipe, and nothing is to be worked on for nobody.
    gone: CancellationToken,
}

impl<W: AsyncWrite + Send + Unpin + 'static> Out<W> {
    /// Writes a line, and tells that the client is gone where that takes too long. The line counts as on its way from now on.
    fn line(&self, message: impl Serialize + Send + 'static) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (write, gone, within, room) = (self.write.clone(), self.gone.clone(), self.write_within, self.room());
        async move {
            let _room = room;
            let line = line(&message)?;
            let written = timeout(within, whole(&write, &line)).await;
            if written.is_err() {
                gone.cancel();
            }
            written?
        }
    }

    /// Returns the place of a line on its way. Answers to what is read already are written beyond the limit too.
    fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.unread.clone().try_acquire_owned().ok()
    }
}

fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes a line. Lines never mix: one is whole before the next begins, and dropped midway it is the last one.
async fn whole<W: AsyncWrite + Unpin>(write: &Mutex<Option<W>>, line: &[u8]) -> io::Result<()> {
    let mut free = write.lock().await;
    let mut write = free.take().ok_or(io::ErrorKind::BrokenPipe)?;
    write.write_all(line).await?;
    write.flush().await?;
    *free = Some(write);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn what_is_refused_is_answered_what_is_not_is_served_and_the_end_is_told() {
        let lines = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}\nno JSON\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n";
        let (gone, mut out) = (CancellationToken::new(), Vec::new());
        let (write, mut read) = tokio::io::duplex(1 << 10);
        let mut messages = Messages::new((&lines[..], write), gone.clone());
        let served = messages.receive().await.expect("a message");
        assert!(matches!(served, RxJsonRpcMessage::<RoleServer>::Request(_)) && !gone.is_cancelled());
        assert!(messages.receive().await.is_none() && gone.is_cancelled());
        drop(messages);
        tokio::io::AsyncReadExt::read_to_end(&mut read, &mut out).await.expect("reads");
        let answers: Vec<Value> = out
            .split_inclusive(|&byte| byte == b'\n')
            .map(|line| serde_json::from_slice(line).expect("JSON"))
            .collect();
        let told: Vec<_> = answers.iter().map(|answer| (&answer["id"], &answer["error"]["code"])).collect();
        assert_eq!(told, [(&json!(1), &json!(-32600)), (&Value::Null, &json!(-32700))]);
    }

    fn refused(count: usize) -> Vec<u8> {
        (0..count).flat_map(|id| format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":5}}\n").into_bytes()).collect()
    }

    #[tokio::test]
    async fn a_client_that_never_reads_is_not_read_for_ever_and_is_gone_after_a_while() {
        let gone = CancellationToken::new();
        let (write, _unread) = tokio::io::duplex(1 << 8);
        let lines = refused(100 * UNREAD_MAX);
        let mut messages = Messages::new((&lines[..], write), gone.clone());
        messages.out.write_within = Duration::from_millis(20);
        assert!(messages.receive().await.is_none() && gone.is_cancelled());
        assert!(messages.lines.next().await.expect("reads").is_some(), "the rest was left where it was");
        let late =
            messages.send(TxJsonRpcMessage::<RoleServer>::error(rmcp::ErrorData::internal_error("x", None), None));
        assert_eq!(late.await.expect_err("half a line is out").kind(), io::ErrorKind::BrokenPipe);
        messages.close().await.expect("nothing is left to close");
    }

    #[tokio::test]
    async fn the_end_of_a_client_that_never_reads_is_seen_at_once() {
        let gone = CancellationToken::new();
        let (write, _unread) = tokio::io::duplex(1 << 8);
        let lines = refused(UNREAD_MAX - 1);
        let mut messages = Messages::new((&lines[..], write), gone.clone());
        assert!(messages.receive().await.is_none() && gone.is_cancelled());
        tokio::task::yield_now().await;
        assert!(messages.close().await.is_err(), "a line is on its way and not waited for");
    }
}
