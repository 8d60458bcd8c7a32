//! A connection that notices an Authorization header that ends in blanks.
//!
//! The HTTP parser trims such blanks, as it must for other headers, and a token with something behind it would be taken for
//! the token. No client sends that; here it is noticed on the bytes themselves, and the guard refuses the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const NAME: &[u8] = b"authorization:";

/// Whether such a header was seen on a connection; it stays set.
#[derive(Debug, Clone, Default)]
pub(super) struct Blemish(Arc<AtomicBool>);

impl Blemish {
    pub(super) fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where in a line the bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// So many bytes of the name matched from the start of the line.
    Name(usize),
    /// Behind the name; the last byte that is not the line's end is a blank, or not.
    Value { blank: bool },
    /// In a line of something else.
    Other,
}

impl Place {
    /// Returns the next place, and whether a value just ended in a blank.
    fn step(self, byte: u8) -> (Self, bool) {
        match (self, byte) {
            (Self::Value { blank }, b'\n') => (Self::Name(0), blank),
            (_, b'\n') => (Self::Name(0), false),
            (Self::Name(at), _) if byte.eq_ignore_ascii_case(&NAME[at]) => {
                let next = if at + 1 == NAME.len() { Self::Value { blank: false } } else { Self::Name(at + 1) };
                (next, false)
            }
            (Self::Value { blank }, b'\r') => (Self::Value { blank }, false),
            (Self::Value { .. }, _) => (Self::Value { blank: matches!(byte, b' ' | b'\t') }, false),
            _ => (Self::Other, false),
        }
    }
}

/// A connection whose bytes are looked at as they are read.
#[derive(Debug)]
pub(super) struct Strict<S> {
    inner: S,
    place: Place,
    blemish: Blemish,
}

impl<S> Strict<S> {
    pub(super) fn new(inner: S) -> (Self, Blemish) {
        let blemish = Blemish::default();
        (Self { inner, place: Place::Name(0), blemish: blemish.clone() }, blemish)
    }

    fn look(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if self.place == Place::Other {
                // Most bytes are in lines that do not matter.
                let Some(end) = rest.iter().position(|&byte| byte == b'\n') else { return };
                self.place = Place::Name(0);
                rest = &rest[end + 1..];
                continue;
            }
            let (place, blank) = self.place.step(byte);
            self.place = place;
            if blank {
                self.blemish.0.store(true, Ordering::Relaxed);
            }
            rest = after;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let this = &mut *self;
        this.look(&buf.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(bytes: &[u8], cut: usize) -> bool {
        let (mut strict, blemish) = Strict::new(());
        let (a, b) = bytes.split_at(cut.min(bytes.len()));
        strict.look(a);
        strict.look(b);
        blemish.seen()
    }

    #[test]
    fn only_blanks_behind_the_token_are_seen() {
        for (text, expected) in [
            ("GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nAuthorization: Bearer x \r\n\r\n", true),
            ("GET / HTTP/1.1\nauthorization:Bearer x\t\n\n", true),
            ("GET / HTTP/1.1\r\nX-Authorization: Bearer x \r\n\r\n", false),
            ("GET / HTTP/1.1\r\nAccept: a \r\nAuthorization: b\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nAccept: a\r\n\r\n{\"authorization: \": \"x \"}\r\n", false),
            ("GET / HTTP/1.1\r\nAuthorization: \r\n\r\n", true),
        ] {
            assert_eq!(seen(text.as_bytes(), usize::MAX), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn where_reads_are_cut_does_not_matter(cut in 0usize..60, blank in "[ \t]{0,2}") {
            let text = format!("GET / HTTP/1.1\r\naUthorization: Bearer x{blank}\r\n\r\n");
            prop_assert_eq!(seen(text.as_bytes(), cut), !blank.is_empty());
        }
    }
}
