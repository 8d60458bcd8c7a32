//! How a payload is kept: zstd where it shrinks, else as it is.

use std::cell::RefCell;

/// Below this size compression costs more than it saves.
const MIN_BYTES: usize = 256;
/// Level 1: 10 % larger than the default level, at a third of its time.
const LEVEL: i32 = 1;

/// `event_bodies.encoding` of a payload as it is.
pub const RAW: u8 = 0;
/// `event_bodies.encoding` of zstd.
pub const ZSTD: u8 = 1;

/// A payload as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// [`RAW`] or [`ZSTD`].
    pub encoding: u8,
    /// The bytes.
    pub bytes: Vec<u8>,
}

thread_local! {
    // A context is 300 KB and takes longer to make than a payload takes to compress.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = RefCell::new(zstd::bulk::Compressor::new(LEVEL).ok());
}

impl Body {
    /// Returns the payload in its smaller form.
    #[must_use]
    pub fn of(payload: Vec<u8>) -> Self {
        let smaller = (payload.len() >= MIN_BYTES).then(|| compress(&payload)).flatten();
        match smaller {
            Some(bytes) if bytes.len() < payload.len() => Self { encoding: ZSTD, bytes },
            _ => Self { encoding: RAW, bytes: payload },
        }
    }
}

fn compress(payload: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(payload).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shrinks_is_compressed() {
        let long = "a line that repeats\n".repeat(100).into_bytes();
        let packed = Body::of(long.clone());
        assert_eq!(packed.encoding, ZSTD);
        assert_eq!(zstd::bulk::decompress(&packed.bytes, long.len()).expect("own bytes"), long);
        assert_eq!(Body::of(b"{}".to_vec()), Body { encoding: RAW, bytes: b"{}".to_vec() });
    }
}
