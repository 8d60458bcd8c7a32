//! Standard input that tells when it has ended: a client that goes away closes it, and nothing is to be worked on for nobody.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

/// Reads as the reader inside does.
#[derive(Debug)]
pub(super) struct UntilEnd<R> {
    inner: R,
    /// Cancelled at the end.
    gone: CancellationToken,
}

impl<R> UntilEnd<R> {
    pub(super) fn new(inner: R, gone: CancellationToken) -> Self {
        Self { inner, gone }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilEnd<R> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(task, buffer);
        match &read {
            Poll::Ready(Ok(())) if buffer.filled().len() > before || buffer.remaining() == 0 => {}
            Poll::Ready(_) => self.gone.cancel(),
            Poll::Pending => {}
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn the_end_is_told() {
        let gone = CancellationToken::new();
        let mut reader = UntilEnd::new(&b"line\n"[..], gone.clone());
        let mut line = [0; 5];
        reader.read_exact(&mut line).await.expect("reads");
        assert!(!gone.is_cancelled());
        assert_eq!(reader.read(&mut line).await.expect("reads"), 0);
        assert!(gone.is_cancelled());
    }
}
