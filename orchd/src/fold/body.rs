//! How a payload is kept: packed where that makes it smaller, else as it is.
//!
//! A hook waits while a small payload is packed, so that is done with lz4, at a fifth of zstd's time; large ones make up
//! most of the database, and zstd makes them two thirds of what lz4 does.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{Error, ErrorKind, Read};

/// Below this size packing costs more than it saves.
const MIN_BYTES: usize = 256;
/// From this size on zstd is used.
const LARGE_BYTES: usize = 8 * 1024;
/// Level 1: 10 % larger than the default level, at a third of its time.
const LEVEL: i32 = 1;
/// Longest payload that is unpacked; the hook keeps 1 MiB, and redaction may lengthen it.
const MOST_BYTES: usize = 8 << 20;

/// `event_bodies.encoding` of a payload as it is.
pub const RAW: u8 = 0;
/// `event_bodies.encoding` of zstd.
pub const ZSTD: u8 = 1;
/// `event_bodies.encoding` of an lz4 block behind its unpacked size, 4 bytes, little-endian.
pub const LZ4: u8 = 2;

/// A payload as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// [`RAW`], [`ZSTD`] or [`LZ4`].
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
        let packed = match payload.len() {
            ..MIN_BYTES => None,
            MIN_BYTES..LARGE_BYTES => Some((LZ4, lz4_flex::block::compress_prepend_size(&payload))),
            _ => zstd_of(&payload).map(|bytes| (ZSTD, bytes)),
        };
        match packed {
            Some((encoding, bytes)) if bytes.len() < payload.len() => Self { encoding, bytes },
            _ => Self { encoding: RAW, bytes: payload },
        }
    }
}

fn zstd_of(payload: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(payload).ok())
}

/// Returns the payload that was stored in this encoding; an error when the bytes are not what they should be.
pub fn unpack(encoding: u8, stored: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    match encoding {
        RAW => Ok(Cow::Borrowed(stored)),
        ZSTD => {
            let mut bytes = Vec::new();
            zstd::Decoder::new(stored)?.take(MOST_BYTES as u64).read_to_end(&mut bytes)?;
            Ok(Cow::Owned(bytes))
        }
        LZ4 => {
            let (size, block) = lz4_flex::block::uncompressed_size(stored).map_err(invalid)?;
            let bytes = lz4_flex::block::decompress(block, size.min(MOST_BYTES)).map_err(invalid)?;
            Ok(Cow::Owned(bytes))
        }
        other => Err(invalid(format!("encoding {other} is not known"))),
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shrinks_is_packed_and_comes_back() {
        let line = "a line that repeats\n";
        for (times, encoding) in [(1, RAW), (100, LZ4), (1000, ZSTD)] {
            let payload = line.repeat(times).into_bytes();
            let packed = Body::of(payload.clone());
            assert_eq!(packed.encoding, encoding, "{times}");
            assert_eq!(unpack(encoding, &packed.bytes).expect("own bytes"), payload);
        }
        let mut noise = vec![0; 1000];
        getrandom::fill(&mut noise).expect("random bytes");
        assert_eq!(Body::of(noise.clone()), Body { encoding: RAW, bytes: noise });
    }

    #[test]
    fn other_bytes_are_refused() {
        for encoding in [ZSTD, LZ4, 3] {
            assert!(unpack(encoding, b"not packed").is_err(), "{encoding}");
        }
    }
}
