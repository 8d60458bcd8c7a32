//! A small file that the daemon keeps for us, read whole.

use std::fs::OpenOptions;
use std::io::Read;
use std::path::Path;

use shared::sealed::MAX_BYTES;

/// Returns the file's bytes, none where there is no such file. Whether they are whole shows when they are decoded.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Something else in its place must neither lead elsewhere nor make us wait.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let Ok(file) = options.open(path) else { return Vec::new() };
    let mut bytes = Vec::with_capacity(MAX_BYTES + 1);
    // A longer one is none of ours, and what was cut off makes it fail its checksum.
    let limit = MAX_BYTES as u64 + 1;
    match file.take(limit).read_to_end(&mut bytes) {
        Ok(_) => bytes,
        Err(_) => Vec::new(),
    }
}
