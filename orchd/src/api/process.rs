//! What the system says about this process, its files and its disk. Each figure is absent where the system does not tell.

use std::fs;
use std::path::{Path, PathBuf};

use crate::view::{ProcessView, SpoolView};

/// Returns what waits in the spool.
pub(super) fn spool(dir: &Path) -> SpoolView {
    let pending = shared::spool::pending(dir);
    SpoolView { pending: pending.events, size_bytes: pending.size_bytes }
}

/// Returns the size of a file; 0 when there is none.
pub(super) fn size_bytes(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |meta| meta.len())
}

/// Returns the write-ahead log of a database.
pub(super) fn wal(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Returns the free space, for this user, of the disk that holds `path`.
pub(super) fn disk_free_bytes(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(path.parent().unwrap_or(path)).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Returns what Linux tells about this process in /proc.
pub(super) fn process(streams: u64, queue_depth: u64) -> ProcessView {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let open_fds = fs::read_dir("/proc/self/fd").ok().and_then(|fds| u64::try_from(fds.count()).ok());
    ProcessView { rss_bytes: rss_bytes(&status), cpu_s: cpu_s(&stat), open_fds, streams, queue_depth }
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// User and system time, the 14th and 15th field. Linux counts them in hundredths of a second on every common machine.
fn cpu_s(stat: &str) -> Option<f64> {
    // The second field is the program's name in brackets, which may hold blanks.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok().map(f64::from);
    Some((ticks()? + ticks()?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        assert_eq!(rss_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(rss_bytes(""), None);
        assert_eq!(cpu_s("7 (a) b) S 1 7 7 0 -1 4 5 0 0 0 150 50 0 0 20"), Some(2.0));
        assert_eq!(cpu_s("7 (a"), None);
    }
}
